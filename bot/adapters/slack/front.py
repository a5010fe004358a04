"""What people do on Slack, as requests; and replies, said within the three seconds Slack gives."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import aiohttp
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.explaining import explanation
from bot.adapters.phrases import NO_QUESTION, ONE_MOMENT, STRANGE
from bot.adapters.recent import Recent
from bot.adapters.slack import NAME, payloads, render
from bot.adapters.slack.answers import Answer, ByUrl, InDialog, Origin, shown, tell
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.grants import Grants
from bot.adapters.slack.home import HOME, Handle, Homes
from bot.adapters.slack.people import People
from bot.adapters.slack.refusals import error_of, status_of
from bot.ports import Person, Place, Reply, Request, StoreError, T
from bot.routing import Router, UsageError
from bot.ui import Call, Card, LimitError, Text

log = structlog.get_logger()

PATIENCE = 1.5
"""Seconds a person waits without a sign. Slack waits three for an acknowledgement, and for a dialog to open."""
AGAIN = 2.0
"""Seconds after which an answer in a dialog is shown once more: nobody knows when an acknowledgement has arrived that
changes the same dialog, and Slack waits no longer than three for it."""
DELIVERED, DELIVERIES = 3600, 10_000
"""For how many seconds, and how many, deliveries are known when they come again."""

Body = Mapping[str, Any]
NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NO_LINE = payloads.Line("")
STRANGER = Card(
    "I am not installed in this workspace",
    (Text("Ask one of its admins to install me, or to install me again."),),
    "warning",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing done: what it asks for, where, who waits for the answer and how. `opener` asks for a form again."""

    what: Call | str | Card
    """A card is the answer itself."""
    space: Place
    enterprise: str
    origin: Origin
    called: str
    client: AsyncWebClient
    """Has a token once it is known what we may do in the workspace."""
    answer: Answer
    opener: Call
    line: payloads.Line
    values: Mapping[str, tuple[str, ...]]


class Front:
    """Hears payloads and answers them. `patience` is how long a reply may take before "one moment" is said.

    Nothing is asked of the store before that time begins to run, so that Slack is acknowledged in time in any case.
    """

    def __init__(
        self, handle: Handle, router: Router, grants: Grants, people: People, charts: Charts, patience: float = PATIENCE
    ) -> None:
        self._handle = handle
        self._router = router
        self._grants = grants
        self._people = people
        self._charts = charts
        self._patience = patience
        self._homes = Homes(handle, people)
        self._delivered: Recent[str, bool] = Recent(DELIVERED, DELIVERIES)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._dialogs: Recent[str, str] = Recent(DELIVERED, DELIVERIES)
        """The trigger of what was done last in each dialog."""

    async def answered(self) -> None:
        """Wait until everything heard so far is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    # ---- what Slack sends, one listener each

    async def once(self, body: Body, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse | None:
        """Let each delivery through once: what comes again, because our acknowledgement got lost, does nothing more."""
        delivery = _delivery(body)
        if self._delivered.get(delivery):
            return BoltResponse(status=200, body="")
        self._delivered.put(delivery, True)
        return await next()

    async def failed(self, error: Exception, body: Body) -> BoltResponse:
        """Let a delivery that could not be dealt with come again."""
        log.error("not dealt with", trouble=repr(error), exc_info=error)
        self.undo(body)
        return BoltResponse(status=500, body="")

    def undo(self, body: Body) -> None:
        """Let a delivery come again."""
        self._delivered.drop(_delivery(body))

    async def command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Take a typed command; with nothing after its name, show what there is to do."""
        line = payloads.line(body.get("text", ""))
        what: Call | str = f"/quiz {line.text}" if line.text.strip() else HOME
        origin = payloads.of_command(body)
        return await self._take(ack, self._asked(what, origin, body, context, line))

    async def control(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Take a button or a choice, on a message, in a dialog or in App Home."""
        try:
            parsed = payloads.call_of(body["actions"][0])
        except LimitError:
            return await self._take(ack, self._asked(STRANGE, payloads.of_control(body), body, context))
        origin = payloads.of_control(body, parsed.about)
        return await self._take(ack, self._asked(parsed.call, origin, body, context))

    async def explained(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Explain the question a message asks."""
        what = explanation(payloads.calls_in(body["message"].get("blocks"))) or NO_QUESTION
        return await self._take(ack, self._asked(what, payloads.of_control(body), body, context))

    async def quizzed(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Ask somebody a question wherever they are, threads included: in a dialog."""
        return await self._take(ack, self._asked(Call("ask"), payloads.of_control(body), body, context))

    async def submitted(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Take a form. Mistakes go back into it, so they must be known before it is acknowledged."""
        view = body["view"]
        try:
            origin, call = Origin.read(view["private_metadata"]), Call.parse(view["callback_id"])
        except LimitError:
            return await ack(response_action="update", view=render.page(STRANGE))
        values = render.values(view["state"]["values"])
        asked = self._asked(call, origin, body, context, values=values)
        handling = await self._handling(asked)
        problems = handling.result().errors if handling.done() else None
        if problems:
            return await ack(response_action="errors", errors=render.errors(problems, view))
        if origin.url:
            self._keep(self._finish(asked, handling))
            return await ack()
        # Opened in a dialog, so that is where the answer goes, and the acknowledgement must not close it.
        if handling.done():
            self._keep(self._draw_home(asked))
            return await ack(response_action="update", view=shown(handling.result(), asked.origin))
        self._keep(self._finish_in_dialog(asked, handling))
        return await ack(response_action="update", view=render.page(ONE_MOMENT))

    async def home(self, ack: AsyncAck, event: Body, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Draw App Home for whoever opens it."""
        if event.get("tab") == "home":
            enterprise = context.enterprise_id or ""
            space = Place(payloads.team_of(body) or enterprise, "")
            drawing = self._open_home(_client(context), space, enterprise, event["user"])
            self._keep(_forgiving("home", drawing))
        return await ack()

    # ---- one thing done

    def _asked(
        self,
        what: Call | str | Card,
        origin: Origin,
        body: Body,
        context: AsyncBoltContext,
        line: payloads.Line = NO_LINE,
        values: Mapping[str, tuple[str, ...]] = NOTHING,
    ) -> Asked:
        opener, enterprise = self._opener(what, origin), context.enterprise_id or ""
        origin = replace(origin, team=origin.team or enterprise, opener=opener.id)
        space, client = payloads.workspace(body, origin.team), _client(context)
        answer, called = self._answer(client, origin, body), payloads.called(body)
        return Asked(what, space, enterprise, origin, called, client, answer, opener, line, values)

    def _opener(self, what: Call | str | Card, origin: Origin) -> Call:
        """What opens a form again that was opened this way."""
        if origin.opener:
            return Call.parse(origin.opener)
        if isinstance(what, Call):
            return what
        if isinstance(what, Card):
            return HOME
        try:
            return Call(self._router.parse(what)[0].name)
        except UsageError:
            return Call("help")

    def _answer(self, client: AsyncWebClient, origin: Origin, body: Body) -> Answer:
        """How whoever did it is answered: there where they did it."""
        trigger, view = body["trigger_id"], body.get("view") or {}
        if origin.url:
            return ByUrl(client, self._charts, origin, trigger)
        dialog = view["id"] if view.get("type") == "modal" else ""
        self._dialogs.put(dialog, trigger)
        return InDialog(client, self._charts, origin, trigger, dialog)

    async def _take(self, ack: AsyncAck, asked: Asked) -> BoltResponse:
        """Acknowledge as soon as it is done, so that what gets lost before is sent again, but in time in any case.
        What is said back comes after."""
        handling = await self._handling(asked)
        self._keep(self._finish(asked, handling))
        return await ack()

    async def _handling(self, asked: Asked) -> asyncio.Task[Reply]:
        """The work on a reply, after as long as people wait without a sign at most."""
        handling = self._keep(self._reply(asked))
        await asyncio.wait({handling}, timeout=self._patience)
        return handling

    async def _reply(self, asked: Asked) -> Reply:
        """What is said back. Where it cannot be told now what we may do in the workspace, Slack is not asked who
        somebody is: they have no rights then, but the application's answer, for which a response URL is enough."""
        team, user = asked.origin.team, asked.origin.user
        try:
            installed = await self._enter(asked.client, team, asked.enterprise)
        except (StoreError, OSError) as trouble:
            log.warning("no token now", team=team, trouble=str(trouble))
            person = Person(user, "", admin=False, groups=None)
        else:
            if not installed:
                return Reply(private=STRANGER)
            person = await self._people.who(asked.client, team, user)
        if isinstance(asked.what, Card):
            return Reply(private=asked.what)
        place, line, person = asked.origin.place, asked.line, replace(person, called=asked.called)
        request = Request(NAME, asked.space, place, person, asked.what, asked.values, line.named, line.people)
        return await self._handle(request)

    async def _enter(self, client: AsyncWebClient, team: str, enterprise: str) -> bool:
        """Let `client` act in a workspace; whether the bot is installed there. Raises what `Grants.of` raises."""
        grant = await self._grants.of(team, enterprise)
        client.token = grant.token if grant else None
        return grant is not None

    async def _finish(self, asked: Asked, handling: asyncio.Task[Reply]) -> None:
        """Say the reply, after a sign where it takes longer."""
        if not handling.done():
            await _forgiving("sign", asked.answer.moment(self._opens_form(asked)))
        await _forgiving("answer", tell(asked.answer, await handling, asked.opener))
        await self._draw_home(asked)

    async def _finish_in_dialog(self, asked: Asked, handling: asyncio.Task[Reply]) -> None:
        """The same where "one moment" goes out with the acknowledgement, which may arrive after the answer."""
        await _forgiving("answer", tell(asked.answer, await handling, asked.opener))
        await self._draw_home(asked)
        if isinstance(asked.answer, InDialog):
            await self._repeat(asked.answer)

    async def _repeat(self, answer: InDialog) -> None:
        """Show an answer once more, unless somebody has gone on in the dialog by then."""
        await asyncio.sleep(AGAIN)
        if self._dialogs.get(answer.view) == answer.trigger:
            await _forgiving("answer", answer.repeat())

    def _opens_form(self, asked: Asked) -> bool:
        return not isinstance(asked.what, Card) and self._router.opens_form(asked.what)

    async def _draw_home(self, asked: Asked) -> None:
        """Draw the Home of whoever did something, if they have it open."""
        if asked.client.token:
            await _forgiving("home", self._homes.changed(asked.client, asked.space, asked.origin.user))

    async def _open_home(self, client: AsyncWebClient, space: Place, enterprise: str, user: str) -> None:
        if await self._enter(client, space.external, enterprise):
            await self._homes.opened(client, space, user)

    def _keep(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let something run on its own; it is waited for at the end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _forgiving(what: str, saying: Awaitable[None]) -> None:
    """Nobody can be told that telling them failed: it is logged."""
    try:
        await saying
    except SlackApiError as trouble:
        log.warning("not said", what=what, error=error_of(trouble) or status_of(trouble))
    except (aiohttp.ClientError, StoreError, OSError) as trouble:
        log.warning("not said", what=what, trouble=repr(trouble))
    except Exception:
        log.exception("fault", what=what)


def _delivery(body: Body) -> str:
    """What tells a delivery from others and is the same when it comes again."""
    return str(body.get("trigger_id") or body.get("event_id") or uuid4())


def _client(context: AsyncBoltContext) -> AsyncWebClient:
    """Made for this request alone, and still without a token."""
    client = context.client
    assert client is not None, "Bolt gives one to every request"
    return client
