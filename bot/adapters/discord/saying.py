"""Replies, said within the three seconds Discord gives."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
import discord
import structlog

from bot.adapters.discord import render
from bot.adapters.discord.commands import Interaction
from bot.adapters.phrases import ONE_MOMENT, mistakes
from bot.ports import Reply
from bot.ui import Button, Buttons, Call, Card, Form, Text

log = structlog.get_logger()

LATE, ANSWERED = 10062, 40060
"""Discord's codes for an interaction that is over, and for one that was answered before."""

DONE = Card("Done")


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction to answer: the call that opens its form (again), and what a direct message is about."""

    interaction: Interaction
    opener: Call
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A message ready to be sent: for all, for one person, or (None) in place of the message that was used."""

    message: render.Message
    public: bool | None


Typed = Callable[[Form], render.Typed]
"""What stands in a form that opens again."""


async def answer(asked: Asked, reply: Awaitable[Reply], patience: float, typed: Typed) -> None:
    """Say a reply; what takes longer than `patience` seconds, drawing included, gets a sign first.

    The sign is a message of its own and no deferral, so that it can be put into words, and what all shall see can
    still follow it: after a deferral Discord takes the first such message for the deferred one.
    """
    signs: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(patience, lambda: signs.append(_sign(asked.interaction)))
    try:
        said = await reply
        shown = [_Said(await render.drawn(card, asked.about), public) for card, public in _cards(asked, said)]
    finally:
        timer.cancel()
    if signs:
        await signs[0]
    with _forgiving(asked.interaction):
        await _say(asked, said.form, shown, typed)


async def tell(interaction: Interaction, card: Card) -> None:
    """Say a card without pictures to the person alone, at once."""
    with _forgiving(interaction):
        await _next(interaction, _Said(render.message(card), False))


async def _say(asked: Asked, form: Form | None, shown: Sequence[_Said], typed: Typed) -> None:
    """Everything in a reply, in order. A second delivery of what was answered already says nothing."""
    interaction = asked.interaction
    waiting = interaction.response.is_done()
    if form and not waiting:
        await interaction.response.send_modal(render.form(form, asked.opener, asked.about, typed(form)))
    elif form:
        shown = (_Said(render.message(_late(asked.opener), about=asked.about), False), *shown)
    for one in shown:
        await (_instead if waiting else _next)(interaction, one)
        waiting = False
    if not interaction.response.is_done():
        await _nothing(interaction)


def _cards(asked: Asked, reply: Reply) -> Iterator[tuple[Card, bool | None]]:
    if reply.errors:
        yield mistakes(reply.errors, asked.opener), False
    if reply.update:
        yield reply.update, None if asked.interaction.message else False
    if reply.private:
        yield reply.private, False
    if reply.public:
        yield reply.public, True


def _late(opener: Call) -> Card:
    """After a sign Discord opens no form any more, so a button does."""
    return Card(
        "Your form is ready", (Text("It came too late to open by itself."), Buttons(Button("Open the form", opener)))
    )


def _sign(interaction: Interaction) -> asyncio.Task[None]:
    return asyncio.ensure_future(tell(interaction, ONE_MOMENT))


async def _next(interaction: Interaction, said: _Said) -> None:
    view, files = said.message.view, said.message.files
    if interaction.response.is_done():
        await interaction.followup.send(view=view, files=files, ephemeral=not said.public)
    elif said.public is None:
        await interaction.response.edit_message(view=view, attachments=files)
    else:
        await interaction.response.send_message(view=view, files=files, ephemeral=not said.public)


async def _instead(interaction: Interaction, said: _Said) -> None:
    """Put a card in the place of "one moment"; what all shall see comes after it."""
    own = render.message(DONE) if said.public else said.message
    await interaction.edit_original_response(view=own.view, attachments=own.files)
    if said.public:
        await _next(interaction, said)


async def _nothing(interaction: Interaction) -> None:
    if interaction.message:
        await interaction.response.defer()
    else:
        await interaction.response.send_message(view=render.message(DONE).view, ephemeral=True)


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
    except (discord.DiscordException, aiohttp.ClientError, OSError) as trouble:
        log.warning("not answered", interaction=interaction.id, trouble=repr(trouble))
