"""Posts over Slack's Web API, which works whichever way requests come in."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import NAME, prose
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.grants import Connect, Grant, Grants
from bot.adapters.slack.refusals import Pauses, error_of, pause_of, status_of, told
from bot.adapters.slack.render import Message
from bot.ports import Gone, Later, Post, StoreError, T, Unknown

log = structlog.get_logger()

PACE = 1.0
"""Seconds from one message in a channel to the next (documentation of chat.postMessage)."""
ENTERING, LOOKING, SENDING, REPLYING = 5, 10, 20, 8
"""Seconds after which it is given up to find out what we may do in a workspace, to look for a message, to send or edit
it, and to begin its thread. The application cancels an attempt that takes longer altogether than `Platform` says."""
UNREACHABLE, PUZZLED = 10, 300
"""Seconds to wait where Slack cannot be reached, and where it answers what nobody here knows to mend."""
SKEW = timedelta(minutes=10)
"""How far Slack's clock may be behind ours."""
PAGE, PAGES = 200, 3
"""Through how many pages of so many messages since its post a lost one is looked for. Slack gives apps that are
distributed outside its marketplace 15 a page, and one page a minute (rate limits of May 2025)."""
EVENT = "quizbot_post"
"""The type of the metadata that carries the key of a post."""

PASSING = {
    "external_channel_migrating": 300,
    "org_login_required": 300,
    "request_timeout": 10,
    "service_unavailable": 30,
    "team_added_to_org": 300,
    "token_expired": 30,
}
"""Errors that pass by themselves and after which nothing was sent, whatever the status, with the seconds to wait."""
UNSURE = frozenset({"fatal_error", "internal_error", "update_failed"})
"""Errors of which Slack says that part of the work may have been done."""
REMOVED = frozenset({"account_inactive", "token_revoked"})
"""How Slack says that the app was removed. `invalid_auth` need not mean that: it may be about our address."""
DOUBTED = frozenset({"invalid_auth", "not_authed"})
SETTLED = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})
"""Why a message cannot be edited any more; it stays as it is."""
UNTAKEN = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
"""What is wrong with a card. A message that is sent already stays as it is then."""

_ANOTHER = "or choose another channel with /quiz admin daily schedule."
_ARCHIVED = f"The channel is archived. Unarchive it and invite me again (/invite @Quizbot), {_ANOTHER}"
_KEPT_OUT = f"Apps may not post in the channel. Ask an admin of the workspace to let me, {_ANOTHER}"
_WITHDRAWN = "Slack has withdrawn my access to this workspace. Install me again."
GONE = {
    "channel_not_found": "I can't see the channel: it was deleted, or it is private and I am not in it. "
    f"Invite me there (/invite @Quizbot), {_ANOTHER}",
    "is_archived": _ARCHIVED,
    "is_inactive": _ARCHIVED,
    "not_in_channel": f"I am not in the channel. Invite me there (/invite @Quizbot), {_ANOTHER}",
    "restricted_action": _KEPT_OUT,
    "restricted_action_read_only_channel": _KEPT_OUT,
    "restricted_action_thread_only_channel": _KEPT_OUT,
    "team_access_not_granted": "This workspace has not let me in. Ask an admin of your organization to add me to it.",
}
"""What is wrong, by Slack's code, and how to mend it."""
_LEFT = "I can't reach this person: they are not in this workspace any more, or I may not see them."
ALONE = {
    "cannot_dm_bot": "I can't reach this person: it is an app, and apps get no direct messages.",
    "channel_not_found": _LEFT,
    "messages_tab_disabled": "I may not send direct messages. Whoever runs the bot must switch on the Messages tab of "
    "its App Home.",
    "user_disabled": _LEFT,
    "user_not_found": _LEFT,
    "user_not_visible": _LEFT,
}
"""The same for direct messages, where it differs."""


class Withdrawn(Gone):
    """Slack has withdrawn the bot's access to the workspace: its token will not work again."""

    def __init__(self) -> None:
        super().__init__(_WITHDRAWN)


class _Puzzling(Later):
    """Slack says what nobody here knows. It may pass; meanwhile nothing is taken for lost."""

    def __init__(self) -> None:
        super().__init__(PUZZLED)


class Poster:
    """Sends, edits and finds messages in every workspace there is a grant for.

    Slack cannot tell a second attempt from a second message: `send` always sends. A message carries the key of its post
    as metadata, by which `find` knows it where the workspace lets the bot read what was said.
    """

    name = NAME

    def __init__(
        self,
        grants: Grants,
        connect: Connect,
        charts: Charts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._grants = grants
        self._connect = connect
        self._charts = charts
        self._clock = clock
        self._pauses = Pauses(clock)
        self._busy: dict[tuple[str, str], float] = {}
        """When the next message may follow, by workspace and channel, about in this order."""

    async def send(self, post: Post) -> str:
        """Send, and then begin the thread the post wants; that there can be none is no trouble of the post's."""
        self._take_turn(post)
        receipt = await self._safely(post, SENDING, lambda client, _: self._send(client, post))
        await self._discuss(post, receipt)
        return receipt

    async def edit(self, post: Post) -> None:
        """Replace a message. One that somebody has deleted stays deleted."""
        await self._safely(post, SENDING, lambda client, _: self._edit(client, post))

    async def find(self, post: Post) -> str | None:
        """The message that carries the key of `post`."""
        try:
            found = await self._safely(post, LOOKING, lambda client, grant: _find(client, grant, post))
        except (Gone, _Puzzling) as trouble:  # the history may not be read, or not as far as the message
            raise Unknown(str(trouble)) from trouble
        except Unknown as trouble:  # it may be looked as often as is needed
            raise Later(UNREACHABLE) from trouble
        if found is None:
            return None
        receipt = f"{found['channel']}/{found['ts']}"
        if not found.get("reply_count"):
            await self._discuss(post, receipt)
        return receipt

    def _take_turn(self, post: Post) -> None:
        """Raises `Later` where the last message to the same place was less than a second ago. A thread begins with a
        message of its own."""
        now, where = self._clock(), (post.space, post.person or post.channel)
        while self._busy and next(iter(self._busy.values())) <= now:
            del self._busy[next(iter(self._busy))]
        rest = self._busy.get(where, now) - now
        if rest > 0:
            raise Later(rest)
        self._busy.pop(where, None)
        self._busy[where] = now + PACE * (2 if post.thread else 1)

    async def _send(self, client: AsyncWebClient, post: Post) -> str:
        async def say(message: Message) -> Any:
            return await client.chat_postMessage(
                channel=post.person or post.channel,
                text=message.text,
                blocks=message.blocks,
                metadata=_mark(post),
                unfurl_links=False,
                unfurl_media=False,
            )

        sent = await self._shown(client, post, "chat.postMessage", say)
        return f"{sent['channel']}/{sent['ts']}"

    async def _edit(self, client: AsyncWebClient, post: Post) -> None:
        channel, _, ts = post.receipt.partition("/")

        async def say(message: Message) -> Any:
            return await client.chat_update(
                channel=channel, ts=ts, text=message.text, blocks=message.blocks, metadata=_mark(post)
            )

        try:
            await self._shown(client, post, "chat.update", say)
        except SlackApiError as refusal:
            if error_of(refusal) in UNTAKEN:
                log.warning("card not taken", key=post.key, error=error_of(refusal))
            elif error_of(refusal) not in SETTLED:
                raise

    async def _shown(
        self, client: AsyncWebClient, post: Post, method: str, say: Callable[[Message], Awaitable[T]]
    ) -> T:
        """Say the card of a post by a method, with the pauses Slack wants of it."""

        async def calm(message: Message) -> T:
            return await self._pauses.kept(post.space, method, lambda: say(message))

        return await self._charts.shown(client, post.space, post.card, _about(post), calm)

    async def _discuss(self, post: Post, receipt: str) -> None:
        """Begin a thread under a message with the thread's name. It is a message like others: a second later."""
        if not post.thread:
            return
        try:
            async with asyncio.timeout(REPLYING):
                await self._reply(post, receipt)
        except Exception as trouble:  # whatever it is, the message itself is there
            log.warning("no thread", key=post.key, trouble=repr(trouble))

    async def _reply(self, post: Post, receipt: str) -> None:
        """Again after each pause that Slack wants."""
        client, _ = await self._client(post)
        channel, _, ts = receipt.partition("/")
        name, pause = prose.escape(post.thread), PACE
        while True:
            await asyncio.sleep(pause)
            try:
                await self._pauses.kept(
                    post.space,
                    "chat.postMessage",
                    lambda: client.chat_postMessage(channel=channel, thread_ts=ts, text=name, mrkdwn=False),
                )
                return
            except Later as wanted:
                pause = wanted.seconds

    async def _safely(self, post: Post, longest: float, act: Callable[[AsyncWebClient, Grant], Awaitable[T]]) -> T:
        """`act`, once; what goes wrong comes out as `Later`, `Gone` or `Unknown`."""
        entered = await self._client(post)
        try:
            async with asyncio.timeout(longest):
                return await act(*entered)
        except (Later, Gone, Unknown):
            raise
        except SlackApiError as refusal:
            raise _meaning(refusal, post) from refusal
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
            raise Later(UNREACHABLE) from trouble
        except Exception as trouble:  # a broken connection, an answer nobody can read: it may have been sent
            raise Unknown(repr(trouble)) from trouble

    async def _client(self, post: Post) -> tuple[AsyncWebClient, Grant]:
        """Nothing is sent by this. Raises `Later` and `Gone`."""
        try:
            async with asyncio.timeout(ENTERING):
                grant = await self._grants.of(post.space)
        except (StoreError, OSError) as trouble:
            raise Later(UNREACHABLE) from trouble
        if grant is None:
            raise Gone(_WITHDRAWN)
        return self._connect(grant.token), grant


def _about(post: Post) -> str:
    """Which channel the buttons of a direct message mean; others need not say it."""
    return post.channel if post.person else ""


def _mark(post: Post) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"key": post.key}}


async def _find(client: AsyncWebClient, grant: Grant, post: Post) -> dict[str, Any] | None:
    """The message with the mark of `post`, with its channel."""
    channel = post.channel
    if post.person:
        opened = await client.conversations_open(users=post.person)
        channel = opened["channel"]["id"]
    async for message in _history(client, channel, post.since):
        ours = message.get("user") == grant.user or message.get("bot_id") == grant.bot
        mark = message.get("metadata") or {}
        if ours and mark.get("event_payload") == {"key": post.key}:
            return {**message, "channel": channel}
    return None


async def _history(client: AsyncWebClient, channel: str, since: datetime | None) -> AsyncIterator[dict[str, Any]]:
    """Messages since then, newest first. Raises `Gone` where there are more than can be had.

    A pause that Slack wants before the first page is honoured. Before a later page it is not: each look begins with the
    first page again, and would never come further.
    """
    cursor, oldest = None, f"{(since - SKEW).timestamp():.6f}" if since else None
    for _ in range(PAGES):
        try:
            page = await client.conversations_history(
                channel=channel, cursor=cursor, include_all_metadata=True, limit=PAGE, oldest=oldest
            )
        except SlackApiError as refusal:
            if cursor and status_of(refusal) == 429:
                raise Gone("Slack gives no further page for a while.") from refusal
            raise
        for message in page["messages"]:
            yield message
        if not page["has_more"]:
            return
        cursor = page["response_metadata"]["next_cursor"]
    raise Gone(f"There are more than {PAGES} pages of messages since.")


def _meaning(refusal: SlackApiError, post: Post) -> Exception:
    """What an answer of Slack means for a post."""
    error, pause = error_of(refusal), pause_of(refusal)
    if pause is not None:
        return Later(pause)
    if error in PASSING:
        return Later(PASSING[error])
    if not error or error in UNSURE or status_of(refusal) >= 500:
        return Unknown(error or f"status {status_of(refusal)}")
    if error in REMOVED:
        return Withdrawn()
    return _obstacle(refusal, post) or _puzzle(error, post)


def _obstacle(refusal: SlackApiError, post: Post) -> Gone | None:
    """What somebody must mend; None where nobody here knows how."""
    error = error_of(refusal)
    if error == "missing_scope":
        return Gone(f"I lack the permission {told(refusal).get('needed', '')} here. Install me again to grant it.")
    if error in UNTAKEN:
        return Gone(f"Slack does not take the message ({error}). Please tell whoever runs the bot.")
    said = (post.person and ALONE.get(error)) or GONE.get(error)
    return Gone(said) if said else None


def _puzzle(error: str, post: Post) -> Later:
    log.warning("Slack takes nothing now", key=post.key, space=post.space, error=error)
    return Later(PUZZLED) if error in DOUBTED else _Puzzling()
