"""What members and admins do in a server, command by command and click by click."""

from typing import Any

import discord
import pytest

from bot.ui import Call
from tests.adapters.discord.conftest import World, text

SCHEDULE = {"time": "09:00", "zone": "UTC", "weekdays": "daily", "minutes": "1440"}


async def daily(world: World, **options: Any) -> discord.Message:
    """A daily question in `#study`, as posted at nine."""
    await world.ada.slash(
        world.study, "quiz-admin daily schedule", time="09:00", zone="UTC", topics="storage", **options
    )
    await world.later(hours=1)
    return posted(world)


def posted(world: World) -> discord.Message:
    message = world.study.last_message
    assert message is not None
    return message


def typed(shown: Any) -> dict[str, str]:
    """The texts a dialog opens with."""
    inputs = [label["component"] for label in shown.modal["components"]]
    return {part["custom_id"]: part["value"] for part in inputs if "value" in part}


@pytest.mark.parametrize("who", ["ada", "ben"])
async def test_every_command_is_answered_for_members_and_admins(world: World, who: str) -> None:
    """Each by a process that has just begun. A server may hand the commands for admins out to others."""
    person = getattr(world, who)
    command = next(one for one in await world.bot.tree.fetch_commands() if one.name == "quiz-admin")
    world.guild.set_command_permissions(command, {world.ben: True})
    await world.ada.slash(world.study, "quiz team create", name="Reds")
    given: dict[str, dict[str, Any]] = {
        "explain": {"term": "Kinesis"},
        "ask": {"topic": "storage"},
        "quiz": {"topic": "storage", "count": 2},
        "profile": {"player": world.ben},
        "leaderboard": {"period": "month", "of": "teams", "page": 1},
        "seasons": {"of": "teams"},
        "settings": {"zone": "Europe/Berlin"},
        "team create": {"name": "Blues"},
        "team join": {"name": "Reds"},
        "team rename": {"name": "Greens"},
        "admin daily schedule": {"time": "09:00", "verdict": "close", "minutes": 60},
        "admin daily thread": {"on": True},
        "admin season start": {"name": "Winter"},
        "admin settings": {"zone": "Europe/Berlin"},
        "admin team move": {"player": world.ben, "team": "Greens"},
        "admin team bind": {"team": "Greens", "role": world.guild.create_role("Greens")},
        "admin team unbind": {"team": "Greens"},
        "admin manager add": {"player": world.ben},
        "admin manager remove": {"player": world.ben},
    }
    for route in [*world.router.commands(), *world.router.commands(admin=True)]:
        name = f"quiz {route.name}" if not route.admin else f"quiz-admin {route.name.removeprefix('admin ')}"
        await world.restart()
        heard = await person.slash(world.study, name, **given.get(route.name, {}))
        said = text(heard.response) if heard.response else ""
        assert heard.response is not None or heard.modal is not None, route.name
        assert "Something went wrong" not in said, route.name
        assert "I can't read this" not in said, route.name
        assert ("is for admins of this space" in said) == (route.admin and person is world.ben), route.name


async def test_a_member_sees_no_admin_command(world: World) -> None:
    assert "quiz-admin daily status" in world.ada.available_commands(world.study)
    assert "quiz-admin daily status" not in world.ben.available_commands(world.study)


async def test_an_admin_command_is_checked_again_by_us(world: World) -> None:
    """A server may hand out the command; the permission it needs stays."""
    command = next(one for one in await world.bot.tree.fetch_commands() if one.name == "quiz-admin")
    world.guild.set_command_permissions(command, {world.ben: True})
    heard = await world.ben.slash(world.study, "quiz-admin daily pause")
    assert "is for admins of this space" in text(heard.response)


async def test_a_daily_is_posted_answered_and_closed(world: World) -> None:
    message = await daily(world)
    assert "### Daily question · 23 November" in text(message)
    verdict = await world.ben.click(message, label="B")
    assert verdict.ephemeral
    assert "✓ Right" in text(verdict.response)
    second = await world.ben.click(message, label="A")
    assert "You have answered this one" in text(second.response)
    await world.later(seconds=5)
    assert "1 has answered" in text(posted(world))
    await world.later(days=1)
    closed = next(one for one in world.study.history() if "closed" in text(one))
    assert "1 of 1 was right. First: Ben." in text(closed)
    assert [one.filename for one in closed.attachments] == ["chart-0.png"]


async def test_old_buttons_work_after_a_restart(world: World) -> None:
    message = await daily(world)
    await world.restart()
    assert "✓ Right" in text((await world.ben.click(message, label="B")).response)


async def test_a_dialog_opened_before_a_restart_can_be_sent_after_it(world: World) -> None:
    shown = await world.ada.slash(world.study, "quiz-admin daily schedule")
    await world.restart()
    heard = await world.ada.submit_modal(shown, SCHEDULE | {"verdict": ["once"]})
    assert "The daily question is set" in text(heard.response)


async def test_commands_are_told_once_and_again_when_they_have_changed(world: World) -> None:
    def told() -> int:
        return sum(one.method == "PUT" and one.path.endswith("/commands") for one in world.env.http_requests)

    assert told() == 1
    await world.restart()
    assert told() == 1
    await world.store.run(lambda uow: uow.notes.put("discord.commands", "others"))
    await world.restart()
    assert told() == 2


@pytest.mark.parametrize("topic", ["matches", "numbers", "orders", "pairs", "terms"])
async def test_every_kind_that_needs_a_form_is_answered_in_a_dialog(world: World, topic: str) -> None:
    asked = await world.ben.slash(world.study, "quiz ask", topic=topic)
    opens = next(
        part for part in _parts(asked.response.components) if str(part.get("custom_id")).startswith("play.form")
    )
    shown = await world.ben.click(asked.response, custom_id=opens["custom_id"])
    assert shown.modal is not None
    values: dict[str, Any] = {}
    for index, label in enumerate(shown.modal["components"]):
        inner = label["component"]
        options = [option["value"] for option in inner.get("options", ())]
        few = options[: max(1, inner.get("min_values") or 1)]
        chosen = {3: [options[index % len(options)]] if options else [], 21: few[0] if few else "", 22: few, 4: "3"}
        values[inner["custom_id"]] = chosen[inner["type"]]
    heard = await world.ben.submit_modal(shown, values)
    said = "\n".join(map(text, filter(None, (heard.response, *heard.followups))))
    assert "✓ Right" in said or "✗ Not quite" in said, said


async def test_what_is_wrong_in_a_dialog_is_named_and_the_dialog_opens_again(world: World) -> None:
    shown = await world.ada.slash(world.study, "quiz-admin daily schedule")
    heard = await world.ada.submit_modal(shown, SCHEDULE | {"time": "soon", "verdict": ["once"]})
    assert heard.ephemeral
    assert "Time: " in text(heard.response)
    again = await world.ada.click(heard.response, label="Open the form again")
    assert again.modal is not None
    assert again.modal["custom_id"] == shown.modal["custom_id"]
    assert typed(again) == {"time": "soon", "zone": "UTC", "weekdays": "daily", "minutes": "1440"}
    assert typed(await world.ada.slash(world.study, "quiz-admin daily schedule"))["time"] == "soon"
    await world.restart()
    assert typed(await world.ada.click(heard.response, label="Open the form again"))["time"] == "09:00"


async def test_what_was_typed_is_forgotten_once_it_was_taken_and_nobody_elses(world: World) -> None:
    shown = await world.ada.slash(world.study, "quiz-admin daily schedule")
    await world.ada.submit_modal(shown, SCHEDULE | {"time": "soon", "verdict": ["once"]})
    cy = world.guild.add_member(world.env.create_user("Cy"), roles=[world.managers])
    other = world.guild.create_text_channel("other")
    for who, where in ((cy, world.study), (world.ada, other)):
        assert typed(await who.slash(where, "quiz-admin daily schedule"))["time"] == "09:00"
    shown = await world.ada.slash(world.study, "quiz-admin daily schedule")
    await world.ada.submit_modal(shown, SCHEDULE | {"time": "10:00", "verdict": ["close"]})
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="11:00")
    assert typed(await world.ada.slash(world.study, "quiz-admin daily schedule"))["time"] == "11:00"


async def test_a_dialog_from_a_button_changes_the_card_it_came_from(world: World) -> None:
    card = await world.ben.slash(world.study, "quiz settings")
    shown = await world.ben.click(card.response, label="Change")
    await world.ben.submit_modal(shown, {"zone": "Europe/Berlin", "reminder": "20:00"})
    assert "Europe/Berlin" in text(card.response)


async def test_a_board_is_turned_in_place_by_click_and_choice(world: World) -> None:
    await world.ben.click(await daily(world), label="B")
    board = await world.ben.slash(world.study, "quiz leaderboard")
    assert "Leaderboard · this week" in text(board.response)
    menu = next(part for part in _parts(board.response.components) if part["type"] == 3)
    await world.ben.select(board.response, ["month"], custom_id=menu["custom_id"])
    assert "Leaderboard · this month" in text(board.response)
    await world.ben.click(board.response, label="Teams")
    assert "No team has scored this month" in text(board.response)


async def test_a_quiz_runs_to_its_result(world: World) -> None:
    heard = await world.ben.slash(world.study, "quiz quiz", topic="storage", count=2)
    question = heard.response
    for onward in ("Next question", "See the result"):
        judged = await world.ben.click(question, label="B")
        assert "You answered: B" in text(question)
        assert "[A]" not in text(question)
        question = (await world.ben.click(judged.followups[0], label=onward)).response
    assert "Your quiz: 2 of 2 right" in text(question)


async def test_a_thought_is_said_to_the_whole_channel(world: World) -> None:
    await daily(world)
    await world.later(days=1)
    closed = next(one for one in world.study.history() if "closed" in text(one))
    shown = await world.ben.click(closed, label="Discuss")
    heard = await world.ben.submit_modal(shown, {"text": "Why not *A*?"})
    assert heard.ephemeral
    await world.later(seconds=1)
    assert "Why not \\*A\\*?" in text(posted(world))


async def test_names_are_offered_while_one_types(world: World) -> None:
    found = await world.ben.autocomplete(world.study, "quiz ask", "topic", "stor")
    assert [one["value"] for one in found] == ["storage"]
    zones = await world.ben.autocomplete(world.study, "quiz settings", "zone", "berl")
    assert "Europe/Berlin" in [one["value"] for one in zones]
    await world.ada.slash(world.study, "quiz team create", name="Reds & more")
    teams = await world.ben.autocomplete(world.study, "quiz team join", "name", "reds")
    assert [one["value"] for one in teams] == ["Reds & more"]
    assert (await world.ben.slash(world.study, "quiz team join", name="Reds & more")).ephemeral


async def test_a_question_is_explained_from_the_menu_of_its_message(world: World) -> None:
    message = await daily(world)
    before = await world.ben.context_menu(world.study, "Explain this question", message)
    assert "You have not answered this question" in text(before.response)
    await world.ben.click(message, label="B")
    after = await world.ben.context_menu(world.study, "Explain this question", message)
    assert "✓ Right" in text(after.response)
    await world.later(days=1)
    closed = next(one for one in world.study.history() if "closed" in text(one))
    late = await world.ada.context_menu(world.study, "Explain this question", closed)
    assert "### The answer" in text(late.response)
    other = await world.ben.send(world.study, "hello")
    none = await world.ben.context_menu(world.study, "Explain this question", other)
    assert "asks no question of mine" in text(none.response)


async def test_a_channel_the_bot_has_never_met_can_be_given_a_daily(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="09:00", zone="UTC", channel=other)
    await world.later(hours=1)
    assert other.last_message is not None
    assert "Daily question" in text(other.last_message)


async def test_the_first_daily_offers_to_set_the_zone_which_discord_does_not_tell(world: World) -> None:
    message = await daily(world)
    verdict = await world.ben.click(message, label="B")
    assert "[Set my time zone]" in text(verdict.response)
    card = await world.ben.click(verdict.response, label="Set my time zone")
    shown = await world.ben.click(card.response, label="Change")
    await world.ben.submit_modal(shown, {"zone": "Europe/Berlin", "reminder": "off"})
    await world.later(days=1)
    assert "[Set my time zone]" not in text((await world.ben.click(posted(world), label="B")).response)


async def test_a_profile_is_shown_from_the_menu_of_a_person(world: World) -> None:
    await world.ben.slash(world.study, "quiz help")
    heard = await world.ada.context_menu(world.study, "Quiz profile", world.ben)
    assert text(heard.response).startswith("### Ben")
    pictures = [part["accessory"]["media"]["url"] for part in _parts(heard.response.components) if "accessory" in part]
    assert [one.startswith("https://cdn.discordapp.com/") for one in pictures] == [True]


async def test_in_a_direct_message_solo_commands_work_and_others_say_where_to_go(world: World) -> None:
    user = world.env.create_user("Cy")
    assert "A question for you" in text((await user.slash("quiz ask")).response)
    elsewhere = [route.name for route in world.router.commands() if not route.solo and not route.params]
    assert "This works in a channel" in text((await user.slash(f"quiz {elsewhere[0]}")).response)


async def test_a_channel_we_may_not_post_to_pauses_the_schedule_and_tells_who_set_it_once(world: World) -> None:
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="09:00", zone="UTC")
    world.env.inject_error("POST", f"/channels/{world.study.id}/messages", status=403, code=50013)
    await world.later(hours=1)
    await world.later(seconds=1)
    await world.later(hours=2)
    told = [text(one) for one in world.ada_alone.dm_channel.history()]
    assert len(told) == 1
    assert "The daily question in \\#study is paused" in told[0]
    assert "I may not send messages there. Give me “View Channel”, “Send Messages”" in told[0]
    assert "/quiz-admin daily resume" in told[0]


async def test_a_daily_that_somebody_deleted_is_left_alone(world: World) -> None:
    message = await daily(world)
    await message.delete()
    await world.ben.slash(world.study, "quiz daily")
    await world.later(days=1)
    heard = await world.ada.slash(world.study, "quiz-admin daily status")
    assert "Paused" not in text(heard.response)


async def test_a_forged_id_is_refused(world: World) -> None:
    button: Any = discord.ui.Button(label="x", custom_id=Call.of("play.answer", "1; DROP", 0, "A").id)
    view = discord.ui.View(timeout=None)
    view.add_item(button)
    view.stop()
    channel = world.bot.get_channel(world.study.id)
    message = await channel.send(view=view)
    assert "I can't read this" in text((await world.ben.click(message, label="x")).response)


def _parts(components: Any) -> list[Any]:
    return [part for one in components for part in [one, *_parts(one.get("components", ()))]]


async def test_a_server_that_takes_the_bot_out_gets_no_more_questions_and_goes_on_when_it_invites_again(
    world: World,
) -> None:
    await daily(world)
    guild = world.bot.get_guild(world.guild.id)
    await guild.leave()
    await world.later(days=1)
    schedules = await world.store.read(lambda uow: uow.schedules.of_space(1))
    assert [(one.active, one.why) for one in schedules] == [(False, "I was taken out of this space.")]
    await world.app.joined("discord", str(world.guild.id))
    await world.later(days=1)
    schedules = await world.store.read(lambda uow: uow.schedules.of_space(1))
    assert [one.active for one in schedules] == [True]


async def test_members_of_a_bound_role_are_in_the_team(world: World) -> None:
    reds = world.guild.create_role("Reds")
    cy = world.guild.add_member(world.env.create_user("Cy"), roles=[reds])
    await world.ada.slash(world.study, "quiz team create", name="Reds")
    await world.ada.slash(world.study, "quiz-admin team bind", team="Reds", role=reds)
    heard = await cy.slash(world.study, "quiz team show")
    assert "2 members: Ada and Cy" in text(heard.response)
    assert "You are in no team" in text((await world.ben.slash(world.study, "quiz team show")).response)


async def test_a_daily_gets_a_thread_where_an_admin_wants_it(world: World) -> None:
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="09:00", zone="UTC", topics="storage")
    await world.ada.slash(world.study, "quiz-admin daily thread", on=True)
    await world.later(hours=1)
    assert [one.name for one in world.study.threads] == ["Discussion · 23 November"]


async def test_what_is_done_in_the_thread_is_done_in_its_channel(world: World) -> None:
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="09:00", zone="UTC", topics="storage")
    await world.ada.slash(world.study, "quiz-admin daily thread", on=True)
    await world.later(hours=1)
    heard = await world.ada.slash(world.study.threads[0], "quiz-admin daily status")
    assert "**Channel** \\#study" in text(heard.response)


async def test_a_server_that_invited_the_bot_back_while_it_was_away_is_not_erased(world: World) -> None:
    await world.ada.slash(world.study, "quiz help")
    await world.app.left("discord", str(world.guild.id))
    await world.app.work()
    assert await world.store.read(lambda uow: uow.due.waiting("space.erase"))
    await world.restart()
    await world.env.settle()
    await world.app.work()
    assert not await world.store.read(lambda uow: uow.due.waiting("space.erase"))
