"""What comes twice, whoever sends it again, is done once; what could not be dealt with is when it comes again."""

import asyncio
import json
from typing import Any

import pytest

from tests.adapters.slack import payloads
from tests.adapters.slack.conftest import SIGNING, World
from tests.adapters.slack.door import Door, seconds_ago
from tests.adapters.slack.loopback import signed


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


async def test_a_replayed_request_is_refused_and_does_nothing_twice(door: Door) -> None:
    body = door.command()
    headers = signed(body, SIGNING)
    assert await door.post(body, headers) == 200
    assert await door.post(body, headers) == 401
    assert await door.answers() == 1


async def test_a_replay_of_an_event_without_an_id_is_refused_too(door: Door) -> None:
    body = json.dumps(json.loads(door.event()) | {"event_id": ""}).encode()
    headers = signed(body, SIGNING)
    assert await door.post(body, headers) == 200
    assert await door.post(body, headers) == 401
    assert (await door.done()).count("views.publish") == 1


async def test_an_event_that_slack_sends_again_is_taken_once(door: Door) -> None:
    body = door.event()
    assert await door.post(body, signed(body, SIGNING, timestamp=seconds_ago(60))) == 200
    assert await door.post(body, signed(body, SIGNING, retry=1)) == 200
    assert (await door.done()).count("views.publish") == 1


async def test_a_press_that_comes_twice_counts_once(door: Door) -> None:
    wire = door.world.wire
    await wire.command("/quiz")
    await door.world.slack.answered()
    told = payloads.used(wire, "One question", "U1B", wire.ephemeral("U1B")[-1], "C1")
    assert (await wire.tell("interactive", told)).status == 200
    once = await door.done()
    assert (await wire.tell("interactive", told | {"token": "once more"})).status == 200
    assert await door.done() == once
    assert once.count("response_url") == 2


async def test_what_comes_again_while_it_is_being_done_is_done_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, go = door.command(), asyncio.Event()
    handle = door.world.app.handle

    async def slowly(request: Any) -> Any:
        await go.wait()
        return await handle(request)

    monkeypatch.setattr(door.world.app, "handle", slowly)
    first = asyncio.create_task(door.post(body, signed(body, SIGNING, timestamp=seconds_ago(4))))
    while "users.info" not in [name for name, _, _ in door.world.wire.seen]:
        await asyncio.sleep(0)
    assert await door.post(body, signed(body, SIGNING, retry=1)) == 200
    go.set()
    assert await first == 200
    assert await door.answers() == 1


@pytest.mark.parametrize(("kind", "done"), [("command", "response_url"), ("event", "views.publish")])
async def test_what_could_not_be_dealt_with_is_when_it_comes_again(
    door: Door, monkeypatch: pytest.MonkeyPatch, kind: str, done: str
) -> None:
    def broken(body: Any) -> Any:
        raise RuntimeError("a fault of ours")

    door.world.expected.add("not dealt with")
    body = door.command() if kind == "command" else door.event()
    with monkeypatch.context() as fault:
        fault.setattr("bot.adapters.slack.payloads.team_of", broken)
        assert await door.post(body, signed(body, SIGNING, timestamp=seconds_ago(4))) == 500
    assert await door.done() == []
    assert await door.post(body, signed(body, SIGNING, retry=1)) == 200
    assert done in await door.done()
