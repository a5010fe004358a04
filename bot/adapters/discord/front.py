"""What people do on Discord, as requests."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.adapters.discord import commands, ids, render
from bot.adapters.discord.commands import Interaction
from bot.adapters.discord.people import Elsewhere, People
from bot.adapters.discord.saying import Asked, answer, tell
from bot.adapters.explaining import explanation
from bot.adapters.phrases import NO_QUESTION, STRANGE
from bot.adapters.recent import Recent
from bot.ports import Housed, Place, Reply, Request
from bot.routing import Route, Router
from bot.ui import Call, Card, Form, LimitError, Text

log = structlog.get_logger()

PATIENCE, FORM_PATIENCE = 1.5, 2.4
"""Seconds a person waits without a sign; longer for a form, which cannot be opened after one."""
TYPED_SECONDS, TYPED = 600, 1000
"""How long, and how many, refused forms are remembered with what was typed."""

FormOf = tuple[int, int | None, str]
"""A form of a person in a channel."""

OUTDATED = Card(
    "This command has changed", (Text("Reload Discord (Ctrl+R, or restart the app), then type it again."),), "warning"
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
            await tell(interaction, STRANGE)
            return
        values = _values(data) if interaction.type is discord.InteractionType.modal_submit else {}
        asked = Asked(interaction, parsed.opener or call, parsed.about)
        await self._answer(asked, call, values=values, form=self._opens_form(call))

    async def typed(self, interaction: Interaction, route: Route, line: str, named: tuple[Place, ...] = ()) -> None:
        """Take a command. One that can open a form does so where it is given nothing."""
        bare = route.form and line == commands.line(route, {})
        await self._answer(Asked(interaction, Call(route.name)), line, named=named, form=bare)

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[str]:
        """Names to offer while somebody types."""
        request = Request("discord", *await self._people.whereabouts(interaction), "")
        return await self.app.suggest(request, source, typed)

    async def explained(self, interaction: Interaction, message: discord.Message) -> None:
        """Explain the question a message asks: to those who have answered it, or, once it has closed, to all."""
        call = explanation(_calls(message.components))
        if call is None:
            await tell(interaction, NO_QUESTION)
            return
        await self._answer(Asked(interaction, call), call)

    async def failed(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Answer what discord.py could not make sense of; a fault of ours is logged."""
        known = isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch)
        if not known and not isinstance(error, app_commands.TransformerError):
            log.error("command failed", error=repr(error), exc_info=error)
        if interaction.type is not discord.InteractionType.autocomplete and not interaction.response.is_done():
            await tell(interaction, OUTDATED)

    async def _answer(
        self,
        asked: Asked,
        what: Call | str,
        values: render.Typed | None = None,
        named: tuple[Place, ...] = (),
        form: bool = False,
    ) -> None:
        reply = self._reply(asked, what, values or {}, named)
        patience = self._form_patience if form else self._patience
        await answer(asked, reply, patience, partial(self._typed_before, asked.interaction))

    async def _reply(self, asked: Asked, what: Call | str, values: render.Typed, named: tuple[Place, ...]) -> Reply:
        try:
            where = await self._people.whereabouts(asked.interaction, asked.about)
        except Elsewhere as refusal:
            return Reply(private=refusal.card)
        reply = await self.app.handle(Request("discord", *where, what, values, named))
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

    def _opens_form(self, call: Call) -> bool:
        """Whether a button opens a form. A command can, too, and does so where it is given nothing."""
        route = self._router.routes.get(call.route)
        return route is not None and route.form and (route.trigger == "action" or not call.args)


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


def _calls(components: Any) -> Iterator[Call]:
    """The calls of all buttons and menus, in order, however deep; what is none of ours is left out."""
    for id in _ids(components):
        try:
            call = ids.parse(id).call
        except LimitError:
            continue
        yield call


def _ids(components: Any) -> Iterator[str]:
    for component in components:
        if getattr(component, "custom_id", None):
            yield component.custom_id
        yield from _ids(getattr(component, "children", ()))
