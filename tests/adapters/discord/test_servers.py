"""Which servers the bot is in: what is told to the application, and that it hears it."""

import pytest

from bot.adapters.discord.client import Shards
from bot.ports import Place, UnitOfWork
from tests.adapters.discord.loopback import GUILD, SERVER
from tests.adapters.discord.wired import MONDAY, Wired, at_once, overheard

ELSEWHERE = str(1 << 22)
"""A server of the second of two shards."""


async def known(wired: Wired, *spaces: str) -> None:
    """Spaces the bot was used in before."""

    def settle(uow: UnitOfWork) -> None:
        for space in spaces:
            uow.people.settle("discord", Place(space, space), "UTC", MONDAY)

    await wired.store.run(settle)


async def left(wired: Wired) -> set[str]:
    """The spaces that were told to be left."""
    due = await wired.store.read(lambda uow: uow.due.waiting("space.left"))
    spaces = await wired.store.read(lambda uow: uow.people.spaces("discord"))
    return {space.external for space in spaces if str(space.id) in {one.key for one in due}}


async def test_a_server_that_took_the_bot_out_while_it_was_down_is_noticed_at_the_start(wired: Wired) -> None:
    await known(wired, GUILD, "999", ELSEWHERE, "@300")
    await wired.start(Shards((0,), 2))
    await wired.heard("present")
    assert await left(wired) == {"999"}


async def test_a_server_that_is_out_of_order_counts_as_one_the_bot_is_in(wired: Wired) -> None:
    await known(wired, GUILD, "777")
    wired.wire.unavailable = ["777"]
    await wired.start()
    await wired.heard("present")
    assert await left(wired) == set()


async def test_which_servers_there_are_is_told_once_all_shards_are_ready(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.client.Client.before_identify_hook", at_once)
    await known(wired, GUILD, ELSEWHERE)
    wired.wire.silent = {1}
    discord = await wired.start(Shards((0, 1), 2))
    assert discord.gateway is not None
    await discord.gateway.wait_for("shard_ready", check=lambda shard: shard == 0, timeout=10)
    await wired.do(wired.wire.slash("quiz", "help"))
    assert ("present", "") not in wired.app.told
    await wired.wire.greet(1, 2)
    await wired.heard("present")
    assert await left(wired) == {ELSEWHERE}


async def test_a_store_that_is_away_is_told_again_until_it_hears(wired: Wired) -> None:
    await known(wired, GUILD)
    await wired.start()
    await wired.heard("present")
    wired.app.away = 2
    await wired.wire.dispatch("GUILD_DELETE", {"id": GUILD})
    await wired.heard("left", GUILD)
    assert await left(wired) == {GUILD}
    assert wired.pauses == [60.0, 60.0]


async def test_what_happened_last_to_a_server_is_what_is_told_in_the_end(wired: Wired) -> None:
    await known(wired, GUILD)
    await wired.start()
    await wired.heard("present")
    wired.app.told.clear()
    wired.app.away = 1
    await wired.wire.dispatch("GUILD_DELETE", {"id": GUILD})
    await wired.wire.dispatch("GUILD_CREATE", SERVER)
    await wired.heard("joined", GUILD)
    assert await left(wired) == set()


async def test_a_server_that_took_the_bot_out_while_a_shard_lost_its_session_is_noticed(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.client.Client.before_identify_hook", at_once)
    await known(wired, GUILD, "777", ELSEWHERE)
    wired.wire.servers = [GUILD, "777"]
    await wired.start(Shards((0, 1), 2))
    await wired.heard("present")
    assert await left(wired) == {ELSEWHERE}
    wired.app.told.clear()
    wired.wire.servers = ["777"]
    await wired.wire.end_session()
    await wired.heard("present")
    assert await left(wired) == {ELSEWHERE, GUILD}


async def test_the_token_of_another_application_forgets_no_server(wired: Wired) -> None:
    await known(wired, GUILD, "999")
    await wired.store.run(lambda uow: uow.notes.put("discord.application", "901"))
    with overheard() as logs:
        discord = await wired.start()
        assert discord.gateway is not None
        await discord.gateway.wait_until_ready()
        await wired.wire.dispatch("GUILD_DELETE", {"id": GUILD})
        await wired.heard("left", GUILD)
    assert await left(wired) == {GUILD}
    assert "another application" in logs[0]["event"]
