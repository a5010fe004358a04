"""Changes that arrive by themselves, over a real server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot.adapters.web import stream
from bot.ports import Reply
from bot.store.engine import open_store
from bot.ui import Card
from tests.adapters.web.world import Visitor, World

Event = dict[str, str]


class Ear:
    """Listens to the stream of a visitor."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()

    async def event(self) -> Event:
        """The next event, its data and its id; empty once the stream has ended."""
        found: Event = {}
        async with asyncio.timeout(5):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                if line:
                    found[name] = value
                elif "data" in found:
                    return found
        return {}

    async def message(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((await self.event())["data"])
        return data


@pytest.fixture
async def served(world: World) -> World:
    await world.start()
    return world


@asynccontextmanager
async def listening(world: World, visitor: Visitor, after: int = 0, last: str = "") -> AsyncIterator[Ear]:
    """A stream as a browser opens it."""
    headers = {"Last-Event-ID": last} if last else {}
    async with (
        httpx.AsyncClient(base_url=world.address, cookies=visitor.client.cookies, timeout=10) as client,
        client.stream("GET", "/events", params={"after": after}, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield Ear(response)


async def test_a_line_of_somebody_else_arrives_by_itself(served: World, ann: Visitor, bo: Visitor) -> None:
    async with listening(served, ann) as ear:
        await bo.say("hello")
        heard = await ear.event()
        message = json.loads(heard["data"])
        assert heard["event"] == "message"
        assert int(heard["id"]) == message["version"]
        assert message["channel"] == "daily"
        assert "hello" in message["html"]


async def test_nobody_hears_the_private_messages_of_others(served: World, ann: Visitor, bo: Visitor) -> None:
    served.app.replies["/quiz me"] = Reply(private=Card("For Bo alone"))
    async with listening(served, ann) as ear:
        await bo.say("/quiz me")
        await bo.say("hello")
        assert "hello" in (await ear.message())["html"]


async def test_a_reconnecting_page_hears_exactly_what_it_missed(served: World, ann: Visitor, bo: Visitor) -> None:
    async with listening(served, ann) as ear:
        await bo.say("one")
        last = (await ear.event())["id"]
    await bo.say("two")
    await bo.say("three")
    async with listening(served, ann, last=last) as ear:
        assert ["two" in (await ear.message())["html"], "three" in (await ear.message())["html"]] == [True, True]


async def test_nothing_is_lost_when_more_was_missed_than_one_read_holds(served: World, ann: Visitor) -> None:
    for n in range(0, 620, 62):
        await asyncio.gather(*(served.post(Card(f"n{m}"), key=f"n{m}") for m in range(n, n + 62)))
    async with listening(served, ann) as ear:
        heard = [(await ear.message())["id"] for _ in range(620)]
    assert len(set(heard)) == 620


async def test_an_edit_arrives_as_a_newer_version_of_the_same_message(served: World, ann: Visitor) -> None:
    from bot.ports import Post

    receipt = await served.post(Card("Open"))
    async with listening(served, ann) as ear:
        first = await ear.message()
        await served.web.edit(Post("post", "web", "playground", "daily", Card("Closed"), receipt=receipt))
        second = await ear.message()
    assert first["id"] == second["id"]
    assert first["version"] < second["version"]
    assert "Closed" in second["html"]


async def test_what_another_process_wrote_arrives_within_two_seconds(served: World, ann: Visitor) -> None:
    async with listening(served, ann) as ear:
        await served.write(Card("From elsewhere"))
        async with asyncio.timeout(2):
            assert "From elsewhere" in (await ear.message())["html"]


async def test_the_oldest_of_too_many_streams_gives_way(served: World, ann: Visitor) -> None:
    async with listening(served, ann) as oldest:
        streams = [listening(served, ann) for _ in range(stream.OPEN_AT_ONCE)]
        for one in streams:
            await one.__aenter__()
        assert (await oldest.event())["event"] == "full"
        assert await oldest.event() == {}
        for one in streams:
            await one.__aexit__(None, None, None)


async def test_a_page_ahead_of_the_store_is_told_to_load_again(served: World, ann: Visitor) -> None:
    async with listening(served, ann, after=10**9) as ear:
        assert (await ear.event())["event"] == "reload"


async def test_a_quiet_stream_shows_that_it_is_alive(
    served: World, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.0)
    async with listening(served, ann) as ear, asyncio.timeout(5):
        async for line in ear.lines:
            if line == ": still here":
                break


async def test_the_server_stops_at_once_with_streams_open(served: World, ann: Visitor, bo: Visitor) -> None:
    async with listening(served, ann) as one, listening(served, bo) as two:
        await bo.say("hello")
        await one.message()
        await two.message()
        began = time.monotonic()
        await served.stop()
        assert time.monotonic() - began < 2
        assert await one.event() == {}


async def test_the_places_of_people_who_left_are_given_back(served: World, ann: Visitor) -> None:
    async with listening(served, ann) as ear:
        await ann.say("hello")
        await ear.message()
        assert len(served.web._streams._all()) == 1
    async with asyncio.timeout(5):
        while served.web._streams._all():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("last", ["nonsense", "-1", "9" * 30])
async def test_a_last_event_id_that_is_none_is_passed_over(served: World, ann: Visitor, last: str) -> None:
    await served.post(Card("Here"))
    async with listening(served, ann, last=last) as ear:
        assert "Here" in (await ear.message())["html"]


@pytest.mark.postgres
async def test_two_replicas_on_one_postgresql_hear_each_other(postgres_url: str) -> None:
    one, two = World(postgres_url), World(postgres_url)
    try:
        await one.start()
        ann = await one.joined("Ann")
        bo = await two.joined("Bo")
        async with listening(one, ann) as ear:
            await bo.say("hello from the other replica")
            assert "hello from the other replica" in (await ear.message())["html"]
        assert (await two.visitor().join("ann")).status_code == 409
    finally:
        await one.close()
        await two.close()


async def test_a_stream_survives_a_store_that_is_away(served: World, ann: Visitor) -> None:
    async with listening(served, ann) as ear:
        await served.store.close()
        served.store = served.web._room.store = open_store(served.url)
        await served.write(Card("Back again"))
        assert "Back again" in (await ear.message())["html"]
