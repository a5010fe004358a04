"""The connection to the gateway, and what is answered over it, on a real wire."""

from functools import partial

import pytest

from bot.adapters.discord.adapter import Discord, TokenRefused
from bot.adapters.discord.client import Shards
from bot.cli.run import _discord
from bot.config import read_settings
from bot.ports import Later, Post
from bot.ui import Card
from tests.adapters.discord.loopback import ANN, GUILD, REDS, RESET, STUDY, Fault
from tests.adapters.discord.wired import MESSAGE, UPDATE, Wired, at_once, heading

POST = Post("daily:1", "discord", GUILD, STUDY, Card("Daily question"))


async def test_a_command_is_answered_over_the_wire(wired: Wired) -> None:
    await wired.start()
    answer, *more = await wired.do(wired.wire.slash("quiz", "help"))
    assert heading(answer["data"]) == "### What you can do"
    assert answer["data"]["flags"] == 1 << 6 | 1 << 15
    assert answer["data"]["allowed_mentions"] == {"parse": []}
    assert more == []


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
    monkeypatch.setattr("discord.client.Client.before_identify_hook", at_once)
    await wired.start(Shards((0, 1), 4))
    assert wired.wire.identified == [(0, 4), (1, 4)]
    assert (await wired.do(wired.wire.slash("quiz", "help"), shard=1))[0]["type"] == MESSAGE


async def test_after_a_message_discord_py_cannot_read_the_connection_is_made_anew(wired: Wired) -> None:
    await wired.start()
    bad = wired.wire.slash("quiz", "help")
    del bad["version"]
    await wired.wire.dispatch("INTERACTION_CREATE", bad)
    await wired.wire.until(lambda: len(wired.wire.identified) == 2)
    assert (await wired.do(wired.wire.slash("quiz", "help")))[0]["type"] == MESSAGE
    assert wired.pauses == [2.0]


def identified(wired: Wired, times: int) -> bool:
    return len(wired.wire.identified) == times


async def test_each_connection_that_dies_of_the_same_message_is_followed_by_a_longer_pause(wired: Wired) -> None:
    await wired.start()
    for number in range(2, 6):
        bad = wired.wire.slash("quiz", "help")
        del bad["version"]
        await wired.wire.dispatch("INTERACTION_CREATE", bad)
        await wired.wire.until(partial(identified, wired, number))
    assert wired.pauses == [2.0, 4.0, 8.0, 16.0]


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


async def test_a_token_that_is_refused_later_puts_posts_off_and_loses_none(wired: Wired) -> None:
    wired.wire.token = "other"
    discord = Discord(wired.app, wired.router, wired.store, "good")
    for attempt in (discord.send(POST), discord.edit(POST), discord.find(POST)):
        with pytest.raises(Later) as later:
            await attempt
        assert later.value.seconds == 300
    wired.wire.token = "good"
    assert (await discord.send(POST)).startswith(f"{STUDY}/")
    await discord.stop()


async def test_who_asks_and_where_is_told_as_discord_knows_it(wired: Wired) -> None:
    await wired.start()
    await wired.do(wired.wire.slash("quiz", "help", admin=True))
    asked = wired.wire.slash("quiz", "daily")
    asked["member"]["roles"] = [REDS]
    await wired.do(asked)
    server = await wired.store.read(lambda uow: uow.people.space_of("discord", GUILD))
    assert server is not None
    assert server.name == "Server"
    people = await wired.store.read(lambda uow: uow.people.players(server.id, ""))
    assert [(one.external, one.name, one.admin, one.zone) for one in people] == [(ANN, "Ann", False, "")]
    assert wired.app.asked[-1].person.groups == (REDS,)
    assert people[0].avatar == f"https://cdn.discordapp.com/avatars/{ANN}/a_fade.png?size=128"


async def test_whoever_installed_the_bot_for_themselves_plays_in_a_space_of_their_own(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz", "ask", admin=True) | {"authorizing_integration_owners": {"1": ANN}}
    asked["member"]["roles"] = [REDS]
    assert heading((await wired.do(asked))[0]["data"]) == "### A question for you"
    own = await wired.store.read(lambda uow: uow.people.space_of("discord", f"@{ANN}"))
    assert own is not None
    assert own.name == "Ann"
    assert await wired.store.read(lambda uow: uow.people.space_of("discord", GUILD)) is None
    assert wired.app.asked[-1].person.groups == ()


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
