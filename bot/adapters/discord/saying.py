"""Replies, said within the three seconds Discord gives."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

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


Before = Callable[[Form], render.Typed]
"""What stands in a form that opens again."""


async def answer(asked: Asked, reply: Awaitable[Reply], patience: float, before: Before) -> None:
    """Say a reply; what takes longer than `patience` seconds, drawing included, gets a sign first."""
    talk = _Talk(asked.interaction)
    signs: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(patience, lambda: signs.append(asyncio.ensure_future(_signed(talk))))
    try:
        said = await reply
        shown = [
            _Said(partial(render.message, card, await render.pictures(card), asked.about), public)
            for card, public in _cards(asked, said)
        ]
    finally:
        timer.cancel()
    if signs:
        await signs[0]
    with _forgiving(asked.interaction):
        await _say(talk, asked, said.form, shown, before)


async def tell(interaction: Interaction, card: Card) -> None:
    """Say a card without pictures to the person alone, at once."""
    with _forgiving(interaction):
        await _Talk(interaction).say(_Said(partial(render.message, card), False))


@dataclass(frozen=True, slots=True)
class _Said:
    """A message, made anew for each attempt: for all, for one person, or (None) in place of the one that was used."""

    message: Callable[[], render.Message]
    public: bool | None


@dataclass(frozen=True, slots=True)
class _Sign:
    """ "One moment", as it stands there: what puts a message in its place, and what takes it away."""

    edit: Callable[..., Awaitable[Any]]
    delete: Callable[[], Awaitable[Any]]


class _Talk:
    """What is said to one interaction: a callback first, of which Discord takes one, and after it what else there is.

    The sign is a message of its own. Where a button was pressed, its message is silently deferred, so that it can still
    be updated; a command is deferred in no way, so that what all shall see can follow: Discord would take the first
    message for the deferred one. Of followups this takes two at most: the sign and what all see.
    """

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction
        self._sign: _Sign | None = None
        self._deferred = False
        self._doubt = False
        self.answered = False
        """Whether Discord has taken a callback."""

    async def sign(self) -> None:
        """Say "one moment" to the person alone."""
        asked, moment = self.interaction, partial(render.message, ONE_MOMENT)
        if asked.message:
            await self._call_back(asked.response.defer)
            self._deferred = True
            sent = await asked.followup.send(view=moment().view, ephemeral=True, wait=True)
            self._sign = _Sign(sent.edit, sent.delete)
        else:
            await self._call_back(partial(self._open, _Said(moment, False)))
            self._sign = _Sign(asked.edit_original_response, asked.delete_original_response)

    async def settle(self) -> None:
        """Make sure that a sign of which this is not known has arrived."""
        if self._doubt and not self.answered:
            await self.sign()

    async def say(self, said: _Said) -> None:
        """One more message."""
        if not self.answered:
            await self._call_back(partial(self._open, said))
        elif said.public is None and self._deferred:
            made = said.message()
            await self.interaction.edit_original_response(view=made.view, attachments=made.files)
        elif self._sign and not said.public:
            sign, self._sign, made = self._sign, None, said.message()
            await sign.edit(view=made.view, attachments=made.files)
        else:
            made = said.message()
            await self.interaction.followup.send(view=made.view, files=made.files, ephemeral=not said.public)

    async def open(self, form: Callable[[], discord.ui.Modal]) -> None:
        """Open a form, which nothing may come before."""
        await self._call_back(lambda: self.interaction.response.send_modal(form()))

    async def end(self) -> None:
        """Take the sign away, unless something took its place; where nothing was said, leave nothing waiting."""
        if self._sign:
            await self._sign.delete()
        if not self.answered and self.interaction.message:
            await self._call_back(self.interaction.response.defer)
        elif not self.answered:
            await self.say(_Said(partial(render.message, DONE), False))

    async def _open(self, said: _Said) -> None:
        made, response = said.message(), self.interaction.response
        if said.public is None:
            await response.edit_message(view=made.view, attachments=made.files)
        else:
            await response.send_message(view=made.view, files=made.files, ephemeral=not said.public)

    async def _call_back(self, act: Callable[[], Awaitable[Any]]) -> None:
        """`act`, once more where the connection broke: whether the first attempt arrived, Discord then tells."""
        for last in (False, True):
            try:
                await act()
                break
            except discord.HTTPException as trouble:
                if trouble.code == ANSWERED and self._doubt:
                    break
                raise
            except (aiohttp.ClientError, OSError):
                self._doubt = True
                if last:
                    raise
        self.answered = True


async def _signed(talk: _Talk) -> None:
    with _forgiving(talk.interaction):
        await talk.sign()


async def _say(talk: _Talk, asked: Asked, form: Form | None, shown: Sequence[_Said], before: Before) -> None:
    """Everything in a reply, in order. A second delivery of what was answered already says nothing."""
    await talk.settle()
    if form and not talk.answered:
        await talk.open(lambda: render.form(form, asked.opener, asked.about, before(form)))
    elif form:
        await talk.say(_Said(partial(render.message, _late(asked.opener), about=asked.about), False))
    for one in shown:
        await talk.say(one)
    await talk.end()


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
