"""The small Slack of these tests tells an app what the real one does: Slack's own Bolt takes it for that."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.adapters.slack import payloads
from tests.adapters.slack.loopback import APP_TOKEN, Loopback, encoded, running, signed
from tests.adapters.slack.samples import ASK, CHART, MODAL, connect, refusal


@pytest.fixture
async def wire() -> AsyncIterator[Loopback]:
    async with running() as made:
        made.workspace("T1", "Acme")
        made.workspace("T2", "Other")
        yield made


@pytest.fixture
def client(wire: Loopback) -> AsyncWebClient:
    return connect(wire)


def bolt(wire: Loopback) -> AsyncApp:
    """A small app that answers everything."""
    app = AsyncApp(client=connect(wire), signing_secret="shh", process_before_response=True)

    @app.command("/quiz")
    async def command(ack: Any, body: Any, client: Any, respond: Any) -> None:
        if body["text"] == "form":
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        elif body["text"] == "later":
            await respond(text="later")
        await ack(text="now") if body["text"] == "now" else await ack()

    @app.action("yes")
    async def yes(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        if "response_url" in body:
            await respond(text="thanks", replace_original=True)

    @app.view("form")
    async def submitted(ack: Any, view: Any) -> None:
        match view["state"]["values"]["name"]["name"]["value"]:
            case "bad":
                await ack(response_action="errors", errors={"name": "No."})
            case "more" | "other" as name:
                await ack(response_action="push" if name == "more" else "update", view=MODAL)
            case _:
                await ack()

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    async def gone() -> None: ...

    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": ASK})

    @app.shortcut("quiz")
    async def shortcut(ack: Any, shortcut: Any, client: Any) -> None:
        await client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)
        await ack()

    return app


# ---- response URLs


async def test_a_response_url_of_a_command_whispers_five_times(wire: Loopback) -> None:
    hook = AsyncWebhookClient(payloads.command(wire, "/quiz", "U1B", "C1")["response_url"])
    for _ in range(4):
        assert (await hook.send(text="x", replace_original=True)).body == "ok"
    assert (await hook.send(text="all", response_type="in_channel")).status_code == 200
    assert [one["text"] for one in wire.ephemeral("U1B")] == ["x"] * 4
    assert [one["text"] for one in wire.messages("C1")] == ["all"]
    sixth = await hook.send(text="x")
    assert (sixth.status_code, json.loads(sixth.body)["error"]) == (404, "used_url")


async def test_a_response_url_ends_after_half_an_hour_and_takes_no_bad_blocks(wire: Loopback) -> None:
    hook = AsyncWebhookClient(payloads.command(wire, "/quiz", "U1B", "C1")["response_url"])
    wire.workspaces["T1"].native_charts = False
    refused = await hook.send(text="x", blocks=CHART)
    assert (refused.status_code, json.loads(refused.body)["error"]) == (404, "invalid_blocks")
    wire.advance(1801)
    assert json.loads((await hook.send(text="x")).body)["error"] == "expired_url"


async def test_a_response_url_of_a_button_replaces_or_deletes_its_message(
    wire: Loopback, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C1", text="one", blocks=ASK)
    message = wire.messages("C1")[0]
    hook = AsyncWebhookClient(payloads.used(wire, "yes", "U1B", message, "C1")["response_url"])
    assert json.loads((await hook.send(text="two", replace_original=True)).body) == {"ok": True}
    assert [(one["text"], one["ts"]) for one in wire.messages("C1")] == [("two", message["ts"])]
    await hook.send_dict({"text": "in thread", "response_type": "in_channel", "thread_ts": message["ts"]})
    assert wire.messages("C1")[1]["thread_ts"] == message["ts"]
    await hook.send(delete_original=True)
    assert [one["text"] for one in wire.messages("C1")] == ["in thread"]


async def test_an_ephemeral_message_is_replaced_through_its_buttons(wire: Loopback, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C1", user="U1B", text="one", blocks=ASK)
    told = payloads.used(wire, "Yes", "U1B", wire.ephemeral("U1B")[0], "C1")
    assert told["container"]["is_ephemeral"]
    assert "message" not in told
    await AsyncWebhookClient(told["response_url"]).send(text="two", replace_original=True)
    assert [one["text"] for one in wire.ephemeral("U1B")] == ["two"]


# ---- payloads


async def test_a_menu_tells_what_was_chosen(wire: Loopback) -> None:
    message = wire.say(wire.workspaces["T1"], "C1", {"blocks": ASK})
    told = payloads.used(wire, "pick", "U1B", message, "C1", "a")["actions"][0]
    assert (told["block_id"], told["type"], told["selected_option"]["value"]) == ("ask", "static_select", "a")
    with pytest.raises(AssertionError, match="no control"):
        payloads.used(wire, "nope", "U1B", message, "C1")


async def test_a_submission_holds_what_was_shown_and_what_was_changed(wire: Loopback) -> None:
    view = wire.view(wire.workspaces["T1"], MODAL)
    state = payloads.submission(wire, "U1B", view, {"topics": ["b"]})["view"]["state"]["values"]
    assert state["name"]["name"] == {"type": "plain_text_input", "value": "Ann"}
    assert [one["value"] for one in state["topics"]["topics"]["selected_options"]] == ["b"]
    with pytest.raises(AssertionError, match="empty"):
        payloads.submission(wire, "U1B", view, {"name": ""})


async def test_payloads_of_an_organisation_say_so(wire: Loopback) -> None:
    north = wire.workspace("T8", "North", "E1", orgwide=True)
    told = payloads.shortcut(wire, "quiz", "U8B")
    assert (told["team"], told["enterprise"]["id"], told["user"]["team_id"]) == (None, "E1", "T8")
    gone = payloads.uninstalled(wire, north)
    assert (gone.get("team_id"), gone["enterprise_id"]) == (None, "E1")
    assert payloads.home_opened(wire, "U8B")["authorizations"][0]["is_enterprise_install"]


# ---- Bolt over Socket Mode and over HTTP


@pytest.fixture(params=["socket", "http"])
async def told(request: pytest.FixtureRequest, wire: Loopback) -> AsyncIterator[Loopback]:
    app = bolt(wire)
    if request.param == "http":
        wire.over_http(AsyncSlackRequestHandler(app), "shh")
        yield wire
        return
    handler = AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=0.1)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    yield wire
    await handler.close_async()  # type: ignore[no-untyped-call]


async def test_a_command_is_answered_at_once_or_later(told: Loopback) -> None:
    assert (await told.command("/quiz now")).answer == {"text": "now"}
    await told.command("/quiz later")
    assert [one["text"] for one in told.ephemeral("U1B")] == ["now", "later"]


async def test_a_modal_is_opened_refused_and_taken(told: Loopback) -> None:
    await told.command("/quiz form")
    assert (await told.submit(values={"name": "bad"})).answer["errors"] == {"name": "No."}
    assert len(told.views["U1B"]) == 1
    assert (await told.submit()).answer == {}
    assert told.views["U1B"] == []


async def test_modals_lie_on_each_other_as_the_answer_says(told: Loopback) -> None:
    await told.command("/quiz form")
    bottom = dict(told.views["U1B"][0])
    await told.submit(values={"name": "more"})
    assert [view["previous_view_id"] for view in told.views["U1B"]] == [None, bottom["id"]]
    await told.submit(values={"name": "Ben"})
    await told.submit(values={"name": "other"})
    assert [view["id"] for view in told.views["U1B"]] == [bottom["id"]]
    assert told.views["U1B"][0]["hash"] > bottom["hash"]


async def test_a_button_replaces_its_message(told: Loopback) -> None:
    told.say(told.workspaces["T1"], "C1", {"text": "one", "blocks": ASK})
    await told.use("Yes")
    assert [one["text"] for one in told.messages("C1")] == ["thanks"]


async def test_a_button_of_a_direct_message_and_of_an_ephemeral_one(told: Loopback) -> None:
    acme = told.workspaces["T1"]
    direct = told.say(acme, acme.direct("U1B").id, {"text": "one", "blocks": ASK})
    hidden = told.whisper(acme, "C1", "U1A", {"text": "one", "blocks": ASK})
    assert (await told.use("Yes", message=direct)).payload["channel"] == {"id": "D1B", "name": "directmessage"}
    await told.use("Yes", "U1A", hidden)
    assert [one["text"] for one in told.messages("D1B") + told.ephemeral("U1A")] == ["thanks", "thanks"]


async def test_an_app_is_told_that_it_was_removed(told: Loopback) -> None:
    acks = await told.uninstall(told.workspaces["T1"])
    assert [ack.payload["event"]["type"] for ack in acks] == ["tokens_revoked", "app_uninstalled"]
    assert await refusal(connect(told).auth_test()) == "account_inactive"


async def test_a_shortcut_opens_a_modal_and_home_is_shown(told: Loopback) -> None:
    await told.shortcut("quiz", "U1A")
    assert await told.close("U1A") is None
    await told.open_home("U1A")
    await told.until(lambda: told.home("U1A"))
    assert (await told.use_in_view("Yes", "U1A", told.home("U1A"))).status == 200


# ---- HTTP alone


async def test_what_is_badly_signed_or_old_is_refused(wire: Loopback) -> None:
    handler = AsyncSlackRequestHandler(bolt(wire))
    body = encoded("slash_commands", payloads.command(wire, "/quiz now", "U1B", "C1"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(handler), base_url="http://bot") as client:  # type: ignore[arg-type]
        for headers, status in (
            (signed(body, "shh"), 200),
            (signed(body, "other"), 401),
            (signed(body, "shh", timestamp=1), 401),
        ):
            assert (await client.post("/slack/events", content=body, headers=headers)).status_code == status
    assert signed(b"{}", "shh", retry=2)["X-Slack-Retry-Num"] == "2"
    assert encoded("slash_commands", payloads.ssl_check()) == b"ssl_check=1&token=verification"


# ---- Socket Mode alone


class Listener:
    """A client of Socket Mode that acknowledges when it wants to."""

    def __init__(self, wire: Loopback) -> None:
        self.heard: list[SocketModeRequest] = []
        self.client = SocketModeClient(APP_TOKEN, web_client=connect(wire), ping_interval=0.1)
        self.client.socket_mode_request_listeners.append(self._hear)  # type: ignore[arg-type]
        self.news = asyncio.Event()
        self.willing = True

    async def _hear(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        self.news.set()
        if self.willing:
            await client.send_socket_mode_response({"envelope_id": request.envelope_id})


@pytest.fixture
async def listeners(wire: Loopback) -> AsyncIterator[list[Listener]]:
    made = [Listener(wire), Listener(wire)]
    for one in made:
        await one.client.connect()  # type: ignore[no-untyped-call]
    yield made
    for one in made:
        await one.client.close()  # type: ignore[no-untyped-call]


async def test_envelopes_go_to_one_socket_each(wire: Loopback, listeners: list[Listener]) -> None:
    for _ in range(4):
        await wire.command("/quiz")
    assert [len(one.heard) for one in listeners] == [2, 2]


async def test_what_is_not_acknowledged_is_sent_again(wire: Loopback, listeners: list[Listener]) -> None:
    for one in listeners:
        one.willing = False
    id = await wire.send("events_api", payloads.home_opened(wire, "U1B"))
    await listeners[0].news.wait()
    assert wire.envelopes[id].answer is None
    listeners[1].willing = True
    await wire.redeliver(id)
    await wire.acked(id)
    first, second = listeners[0].heard[0], listeners[1].heard[0]
    assert first.payload["event_id"] == second.payload["event_id"]
    assert (first.retry_attempt, second.retry_attempt, second.retry_reason) == (0, 1, "timeout")


async def test_a_warned_or_broken_socket_is_made_anew(wire: Loopback, listeners: list[Listener]) -> None:
    opened = len(wire.called("apps.connections.open"))
    warned = wire.sockets[0]
    await wire.warn()
    await wire.until(lambda: len(wire.called("apps.connections.open")) > opened)
    await wire.until(lambda: len(wire.sockets) == 2 and warned not in wire.sockets)
    wire.drop()
    await wire.until(lambda: len(wire.sockets) == 2)
    assert (await wire.command("/quiz")).status == 200


async def test_only_an_app_token_opens_a_socket(wire: Loopback, client: AsyncWebClient) -> None:
    assert await refusal(client.apps_connections_open(app_token="xoxb-T1")) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token="xapp-x")) == "invalid_auth"
