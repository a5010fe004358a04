"""Posts over Discord's REST interface, which works also while the gateway is away."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import aiohttp
import discord
import structlog

from bot.adapters.discord import render
from bot.adapters.discord.rights import rights
from bot.ports import Gone, Later, Post, T, Unknown
from bot.ui import clip

log = structlog.get_logger()

PAUSES = (0.5, 1.0, 2.0)
"""Seconds between attempts at what discord.py does not try again itself: 503, and a connection that broke."""
LOOKING, LONGEST = 15, 45
"""Seconds after which it is given up to look for a message, and to send or edit one. The application cancels an attempt
that takes longer altogether than `Platform` says."""
SKEW, DEEP = timedelta(minutes=10), 1000
"""How far Discord's clock may be behind ours, and through how many messages since its post a lost one is looked for."""
LOOK_AGAIN = 10
"""Seconds until it is looked again where the history cannot be had now."""
TOKEN_PAUSE = 300
BLOCKED_PAUSE = 60
BLOCKED = (0, 40333)
"""Codes of answers in which Discord, or what stands before it, refuses this machine and not this message: pages without
a code, and Discord's "internal network error"."""
THREAD_NAME = 100
THREAD_LONGEST = 10
"""Seconds after which a post goes without its thread."""
HAS_THREAD = 160004
OLD, OLD_PAUSE = 30046, 120
"""Discord's code for too many edits of messages over an hour old, and how long to leave it alone then."""
DELETED = 10008
THIS_SERVER = "Give me “View Channel”, “Send Messages” and “Attach Files” there."
BROKEN = (discord.DiscordException, aiohttp.ClientError, OSError)
GONE = {
    10003: "The channel is not there any more. Choose another with /quiz admin daily schedule.",
    10004: "I am not in this server any more. Invite me again.",
    50008: "No messages can be sent there. Choose a text channel with /quiz admin daily schedule.",
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
        await self._discuss(message, post)
        return f"{message.channel.id}/{message.id}"

    async def edit(self, post: Post) -> None:
        """Replace a message. One that somebody has deleted stays deleted, and one that Discord does not take for a
        reason unknown to us stays as it is: that says nothing about the channel."""
        try:
            await self._patiently(lambda: self._edit(post))
        except _Deleted:
            return
        except _Refused as trouble:
            log.warning("edit refused", key=post.key, code=trouble.code)

    async def find(self, post: Post) -> str | None:
        """The message in the channel's history that has the nonce of `post`, or its mark, which no edit changes."""
        try:
            found = await self._patiently(lambda: self._find(post), LOOKING)
        except Gone as trouble:  # the history may not be read, or not as far as the message
            raise Unknown(str(trouble)) from trouble
        except Unknown as trouble:  # it may be looked as often as is needed
            raise Later(LOOK_AGAIN) from trouble
        if found is None:
            return None
        await self._discuss(found, post)
        return f"{found.channel.id}/{found.id}"

    async def _send(self, post: Post) -> discord.Message:
        message = await render.drawn(post.card, about(post), mark(post.key))
        where = await self._channel(post)
        return await where.send(view=message.view, files=message.files, nonce=nonce(post.key))

    async def _edit(self, post: Post) -> None:
        channel, _, id = post.receipt.partition("/")
        message = await render.drawn(post.card, about(post), mark(post.key))
        where = self._client.get_partial_messageable(int(channel)).get_partial_message(int(id))
        await where.edit(view=message.view, attachments=message.files)

    async def _find(self, post: Post) -> discord.Message | None:
        """Raises `Gone` where the history does not tell: it may not be read, or the channel was too busy since."""
        where, seen = await self._channel(post), 0
        async for message in where.history(limit=DEEP, after=post.since and post.since - SKEW, oldest_first=True):
            seen += 1
            if self._is(message, post):
                return message
        if seen == DEEP:
            raise Gone(f"There are more than {DEEP} messages since.")
        if not (seen or await self._readable(post)):
            raise Gone("The history may not be read.")
        return None

    def _is(self, message: discord.Message, post: Post) -> bool:
        ours = self._client.user is not None and message.author.id == self._client.user.id
        marks = (getattr(part, "id", None) for part in message.components)
        return ours and (str(message.nonce) == nonce(post.key) or mark(post.key) in marks)

    async def _readable(self, post: Post) -> bool:
        """Whether an empty history is one: Discord shows an empty one also to those who may not read it."""
        if post.person:
            return True
        return (await rights(self._client, int(post.space), int(post.channel))).read_message_history

    async def _discuss(self, message: discord.Message, post: Post) -> None:
        """Open the thread a post wants. Where that fails, the message is there all the same, and the log says so."""
        if not post.thread:
            return
        try:
            async with asyncio.timeout(THREAD_LONGEST):
                await self._open_thread(message, clip(post.thread, THREAD_NAME))
        except BROKEN as trouble:
            if getattr(trouble, "code", None) != HAS_THREAD:
                log.warning("no thread", key=post.key, trouble=repr(trouble))

    async def _open_thread(self, message: discord.Message, name: str) -> None:
        """Tried again where that may help; raises what discord.py raises."""
        for pause in (*self._pauses, None):
            try:
                await self._client.http.start_thread_with_message(
                    message.channel.id, message.id, name=name, auto_archive_duration=1440
                )
                return
            except BROKEN as trouble:
                if pause is None or (isinstance(trouble, discord.HTTPException) and trouble.status < 500):
                    raise
                await asyncio.sleep(getattr(trouble, "retry_after", pause))

    async def _channel(self, post: Post) -> discord.abc.Messageable:
        if post.person:
            return await self._client.create_dm(discord.Object(int(post.person)))
        return self._client.get_partial_messageable(int(post.channel))

    async def _patiently(self, act: Callable[[], Awaitable[T]], longest: float = LONGEST) -> T:
        """`act`, tried again where that is safe; what goes wrong comes out as `Later`, `Gone` or `Unknown`."""
        try:
            async with asyncio.timeout(longest):
                return await self._again(act)
        except TimeoutError:
            raise Unknown from None
        except discord.RateLimited as wait:
            raise Later(wait.retry_after) from None
        except discord.HTTPException as trouble:
            raise _meaning(trouble) from trouble
        except aiohttp.ClientConnectorError as trouble:
            raise Later(10) from trouble

    async def _again(self, act: Callable[[], Awaitable[T]]) -> T:
        """`act`, tried again where it may have been done; after that, whatever goes wrong leaves it open."""
        doubt = False
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                return await act()
            except BROKEN as trouble:
                if not _open(trouble):
                    if doubt:
                        break
                    raise
                doubt = True
        raise Unknown


class _Deleted(Exception):
    """The message to edit is not there any more."""


class _Refused(Gone):
    """Discord does not take a message, with a code that is not known here."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def nonce(key: str) -> str:
    """At most 25 characters, always the same for a key."""
    return base64.b32encode(hashlib.blake2b(key.encode(), digest_size=15).digest()).decode()


def mark(key: str) -> int:
    """A number of 31 bits, always the same for a key, and higher than those Discord gives by itself."""
    return 1 << 30 | int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) >> 2


def about(post: Post) -> str:
    """Which space and channel the buttons of a direct message mean; others need not say it."""
    return f"{post.space}/{post.channel}" if post.person else ""


def _open(trouble: Exception) -> bool:
    """Whether it is open if Discord did what it was asked: 503, or a connection that broke once it stood."""
    if isinstance(trouble, discord.DiscordException):
        return isinstance(trouble, discord.DiscordServerError) and trouble.status == 503
    return not isinstance(trouble, aiohttp.ClientConnectorError)


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
    if trouble.code in BLOCKED:
        return Later(BLOCKED_PAUSE)
    if trouble.status == 403:
        return _Refused(f"Discord does not let me post there. {THIS_SERVER}", trouble.code)
    said = f"Discord does not take the message (code {trouble.code}). Please tell whoever runs the bot."
    return _Refused(said, trouble.code)


def _pause(trouble: discord.HTTPException) -> float:
    asked = trouble.response.headers.get("Retry-After", "")
    return float(asked) if asked.replace(".", "", 1).isdigit() else 60.0
