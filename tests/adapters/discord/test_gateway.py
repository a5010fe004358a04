"""The connection to the gateway, and what is answered over it, on a real wire."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.discord.adapter import Discord, TokenRefused
from bot.adapters.discord.client import Shards
from bot.adapters.discord.front import Front
from bot.bank.library import load_library
from bot.cli.run import _discord
from bot.config import read_settings
from bot.features import build_router
from bot.ports import Later, Post
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Card
from tests.adapters.discord.conftest import MONDAY, PACKS, Recording
from tests.adapters.discord.loopback import ANN, GUILD, RESET, STUDY, Fault, Loopback, running

POST = Post("daily:1", "discord", GUILD, STUDY, Card("Daily question"))
ONE_MOMENT, FORM, UPDATE, MESSAGE = "### One moment", 9, 7, 4


class Wired:
    """The application on a loopback Discord."""

    def __init__(self, wire: Loopback, folder: Path) -> None:
        self.wire = wire
        upgrade(url := f"sqlite:///{folder}/quiz.sqlite3")
        self.store = open_store(url)
        self.router = build_router()
        self.app = Recording(
            self.store, self.router, load_library(PACKS), clock=lambda: MONDAY, chance=lambda: random.Random(1)
        )
        self.running: list[Discord] = []
        self.pauses: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def start(self, shards: Shards | None = None, patience: float = 5.0) -> Discord:
        """A process, once it listens on all its shards."""
        discord = Discord(self.app, self.router, self.store, "good", shards, pause=self._pause)
        discord._front = Front(self.app, self.router, patience)
        before = len(self.wire.identified)
        await discord.start()
        self.running.append(discord)
        await self.wire.until(lambda: len(self.wire.identified) >= before + len(shards.ids if shards else (0,)))
        return discord

    async def do(self, interaction: dict[str, Any], shard: int = 0) -> list[dict[str, Any]]:
        """What is called back to an interaction."""
        await self.wire.dispatch("INTERACTION_CREATE", interaction, shard)
        await self.wire.until(lambda: interaction["id"] in self.wire.answers)
        return self.wire.answers[interaction["id"]]


@pytest.fixture
async def wired(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Wired]:
    async with running(monkeypatch) as wire:
        made = Wired(wire, tmp_path)
        yield made
        for discord in made.running:
            await discord.stop()
        await made.store.close()


def heading(body: dict[str, Any]) -> str:
    content: str = body["components"][0]["components"][0]["content"]
    return content


async def test_a_command_is_answered_over_the_wire(wired: Wired) -> None:
    await wired.start()
    answer, *more = await wired.do(wired.wire.slash("quiz", "help"))
    assert heading(answer["data"]) == "### What you can do"
    assert answer["data"]["flags"] == 1 << 6 | 1 << 15
    assert answer["data"]["allowed_mentions"] == {"parse": []}
    assert more == []


async def test_a_slow_store_is_one_moment_and_then_the_reply(wired: Wired) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz", "help")
    answer = (await wired.do(asked))[0]
    assert heading(answer["data"]) == ONE_MOMENT
    assert answer["data"]["flags"] & 1 << 6
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    assert heading(wired.wire.originals[asked["token"]]) == "### What you can do"


async def test_what_all_shall_see_comes_after_one_moment_as_a_message_of_its_own(wired: Wired) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz-admin", "season", "start", admin=True)
    await wired.do(asked)
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.followups)
    assert heading(wired.wire.originals[asked["token"]]) == "### Done"
    told = wired.wire.followups[asked["token"]][0]
    assert heading(told) == "### Season 1 begins"
    assert not told["flags"] & 1 << 6


async def test_a_form_is_waited_for(wired: Wired) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.click("settings.edit")
    await wired.wire.dispatch("INTERACTION_CREATE", asked)
    async with asyncio.timeout(10):
        while not wired.app.replies:
            await asyncio.sleep(0)
    assert asked["id"] not in wired.wire.answers
    wired.app.held.set()
    await wired.wire.until(lambda: asked["id"] in wired.wire.answers)
    assert wired.wire.answers[asked["id"]][0]["type"] == FORM


async def test_a_form_is_taken_by_a_process_that_never_opened_it(wired: Wired) -> None:
    await wired.start()
    typed = [{"type": 18, "component": {"type": 4, "custom_id": name, "value": value}} for name, value in
             (("zone", "Europe/Berlin"), ("reminder", "off"))]  # fmt: skip
    message = wired.wire.click("x")["message"]
    sent = wired.wire.interaction(
        5, {"custom_id": "settings.save%~settings.edit", "components": typed}, message=message
    )
    answer = (await wired.do(sent))[0]
    assert answer["type"] == UPDATE
    assert "Europe/Berlin" in str(answer["data"])


async def test_a_second_delivery_is_harmless(wired: Wired) -> None:
    await wired.start()
    await wired.do(wired.wire.slash("quiz", "ask", topic="storage"))
    pressed = wired.wire.click("play.answer:1:0:A")
    await wired.do(pressed)
    await wired.wire.dispatch("INTERACTION_CREATE", pressed)
    await wired.wire.until(lambda: len(wired.wire.answers[pressed["id"]]) == 2)
    assert "refused" in wired.wire.answers[pressed["id"]][1]
    assert len(await wired.store.read(lambda uow: uow.rounds.mine(1, 1))) == 1


async def test_two_processes_that_share_a_shard_answer_once(wired: Wired) -> None:
    await wired.start()
    first = wired.wire.sockets[0]
    await wired.start()
    asked = wired.wire.slash("quiz", "help")
    await wired.do(asked)
    wired.wire.sockets[0] = first
    await wired.wire.dispatch("INTERACTION_CREATE", asked)
    await wired.wire.until(lambda: len(wired.wire.answers[asked["id"]]) == 2)
    assert "refused" in wired.wire.answers[asked["id"]][1]


async def test_a_broken_connection_is_resumed(wired: Wired) -> None:
    await wired.start()
    await wired.wire.drop()
    await wired.wire.until(lambda: wired.wire.resumed == [0])
    assert (await wired.do(wired.wire.slash("quiz", "help")))[0]["type"] == MESSAGE
    assert len(wired.wire.identified) == 1


async def test_a_process_runs_the_shards_it_is_given(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord.client.Client.before_identify_hook", _at_once)
    await wired.start(Shards((0, 1), 4))
    assert wired.wire.identified == [(0, 4), (1, 4)]
    assert (await wired.do(wired.wire.slash("quiz", "help"), shard=1))[0]["type"] == MESSAGE


async def _at_once(client: object, shard: int | None, *, initial: bool = False) -> None:
    """Discord asks for five seconds between shards; this one does not."""


async def test_after_a_message_discord_py_cannot_read_the_connection_is_made_anew(wired: Wired) -> None:
    await wired.start()
    bad = wired.wire.slash("quiz", "help")
    del bad["version"]
    await wired.wire.dispatch("INTERACTION_CREATE", bad)
    await wired.wire.until(lambda: len(wired.wire.identified) == 2)
    assert (await wired.do(wired.wire.slash("quiz", "help")))[0]["type"] == MESSAGE
    assert wired.pauses == [2.0]


async def test_posts_go_out_while_the_gateway_is_away(wired: Wired) -> None:
    wired.wire.faults = [("GET /gateway/bot", Fault(401))] * 1000
    discord = Discord(wired.app, wired.router, wired.store, "good", pause=wired._pause)
    wired.running.append(discord)
    await discord.start()
    await wired.wire.until(lambda: len(wired.pauses) >= 3)
    assert wired.pauses[:3] == [2.0, 4.0, 8.0]
    assert (await discord.send(POST)).startswith(f"{STUDY}/")


async def test_without_discord_posts_wait_and_the_start_goes_on(wired: Wired) -> None:
    wired.wire.faults = [("GET /users/@me", RESET)] * 2
    discord = Discord(wired.app, wired.router, wired.store, "good", pause=wired._pause)
    wired.running.append(discord)
    with pytest.raises(Later):
        await discord.send(POST)
    await discord.start()
    await wired.wire.until(lambda: wired.wire.identified)
    assert (await discord.send(POST)).startswith(f"{STUDY}/")


async def test_a_wrong_token_is_refused_at_the_start_with_the_mend(wired: Wired) -> None:
    wired.wire.token = "other"
    discord = Discord(wired.app, wired.router, wired.store, "good")
    with pytest.raises(TokenRefused, match="Reset Token"):
        await discord.start()
    await discord.stop()


async def test_who_asks_and_where_is_told_as_discord_knows_it(wired: Wired) -> None:
    await wired.start()
    await wired.do(wired.wire.slash("quiz", "help", admin=True))
    await wired.do(wired.wire.slash("quiz", "daily"))
    server = await wired.store.read(lambda uow: uow.people.space_of("discord", GUILD))
    assert server is not None
    assert server.name == "Server"
    people = await wired.store.read(lambda uow: uow.people.players(server.id, ""))
    assert [(one.external, one.name, one.admin, one.zone) for one in people] == [(ANN, "Ann", False, "")]


async def test_whoever_installed_the_bot_for_themselves_plays_in_a_space_of_their_own(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz", "ask", admin=True) | {"authorizing_integration_owners": {"1": ANN}}
    assert heading((await wired.do(asked))[0]["data"]) == "### A question for you"
    own = await wired.store.read(lambda uow: uow.people.space_of("discord", f"@{ANN}"))
    assert own is not None
    assert own.name == "Ann"
    assert await wired.store.read(lambda uow: uow.people.space_of("discord", GUILD)) is None


async def test_memory_does_not_grow_with_messages(wired: Wired) -> None:
    discord = await wired.start()
    for _ in range(20):
        await wired.do(wired.wire.slash("quiz", "help"))
        await wired.do(wired.wire.click("settings.edit"))
    assert discord.gateway is not None
    views = discord.gateway._connection._view_store
    assert (views._views, views._synced_message_views, views._modals) == ({}, {}, {})


async def test_a_run_with_a_token_has_discord_beside_the_page(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "good")
    monkeypatch.setenv("QUIZBOT_DISCORD_SHARDS", "0-0/2")
    async with _discord(wired.app, wired.store, read_settings()):
        await wired.wire.until(lambda: wired.wire.identified == [(0, 2)])
        assert (await wired.app.platforms["discord"].send(POST)).startswith(f"{STUDY}/")


async def test_a_run_without_a_token_has_no_discord(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    async with _discord(wired.app, wired.store, read_settings()):
        assert "discord" not in wired.app.platforms
    assert wired.wire.seen == []
