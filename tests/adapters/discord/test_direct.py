"""Direct messages: what is done there is done in the server they are about, as a member of it and no longer."""

from typing import Any

import pytest

from bot.adapters.discord.people import People
from tests.adapters.discord.conftest import World, text
from tests.adapters.discord.test_conversations import daily

NOT_IN = "you are not in any more"


@pytest.fixture
async def reminder(world: World) -> Any:
    """A reminder in Ben's direct messages, on the second day, with the daily open."""
    await world.ben.click(await daily(world), label="B")
    await world.ben.slash(world.study, "quiz settings", reminder="20:00")
    await world.later(days=1)
    await world.later(hours=11)
    message = world.ben_alone.dm_channel.last_message
    assert "waits for today's answer" in text(message)
    return message


async def test_a_reminder_leads_back_to_the_servers_question_and_takes_its_answer(world: World, reminder: Any) -> None:
    shown = await world.ben_alone.click(reminder, label="Show the question")
    assert "Daily question · 24 November" in text(shown.response)
    assert "✓ Right" in text((await world.ben_alone.click(shown.response, label="B")).response)
    assert "2 days" in text((await world.ben.slash(world.study, "quiz profile")).response)


async def test_a_form_opened_there_is_taken_for_the_server(world: World, reminder: Any) -> None:
    shown = await world.ben_alone.click(reminder, label="Show the question")
    verdict = await world.ben_alone.click(shown.response, label="B")
    opened = await world.ben_alone.click(verdict.response, label="Something wrong with this question?")
    heard = await world.ben_alone.submit_modal(opened, {"text": "The key."})
    assert "Thank you" in text(heard.response)
    assert "The key." in text((await world.ada.slash(world.study, "quiz-admin reports")).response)


async def test_whoever_has_left_the_server_is_refused(world: World, reminder: Any) -> None:
    world.guild.remove_member(world.ben)
    assert NOT_IN in text((await world.ben_alone.click(reminder, label="Show the question")).response)


async def test_whoever_has_left_since_they_last_did_something_is_refused_after_half_a_minute(
    world: World, reminder: Any
) -> None:
    seconds = [0.0]
    world.bot._front._people = People(lambda: seconds[0])
    await world.ben_alone.click(reminder, label="Show the question")
    world.guild.remove_member(world.ben)
    seconds[0] = 30.0
    assert NOT_IN in text((await world.ben_alone.click(reminder, label="Show the question")).response)


async def test_what_somebody_may_do_in_the_server_is_asked_every_time(world: World, reminder: Any) -> None:
    ids = world.guild.id, world.ben.id, world.managers.id
    world.env.backend.add_member_role(*ids)
    await world.ben_alone.click(reminder, label="Show the question")
    assert world.app.asked[-1].person.admin
    world.env.backend.remove_member_role(*ids)
    await world.ben_alone.click(reminder, label="Show the question")
    assert world.app.asked[-1].person.admin is False


async def test_of_a_server_that_was_forgotten_nothing_comes_back(world: World, reminder: Any) -> None:
    await world.bot.get_guild(world.guild.id).leave()
    await world.env.settle()
    await world.later(seconds=0)
    await world.later(days=30)
    await world.later(days=1)
    assert await world.store.read(lambda uow: uow.people.spaces("discord")) == []
    assert NOT_IN in text((await world.ben_alone.click(reminder, label="Show the question")).response)
    assert await world.store.read(lambda uow: uow.people.spaces("discord")) == []


async def test_where_discord_does_not_tell_who_is_a_member_one_is_asked_to_try_again(
    world: World, reminder: Any
) -> None:
    world.env.inject_error("GET", f"/guilds/{world.guild.id}/members/*", status=503)
    heard = await world.ben_alone.click(reminder, label="Show the question")
    assert "Try again in a minute" in text(heard.response)
    heard = await world.ben_alone.click(reminder, label="Show the question")
    assert "Daily question · 24 November" in text(heard.response)


async def test_a_member_is_asked_for_once_in_a_while_and_keeps_name_and_rights(world: World, reminder: Any) -> None:
    for _ in range(3):
        await world.ben_alone.click(reminder, label="Show the question")
    asked = [one for one in world.env.http_requests if "/members/" in one.path]
    assert len(asked) == 1
    space = await world.store.read(lambda uow: uow.people.space_of("discord", str(world.guild.id)))
    assert space is not None
    people = await world.store.read(lambda uow: uow.people.players(space.id, "Ben"))
    assert [(one.name, one.admin) for one in people] == [("Ben", False)]
