"""The router's commands as Discord's: `/quiz …`, `/quiz-admin …`, and two entries of context menus."""

import hashlib
import inspect
import json
import shlex
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Optional, Protocol

import discord
import structlog
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType, Choice

from bot.adapters.discord.words import Words
from bot.routing import Param, Route, Router

log = structlog.get_logger()

EXPLAIN, PROFILE = "Explain this question", "Quiz profile"
CHOICES, CHOICE = 25, 100
ANYWHERE = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
SERVERS = AppCommandContext(guild=True, dm_channel=False, private_channel=False)
EVERYBODY = AppInstallationType(guild=True, user=True)
BY_SERVERS = AppInstallationType(guild=True, user=False)

Interaction = discord.Interaction[Any]
Tree = app_commands.CommandTree[Any]


class Front(Protocol):
    """Whom the commands call."""

    async def typed(self, interaction: Interaction, route: Route, given: Mapping[str, Any]) -> None: ...
    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[str]: ...
    async def explained(self, interaction: Interaction, message: discord.Message) -> None: ...
    async def failed(self, interaction: Interaction, error: app_commands.AppCommandError) -> None: ...


class Translations(app_commands.Translator):
    """Names and descriptions of commands in other languages: what our own word is in each locale."""

    def __init__(self, words: Words) -> None:
        self._words = words

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        return self._words.get(locale, {}).get(string.message)


def grow(tree: Tree, router: Router, front: Front) -> None:
    """Put every command of `router` on `tree`.

    Where a command is offered is said of all under `/quiz` together, since Discord takes contexts of a top-level
    command alone. So in direct messages those that need a channel are offered too, and answered with where they work.
    """
    quiz = _root("quiz", "Questions, boards, teams and what else there is", ANYWHERE, EVERYBODY)
    admin = _root("quiz-admin", "Set up the daily question, teams and seasons", SERVERS, BY_SERVERS, admin=True)
    for root, routes in ((quiz, router.commands()), (admin, router.commands(admin=True))):
        for route in routes:
            _plant(root, route, router, front)
        tree.add_command(root)
    tree.add_command(_explain(front))
    tree.add_command(_profile(router, front))
    tree.error(front.failed)


async def payload(tree: Tree) -> list[dict[str, Any]]:
    """What Discord would be told."""
    commands = tree.get_commands()
    if tree.translator:
        return [await command.get_translated_payload(tree, tree.translator) for command in commands]
    return [command.to_dict(tree) for command in commands]


async def fingerprint(tree: Tree) -> str:
    """What changes whenever Discord must be told anew."""
    told = json.dumps(await payload(tree), sort_keys=True)
    return hashlib.sha256(f"{tree.client.application_id} {told}".encode()).hexdigest()


def _root(
    name: str, about: str, contexts: AppCommandContext, installs: AppInstallationType, admin: bool = False
) -> app_commands.Group:
    return app_commands.Group(
        name=name,
        description=about,
        allowed_contexts=contexts,
        allowed_installs=installs,
        default_permissions=discord.Permissions(manage_guild=True) if admin else None,
    )


def _plant(root: app_commands.Group, route: Route, router: Router, front: Front) -> None:
    """Add a command to its group, which is made where it is the first."""
    *groups, name = route.name.removeprefix("admin ").split(" ")
    parent = root
    for group in groups:
        found = parent.get_command(group)
        if found is None:
            found = app_commands.Group(
                name=group, description=f"{group.capitalize()}: see what there is", parent=parent
            )
        assert isinstance(found, app_commands.Group), "no command is also a group"
        parent = found
    callback: Any = _callback(route, front)
    command: Any = app_commands.Command(
        name=name, description=route.description[:100], callback=callback, parent=parent
    )
    for param in route.params:
        if _annotation(param) is str and param.suggest in router.sources:
            command.autocomplete(param.name)(_completion(param.suggest, front))
    parent.add_command(command)


def _callback(route: Route, front: Front) -> Callable[..., Awaitable[None]]:
    """A function with the signature discord.py reads the options of a command from."""

    async def callback(interaction: Interaction, **given: Any) -> None:
        await front.typed(interaction, route, given)

    names = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction)]
    names += [_parameter(param) for param in route.params]
    callback.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return app_commands.describe(**{param.name: param.about[:100] or "…" for param in route.params})(callback)


def line(route: Route, given: Mapping[str, Any]) -> str:
    """The typed line that options stand for, so that all input is read in one place."""
    words = (f"{name}={_written(value)}" for name, value in given.items() if value is not None)
    return " ".join(["/quiz", route.name, *map(shlex.quote, words)])


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "id", value))


def _parameter(param: Param) -> inspect.Parameter:
    hint = _annotation(param)
    return inspect.Parameter(
        param.name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=hint if param.required else Optional[hint],  # noqa: UP045 - made at run time
        default=inspect.Parameter.empty if param.required else None,
    )


def _annotation(param: Param) -> Any:
    if param.choices:
        return Literal.__getitem__(param.choices)
    match param.kind, param.suggest:
        case "number", _:
            return int if param.low is None else app_commands.Range[int, param.low, param.high]
        case "flag", _:
            return bool
        case _, "player":
            return discord.User
        case _, "group":
            return discord.Role
        case _, "channel":
            return discord.TextChannel
        case _:
            return str


def _completion(source: str, front: Front) -> Callable[[Interaction, str], Awaitable[list[Choice[str]]]]:
    async def complete(interaction: Interaction, current: str) -> list[Choice[str]]:
        names = await front.suggested(interaction, source, current)
        return [Choice(name=name, value=name) for name in names if 0 < len(name) <= CHOICE][:CHOICES]

    return complete


def _explain(front: Front) -> app_commands.ContextMenu:
    async def explain(interaction: Interaction, message: discord.Message) -> None:
        await front.explained(interaction, message)

    return app_commands.ContextMenu(
        name=EXPLAIN, callback=explain, allowed_contexts=ANYWHERE, allowed_installs=EVERYBODY
    )


def _profile(router: Router, front: Front) -> app_commands.ContextMenu:
    route = router.routes["profile"]

    async def profile(interaction: Interaction, user: discord.User) -> None:
        await front.typed(interaction, route, {route.params[0].name: user})

    return app_commands.ContextMenu(
        name=PROFILE, callback=profile, allowed_contexts=SERVERS, allowed_installs=BY_SERVERS
    )
