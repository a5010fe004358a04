"""Posts over Discord's REST interface, which works also while the gateway is away."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
import discord
import structlog
from discord import utils

from bot.adapters.discord import render
from bot.adapters.discord.front import controls, drawn
from bot.ports import Gone, Later, Post, Unknown
from bot.ui import clip

log = structlog.get_logger()

T = TypeVar("T")

PAUSES = (0.5, 1.0, 2.0)
"""Seconds between attempts at what discord.py does not try again itself: 503, and a connection that broke."""
LONGEST = 45
"""Seconds after which an attempt is given up; shorter than the lease of a post."""
BACK, DEEP = timedelta(days=1), 200
"""How far back a lost message is looked for, in time and in messages."""
TOKEN_PAUSE = 300
THREAD_NAME = 100
OLD, OLD_PAUSE = 30046, 120
"""Discord's code for too many edits of messages over an hour old, and how long to leave it alone then."""
DELETED = 10008
THIS_SERVER = "Give me “View Channel”, “Send Messages” and “Attach Files” there."
GONE = {
    10003: "The channel is not there any more. Choose another with /quiz admin daily schedule.",
    10004: "I am not in this server any more. Invite me again.",
    50001: f"I can't see the channel. {THIS_SERVER}",
    50007: "This person takes no direct messages from members of the server.",
    50013: f"I may not send messages there. {THIS_SERVER}",
    50083: "The thread is archived. Open it again, or choose another channel with /quiz admin daily schedule.",
    160005: "The thread is locked. Unlock it, or choose another channel with /quiz admin daily schedule.",
}
"""What is wrong with a place, by Discord's code, and how to mend it."""


class Poster:
    """Sends, edits and finds messages as the bot that `client` is logged in as."""

    name = "discord"

    def __init__(self, client: discord.Client, pauses: Sequence[float] = PAUSES) -> None:
        self._client = client
        self._pauses = pauses

    async def send(self, post: Post) -> str:
        """Send under a nonce made of the key, so that Discord tells a second attempt from a second message."""
        try:
            message = await self._patiently(lambda: self._send(post))
        except _Deleted:  # an earlier attempt arrived, and somebody has deleted it since
            raise Unknown from None
        return f"{message.channel.id}/{message.id}"

    async def edit(self, post: Post) -> None:
        """Replace a message. One that somebody has deleted stays deleted."""
        try:
            await self._patiently(lambda: self._edit(post))
        except _Deleted:
            return

    async def find(self, post: Post) -> str | None:
        """The message in the channel's history that has the nonce of `post`, or what only `post` has in its buttons."""
        try:
            found = await self._patiently(lambda: self._find(post))
        except Gone:  # whoever may not read the history cannot tell
            raise Unknown from None
        return f"{found.channel.id}/{found.id}" if found else None

    async def _send(self, post: Post) -> discord.Message:
        message = await drawn(post.card, about(post))
        where = await self._channel(post)
        sent = await where.send(view=message.view, files=message.files, nonce=nonce(post.key))
        await self._discuss(sent, post)
        return sent

    async def _edit(self, post: Post) -> None:
        channel, _, id = post.receipt.partition("/")
        message = await drawn(post.card, about(post))
        where = self._client.get_partial_messageable(int(channel)).get_partial_message(int(id))
        await where.edit(view=message.view, attachments=message.files)

    async def _find(self, post: Post) -> discord.Message | None:
        where = await self._channel(post)
        since = utils.utcnow() - BACK
        me = self._client.user.id if self._client.user else 0
        async for message in where.history(limit=DEEP, after=since, oldest_first=False):
            if message.author.id == me and _same(message, post):
                await self._discuss(message, post)
                return message
        return None

    async def _discuss(self, message: discord.Message, post: Post) -> None:
        """Open the thread a post wants; that it is there already, or may not be, is no trouble of the post's."""
        if not post.thread:
            return
        try:
            await self._client.http.start_thread_with_message(
                message.channel.id, message.id, name=clip(post.thread, THREAD_NAME), auto_archive_duration=1440
            )
        except (discord.DiscordException, aiohttp.ClientError, OSError) as trouble:
            log.info("no thread", key=post.key, trouble=repr(trouble))

    async def _channel(self, post: Post) -> discord.abc.Messageable:
        if post.person:
            return await self._client.create_dm(discord.Object(int(post.person)))
        return self._client.get_partial_messageable(int(post.channel))

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """`act`, tried again where that is safe; what goes wrong comes out as `Later`, `Gone` or `Unknown`."""
        try:
            async with asyncio.timeout(LONGEST):
                return await self._again(act)
        except TimeoutError:
            raise Unknown from None
        except discord.RateLimited as wait:
            raise Later(wait.retry_after) from None
        except discord.HTTPException as trouble:
            raise _meaning(trouble) from trouble
        except (aiohttp.ClientConnectorError, discord.LoginFailure) as trouble:
            raise Later(10) from trouble
        except (aiohttp.ClientError, OSError) as trouble:
            raise Unknown from trouble

    async def _again(self, act: Callable[[], Awaitable[T]]) -> T:
        for pause in self._pauses:
            try:
                return await act()
            except discord.DiscordServerError as trouble:
                if trouble.status != 503:
                    raise
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(pause)
        return await act()


class _Deleted(Exception):
    """The message to edit is not there any more."""


def nonce(key: str) -> str:
    """At most 25 characters, always the same for a key."""
    return base64.b32encode(hashlib.blake2b(key.encode(), digest_size=15).digest()).decode()


def about(post: Post) -> str:
    """Which space and channel the buttons of a direct message mean; others need not say it."""
    return f"{post.space}/{post.channel}" if post.person else ""


def _meaning(trouble: discord.HTTPException) -> Exception:
    """What an answer of Discord means for a post."""
    if trouble.status == 429:
        return Later(_pause(trouble))
    if trouble.status >= 500:
        return Unknown()
    if trouble.status == 401:
        return Later(TOKEN_PAUSE)
    if trouble.code == OLD:
        return Later(OLD_PAUSE)
    if trouble.code == DELETED:
        return _Deleted()
    if trouble.code in GONE:
        return Gone(GONE[trouble.code])
    if trouble.status == 403:
        return Gone(f"Discord does not let me post there. {THIS_SERVER}")
    return Gone(f"Discord does not take the message (code {trouble.code}). Please tell whoever runs the bot.")


def _pause(trouble: discord.HTTPException) -> float:
    asked = trouble.response.headers.get("Retry-After", "")
    return float(asked) if asked.replace(".", "", 1).isdigit() else 60.0


def _same(message: discord.Message, post: Post) -> bool:
    """Whether a message is `post`. History need not tell the nonce; then heading and buttons do."""
    if message.nonce is not None and str(message.nonce) == nonce(post.key):
        return True
    return _marks(message.components) == _marks(render.message(post.card, about=about(post)).view.children)


def _marks(components: Iterable[Any]) -> tuple[str, ...]:
    """The heading with the ids of all controls; where there are none, all there is to read."""
    parts = list(components)
    texts, controlled = list(_texts(parts)), list(controls(parts))
    return (*texts[:1], *controlled) if controlled else tuple(texts)


def _texts(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(getattr(component, "content", None), str):
            yield component.content
        yield from _texts(getattr(component, "children", ()))
