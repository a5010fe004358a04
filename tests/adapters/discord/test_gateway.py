"""The connection to the gateway, and what is answered over it, on a real wire."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.discord import adapter
from bot.adapters.discord.adapter import Discord, TokenRefused
from bot.adapters.discord.client import Shards
from bot.adapters.discord.words import read_words
from bot.cli.run import _discord
from bot.config import read_settings
from bot.ports import Later, Post
from bot.ui import Call, Card
from tests.adapters.discord.loopback import ANN, DIRECT, GUILD, REDS, RESET, STUDY, USER, Fault
from tests.adapters.discord.wired import MESSAGE, UPDATE, Wired, at_once, heading, overheard

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


async def test_what_is_delivered_twice_is_done_once(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz", "ask", topic="storage")
    for once in (asked, wired.wire.click("play.answer:1:0:A")):
        await wired.do(once)
        await wired.wire.dispatch("INTERACTION_CREATE", once)
    await wired.do(wired.wire.slash("quiz", "help"))
    assert len(wired.app.asked) == 3
    assert [len(answers) for answers in wired.wire.answers.values()] == [1, 1, 1]
    assert await wired.store.read(lambda uow: uow.rounds.get(2)) is None


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


async def test_without_identifications_left_the_next_connection_waits_until_there_are_again(wired: Wired) -> None:
    wired.wire.starts |= {"remaining": 100, "reset_after": 7_200_000}

    async def pause(seconds: float) -> None:
        wired.pauses.append(seconds)
        wired.wire.starts["remaining"] += 1
        assert wired.wire.identified == []

    discord = Discord(wired.app, wired.router, wired.store, "good", Shards((0, 1), 2), pause=pause)
    wired.running.append(discord)
    await discord.start()
    await wired.wire.until(lambda: wired.wire.identified)
    assert wired.pauses == [7200.0, 7200.0]


async def test_a_stop_answers_those_who_wait(wired: Wired) -> None:
    discord = await wired.start()
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz", "help")
    await wired.wire.dispatch("INTERACTION_CREATE", asked)
    async with asyncio.timeout(10):
        while not wired.app.replies:
            await asyncio.sleep(0)
    stopping = asyncio.create_task(discord.stop())
    await asyncio.sleep(0)
    wired.app.held.set()
    await stopping
    assert heading(wired.wire.answers[asked["id"]][0]["data"]) == "### What you can do"


async def test_a_stop_waits_for_nobody_for_ever(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "FAREWELL", 0.1)
    discord = await wired.start()
    wired.app.held = asyncio.Event()
    await wired.wire.dispatch("INTERACTION_CREATE", wired.wire.slash("quiz", "help"))
    async with asyncio.timeout(10):
        while not wired.app.replies:
            await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await discord.stop()


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


async def test_in_a_server_that_is_not_known_yet_roles_cannot_be_told(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz", "help") | {"guild_id": "901", "guild": {"id": "901", "features": []}}
    asked["member"]["roles"] = [REDS]
    await wired.do(asked)
    assert (wired.app.asked[-1].space.external, wired.app.asked[-1].person.groups) == ("901", None)


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


async def test_a_run_tells_commands_with_the_words_of_other_languages(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "words.yaml").write_text("de: {ask: frag, Look a term up: Schlag einen Begriff nach}\nno: {ask: spør}")
    monkeypatch.setenv("DISCORD_TOKEN", "good")
    monkeypatch.setenv("QUIZBOT_DISCORD_WORDS", str(tmp_path / "words.yaml"))
    async with _discord(wired.app, wired.store, read_settings()):
        await wired.wire.until(lambda: wired.wire.commands)
    (quiz,) = (one for one in wired.wire.commands[0] if one["name"] == "quiz")
    told = {one["name"]: one for one in quiz["options"]}
    assert told["ask"]["name_localizations"] == {"de": "frag", "no": "spør"}
    assert told["explain"]["description_localizations"] == {"de": "Schlag einen Begriff nach"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"cannot be read \(No such file or directory\). Mend the path"),
        ("de: [", "is no YAML. Mend this: while parsing"),
        ("hello", "holds no words. Write a locale such as `de:`"),
        ("xx: {ask: frag}", "Discord has no locale “xx”. Choose of en-US, "),
        ("de: ask", "“de” holds no words"),
        ("de: {ask: [frag]}", "“de”: what stands for “ask” must be a text of 1 to 100 characters"),
    ],
)
def test_a_file_of_words_that_cannot_be_used_is_named_with_its_mend(
    tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "words.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(OSError, match=f"QUIZBOT_DISCORD_WORDS: .*words.yaml:? {said}"):
        read_words(file)


async def test_commands_that_discord_refuses_are_told_once_and_the_log_says_why(wired: Wired) -> None:
    refusal: dict[str, Any] = {"message": "Invalid Form Body", "code": 50035, "errors": {}}
    wired.wire.faults = [("PUT /applications/.*/commands", Fault(400, refusal))]
    with overheard() as logs:
        await wired.start()
        await wired.heard("present")
    assert [(one["event"], one["log_level"]) for one in logs] == [("commands refused", "error")]
    assert wired.wire.commands == []
    assert wired.pauses == []


async def test_whoever_is_picked_for_a_command_is_told_with_name_and_picture(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz", "profile")
    asked["data"]["options"][0]["options"] = [{"name": "player", "type": 6, "value": ANN}]
    asked["data"]["resolved"] = {"users": {ANN: USER}}
    await wired.do(asked)
    (picked,) = wired.app.asked[-1].people
    assert (picked.external, picked.name, picked.admin, picked.groups) == (ANN, "Ann", None, None)
    assert picked.avatar.endswith("/a_fade.png?size=128")


async def test_a_question_in_a_direct_message_is_explained_as_that_of_its_server(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.menu("Explain this question", f"play.answer:1:0:A%@{GUILD}/{STUDY}")
    alone = {"channel_id": DIRECT, "channel": {"id": DIRECT, "type": 1}, "user": USER, "context": 1}
    direct = {name: value for name, value in asked.items() if name not in ("guild_id", "guild", "member")}
    await wired.do(direct | alone)
    request = wired.app.asked[-1]
    assert request.what == Call("play.verdict", ("1", "0"))
    assert (request.space.external, request.channel and request.channel.external) == (GUILD, STUDY)


async def test_a_channel_the_bot_cannot_see_is_named_as_the_trouble(wired: Wired) -> None:
    await wired.start()
    asked = wired.wire.slash("quiz-admin", "daily", "schedule", admin=True, time="09:00")
    asked["data"]["options"][0]["options"][0]["options"].append({"name": "channel", "type": 7, "value": "201"})
    hidden = {"id": "201", "type": 0, "name": "hidden", "permissions": "0", "parent_id": None}
    asked["data"]["resolved"] = {"channels": {"201": hidden}}
    assert heading((await wired.do(asked))[0]["data"]) == "### I can't see that channel"


async def test_a_daily_question_is_not_set_on_a_forum(wired: Wired) -> None:
    await wired.start()
    forum = {"id": "701", "type": 15, "name": "ideas", "position": 1, "permission_overwrites": [], "guild_id": GUILD}
    await wired.wire.dispatch("CHANNEL_CREATE", forum)
    post = {
        "id": "700", "type": 11, "name": "post", "parent_id": "701", "guild_id": GUILD, "owner_id": ANN,
        "member_count": 1, "message_count": 1, "rate_limit_per_user": 0, "last_message_id": None, "flags": 0,
        "thread_metadata": {"archived": False, "auto_archive_duration": 60, "locked": False,
                            "archive_timestamp": "2026-01-01T00:00:00+00:00"},
    }  # fmt: skip
    there = {"channel_id": "700", "channel": post}
    asked = wired.wire.slash("quiz-admin", "daily", "schedule", admin=True, time="09:00") | there
    assert heading((await wired.do(asked))[0]["data"]) == "### The daily question can't be posted in a forum"
    assert heading((await wired.do(wired.wire.slash("quiz", "help") | there))[0]["data"]) == "### What you can do"


async def test_a_run_without_a_token_has_no_discord(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    async with _discord(wired.app, wired.store, read_settings()):
        assert "discord" not in wired.app.platforms
    assert wired.wire.seen == []
