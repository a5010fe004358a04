"""Declarations: one decorated function is a slash command, a typed command, a button target and a line of help.

The parameters of a handler are read from its signature: `str`, `int`, `bool`, `Literal`, and the suggested names below,
with `Annotated` for a description and a range. Everything that comes from outside, text or id, is parsed and checked
here.
"""

import difflib
import inspect
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from bot.engine.errors import QuizError
from bot.ui import Call, clip


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


@dataclass(frozen=True, slots=True)
class Like:
    """What a text looks like: a regular expression for all of it, in lower case. A word like it is taken wherever it
    stands."""

    pattern: str


TopicName = Annotated[str, Suggest("topic")]
TeamName = Annotated[str, Suggest("team")]
ZoneName = Annotated[str, Suggest("zone"), Like(r"[\w+-]+(/[\w+-]+)+")]
PackName = Annotated[str, Suggest("pack")]
ChannelName = Annotated[str, Suggest("channel")]
"""A channel: the platform's own id where it has a picker for channels, otherwise a name."""
GroupName = Annotated[str, Suggest("group")]
"""A group of people, such as a role: the platform's own id."""
PlayerName = Annotated[str, Suggest("player")]
"""A person: the platform's own id where it has a picker for people, otherwise a name."""

Handler = Callable[..., Any]
Kind = Literal["text", "number", "flag"]
Trigger = Literal["command", "action", "due"]

BIGGEST = 2**63 - 1
"""The biggest whole number that a database keeps."""

_INTEGER = re.compile(r"-?[0-9]+")
_QUOTED = r""""[^"]*"|'[^']*'|“[^”]*”"""
_WORD = re.compile(rf"(\w+=)?((?:{_QUOTED})+)(?!\S)|\S+")
_PLAIN = re.compile(r"""[^\s"'“=][^\s=]*""")
_BEGUN = re.compile(r"""(?:^|(?<=\s))(?:(\w+)=)?(?:["'“]([^"'“”]*)|(\S*))\Z""")
"""The last word of a half-typed line, which may be empty: the parameter it names, and its text, quoted or not."""


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
    like: str = ""
    required: bool = True
    default: Any = None

    @property
    def usage(self) -> str:
        shown = "|".join(self.choices) if self.choices else self.name
        return shown if self.required else f"[{shown}]"

    def claims(self, word: str) -> bool:
        """Whether `word` is meant for this parameter by its look alone; a number may still be out of range."""
        if self.like:
            return re.fullmatch(self.like, word.casefold()) is not None
        if self.kind == "number":
            return _INTEGER.fullmatch(word) is not None
        return bool(self.choices or self.kind == "flag") and _reads(self, word)

    def given(self, text: str) -> Any:
        """The value an id carries: what `read` makes of it, or the default where that is written out."""
        return self.default if not self.required and text == _written(self.default) else self.read(text)

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
        low = -BIGGEST if self.low is None else self.low
        high = BIGGEST if self.high is None else self.high
        if not _INTEGER.fullmatch(text) or len(text) > len(str(-BIGGEST)) or not low <= int(text) <= high:
            span = "" if self.low is None else f" from {low} to {high}"
            raise ValueError(f"{self.name} is a whole number{span}")
        return int(text)

    def _flag(self, text: str) -> bool:
        if text.casefold() not in ("yes", "no", "on", "off", "true", "false", "1", "0"):
            raise ValueError(f"{self.name} is yes or no")
        return text.casefold() in ("yes", "on", "true", "1")


@dataclass(frozen=True, slots=True)
class Route:
    """A thing a person can do, or that happens by itself.

    `name` is what is typed and what ids carry. `reads` routes change nothing; `form` routes answer with a form at once;
    `solo` routes make sense without a channel (in a direct message); `admin` routes are for admins only.
    """

    name: str
    handler: Handler
    trigger: Trigger
    description: str
    params: tuple[Param, ...]
    reads: bool = False
    form: bool = False
    solo: bool = False
    admin: bool = False

    @property
    def usage(self) -> str:
        return " ".join(["/quiz", self.name, *(param.usage for param in self.params)])

    def bind(self, args: Sequence[str]) -> dict[str, Any]:
        """Handler arguments from those of an id, in order; raises `ValueError`."""
        required = sum(param.required for param in self.params)
        if not required <= len(args) <= len(self.params):
            raise ValueError(f"{self.name} takes {required} to {len(self.params)} arguments")
        return {param.name: param.given(arg) for param, arg in zip(self.params, args, strict=False)}

    def assign(self, words: Sequence[str]) -> dict[str, Any]:
        """Handler arguments from typed words in any order that is clear; raises `ValueError` with what was expected."""
        given = self.place(words)
        missing = next((param.name for param in self.params if param.required and param.name not in given), None)
        if missing:
            raise ValueError(f"{missing} is missing")
        return {param.name: param.read(given[param.name]) for param in self.params if param.name in given}

    def place(self, words: Sequence[str]) -> dict[str, str]:
        """What each parameter gets of typed words; raises `ValueError` with what was expected."""
        values: dict[str, str] = {}
        loose: list[str] = []
        for word in words:
            param = self._taker(word, values)
            if param is None:
                loose.append(word)
            else:
                values[param[0].name] = param[1]
        self._spread(loose, values)
        return values

    def _taker(self, word: str, values: Mapping[str, str]) -> tuple[Param, str] | None:
        """The narrow parameter `word` fits, or the one it names (`count=5`)."""
        name, sign, value = word.partition("=")
        for param in self.params:
            if sign and param.name == name.casefold():
                param.read(value)
                return param, value
        for param in self.params:
            if param.name not in values and param.claims(word):
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
            raise ValueError(f"“{clip(loose[0], 40)}” is one word too many")


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
        """Declare something people can type. The name is the function's, underscores becoming spaces; one that begins
        with `admin` is for admins only."""

        def add(handler: Handler) -> Handler:
            called = name or handler.__name__.replace("_", " ")
            admin = called.startswith("admin ")
            return self._add(Route(called, handler, "command", description, _params(handler), reads, form, solo, admin))

        return add

    def action(self, *, name: str = "", reads: bool = False, form: bool = False, admin: bool = False) -> Declare:
        """Declare something only buttons, selects and forms reach. The name is `module.function`."""
        return lambda handler: self._add(
            Route(name or _dotted(handler), handler, "action", "", _params(handler), reads, form, True, admin)
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

    def resolve(self, what: Call | str) -> tuple[Route, dict[str, Any]]:
        """The route and handler arguments behind an id or a typed line; refuses what is unknown, outdated or forged."""
        if isinstance(what, str):
            return self.parse(what)
        route = self.routes.get(what.route)
        if route is None or route.trigger == "due":
            raise UsageError("This button is from an older version and no longer works. Type /quiz to start afresh.")
        try:
            return route, route.bind(what.args)
        except ValueError as problem:
            hint = f"Usage: {route.usage}" if route.trigger == "command" else "Type /quiz to start afresh."
            raise UsageError(f"I can't read this: {problem}. {hint}") from None

    def opens_form(self, what: Call | str) -> bool:
        """Whether an id or a typed line is answered with a form: a command asks only for what was not typed."""
        if isinstance(what, Call):
            route, given = self.routes.get(what.route), bool(what.args)
        else:
            try:
                route, typed = self.parse(what)
            except UsageError:
                return False
            given = bool(typed)
        return route is not None and route.form and not (route.trigger == "command" and given)

    def parse(self, text: str) -> tuple[Route, dict[str, Any]]:
        """The route and handler arguments behind a typed line, with or without `/quiz`; refuses with the usage or the
        nearest command."""
        words = _words(text)
        if words and words[0].casefold() in ("/quiz", "quiz!"):
            words = words[1:]
        route, rest = self._find(words or ["help"])
        try:
            return route, route.assign(rest)
        except ValueError as problem:
            raise UsageError(f"I can't read this: {problem}. Usage: {route.usage}") from None

    def complete(self, typed: str, lookup: Callable[[str, str], Sequence[str]], *, admin: bool = False) -> list[str]:
        """Lines that `typed` may become. `lookup(source, prefix)` gives the names of a source."""
        line = typed.removeprefix("/quiz").lstrip()
        routes = [*self.commands(), *(self.commands(admin=True) if admin else [])]
        names = [route.name for route in routes if route.name.startswith(line.casefold())]
        if names:
            return [f"/quiz {name}" for name in names]
        begun = _BEGUN.search(line)
        assert begun is not None, "every line ends in a word or a blank"
        try:
            route, given = self._find(_words(line[: begun.start()]) or [""])
            options = _options(route, given, begun, lookup) if admin or not route.admin else []
        except (UsageError, ValueError):
            return []
        return [typed.removesuffix(begun[0]) + option for option in options]

    def _find(self, words: list[str]) -> tuple[Route, list[str]]:
        for count in range(min(3, len(words)), 0, -1):
            route = self.routes.get(" ".join(words[:count]).casefold())
            if route is not None and route.trigger == "command":
                return route, words[count:]
        raise UsageError(self._instead([word.casefold() for word in words[:3]]))

    def _instead(self, typed: Sequence[str]) -> str:
        """What to type instead of words that begin no command."""
        names = [route.name for route in self.routes.values() if route.trigger == "command"]
        for count in (2, 1):
            group = " ".join(typed[:count])
            if nexts := _nexts(names, group):
                return _onward(group, nexts, typed[count:])
        near = difflib.get_close_matches(" ".join(typed[:2]), names, n=1, cutoff=0.5)
        near = near or difflib.get_close_matches(typed[0], names, n=1, cutoff=0.5)
        hint = f"Did you mean /quiz {near[0]}?" if near else "Type /quiz help for all of them."
        return f"There is no command “{clip(typed[0], 30)}”. {hint}"

    def _add(self, route: Route) -> Handler:
        if route.name in self.routes:
            raise ValueError(f"declared twice: {route.name}")
        self.routes[route.name] = route
        return route.handler


def _nexts(names: Sequence[str], group: str) -> list[str]:
    """The words that may follow those of a group of commands; none if it is no group."""
    begun = f"{group} "
    return list(dict.fromkeys(name.removeprefix(begun).split()[0] for name in names if name.startswith(begun)))


def _onward(group: str, nexts: Sequence[str], rest: Sequence[str]) -> str:
    """How a group of commands goes on, where `rest` follows it."""
    near = difflib.get_close_matches(rest[0], nexts, n=1, cutoff=0.6) if rest else []
    if near:
        return f"There is no command “{group} {clip(rest[0], 30)}”. Did you mean /quiz {group} {near[0]}?"
    *others, last = nexts
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"/quiz {group} goes on with {listed}. Type /quiz help to see what each does."


def _words(text: str) -> list[str]:
    """The words of a line. Quotes around all of a word, or of what follows its `name=`, keep blanks together; any other
    quote is an ordinary character."""
    return [
        found[0]
        if found[2] is None
        else (found[1] or "") + "".join(part[1:-1] for part in re.findall(_QUOTED, found[2]))
        for found in _WORD.finditer(text)
    ]


def _quoted(value: str) -> str:
    """`value` as one word of a line, whatever follows."""
    if _PLAIN.fullmatch(value):
        return value
    return shlex.quote(value) if '"' in value else f'"{value}"'


Lookup = Callable[[str, str], Sequence[str]]


def _options(route: Route, given: Sequence[str], begun: re.Match[str], lookup: Lookup) -> list[str]:
    """What may stand for the word `begun`, for each parameter that is still open; raises `ValueError` if `given` is
    wrong."""
    filled = route.place(given)
    name, text = begun[1] or "", begun[2] or begun[3] or ""
    found: list[str] = []
    for param in route.params:
        if param.name not in filled and name.casefold() in ("", param.name):
            for value in _values(param, text, lookup):
                words = (*(() if name else (_quoted(value),)), f"{param.name}={_quoted(value)}")
                found += [word for word in words if _lands(route, given, word, param, value)][:1]
    return found


def _values(param: Param, text: str, lookup: Lookup) -> Sequence[str]:
    if param.choices:
        return [choice for choice in param.choices if choice.startswith(text.casefold())]
    return lookup(param.suggest, text) if param.suggest else ()


def _lands(route: Route, given: Sequence[str], word: str, param: Param, value: str) -> bool:
    """Whether `param` gets just `value` once `word` follows the words given."""
    try:
        return route.place([*given, *_words(word)]).get(param.name) == value
    except ValueError:
        return False


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
        like=next((note.pattern for note in notes if isinstance(note, Like)), ""),
        required=required,
        default=None if required else item.default,
    )


def _kind(hint: Any, choices: tuple[str, ...]) -> Kind:
    kinds: dict[Any, Kind] = {str: "text", int: "number", bool: "flag"}
    if not choices and hint not in kinds:
        raise TypeError(f"a parameter may be str, int, bool or Literal, not {hint}")
    return "text" if choices else kinds[hint]
