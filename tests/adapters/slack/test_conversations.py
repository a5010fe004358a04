"""What people do on Slack and see there, end to end over signed HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.slack import home
from bot.adapters.slack.manifest import EXPLAIN, QUIZ_ME
from tests.adapters.slack.conftest import Visitor, World, label_of, text
from tests.adapters.slack.loopback import Fault
from tests.adapters.slack.workspaces import Channel

pytestmark = pytest.mark.usefixtures("swift")

EVIL = "<!channel> <@U1A> *all* &c <!here|here>"
REACHES = ("broadcast", "user", "usergroup", "channel")


@pytest.fixture
def ada(world: World) -> Visitor:
    """An admin of the workspace."""
    return Visitor(world, "U1A")


@pytest.fixture
def ben(world: World) -> Visitor:
    """A member."""
    return Visitor(world, "U1B")


async def daily(world: World, more: str = "") -> Any:
    """A daily question in `#study`, as posted at nine."""
    said = await Visitor(world, "U1A").types(f"/quiz admin daily schedule 09:00 UTC topics=storage {more}")
    assert "The daily question is set" in said
    await world.later(hours=1)
    return posted(world)


def posted(world: World) -> Any:
    """The newest message in `#study`."""
    return world.wire.messages("C1")[-1]


def pings(shown: Any) -> list[Any]:
    """What in a message or a view would call somebody, or lead somewhere, that Slack writes as markup."""
    found = [shown["text"]] if "<" in shown.get("text", "") else []
    for part in _parts(shown["blocks"]):
        if part.get("type") in REACHES:
            found.append(part)
        if part.get("type") == "mrkdwn" and "<" in part["text"].replace("<!date^", ""):
            found.append(part["text"])
    return found


def _parts(value: Any) -> Iterator[Any]:
    for one in value if isinstance(value, list) else value.values():
        if isinstance(one, dict):
            yield one
        if isinstance(one, dict | list):
            yield from _parts(one)


# ---- typing


async def test_a_command_is_answered_to_whoever_typed_it_alone(world: World, ben: Visitor) -> None:
    assert "Nobody has scored" in await ben.types("/quiz leaderboard")
    assert ben.seen["is_ephemeral"]
    assert world.wire.messages("C1") == []


async def test_a_command_without_words_shows_buttons_for_the_usual_things(ben: Visitor) -> None:
    said = await ben.types("/quiz")
    assert "Where you stand" in said
    assert said.split("\n")[-6:-3] == ["[Today's question]", "[One question]", "[Leaderboard]"]
    assert "A question for you" in await ben.uses("One question")


async def test_a_mistake_is_answered_with_the_usage(ben: Visitor) -> None:
    assert "Usage: /quiz explain term" in await ben.types("/quiz explain")
    assert "Usage: /quiz quiz [topic] [count]" in await ben.types("/quiz quiz storage 99")
    assert "Did you mean /quiz leaderboard?" in await ben.types("/quiz leaderbord")


async def test_words_in_quotes_stay_together(ben: Visitor) -> None:
    assert "made the team Red & Blue" in await ben.types('/quiz team create "Red &amp; Blue"')
    assert "Join it with /quiz team join Red" in await ben.types("/quiz team create “Red &amp; Blue”")


async def test_a_person_is_named_as_slack_names_people(ada: Visitor, ben: Visitor) -> None:
    await ben.types("/quiz help")
    assert (await ada.types("/quiz profile <@U1B|ben>")).startswith("*Ben*")
    assert (await ada.types("/quiz profile @ben")).startswith("*Ben*")
    assert "zed has not played here yet" in await ada.types("/quiz profile <@U1X|zed>")
    assert "I know nobody called “U1X”" in await ada.types("/quiz profile U1X")


async def test_somebody_new_is_made_a_manager_by_the_name_slack_gives(ada: Visitor) -> None:
    assert "zed & co manages the quiz here now" in await ada.types("/quiz admin manager add <@U1X|zed &amp; co>")
    assert "zed" in await ada.types("/quiz admin manager list")


async def test_a_channel_is_named_as_slack_names_channels_even_one_never_met(world: World, ada: Visitor) -> None:
    world.wire.workspaces["T1"].channel("C9", "elsewhere")
    said = await ada.types("/quiz admin daily schedule 09:00 UTC channel=<#C9|elsewhere>")
    assert "#elsewhere" in said
    await world.later(hours=1)
    assert "Daily question" in text(world.wire.messages("C9")[-1])
    assert world.wire.messages("C1") == []


async def test_members_of_a_bound_user_group_are_in_the_team(world: World, ada: Visitor, ben: Visitor) -> None:
    world.wire.workspaces["T1"].group("S1", "reds", "U1B")
    await ada.types("/quiz team create Reds")
    assert "Reds is bound to a role" in await ada.types("/quiz admin team bind Reds <!subteam^S1|@reds>")
    assert "2 members: Ada and Ben" in await ben.types("/quiz team show")
    assert "Reds comes with a role" in await ben.types("/quiz team leave")


async def test_the_zone_of_somebody_new_is_the_one_slack_tells(world: World, ben: Visitor) -> None:
    world.wire.workspaces["T1"].users["U1B"].tz = "Asia/Tokyo"
    message = await daily(world)
    assert "Set my time zone" not in await ben.uses("B", message)
    assert "Your time zone  Asia/Tokyo\n" in await ben.types("/quiz settings")


async def test_nothing_that_people_write_calls_anybody(world: World, ada: Visitor, ben: Visitor) -> None:
    world.wire.workspaces["T1"].users["U1B"].display_name = EVIL
    typed = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    message = await daily(world)
    await ben.types(f"/quiz team create {typed[:60]}")
    for line in ("team show", "team list", f"ask {typed}", "leaderboard", "profile", f"explain {typed}"):
        await ben.types(f"/quiz {line}")
    await ben.types(f"/quiz team create {EVIL[:30]}")
    await ben.uses("B", message)
    await ben.opens_home()
    await world.later(days=1)
    await ben.uses("Discuss", message)
    await ben.sends(text=EVIL)
    await world.later(seconds=1)
    assert EVIL in text(posted(world))
    await ada.types("/quiz leaderboard")
    assert "<!channel>" in text(ada.seen)
    everything = [*world.wire.messages("C1"), *ben.told, *ada.told, ben.home]
    assert [ping for shown in everything for ping in pings(shown)] == []


# ---- who may what


async def test_members_are_refused_what_admins_may(ada: Visitor, ben: Visitor) -> None:
    assert "is for admins of this space" in await ben.types("/quiz admin daily pause")
    assert "The daily question is set" in await ada.types("/quiz admin daily schedule 09:00 UTC")
    assert "is for admins of this space" in await ben.types("/quiz admin daily schedule 10:00 UTC")


async def test_an_owner_may_what_admins_may(world: World, ben: Visitor) -> None:
    world.wire.workspaces["T1"].users["U1B"].is_owner = True
    assert "Settings of this space" in await ben.types("/quiz admin settings")


async def test_a_manager_may_until_an_admin_takes_it_back(ada: Visitor, ben: Visitor) -> None:
    await ben.types("/quiz help")
    assert "Ben manages the quiz here now" in await ada.types("/quiz admin manager add <@U1B|ben>")
    assert "The daily question is set" in await ben.types("/quiz admin daily schedule 09:00 UTC")
    assert "Ben is no manager any more" in await ada.types("/quiz admin manager remove <@U1B|ben>")
    assert "is for admins of this space" in await ben.types("/quiz admin daily pause")


async def test_a_button_of_an_admin_refuses_members(ada: Visitor, ben: Visitor) -> None:
    await ada.types("/quiz admin settings")
    assert "Only an admin of this space may do this" in await ben.uses("Change", ada.seen)


# ---- the daily question


async def test_a_daily_is_posted_answered_once_and_closed(world: World, ben: Visitor) -> None:
    message = await daily(world)
    assert text(message).startswith("Daily question · 23 November\n")
    assert "✓ Right: B" in await ben.uses("B", message)
    assert ben.seen["is_ephemeral"]
    assert "You have answered this one" in await ben.uses("A", message)
    assert "✓ Right: B" in await ben.uses("Show my verdict")
    await world.later(seconds=5)
    assert "1 has answered" in text(message)
    await world.later(days=1)
    assert "Daily question · 23 November · closed" in text(message)
    assert "Answers given: A 0, B (right) 1, C 0" in text(message)
    assert "1 of 1 was right. First: Ben." in text(message)
    assert "[A]" not in text(message)


async def test_a_verdict_on_a_daily_that_people_discuss_in_its_thread_is_shown_in_the_channel(
    world: World, ben: Visitor
) -> None:
    message = await daily(world)
    message["thread_ts"] = message["ts"]
    assert "✓ Right: B" in await ben.uses("B", message)
    assert "thread_ts" not in ben.seen


async def test_whoever_slack_does_not_tell_about_now_keeps_their_name(world: World, ben: Visitor) -> None:
    world.expected.add("not asked")
    await ben.types("/quiz team create Reds")
    await world.restart()
    world.wire.faults = [("users.info", Fault(500))] * 2
    await ben.opens_home()
    await ben.types("/quiz team show Reds")
    assert "1 member: Ben" in text(ben.seen)


async def test_somebody_new_whom_slack_does_not_tell_about_is_called_by_their_handle(
    world: World, ben: Visitor
) -> None:
    world.wire.faults += [("users.info", Fault(500))]
    await ben.types("/quiz team create Reds")
    assert "ben made the team Reds" in text(posted(world))


async def test_somebody_new_is_called_by_their_handle_also_where_they_press_a_button(
    world: World, ben: Visitor
) -> None:
    message = await daily(world)
    world.wire.faults += [("users.info", Fault(500))]
    await ben.uses("A", message)
    assert [one.name for one in await world.store.read(lambda uow: uow.people.players(1, "U1B"))] == ["ben"]


async def test_a_thought_is_said_to_the_whole_channel(world: World, ben: Visitor) -> None:
    message = await daily(world)
    await world.later(days=1)
    assert "Your thought" in await ben.uses("Discuss", message)
    assert "Your thought is on its way to #study" in await ben.sends(text="Why not A?")
    await world.later(seconds=1)
    assert "Ben on the question of 23 November\nWhy not A?" in text(posted(world))


async def test_the_card_of_a_daily_shows_what_it_is_by_now(world: World, ben: Visitor) -> None:
    message = await daily(world)
    assert "[A]" in await ben.types("/quiz daily")
    await ben.uses("B", message)
    said = await ben.types("/quiz daily")
    assert "You have answered this one" in said
    assert "1 has answered, 1 of them right · closes" in said
    await ben.types("/quiz admin daily pause")
    await Visitor(world, "U1A").types("/quiz admin daily pause")
    await world.later(days=1)
    said = await ben.types("/quiz daily")
    assert "closed" in said
    assert "Answers given: " in said


async def test_a_reminder_is_about_the_channel_whose_question_waits(world: World, ben: Visitor) -> None:
    world.wire.workspaces["T1"].channel("C9", "elsewhere")
    await Visitor(world, "U1A", "C9").types("/quiz admin daily schedule 07:00 UTC mon topics=streams")
    message = await daily(world)
    await ben.uses("B", message)
    await ben.types("/quiz settings 20:00")
    await world.later(days=1)
    await world.later(hours=10)
    reminder = world.wire.messages("D1B")[-1]
    assert "Your streak of 1 day waits" in text(reminder)
    alone = Visitor(world, "U1B", "D1B")
    assert "24 November\nStorage" in await alone.uses("Show the question", reminder)
    assert "✓ Right" in await alone.uses("B")
    assert world.wire.messages("D1B") == [reminder]


@pytest.mark.parametrize("topic", ["matches", "numbers", "orders", "pairs", "terms"])
async def test_every_kind_that_needs_a_form_is_answered_in_a_dialog(ben: Visitor, topic: str) -> None:
    await ben.types(f"/quiz ask {topic}")
    asked = ben.seen
    said = await ben.answers()
    assert "✓ Right" in said or "✗ Not quite" in said
    assert "You answered: " in text(asked)
    assert "[Explain a term]" not in text(asked)
    assert ben.wire.views["U1B"] == []


# ---- boards


async def test_boards_are_tables(world: World, ada: Visitor, ben: Visitor) -> None:
    await ben.uses("B", await daily(world))
    said = await ada.types("/quiz leaderboard")
    assert " | Player | Points | Right | Streak\n1 | Ben | 10 | 1 of 1 | 1" in said.replace("\u00a0", "")
    assert [block["type"] for block in ada.seen["blocks"]].count("table") == 1


async def test_a_board_is_turned_in_place_by_click_and_choice(world: World, ben: Visitor) -> None:
    for number in range(12):
        world.wire.workspaces["T1"].user(f"U1X{number}", f"x{number}")
        player = Visitor(world, f"U1X{number}")
        await player.types("/quiz ask storage")
        await player.uses("B")
    first = await ben.types("/quiz leaderboard")
    board, count = ben.seen, len(ben.told)
    second = await ben.uses("Next")
    assert "X11" in first + second
    assert first.count(" of 1") == 10
    assert second.count(" of 1") == 2
    assert await ben.uses("Previous") == first
    assert "Leaderboard · this month" in await ben.chooses("month")
    assert "No team has scored this month" in await ben.uses("Teams")
    assert ben.seen is board
    assert len(ben.told) == count


# ---- answers that come late


def exhaust(world: World, how: str) -> None:
    """Let no response URL given so far take another answer."""
    if how == "old":
        world.wire.advance(1801)
    for url in world.wire.urls.values():
        url.uses = 5 if how == "used" else url.uses


@pytest.mark.parametrize("spent", ["used", "old"])
async def test_a_form_is_answered_even_where_the_response_url_takes_no_more(
    world: World, ben: Visitor, spent: str
) -> None:
    await ben.types("/quiz settings")
    await ben.uses("Change")
    exhaust(world, spent)
    assert "Your time zone  Europe/Paris" in await ben.sends(zone="Europe/Paris", reminder="off")
    assert ben.seen["is_ephemeral"]


async def test_it_is_answered_in_the_direct_channel_where_the_bot_is_not_in_the_other(world: World) -> None:
    world.wire.workspaces["T1"].channel("C9", "elsewhere", bot=False)
    ben = Visitor(world, "U1B", "C9")
    await ben.types("/quiz settings")
    await ben.uses("Change")
    exhaust(world, "old")
    await ben.sends(zone="Europe/Paris", reminder="off")
    assert "Europe/Paris" in text(world.wire.messages("D1B")[-1])


async def test_what_two_people_write_to_each_other_shows_neither_the_answers_of_the_other(world: World) -> None:
    """A command may be typed there, and Slack does not say that it is no conversation with the bot."""
    world.wire.workspaces["T1"].channels["D9"] = Channel("D9", "", {"U1A", "U1B"}, user="U1A")
    ben = Visitor(world, "U1B", "D9")
    assert "A question for you" in await ben.types("/quiz ask storage")
    assert "✓ Right" in await ben.uses("B")
    assert world.wire.messages("D9") == []


# ---- shortcuts


async def test_a_question_is_explained_to_those_who_have_answered_it_and_to_all_once_it_is_closed(
    world: World, ada: Visitor, ben: Visitor
) -> None:
    message = await daily(world)
    assert "You have not answered this question" in await ben.calls(EXPLAIN, message)
    await ben.uses("B", message)
    assert "✓ Right: B" in await ben.calls(EXPLAIN, message)
    assert "You have not answered this question" in await ada.calls(EXPLAIN, message)
    await world.later(days=1)
    assert (await ada.calls(EXPLAIN, message)).startswith("The answer\n")
    assert world.wire.messages("D1A") == []


async def test_what_asks_no_question_is_not_explained(world: World, ben: Visitor) -> None:
    acme = world.wire.workspaces["T1"]
    human = {"type": "message", "user": "U1A", "ts": world.wire.ts(), "text": "hello", "blocks": []}
    other = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}
    app = world.wire.say(acme, "C1", {"text": "x", "blocks": [{"type": "actions", "elements": [other]}]})
    world.wire.messages("C1").append(human)
    del human["blocks"]
    for message in (human, app):
        assert "asks no question of mine" in await ben.calls(EXPLAIN, message)


async def test_quiz_me_asks_and_judges_in_a_dialog(world: World, ben: Visitor) -> None:
    assert (await ben.calls(QUIZ_ME)).count("A question for you") == 1
    assert (await ben.answers())[:1] in ("✓", "✗")
    assert "Question 1 of" in await ben.uses(label_of("Three more on", ben.seen))
    assert ben.seen["type"] == "modal"
    assert ben.told == []
    assert world.wire.messages("C1") == []


async def test_form_after_form_opens_in_a_dialog_although_only_three_dialogs_may_lie_on_each_other(
    ben: Visitor,
) -> None:
    await ben.opens_home()
    await ben.uses("Settings")
    for zone in ("Europe/Paris", "Asia/Tokyo", "Europe/Rome", "UTC"):
        assert "Streak reminder" in await ben.uses("Change")
        assert f"Your time zone  {zone}" in await ben.sends(zone=zone, reminder="off")


# ---- App Home


async def test_home_is_drawn_when_it_is_opened_and_after_an_answer(world: World, ben: Visitor) -> None:
    message = await daily(world)
    assert "The daily question comes in channels" in await ben.opens_home()
    await ben.uses("B", message)
    assert "You have answered today's question" in text(ben.home)
    assert "Streak  1 day, best 1" in text(ben.home)
    assert len(world.wire.called("views.publish")) == 2


@pytest.fixture
def fleeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is taken to be looking at their Home any more, however soon after they opened it."""
    monkeypatch.setattr(home, "SHOWN", 0.0)


@pytest.mark.usefixtures("fleeting")
async def test_home_is_not_drawn_for_somebody_who_opened_it_more_than_an_hour_ago(world: World, ben: Visitor) -> None:
    message = await daily(world)
    await ben.opens_home()
    await ben.uses("B", message)
    assert "The daily question comes in channels" in text(ben.home)
    assert "You have answered today's question" in await ben.opens_home()


async def test_the_messages_tab_is_no_home(world: World, ben: Visitor) -> None:
    await world.wire.open_home("U1B", tab="messages")
    await ben.types("/quiz ask storage")
    await ben.uses("B")
    assert ben.home is None


async def test_a_question_is_answered_from_home(world: World, ben: Visitor) -> None:
    await ben.uses("B", await daily(world))
    await world.later(days=1)
    assert "Today's question waits for your answer" in await ben.opens_home()
    assert "Daily question · 24 November" in await ben.uses("Answer it")
    assert "✓ Right: B" in await ben.uses("B")
    assert "You have answered today's question" in text(ben.home)


async def test_home_is_everybodys_own(world: World, ada: Visitor, ben: Visitor) -> None:
    message = await daily(world)
    await ada.opens_home()
    await ben.opens_home()
    await ben.uses("B", message)
    assert "The daily question comes in channels" in text(ada.home)
    assert "You have answered" in text(ben.home)
