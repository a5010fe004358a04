"""How a reply reaches a person on Slack: over the response URL of what they used, or in a dialog."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.phrases import ONE_MOMENT, again, mistakes
from bot.adapters.slack import render
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.refusals import error_of
from bot.ports import Place, Reply
from bot.ui import Buttons, Call, Card, Form, LimitError, Text

log = structlog.get_logger()

TRIGGER_OVER = ("expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged")
"""What Slack says of a trigger that opens no dialog: three seconds have passed, or it has opened one."""

CLOSED = "not_found"
"""What Slack says of a dialog that is not open any more."""
NO_DIALOG = (CLOSED, "not_authed", *TRIGGER_OVER)
"""Why there is no dialog (any more). Without a token none can be opened."""

DONE = Card("Done")

Slot = Literal["update", "private", "public"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was done, as far as an answer needs to know. A form carries it along as its metadata."""

    team: str
    user: str
    channel: str = ""
    channel_name: str = ""
    about: str = ""
    """The channel that a direct message or a dialog is about."""
    url: str = ""
    """Takes at most five answers within half an hour; empty in dialogs and in App Home."""
    thread: str = ""
    replaces: bool = False
    """Whether there is a message of ours that an answer may replace."""
    opener: str = ""
    """Id of the call that opened the form."""

    @property
    def direct(self) -> bool:
        """Whether this is a conversation of two: with the bot or somebody else, which Slack does not tell apart."""
        return self.channel.startswith("D")

    @property
    def place(self) -> Place | None:
        """The channel that is meant; None in what is between the person and the bot alone."""
        if self.about:
            return Place(self.about, "")
        return Place(self.channel, self.channel_name) if self.channel and not self.direct else None

    @property
    def meant(self) -> str:
        """The id of `place`, for controls in a dialog."""
        return self.place.external if self.place else ""

    @property
    def stamp(self) -> str:
        """As the metadata of a dialog that is no form: the workspace it belongs to."""
        return Origin(self.team, self.user).written()

    def written(self) -> str:
        """As the metadata of a form."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Origin":
        """What `written` wrote. Raises `LimitError` if it is none of ours."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError):
            raise LimitError("no metadata of ours") from None


class Answer(Protocol):
    """One person waiting for one reply. Everything here may raise `SlackApiError` and what a broken wire raises.

    As long as `client` has no token, only a response URL can be used.
    """

    async def moment(self, opens_form: bool) -> None:
        """Say that it takes longer."""
        ...

    async def form(self, form: Form) -> None: ...
    async def card(self, card: Card, slot: Slot) -> None: ...


async def tell(answer: Answer, reply: Reply, opener: Call) -> None:
    """Everything in a reply, in order."""
    if reply.form:
        await _ask(answer, reply.form, opener)
    if reply.errors:
        await answer.card(mistakes(reply.errors, opener), "private")
    if reply.update:
        await answer.card(reply.update, "update")
    if reply.private:
        await answer.card(reply.private, "private")
    if reply.public:
        await answer.card(reply.public, "public")


async def _ask(answer: Answer, form: Form, opener: Call) -> None:
    """A form; a button for it where Slack opens no dialog any more."""
    try:
        await answer.form(form)
    except SlackApiError as refusal:
        if error_of(refusal) not in NO_DIALOG:
            raise
        await answer.card(_late(opener), "private")


def _late(opener: Call) -> Card:
    return Card("That took too long", (Text("Slack opens a form only at once."), Buttons(again(opener))), "warning")


OVER = ("expired_url", "used_url")
"""What Slack says of a response URL that takes no more answers."""
ABSENT = ("channel_not_found", "not_in_channel", "user_not_in_channel")
"""What Slack says of a message to a channel that the bot or the person is not in."""
TOO_DEEP = "push_limit_reached"
"""What Slack says of a dialog on top of three others."""


@dataclass(slots=True)
class ByUrl:
    """Answers over a response URL; `trigger` opens dialogs for three seconds."""

    client: AsyncWebClient
    charts: Charts
    origin: Origin
    trigger: str
    view: str = field(default="", init=False)
    """The dialog that was opened to say "one moment"."""

    async def moment(self, opens_form: bool) -> None:
        if opens_form and self.client.token:
            self.view = await _opened(self.client, self.trigger, render.page(ONE_MOMENT))
        else:
            await self._post(render.message(ONE_MOMENT), "private")

    async def form(self, form: Form) -> None:
        view = render.form(form, self.origin.written())
        if self.view:
            await self.client.views_update(view_id=self.view, view=view)
        else:
            await _opened(self.client, self.trigger, view)

    async def card(self, card: Card, slot: Slot) -> None:
        origin = self.origin
        if self.view and await _updated(self.client, self.view, render.page(card, origin.meant, origin.stamp)):
            return
        self.view = ""
        await self.charts.shown(self.client, origin.team, card, origin.about, lambda said: self._post(said, slot))

    async def _post(self, message: render.Message, slot: Slot) -> None:
        """Say something by the URL; once that is used up or over, by a message."""
        body: dict[str, Any] = {
            "text": message.text,
            "blocks": message.blocks,
            "replace_original": slot == "update" and self.origin.replaces,
            "response_type": "in_channel" if slot == "public" else "ephemeral",
        }
        if self.origin.thread:
            body["thread_ts"] = self.origin.thread
        said = await AsyncWebhookClient(self.origin.url, session=self.client.session, retry_handlers=[]).send_dict(body)
        problem = _problem(said.status_code, said.body)
        if problem in OVER:
            await _aside(self.client, self.origin, message, slot)
        elif problem:
            raise SlackApiError("not answered", {"ok": False, "error": problem})  # type: ignore[no-untyped-call]


async def _aside(client: AsyncWebClient, origin: Origin, message: render.Message, slot: Slot) -> None:
    """Say something by a message; where the bot is not in the channel, in its conversation with this person."""
    said: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
    if origin.channel and not origin.direct:
        there: dict[str, Any] = {"channel": origin.channel, "thread_ts": origin.thread or None, **said}
        try:
            if slot == "public":
                await client.chat_postMessage(**there)
            else:
                await client.chat_postEphemeral(user=origin.user, **there)
            return
        except SlackApiError as refusal:
            if error_of(refusal) not in ABSENT:
                raise
    await client.chat_postMessage(channel=origin.user, **said)


def _problem(status: int, body: str) -> str:
    """What Slack says is wrong, as JSON or as a bare word; empty if nothing is."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return "" if answer.get("ok") else str(answer.get("error", status))
    return "" if status == 200 else body.strip()[:80] or str(status)


@dataclass(slots=True)
class InDialog:
    """Answers in a dialog: the one that is open (`view`), or one that `trigger` opens.

    A dialog shows one card at a time, so of several the last stays. Whoever has closed it meanwhile, and whom none can
    be opened for any more, is told by a message.
    """

    client: AsyncWebClient
    charts: Charts
    origin: Origin
    trigger: str
    view: str = ""
    waiting: bool = field(default=False, init=False)
    last: dict[str, Any] | None = field(default=None, init=False)
    """What the dialog shows."""

    async def moment(self, opens_form: bool) -> None:
        if self.client.token:
            self.waiting = True
            await self._show(render.page(ONE_MOMENT))

    async def form(self, form: Form) -> None:
        view = render.form(form, self.origin.written())
        if not self.view or self.waiting:
            await self._show(view)
            return
        try:
            await self.client.views_push(trigger_id=self.trigger, view=view)
        except SlackApiError as refusal:
            if error_of(refusal) != TOO_DEEP:
                raise
            await self._show(view)

    async def card(self, card: Card, slot: Slot) -> None:
        origin = self.origin
        if not self.client.token:
            log.info("no dialog without a token", team=origin.team, user=origin.user)
        elif not await self._shown(render.page(card, origin.meant, origin.stamp)):
            await self.charts.shown(
                self.client, origin.team, card, origin.meant, lambda said: _aside(self.client, origin, said, "private")
            )

    async def repeat(self) -> None:
        """Show the same once more, where the dialog is still open."""
        if self.last:
            await _updated(self.client, self.view, self.last)

    async def _shown(self, view: dict[str, Any]) -> bool:
        """Whether the dialog shows this now; not where somebody has closed it, or none opens any more."""
        try:
            await self._show(view)
        except SlackApiError as refusal:
            if error_of(refusal) not in NO_DIALOG:
                raise
            return False
        return True

    async def _show(self, view: dict[str, Any]) -> None:
        if self.view:
            await self.client.views_update(view_id=self.view, view=view)
        else:
            self.view = await _opened(self.client, self.trigger, view)
        self.last = view


async def _updated(client: AsyncWebClient, dialog: str, view: dict[str, Any]) -> bool:
    """Whether a dialog shows this now, and not because somebody has closed it."""
    try:
        await client.views_update(view_id=dialog, view=view)
    except SlackApiError as refusal:
        if error_of(refusal) != CLOSED:
            raise
        return False
    return True


def shown(reply: Reply, origin: Origin) -> dict[str, Any]:
    """What a dialog becomes by a reply."""
    if reply.form:
        return render.form(reply.form, origin.written())
    return render.page(reply.public or reply.private or reply.update or DONE, origin.meant, origin.stamp)


async def _opened(client: AsyncWebClient, trigger: str, view: dict[str, Any]) -> str:
    """The id of a dialog, which is opened now."""
    opened = await client.views_open(trigger_id=trigger, view=view)
    there: dict[str, Any] = opened["view"]
    return str(there["id"])
