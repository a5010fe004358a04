"""Declarations: one decorated function is a slash command, a typed command, a button target and a line of help.

The parameters of a handler are read from its signature: `str`, `int`, `bool`, `Literal`, and the suggested names below,
with `Annotated` for a description and a range. Everything that comes from outside, text or id, is parsed and checked
here.
"""

import difflib
import inspect
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from bot.engine.errors import QuizError
from bot.ui import Call, LimitError


@dataclass(frozen=True, slots=True)
class About:
    """What a parameter means, for help and for the platforms' own command menus."""

    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most of a number, both allowed."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Suggest:
    """Names offered while typing; `source` is one given to `Router.suggests`."""

    source: str


TopicName = Annotated[str, Suggest("topic")]
TeamName = Annotated[str, Suggest("team")]
ZoneName = Annotated[str, Suggest("zone")]
PackName = Annotated[str, Suggest("pack")]
ChannelName = Annotated[str, Suggest("channel")]
"""A channel: the platform's own id where it has a picker for channels, otherwise a name."""
PlayerName = Annotated[str, Suggest("player")]
"""A person: the platform's own id where it has a picker for people, otherwise a name."""

Handler = Callable[..., Any]
Kind = Literal["text", "number", "flag"]
Trigger = Literal["command", "action", "due"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a route."""

    name: str
    kind: Kind
    about: str = ""
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    suggest: str = ""
    required: bool = True
    default: Any = None

    @property
    def usage(self) -> str:
        shown = "|".join(self.choices) if self.choices else self.name
        return shown if self.required else f"[{shown}]"

    def read(self, text: str) -> Any:
        """The value written as `text`; raises `ValueError` with what was expected."""
        if self.choices:
            return self._choice(text)
        match self.kind:
            case "number":
                return self._number(text)
            case "flag":
                return self._flag(text)
            case "text":
                return text

    def _choice(self, text: str) -> str:
        found = [choice for choice in self.choices if choice.startswith(text.casefold())] if text else []
        exact = [choice for choice in found if choice == text.casefold()]
        if len(exact or found) != 1:
            raise ValueError(f"{self.name} is one of {', '.join(self.choices)}")
        return (exact or found)[0]

    def _number(self, text: str) -> int:
        span = "" if self.low is None else f" from {self.low} to {self.high}"
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"{self.name} is a whole number{span}") from None
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise ValueError(f"{self.name} is a whole number{span}")
        return value

    def _flag(self, text: str) -> bool:
        if text.casefold() not in ("yes", "no", "on", "off", "true", "false", "1", "0"):
            raise ValueError(f"{self.name} is yes or no")
        return text.casefold() in ("yes", "on", "true", "1")


@dataclass(frozen=True, slots=True)
class Route:
    """A thing a person can do, or that happens by itself.

    `name` is what is typed and what ids carry. `reads` routes change nothing; `form` routes answer with a form at once;
    `solo` routes make sense without a channel (in a direct message).
    """

    name: str
    handler: Handler
    trigger: Trigger
    description: str
    params: tuple[Param, ...]
    reads: bool = False
    form: bool = False
    solo: bool = False

    @property
    def admin(self) -> bool:
        """Whether only admins may use it."""
        return self.name.startswith("admin ")

    @property
    def usage(self) -> str:
        return " ".join(["/quiz", self.name, *(param.usage for param in self.params)])

    def bind(self, args: Sequence[str]) -> dict[str, Any]:
        """Handler arguments from those of an id, in order; raises `ValueError`."""
        required = sum(param.required for param in self.params)
        if not required <= len(args) <= len(self.params):
            raise ValueError(f"{self.name} takes {required} to {len(self.params)} arguments")
        return {param.name: param.read(arg) for param, arg in zip(self.params, args, strict=False)}

    def assign(self, words: Sequence[str]) -> tuple[str, ...]:
        """Id arguments from typed words in any order that is clear; raises `ValueError` with what was expected."""
        values: dict[str, str] = {}
        loose: list[str] = []
        for word in words:
            param = self._taker(word, values)
            if param is None:
                loose.append(word)
            else:
                values[param[0].name] = param[1]
        self._spread(loose, values)
        return self._arguments(values)

    def _taker(self, word: str, values: Mapping[str, str]) -> tuple[Param, str] | None:
        """The narrow parameter `word` fits, or the one it names (`count=5`)."""
        name, sign, value = word.partition("=")
        for param in self.params:
            if sign and param.name == name.casefold():
                param.read(value)
                return param, value
        for param in self.params:
            narrow = param.choices or param.kind != "text"
            if (
                narrow
                and param.name not in values
                and (_reads(param, word) or (param.kind == "number" and word.isdigit()))
            ):
                param.read(word)
                return param, word
        return None

    def _spread(self, loose: list[str], values: dict[str, str]) -> None:
        """Give the words that fit nothing narrow to the text parameters; the last takes the rest."""
        open_ = [param for param in self.params if param.name not in values]
        texts = [param for param in open_ if param.kind == "text" and not param.choices]
        for index, param in enumerate(texts):
            take = loose[:1] if index < len(texts) - 1 else loose[:]
            if take:
                values[param.name] = " ".join(take)
                del loose[: len(take)]
        if loose:
            narrow = next((param for param in open_ if param not in texts), None)
            if narrow:
                narrow.read(loose[0])
            raise ValueError(f"“{loose[0]}” is one word too many")

    def _arguments(self, values: Mapping[str, str]) -> tuple[str, ...]:
        missing = next((param.name for param in self.params if param.required and param.name not in values), None)
        if missing:
            raise ValueError(f"{missing} is missing")
        given = [n for n, param in enumerate(self.params) if param.name in values]
        upto = self.params[: max(given) + 1] if given else ()
        return tuple(values.get(param.name, _written(param.default)) for param in upto)


def _reads(param: Param, word: str) -> bool:
    try:
        param.read(word)
    except ValueError:
        return False
    return True


def _written(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return "" if default is None else str(default)


class UsageError(QuizError):
    """What was typed or pressed fits no declaration; the text says what does."""


Declare = Callable[[Handler], Handler]


@dataclass(slots=True)
class Router:
    """Routes by name. A feature file has one; `include` joins them."""

    routes: dict[str, Route] = field(default_factory=dict)
    sources: dict[str, Callable[..., Sequence[str]]] = field(default_factory=dict)

    def command(
        self, description: str, *, name: str = "", reads: bool = False, form: bool = False, solo: bool = False
    ) -> Declare:
        """Declare something people can type. The name is the function's, underscores becoming spaces."""
        return lambda handler: self._add(
            Route(
                name or handler.__name__.replace("_", " "),
                handler,
                "command",
                description,
                _params(handler),
                reads,
                form,
                solo,
            )
        )

    def action(self, *, name: str = "", reads: bool = False, form: bool = False) -> Declare:
        """Declare something only buttons, selects and forms reach. The name is `module.function`."""
        return lambda handler: self._add(
            Route(name or _dotted(handler), handler, "action", "", _params(handler), reads, form, solo=True)
        )

    def due(self, *, name: str = "") -> Declare:
        """Declare what handles due work of the kind `module.function`."""
        return lambda handler: self._add(Route(name or _dotted(handler), handler, "due", "", _params(handler)))

    def suggests(self, source: str) -> Callable[[Callable[..., Sequence[str]]], Callable[..., Sequence[str]]]:
        """Declare where the names of `Suggest(source)` come from: a function of a context and what was typed."""

        def add(function: Callable[..., Sequence[str]]) -> Callable[..., Sequence[str]]:
            self.sources[source] = function
            return function

        return add

    def include(self, other: "Router") -> None:
        """Add the routes of `other`; raises `ValueError` when a name is taken."""
        taken = (self.routes.keys() & other.routes.keys()) | (self.sources.keys() & other.sources.keys())
        if taken:
            raise ValueError(f"declared twice: {', '.join(sorted(taken))}")
        self.routes |= other.routes
        self.sources |= other.sources

    def commands(self, *, admin: bool = False) -> list[Route]:
        """What people can type, in the order declared; admin commands only when asked for."""
        return [route for route in self.routes.values() if route.trigger == "command" and route.admin == admin]

    def resolve(self, call: Call) -> tuple[Route, dict[str, Any]]:
        """The route and handler arguments behind an id; refuses what is unknown, outdated or forged."""
        route = self.routes.get(call.route)
        if route is None or route.trigger == "due":
            raise UsageError("This button is from an older version and no longer works. Type /quiz to start afresh.")
        try:
            return route, route.bind(call.args)
        except ValueError as problem:
            raise UsageError(f"I can't read this: {problem}. Usage: {route.usage}") from None

    def parse(self, text: str) -> Call:
        """The call behind a typed line, with or without `/quiz`; refuses with the usage or the nearest command."""
        words = _words(text)
        if words and words[0].casefold() in ("/quiz", "quiz!"):
            words = words[1:]
        if not words:
            return Call("help")
        route, rest = self._find(words)
        try:
            return Call(route.name, route.assign(rest))
        except LimitError:
            raise UsageError(f"That is too long. Usage: {route.usage}") from None
        except ValueError as problem:
            raise UsageError(f"I can't read this: {problem}. Usage: {route.usage}") from None

    def complete(self, typed: str, lookup: Callable[[str, str], Sequence[str]], *, admin: bool = False) -> list[str]:
        """Lines that `typed` may become. `lookup(source, prefix)` gives the names of a source."""
        line = typed.removeprefix("/quiz").lstrip()
        routes = [*self.commands(), *(self.commands(admin=True) if admin else [])]
        names = [route.name for route in routes if route.name.startswith(line.casefold())]
        if names:
            return [f"/quiz {name}" for name in names]
        try:
            words = _words(line)
            route, rest = self._find(words)
        except UsageError:
            return []
        last = "" if line.endswith(" ") else rest[-1] if rest else ""
        head = typed[: len(typed) - len(last)]
        return [head + option for option in _options(route, rest[:-1] if last else rest, last, lookup)]

    def _find(self, words: list[str]) -> tuple[Route, list[str]]:
        for count in range(min(3, len(words)), 0, -1):
            route = self.routes.get(" ".join(words[:count]).casefold())
            if route is not None and route.trigger == "command":
                return route, words[count:]
        names = [route.name for route in self.routes.values() if route.trigger == "command"]
        near = difflib.get_close_matches(" ".join(words[:2]).casefold(), names, n=1, cutoff=0.5)
        near = near or difflib.get_close_matches(words[0].casefold(), names, n=1, cutoff=0.5)
        hint = f"Did you mean /quiz {near[0]}?" if near else "Type /quiz help for all of them."
        raise UsageError(f"There is no command “{words[0][:30]}”. {hint}")

    def _add(self, route: Route) -> Handler:
        if route.name in self.routes:
            raise ValueError(f"declared twice: {route.name}")
        self.routes[route.name] = route
        return route.handler


def _words(text: str) -> list[str]:
    """The words of a line, quoted ones kept together; a stray quote is an ordinary character."""
    text = text.replace("“", '"').replace("”", '"')
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _options(route: Route, given: Sequence[str], last: str, lookup: Callable[[str, str], Sequence[str]]) -> list[str]:
    found: list[str] = []
    for param in route.params:
        if param.choices and not any(_reads(param, word) for word in given):
            found += [choice for choice in param.choices if choice.startswith(last.casefold())]
        elif param.suggest:
            found += lookup(param.suggest, last)
    return found


def _dotted(handler: Handler) -> str:
    return f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}"


def _params(handler: Handler) -> tuple[Param, ...]:
    """The parameters after the first, which is the context."""
    hints = get_type_hints(handler, include_extras=True)
    return tuple(_param(item, hints[item.name]) for item in list(inspect.signature(handler).parameters.values())[1:])


def _param(item: inspect.Parameter, hint: Any) -> Param:
    notes: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        notes = tuple(rest)
    choices = tuple(map(str, get_args(hint))) if get_origin(hint) is Literal else ()
    span = next((note for note in notes if isinstance(note, Range)), None)
    required = item.default is inspect.Parameter.empty
    return Param(
        name=item.name,
        kind=_kind(hint, choices),
        about=next((note.text for note in notes if isinstance(note, About)), ""),
        choices=choices,
        low=span.low if span else None,
        high=span.high if span else None,
        suggest=next((note.source for note in notes if isinstance(note, Suggest)), ""),
        required=required,
        default=None if required else item.default,
    )


def _kind(hint: Any, choices: tuple[str, ...]) -> Kind:
    kinds: dict[Any, Kind] = {str: "text", int: "number", bool: "flag"}
    if not choices and hint not in kinds:
        raise TypeError(f"a parameter may be str, int, bool or Literal, not {hint}")
    return "text" if choices else kinds[hint]
