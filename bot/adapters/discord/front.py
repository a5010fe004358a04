"""What people do on Discord, as requests."""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.adapters.discord import commands, ids, render
from bot.adapters.discord.commands import Interaction
from bot.adapters.discord.people import NOBODY, Elsewhere, Named, People, in_forum, named
from bot.adapters.discord.saying import Asked, answer, tell
from bot.adapters.explaining import explanation
from bot.adapters.phrases import NO_QUESTION, STRANGE
from bot.adapters.recent import Recent
from bot.ports import Housed, Reply, Request
from bot.routing import Route, Router
from bot.ui import Call, Card, Form, LimitError, Text

log = structlog.get_logger()

PATIENCE, FORM_PATIENCE = 1.5, 2.4
"""Seconds a person waits without a sign; longer for a form, which cannot be opened after one."""
TYPED_SECONDS, TYPED = 600, 1000
"""How long, and how many, refused forms are remembered with what was typed."""

HEARD_SECONDS, HEARD = 900, 5000
"""How long, and how many, interactions are remembered, so that one that is delivered again is done once. Discord's
tokens of them live as long."""

FormOf = tuple[int, int | None, str]
"""A form of a person in a channel."""

OUTDATED = Card(
    "This command has changed", (Text("Reload Discord (Ctrl+R, or restart the app), then type it again."),), "warning"
)
UNSEEN = Card(
    "I can't see that channel", (Text("Give me “View Channel” and “Send Messages” there, then try again."),), "warning"
)
FORUM = Card(
    "The daily question can't be posted in a forum",
    (Text("Type this in a text channel, or choose one under “channel”."),),
    "warning",
)


class Front:
    """Hears interactions and answers them with what `app` says. `patience` is how long a reply may take before "one
    moment" is said."""

    def __init__(
        self, app: Housed, router: Router, patience: float = PATIENCE, form_patience: float = FORM_PATIENCE
    ) -> None:
        self.app = app
        self._router = router
        self._patience = patience
        self._form_patience = form_patience
        self._people = People()
        self._typed: Recent[FormOf, render.Typed] = Recent(TYPED_SECONDS, TYPED)
        self._heard: Recent[int, bool] = Recent(HEARD_SECONDS, HEARD)
        self._waiting = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def quiet(self) -> None:
        """Return as soon as nobody waits for an answer."""
        await self._quiet.wait()

    async def heard(self, interaction: Interaction) -> None:
        """Take a click, a choice or a dialog; commands come by `typed`."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        data: Any = interaction.data
        try:
            parsed = ids.parse(data["custom_id"])
            chosen = data.get("values")
            call = Call(parsed.call.route, (*parsed.call.args, *chosen)) if chosen else parsed.call
        except LimitError:
            await tell(interaction, STRANGE)
            return
        values = _values(data) if interaction.type is discord.InteractionType.modal_submit else {}
        asked = Asked(interaction, parsed.opener or call, parsed.about)
        await self._answer(asked, call, values=values, form=self._router.opens_form(call))

    async def typed(self, interaction: Interaction, route: Route, given: Mapping[str, Any]) -> None:
        """Take a command with its options. One that can open a form does so where it is given nothing."""
        line, picked = commands.line(route, given), named(given.values())
        if not picked.channels and in_forum(interaction) and any(param.suggest == "channel" for param in route.params):
            await tell(interaction, FORUM)
            return
        form = self._router.opens_form(line)
        await self._answer(Asked(interaction, Call(route.name)), line, picked=picked, form=form)

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[str]:
        """Names to offer while somebody types."""
        request = Request("discord", *await self._people.whereabouts(interaction), "")
        return await self.app.suggest(request, source, typed)

    async def explained(self, interaction: Interaction, message: discord.Message) -> None:
        """Explain the question a message asks: to those who have answered it, or, once it has closed, to all."""
        parsed = list(_parsed(message.components))
        call = explanation(one.call for one in parsed)
        if call is None:
            await tell(interaction, NO_QUESTION)
            return
        about = next((one.about for one in parsed if one.about), "")
        await self._answer(Asked(interaction, call, about), call)

    async def failed(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Answer what discord.py could not make sense of; a fault of ours is logged."""
        known = isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch)
        if not known and not isinstance(error, app_commands.TransformerError):
            log.error("command failed", error=repr(error), exc_info=error)
        if interaction.type is not discord.InteractionType.autocomplete and not interaction.response.is_done():
            await tell(interaction, UNSEEN if _unseen(error) else OUTDATED)

    async def _answer(
        self,
        asked: Asked,
        what: Call | str,
        values: render.Typed | None = None,
        picked: Named | None = None,
        form: bool = False,
    ) -> None:
        id = asked.interaction.id
        if self._heard.get(id):
            log.info("heard before", interaction=id)
            return
        self._heard.put(id, True)
        self._waiting += 1
        self._quiet.clear()
        try:
            reply = self._reply(asked, what, values or {}, picked or NOBODY)
            patience = self._form_patience if form else self._patience
            await answer(asked, reply, patience, partial(self._typed_before, asked.interaction))
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._quiet.set()

    async def _reply(self, asked: Asked, what: Call | str, values: render.Typed, picked: Named) -> Reply:
        try:
            where = await self._people.whereabouts(asked.interaction, asked.about)
        except Elsewhere as refusal:
            return Reply(private=refusal.card)
        reply = await self.app.handle(Request("discord", *where, what, values, picked.channels, picked.people))
        if values and isinstance(what, Call):
            self._keep(_form_of(asked.interaction, what), values, bool(reply.errors))
        return reply

    def _keep(self, form: FormOf, values: render.Typed, refused: bool) -> None:
        """Remember what was typed for as long as it is not taken."""
        if refused:
            self._typed.put(form, values)
        else:
            self._typed.drop(form)

    def _typed_before(self, interaction: Interaction, form: Form) -> render.Typed:
        """What this person has sent of a form here, if that was refused a moment ago."""
        return self._typed.get(_form_of(interaction, form.call)) or {}


def _unseen(error: app_commands.AppCommandError) -> bool:
    """Whether a channel was chosen that the bot does not know."""
    return isinstance(error, app_commands.TransformerError) and error.type is discord.AppCommandOptionType.channel


def _form_of(interaction: Interaction, call: Call) -> FormOf:
    return interaction.user.id, interaction.channel_id, call.id


def _values(data: Any) -> dict[str, tuple[str, ...]]:
    """What a dialog holds, by input."""
    inner = (component.get("component", component) for component in data.get("components", ()))
    return {item["custom_id"]: _given(item) for item in inner if "custom_id" in item}


def _given(item: Any) -> tuple[str, ...]:
    if "values" in item:
        return tuple(map(str, item["values"] or ()))
    value = item.get("value")
    return () if value is None else (str(value),)


def _parsed(components: Any) -> Iterator[ids.Parsed]:
    """What all buttons and menus say, in order, however deep; what is none of ours is left out."""
    for id in _ids(components):
        try:
            parsed = ids.parse(id)
        except LimitError:
            continue
        yield parsed


def _ids(components: Any) -> Iterator[str]:
    for component in components:
        if getattr(component, "custom_id", None):
            yield component.custom_id
        yield from _ids(getattr(component, "children", ()))
