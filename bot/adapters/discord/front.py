"""What people do on Discord, as requests; and replies, said within the three seconds Discord gives."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.adapters.discord import ids, render
from bot.adapters.discord.commands import Interaction
from bot.ports import Housed, Person, Place, Reply, Request
from bot.routing import Route, Router
from bot.ui import Button, Buttons, Call, Card, Chart, LimitError, Text

log = structlog.get_logger()

PATIENCE = 1.5
"""Seconds a person waits without a sign."""
LATE, ANSWERED = 10062, 40060
"""Discord's codes for an interaction that is over, and for one that was answered before."""

ONE_MOMENT = Card("One moment", (Text("This takes a little longer than usual."),))
DONE = Card("Done")
NO_QUESTION = Card(
    "This message asks no question of mine",
    (Text("Use it on a question I posted, or type /quiz explain."),),
    "warning",
)
OUTDATED = Card(
    "This command has changed", (Text("Reload Discord (Ctrl+R, or restart the app), then type it again."),), "warning"
)
STRANGE = Card("This button is not one of mine", (Text("Type /quiz help to start afresh."),), "warning")


class Front:
    """Hears interactions and answers them. `patience` is how long a reply may take before "one moment" is said."""

    def __init__(self, app: Housed, router: Router, patience: float = PATIENCE) -> None:
        self._app = app
        self._router = router
        self._patience = patience

    async def heard(self, interaction: Interaction) -> None:
        """Take a click, a choice or a dialog; commands come by `typed`."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        data: Any = interaction.data
        try:
            parsed = ids.parse(data["custom_id"])
            call = parsed.call
            if interaction.type is discord.InteractionType.component:
                call = Call(call.route, (*call.args, *data.get("values", ())))
        except LimitError:
            await _say(interaction, Reply(private=STRANGE), Call("help"))
            return
        values = _values(data) if interaction.type is discord.InteractionType.modal_submit else {}
        request = Request("discord", *_where(interaction, parsed.about), _who(interaction), call, values)
        await self._answer(interaction, request, parsed.opener or call)

    async def typed(self, interaction: Interaction, route: Route, line: str) -> None:
        """Take a command."""
        request = Request("discord", *_where(interaction), _who(interaction), line)
        await self._answer(interaction, request, Call(route.name))

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[str]:
        """Names to offer while somebody types."""
        request = Request("discord", *_where(interaction), _who(interaction), "")
        return await self._app.suggest(request, source, typed)

    async def explained(self, interaction: Interaction, message: discord.Message) -> None:
        """Explain the question a message asks: to those who have answered it, or, once it has closed, to all."""
        call = next(_asked(message), None)
        if call is None:
            await _say(interaction, Reply(private=NO_QUESTION), Call("help"))
            return
        request = Request("discord", *_where(interaction), _who(interaction), call)
        await self._answer(interaction, request, call)

    async def left(self, guild: discord.Guild) -> None:
        """Take note that the bot is not in a server any more."""
        await self._app.left("discord", str(guild.id))

    async def joined(self, guild: discord.Guild) -> None:
        """Take note that the bot was invited to a server."""
        await self._app.joined("discord", str(guild.id))

    async def failed(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Answer what discord.py could not make sense of; a fault of ours is logged."""
        known = isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch)
        if not known and not isinstance(error, app_commands.TransformerError):
            log.error("command failed", error=repr(error), exc_info=error)
        if interaction.type is not discord.InteractionType.autocomplete and not interaction.response.is_done():
            await _say(interaction, Reply(private=OUTDATED), Call("help"))

    async def _answer(self, interaction: Interaction, request: Request, opener: Call) -> None:
        """Handle a request; what takes longer than people wait without a sign gets one.

        The sign is a message of its own and no deferral, so that it can be put into words, and what all shall see can
        still follow it: after a deferral Discord takes the first such message for the deferred one.
        """
        if self._opens_form(request, opener):
            await _say(interaction, await self._app.handle(request), opener)
            return
        signs: list[asyncio.Task[None]] = []
        timer = asyncio.get_running_loop().call_later(self._patience, lambda: signs.append(_sign(interaction)))
        try:
            reply = await self._app.handle(request)
        finally:
            timer.cancel()
        if signs:
            await signs[0]
        await _say(interaction, reply, opener)

    def _opens_form(self, request: Request, opener: Call) -> bool:
        asked = request.what.route if isinstance(request.what, Call) else opener.route
        route = self._router.routes.get(asked)
        return route is not None and route.form


def _sign(interaction: Interaction) -> asyncio.Task[None]:
    async def say() -> None:
        with _forgiving(interaction):
            await interaction.response.send_message(view=render.message(ONE_MOMENT).view, ephemeral=True)

    return asyncio.ensure_future(say())


async def _say(interaction: Interaction, reply: Reply, opener: Call) -> None:
    """Everything in a reply, in order. A second delivery of what was answered already says nothing."""
    with _forgiving(interaction):
        waiting = interaction.response.is_done()
        if reply.form and not waiting:
            await interaction.response.send_modal(render.form(reply.form, opener))
        for card, public in _cards(interaction, reply, opener):
            await (_instead if waiting else _next)(interaction, card, public)
            waiting = False
        if not interaction.response.is_done():
            await _nothing(interaction)


def _cards(interaction: Interaction, reply: Reply, opener: Call) -> Iterator[tuple[Card, bool | None]]:
    """The cards of a reply: for all, for one person, or (None) in place of the message that was used."""
    if reply.errors:
        yield _errors(reply.errors, opener), False
    if reply.update:
        yield reply.update, None if interaction.message else False
    if reply.private:
        yield reply.private, False
    if reply.public:
        yield reply.public, True


def _errors(problems: Any, opener: Call) -> Card:
    """What is wrong with a form; Discord has closed it, so a button opens it again."""
    lines = [Text(f"{name.capitalize()}: {problem}") for name, problem in problems.items()]
    again = Button("Open the form again", opener, "primary")
    return Card("This can't be taken yet", (*lines, Buttons(again)), "warning")


async def _next(interaction: Interaction, card: Card, public: bool | None) -> None:
    message = await drawn(card)
    if interaction.response.is_done():
        await interaction.followup.send(view=message.view, files=message.files, ephemeral=not public)
    elif public is None:
        await interaction.response.edit_message(view=message.view, attachments=message.files)
    else:
        await interaction.response.send_message(view=message.view, files=message.files, ephemeral=not public)


async def _instead(interaction: Interaction, card: Card, public: bool | None) -> None:
    """Put a card in the place of "one moment"; what all shall see comes after it."""
    message = await drawn(DONE if public else card)
    await interaction.edit_original_response(view=message.view, attachments=message.files)
    if public:
        await _next(interaction, card, public)


async def _nothing(interaction: Interaction) -> None:
    if interaction.message:
        await interaction.response.defer()
    else:
        await interaction.response.send_message(view=render.message(DONE).view, ephemeral=True)


async def drawn(card: Card, about: str = "") -> render.Message:
    """`card` ready to be sent; charts are drawn outside the event loop."""
    charts = any(isinstance(element, Chart) for element in card.body)
    return render.message(card, await asyncio.to_thread(render.pictures, card) if charts else (), about)


@contextmanager
def _forgiving(interaction: Interaction) -> Iterator[None]:
    """Nobody can be told that telling them failed: it is logged, unless the interaction was a duplicate or is over."""
    try:
        yield
    except discord.InteractionResponded:
        log.info("answered before", interaction=interaction.id)
    except discord.HTTPException as trouble:
        level = log.info if trouble.code in (LATE, ANSWERED) else log.warning
        level("not answered", interaction=interaction.id, status=trouble.status, code=trouble.code)
    except (aiohttp.ClientError, OSError) as trouble:
        log.warning("not answered", interaction=interaction.id, trouble=repr(trouble))


# ---- requests


def _who(interaction: Interaction) -> Person:
    may = interaction.permissions
    admin = _in_server(interaction) and (may.administrator or may.manage_guild)
    return Person(str(interaction.user.id), interaction.user.display_name, admin, groups=_roles(interaction))


def _roles(interaction: Interaction) -> tuple[str, ...]:
    if not isinstance(interaction.user, discord.Member) or not _in_server(interaction):
        return ()
    return tuple(str(role.id) for role in interaction.user.roles if not role.is_default())


def _where(interaction: Interaction, about: str = "") -> tuple[Place, Place | None]:
    """The server and channel, or those a direct message is `about`. Otherwise, and where only a person installed the
    bot, a space of their own."""
    if interaction.guild_id is None and about:
        space, _, channel = about.partition("/")
        return Place(space, ""), Place(channel, "")
    if not _in_server(interaction):
        return Place(f"@{interaction.user.id}", interaction.user.display_name), None
    guild = interaction.guild
    return Place(str(interaction.guild_id), guild.name if guild else ""), _channel(interaction)


def _in_server(interaction: Interaction) -> bool:
    """Whether this happens in a server the bot was invited to."""
    only_person = interaction.is_user_integration() and not interaction.is_guild_integration()
    return interaction.guild_id is not None and not only_person


def _channel(interaction: Interaction) -> Place | None:
    """The channel; for a thread the channel it belongs to."""
    where: Any = interaction.channel
    if isinstance(where, discord.Thread):
        parent = where.parent
        return Place(str(where.parent_id), parent.name if parent else where.name)
    return Place(str(interaction.channel_id), getattr(where, "name", None) or "") if interaction.channel_id else None


def _values(data: Any) -> dict[str, tuple[str, ...]]:
    """What a dialog holds, by input."""
    inner = (component.get("component", component) for component in data.get("components", ()))
    return {item["custom_id"]: _given(item) for item in inner if "custom_id" in item}


def _given(item: Any) -> tuple[str, ...]:
    if "values" in item:
        return tuple(map(str, item["values"] or ()))
    value = item.get("value")
    return () if value is None else (str(value),)


def _asked(message: discord.Message) -> Iterator[Call]:
    """Calls that explain what a message asks, one for each button that belongs to a question."""
    for id in controls(message.components):
        try:
            call = ids.parse(id).call
        except LimitError:
            continue
        if call.route in ("play.answer", "play.form") and len(call.args) >= 2:
            yield Call("play.verdict", call.args[:2])
        elif call.route == "daily.discuss" and call.args:
            yield Call("play.why", (call.args[0], "0"))


def controls(components: Any) -> Iterator[str]:
    """The ids of all buttons and menus, in order, however deep."""
    for component in components:
        if getattr(component, "custom_id", None):
            yield component.custom_id
        yield from controls(getattr(component, "children", ()))
