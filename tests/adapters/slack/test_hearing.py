"""How Slack is heard: signed HTTP and Socket Mode, deliveries that come twice, and what is none of Slack's."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.adapters.slack.http import BODY
from bot.adapters.web.adapter import Web
from bot.adapters.web.server import Server
from bot.ports import StoreError
from tests.adapters.slack import payloads
from tests.adapters.slack.conftest import ONE_BY_HTTP, ONE_BY_SOCKET, SIGNING, World, living, text
from tests.adapters.slack.door import Door, seconds_ago
from tests.adapters.slack.loopback import RESET, Fault, encoded, signed

WRONG = "v0=" + "0" * 64


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


# ---- signatures


async def test_what_slack_signed_is_answered(door: Door) -> None:
    body = door.command()
    assert await door.post(body, signed(body, SIGNING)) == 200
    assert await door.answers() == 1


async def test_the_signature_is_over_the_body_as_it_came(door: Door) -> None:
    body = door.command("/quiz help me")
    same = body.replace(b"help+me", b"help%20me")
    assert same != body
    assert await door.post(same, signed(body, SIGNING)) == 401
    assert await door.done() == []


async def test_another_secret_signs_nothing(door: Door) -> None:
    body = door.command()
    assert await door.post(body, signed(body, "another secret")) == 401
    assert await door.done() == []


@pytest.mark.parametrize("signature", [b"", b"v0=", WRONG.encode(), b"v1=00", "v0=é".encode("latin-1"), b"\xff" * 67])
async def test_a_signature_that_is_none_is_refused(door: Door, signature: bytes) -> None:
    body = door.command()
    now = str(int(time.time())).encode()
    assert await door.post(body, [(b"X-Slack-Signature", signature), (b"X-Slack-Request-Timestamp", now)]) == 401
    assert await door.done() == []


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_request_without_a_signature_is_refused(door: Door, missing: str) -> None:
    body = door.command()
    headers = {name: value for name, value in signed(body, SIGNING).items() if name != missing}
    assert await door.post(body, headers) == 401
    assert await door.done() == []


@pytest.mark.parametrize(("age", "status"), [(299, 200), (302, 401), (-297, 200), (-303, 401)])
async def test_a_signature_is_good_for_five_minutes(door: Door, age: int, status: int) -> None:
    body = door.command()
    assert await door.post(body, signed(body, SIGNING, timestamp=seconds_ago(age))) == status
    assert await door.answers() == (status == 200)


@pytest.mark.parametrize("when", ["", "now", "1e9", "-1", "0x10", "1" * 5000, "1.5", " "])
async def test_a_time_that_is_none_is_refused(door: Door, when: str) -> None:
    body = door.command()
    headers = signed(body, SIGNING) | {"X-Slack-Request-Timestamp": when}
    assert await door.post(body, headers) == 401
    assert await door.done() == []


async def test_a_second_signature_is_refused_whichever_of_them_is_good(door: Door) -> None:
    body = door.command()
    good = [(name.encode(), value.encode()) for name, value in signed(body, SIGNING).items()]
    wrong = (b"x-slack-signature", WRONG.encode())
    for headers in ([wrong, *good], [*good, wrong], [*good, *good]):
        assert await door.post(body, headers) == 401
    assert await door.done() == []
    assert await door.post(body, good) == 200


# ---- sizes and shapes


async def test_a_body_of_a_megabyte_is_read_and_a_longer_one_refused(door: Door) -> None:
    body = door.command() + b"&more="
    most = body + b"x" * (BODY - len(body))
    assert await door.post(most, signed(most, SIGNING)) == 200
    assert await door.answers() == 1
    assert await door.post(most + b"x", signed(most + b"x", SIGNING)) == 413


async def test_a_long_body_that_does_not_say_its_length_is_not_read_to_its_end(door: Door) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 64 * 1024

    assert await door.post(chunks(), signed(b"", SIGNING)) == 413
    assert sent * 64 * 1024 <= BODY + 2 * 64 * 1024


DEEP = 100_000
GARBAGE = [
    b"", b"{", b"{}", b"[]", b"null", b"1", b"\xff\xfe", b"{\xff", b"payload=", b"payload=%7B", b"payload=%ff",
    b"payload=[]", b"payload=1", b"payload=null", b"a=%", b"=" * 99, b"[" * DEEP, b'{"a":' * DEEP,
    b"payload=" + b"[" * DEEP, b'{"type": "event_callback"}', b'{"type": "event_callback", "event": null}',
    b'{"type": []}', b'{"team": 1}', b'{"authorizations": 1}', b"payload=%7B%22type%22%3A%22block_actions%22%7D",
    b"command=%2Fquiz", b'{"a": NaN}',
]  # fmt: skip
KINDS = ["application/json", "application/x-www-form-urlencoded", "", "text/plain"]


async def test_garbage_of_anybody_is_refused_before_it_is_read(door: Door) -> None:
    for body in GARBAGE:
        for kind in KINDS:
            headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": str(seconds_ago(0))}
            assert await door.post(body, headers | {"X-Slack-Signature": WRONG}) == 401, (body[:50], kind)
    assert await door.done() == []


@pytest.mark.parametrize("body", [b"{", b'{"\xc3', b"payload=%7B", b'{"a":' * 100_000, b"payload=[]", b'{"team": 1}'])
async def test_what_is_signed_and_broken_is_refused(door: Door, body: bytes) -> None:
    headers = signed(body, SIGNING) if body.isascii() else {"X-Slack-Signature": WRONG}
    assert await door.post(body, headers) in (400, 401)
    assert await door.done() == []


async def test_slack_is_told_that_the_certificate_is_good_signed_or_not(door: Door) -> None:
    body = encoded("slash_commands", payloads.ssl_check())
    assert await door.post(body, signed(body, SIGNING)) == 200
    for _ in range(2):
        assert await door.post(body, {"Content-Type": "application/x-www-form-urlencoded"}) == 200
    assert await door.done() == []


async def test_the_address_is_confirmed_with_the_challenge(door: Door) -> None:
    body = json.dumps({"token": "x", "challenge": "3eZbrw1aBm2rZgRNF", "type": "url_verification"}).encode()
    answer = await door.send(body, signed(body, SIGNING))
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aBm2rZgRNF"})


async def test_what_is_of_a_kind_we_do_not_know_is_answered_and_harms_nobody(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    wire = door.world.wire
    workspace = wire.workspaces["T1"]
    for kind in ("block_suggestion", "view_closed", "dialog_submission", "of the future"):
        told = payloads.interaction(wire, kind, workspace, "U1B") | {"callback_id": "x", "actions": []}
        assert (await wire.tell("interactive", told)).status in (200, 404)
    for event in ("message", "team_join", "of the future"):
        told = payloads.event(wire, workspace, {"type": event, "user": "U1B", "channel": "C1", "text": "/quiz help"})
        assert (await wire.tell("events_api", told)).status in (200, 404)
    assert await door.done() == []
    assert [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"] == []
    await wire.command("/quiz help")
    assert await door.answers() == 1


@pytest.mark.parametrize("path", ["/", "/event", "/events/more", "/install", "/oauth_redirect"])
async def test_other_paths_are_not_there(door: Door, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door.app), base_url="http://bot") as client:
        assert (await client.post(path)).status_code == 404
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/events")).status_code == 405


# ---- beside the page


@asynccontextmanager
async def served(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The page with Slack beside it, on a port of this machine."""
    assert world.slack.asgi
    web = Web(world.app, world.store, lambda: datetime.now(UTC), "a secret", "UTC")
    server = Server(web, {"/slack": world.slack.asgi})
    listener = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.001)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
        yield client
    server.should_exit = True
    await running


async def test_slack_is_heard_beside_the_page_under_whatever_name_it_calls(world: World) -> None:
    door = Door(world)
    async with served(world) as client:
        body = door.command()
        elsewhere = signed(body, SIGNING) | {"Host": "quiz.example.com"}
        assert (await client.post("/slack/events", content=body, headers=elsewhere)).status_code == 200
        assert (await client.post("/slack/events", content=body, headers=elsewhere)).status_code == 401
        assert await door.answers() == 1
        assert (await client.get("/slack/nothing", headers=elsewhere)).status_code == 404


async def test_the_page_beside_slack_keeps_its_guard(world: World) -> None:
    async with served(world) as client:
        page = await client.get("/")
        assert page.status_code == 200
        assert "Content-Security-Policy" in page.headers
        assert (await client.get("/", headers={"Host": "quiz.example.com"})).status_code == 400


async def test_long_bodies_are_refused_on_the_wire(world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 64 * 1024

    async with served(world) as client:
        answer = await client.post("/slack/events", content=chunks(), headers=signed(b"", SIGNING))
        assert answer.status_code == 413


# ---- Socket Mode


@pytest.fixture
async def linked(tmp_path: Path) -> AsyncIterator[World]:
    """One workspace over Socket Mode, with both connections."""
    async with living(tmp_path, ONE_BY_SOCKET) as made:
        await made.wire.until(lambda: len(made.wire.sockets) == 2)
        yield made


def telling(world: World, line: str = "/quiz help") -> dict[str, Any]:
    return payloads.command(world.wire, line, "U1B", "C1")


def answers(world: World) -> int:
    return len(world.wire.called("response_url"))


async def test_both_connections_hear(linked: World) -> None:
    wire = linked.wire
    both = list(wire.sockets)
    for _ in both:
        await wire.command("/quiz help")
    assert wire.sockets == both, "each in its turn"
    await linked.slack.answered()
    assert answers(linked) == 2


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_nothing_is_lost_while_a_connection_is_renewed(linked: World, reason: str) -> None:
    wire = linked.wire
    old, other = wire.sockets
    go = asyncio.Event()
    wire.faults.append(("apps.connections.open", Fault.hold(go)))
    await wire.warn(reason)
    await wire.until(lambda: len(wire.called("apps.connections.open")) == 4)
    during = [await wire.send("slash_commands", telling(linked)) for _ in range(4)]
    for id in during:
        await wire.acked(id)
    go.set()
    await wire.until(lambda: len(wire.sockets) == 2 and old not in wire.sockets)
    assert other in wire.sockets
    for _ in range(2):
        await wire.command("/quiz help")
    await linked.slack.answered()
    assert answers(linked) == 6


async def test_a_connection_that_is_closed_is_made_anew(linked: World) -> None:
    wire = linked.wire
    old, other = wire.sockets
    await old.ws.close()
    await wire.until(lambda: len(wire.sockets) == 2 and old not in wire.sockets)
    for _ in range(2):
        await wire.command("/quiz help")
    await linked.slack.answered()
    assert answers(linked) == 2
    assert other in wire.sockets


async def test_a_connection_that_breaks_is_made_anew(linked: World) -> None:
    wire = linked.wire
    for handler in linked.slack._sockets:
        handler.client.ping_interval = 0.01
    other = wire.sockets[1]
    await wire.warn()  # the connection made now looks after itself at the new pace
    await wire.until(lambda: len(wire.sockets) == 2 and wire.sockets[0] is other)
    wire.drop(1)
    await wire.until(lambda: len(wire.sockets) == 2)
    for _ in range(2):
        await wire.command("/quiz help")
    await linked.slack.answered()
    assert answers(linked) == 2


async def test_what_was_not_acknowledged_may_come_again(linked: World) -> None:
    wire = linked.wire
    for kind, told in (("slash_commands", telling(linked)), ("events_api", payloads.home_opened(wire, "U1B"))):
        id = await wire.send(kind, told)
        await wire.acked(id)
        wire.envelopes[id].answer = None
        await wire.redeliver(id)
        await wire.acked(id)
    await linked.slack.answered()
    assert (answers(linked), len(wire.called("views.publish"))) == (1, 1)


async def test_what_is_done_is_acknowledged_before_anything_is_said(linked: World) -> None:
    wire, go = linked.wire, asyncio.Event()
    wire.faults.append(("response_url", Fault.hold(go)))
    ack = await wire.command("/quiz ask")
    assert ack.answer == {}
    space = await linked.store.read(lambda uow: uow.people.space_of("slack", "T1"))
    assert space, "the work is committed by then"
    assert wire.ephemeral("U1B") == []
    go.set()
    await linked.slack.answered()
    assert "A question for you" in text(wire.ephemeral("U1B")[-1])


def failing(tried: asyncio.Event, work: Callable[..., Any]) -> Callable[..., Any]:
    """`work` on a store that is away the first time, which sets `tried`."""

    async def trying(*given: Any) -> Any:
        if not tried.is_set():
            tried.set()
            raise StoreError("The database is away.")
        return await work(*given)

    return trying


async def leaving(world: World) -> bool:
    """Whether the store knows that the bot was taken out of `T1`."""
    await world.app.work()
    return bool(await world.store.read(lambda uow: uow.due.waiting("space.erase")))


async def test_a_store_that_is_away_when_the_bot_is_removed_hears_of_it_again(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = linked.wire
    await wire.command("/quiz help")
    tried = asyncio.Event()
    monkeypatch.setattr(linked.app, "left", failing(tried, linked.app.left))
    wire.revoke("xoxb-T1", "account_inactive")
    id = await wire.send("events_api", payloads.uninstalled(wire, wire.workspaces["T1"]))
    await tried.wait()
    await wire.tell("slash_commands", telling(linked))
    assert wire.envelopes[id].answer is None
    await wire.redeliver(id)
    await wire.acked(id)
    assert await leaving(linked)


async def test_a_removal_the_store_did_not_hear_of_comes_again_over_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with living(tmp_path, ONE_BY_HTTP) as world:
        await world.wire.command("/quiz help")
        monkeypatch.setattr(world.app, "left", failing(asyncio.Event(), world.app.left))
        world.wire.revoke("xoxb-T1", "account_inactive")
        told = payloads.uninstalled(world.wire, world.wire.workspaces["T1"])
        assert (await world.wire.tell("events_api", told)).status == 500
        assert (await world.wire.tell("events_api", told | {"token": "again"})).status == 200
        assert await leaving(world)


async def test_a_store_that_is_away_makes_no_envelope_wait_for_ever(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*given: Any) -> Any:
        raise StoreError("The database is away; try again in a minute.")

    monkeypatch.setattr(linked.store, "read", away)
    monkeypatch.setattr(linked.store, "run", away)
    await linked.wire.command("/quiz leaderboard")
    await linked.slack.answered()
    assert "The database is away" in text(linked.wire.ephemeral("U1B")[-1])


async def test_slack_away_at_the_start_is_tried_until_it_is_there(tmp_path: Path) -> None:
    async with living(tmp_path, ONE_BY_SOCKET) as world:
        await world.slack.stop()
        world.wire.faults += [("auth.test", RESET), ("apps.connections.open", RESET)]
        await world.start()
        await world.wire.until(lambda: len(world.wire.sockets) == 2)
        await world.wire.command("/quiz help")
        await world.slack.answered()
        assert answers(world) == 1


async def test_a_process_that_ends_answers_what_it_has_acknowledged(linked: World) -> None:
    wire, go = linked.wire, asyncio.Event()
    wire.faults.append(("response_url", Fault.hold(go)))
    await wire.command("/quiz help")
    stopping = asyncio.create_task(linked.slack.stop())
    await wire.until(lambda: not wire.sockets)
    assert not stopping.done()
    go.set()
    await stopping
    assert answers(linked) == 1
    await linked.start()


async def test_a_process_that_ends_acknowledges_what_it_has_read_and_reads_no_more(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, go, begun = linked.wire, asyncio.Event(), asyncio.Event()
    handle = linked.app.handle

    async def slowly(request: Any) -> Any:
        begun.set()
        await go.wait()
        return await handle(request)

    monkeypatch.setattr(linked.app, "handle", slowly)
    read = [await wire.send("slash_commands", telling(linked, "/quiz team create Reds")) for _ in wire.sockets]
    await begun.wait()
    stopping = asyncio.create_task(linked.slack.stop())
    ended, _ = await asyncio.wait({stopping}, timeout=0.1)
    late = "" if ended else await wire.send("slash_commands", telling(linked))
    go.set()
    await stopping
    assert not ended
    assert [wire.envelopes[id].answer for id in read] == [{}, {}]
    assert wire.envelopes[late].answer is None
    assert answers(linked) == 2
    await linked.start()
