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
from bot.adapters.slack import payloads, render
from bot.adapters.slack.answers import Answer, ByUrl, InDialog, Origin, shown, tell
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.home import HOME, Handle, Homes
from bot.adapters.slack.people import People
from bot.ports import Place, Reply, Request, T
from bot.routing import Router, UsageError
from bot.ui import Call, Card, LimitError

log = structlog.get_logger()

PATIENCE = 1.5
"""Seconds a person waits without a sign. Slack waits three for an acknowledgement, and for a dialog to open."""
SETTLING = 0.5
"""Seconds for an acknowledgement that changes a dialog to arrive before the dialog is changed again."""
DELIVERED, DELIVERIES = 3600, 10_000
"""For how many seconds, and how many, deliveries are known when they come again."""

Body = Mapping[str, Any]
NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing done: what it asks for, where, who waits for the answer and how; `opener` asks for a form again."""

    what: Call | str
    space: Place
    origin: Origin
    client: AsyncWebClient
    answer: Answer
    opener: Call
    named: tuple[Place, ...]
    values: Mapping[str, tuple[str, ...]]


class Front:
    """Hears payloads and answers them. `patience` is how long a reply may take before "one moment" is said."""

    def __init__(
        self, handle: Handle, router: Router, people: People, charts: Charts, patience: float = PATIENCE
    ) -> None:
        self._handle = handle
        self._router = router
        self._people = people
        self._charts = charts
        self._patience = patience
        self._homes = Homes(handle, people)
        self._delivered: Recent[str, bool] = Recent(DELIVERED, DELIVERIES)
        self._tasks: set[asyncio.Task[Any]] = set()

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

    def undo(self, body: Body) -> None:
        """Let a delivery that could not be dealt with come again."""
        self._delivered.drop(_delivery(body))

    async def command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Take a typed command; with nothing after its name, show what there is to do."""
        line = payloads.line(body.get("text", ""))
        what: Call | str = f"/quiz {line.text}" if line.text.strip() else HOME
        origin = payloads.of_command(body)
        return await self._take(ack, self._asked(what, origin, body, context, named=line.named))

    async def control(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Take a button or a choice, on a message, in a dialog or in App Home."""
        try:
            parsed = payloads.call_of(body["actions"][0])
        except LimitError:
            return await self._refuse(ack, STRANGE, body, context)
        origin = payloads.of_control(body, _team(body, context), parsed.about)
        return await self._take(ack, self._asked(parsed.call, origin, body, context))

    async def explained(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Explain the question a message asks."""
        call = explanation(payloads.calls_in(body["message"].get("blocks")))
        if call is None:
            return await self._refuse(ack, NO_QUESTION, body, context)
        return await self._take(ack, self._asked(call, payloads.of_control(body, _team(body, context)), body, context))

    async def quizzed(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Ask somebody a question wherever they are, threads included: in a dialog."""
        origin = payloads.of_control(body, _team(body, context))
        return await self._take(ack, self._asked(Call("ask"), origin, body, context))

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
            self._keep(self._draw_home(asked.client, asked.space, origin.user))
            return await ack(response_action="update", view=shown(handling.result(), asked.origin))
        self._keep(self._finish_in_dialog(asked, handling))
        return await ack(response_action="update", view=render.page(ONE_MOMENT))

    async def home(self, ack: AsyncAck, event: Body, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Draw App Home for whoever opens it."""
        if event.get("tab") == "home":
            space = Place(_team(body, context), "")
            self._keep(self._draw_home(_client(context), space, event["user"], opened=True))
        return await ack()

    # ---- one thing done

    def _asked(
        self,
        what: Call | str,
        origin: Origin,
        body: Body,
        context: AsyncBoltContext,
        named: tuple[Place, ...] = (),
        values: Mapping[str, tuple[str, ...]] = NOTHING,
    ) -> Asked:
        opener = self._opener(what, origin)
        origin = replace(origin, opener=opener.id)
        space, client = payloads.workspace(body, origin.team), _client(context)
        answer = self._answer(client, origin, body, opener)
        return Asked(what, space, origin, client, answer, opener, named, values)

    def _opener(self, what: Call | str, origin: Origin) -> Call:
        """What opens a form again that was opened this way."""
        if origin.opener:
            return Call.parse(origin.opener)
        if isinstance(what, Call):
            return what
        try:
            return self._router.parse(what)
        except UsageError:
            return Call("help")

    def _answer(self, client: AsyncWebClient, origin: Origin, body: Body, opener: Call) -> Answer:
        """How whoever did it is answered: there where they did it."""
        trigger, view = body["trigger_id"], body.get("view") or {}
        if origin.url:
            return ByUrl(client, self._charts, origin, trigger)
        return InDialog(client, origin, trigger, view["id"] if view.get("type") == "modal" else "")

    async def _take(self, ack: AsyncAck, asked: Asked) -> BoltResponse:
        """Acknowledge as soon as it is done, so that what gets lost before is sent again, but in time in any case.
        What is said back comes after."""
        handling = await self._handling(asked)
        self._keep(self._finish(asked, handling))
        return await ack()

    async def _refuse(self, ack: AsyncAck, card: Card, body: Body, context: AsyncBoltContext) -> BoltResponse:
        """Answer what is none of ours."""
        origin = payloads.of_control(body, _team(body, context))
        answer = self._answer(_client(context), origin, body, HOME)
        self._keep(_forgiving("refusal", tell(answer, Reply(private=card), HOME)))
        return await ack()

    async def _handling(self, asked: Asked) -> asyncio.Task[Reply]:
        """The work on a reply, after as long as people wait without a sign at most."""
        handling = self._keep(self._reply(asked))
        await asyncio.wait({handling}, timeout=self._patience)
        return handling

    async def _reply(self, asked: Asked) -> Reply:
        person = await self._people.who(asked.client, asked.origin.team, asked.origin.user)
        request = Request("slack", asked.space, asked.origin.place, person, asked.what, asked.values, asked.named)
        return await self._handle(request)

    async def _finish(self, asked: Asked, handling: asyncio.Task[Reply]) -> None:
        """Say the reply, after a sign where it takes longer."""
        if not handling.done():
            await _forgiving("sign", asked.answer.moment(self._opens_form(asked)))
        await _forgiving("answer", tell(asked.answer, await handling, asked.opener))
        await self._draw_home(asked.client, asked.space, asked.origin.user)

    async def _finish_in_dialog(self, asked: Asked, handling: asyncio.Task[Reply]) -> None:
        """The same where "one moment" goes out with the acknowledgement, which Slack must have before the answer."""
        reply = await handling
        await asyncio.sleep(SETTLING)
        await _forgiving("answer", tell(asked.answer, reply, asked.opener))
        await self._draw_home(asked.client, asked.space, asked.origin.user)

    def _opens_form(self, asked: Asked) -> bool:
        call = asked.what if isinstance(asked.what, Call) else asked.opener
        route = self._router.routes.get(call.route)
        return route is not None and route.form and not (route.trigger == "command" and call.args)

    async def _draw_home(self, client: AsyncWebClient, space: Place, user: str, opened: bool = False) -> None:
        draw = self._homes.opened if opened else self._homes.changed
        await _forgiving("home", draw(client, space, user))

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
        log.warning("not said", what=what, error=trouble.response["error"])
    except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
        log.warning("not said", what=what, trouble=repr(trouble))
    except Exception:
        log.exception("fault", what=what)


def _delivery(body: Body) -> str:
    """What tells a delivery from others and is the same when it comes again."""
    return str(body.get("trigger_id") or body.get("event_id") or uuid4())


def _team(body: Body, context: AsyncBoltContext) -> str:
    """The workspace; Slack names the organization in its place in views and events, where that installed the bot."""
    view, user = body.get("view") or {}, body.get("user") or {}
    named = (context.team_id, body.get("team_id"), view.get("team_id"), user.get("team_id"))
    return next((team for team in named if team and team.startswith("T")), context.enterprise_id or "")


def _client(context: AsyncBoltContext) -> AsyncWebClient:
    client = context.client
    assert client is not None, "Bolt gives one to every request"
    return client
