"""Every command, button, menu and dialog there is, each used after the process that showed it is gone."""

from typing import Any

import pytest

from bot.adapters.slack import render
from bot.adapters.slack.manifest import EXPLAIN, QUIZ_ME
from bot.ports import Post
from bot.routing import Route
from bot.ui import Button, Buttons, Call, Card
from tests.adapters.slack.conftest import Visitor, World, label_of, text

pytestmark = pytest.mark.usefixtures("swift")

GIVEN = {
    "explain": "Kinesis",
    "ask": "storage",
    "quiz": "storage 2",
    "profile": "<@U1B|ben>",
    "leaderboard": "month teams",
    "seasons": "of=teams",
    "settings": "Europe/Berlin 20:00",
    "team create": "Blues",
    "team join": "Reds",
    "team rename": "Greens",
    "topics": "1",
    "admin daily schedule": "09:00 Europe/Berlin mon-fri close",
    "admin daily thread": "yes",
    "admin season start": "Winter",
    "admin settings": "Europe/Berlin",
    "admin team move": "<@U1B|ben> Greens",
    "admin team bind": "Greens <!subteam^S1|@greens>",
    "admin team unbind": "Greens",
    "admin manager add": "<@U1B|ben>",
    "admin manager remove": "<@U1B|ben>",
}
FAULTS = ("Something went wrong", "I can't read this", "is missing")
BEGIN = Card("Begin", (Buttons(Button("Where I stand", Call("home"))),))
ONWARD = ("Next question", "See the result", "Three more on")
AGAIN = {"zone": "Europe/Rome", "reminder": "off"}


@pytest.fixture(params=["member", "admin"])
def person(world: World, request: pytest.FixtureRequest) -> Visitor:
    """Somebody in `#study` in front of whom the bot restarts before each thing they do."""
    return Visitor(world, "U1A" if request.param == "admin" else "U1B", renewed=True)


# ---- commands


async def test_every_command_is_answered_for_admins(world: World) -> None:
    ada, ben = Visitor(world, "U1A", renewed=True), Visitor(world, "U1B")
    await ben.types("/quiz team create Reds")
    await ben.types("/quiz ask storage")
    await ben.uses("B")
    every = _commands(world)
    for route in every:
        said = await ada.types(f"/quiz {route.name} {GIVEN.get(route.name, '')}")
        assert said, route.name
        assert not [fault for fault in FAULTS if fault in said], (route.name, said)
        assert "is for admins" not in said, route.name
    assert {route.name for route in every} - world.app.routes == set()


async def test_every_command_is_answered_for_members_and_those_of_admins_are_refused(world: World) -> None:
    ben = Visitor(world, "U1B", renewed=True)
    await Visitor(world, "U1A").types("/quiz team create Reds")
    for route in _commands(world):
        said = await ben.types(f"/quiz {route.name} {GIVEN.get(route.name, '')}")
        assert said, route.name
        assert not [fault for fault in FAULTS if fault in said], (route.name, said)
        assert ("is for admins of this space" in said) == route.admin, (route.name, said)


def _commands(world: World) -> list[Route]:
    return [*world.app.router.commands(), *world.app.router.commands(admin=True)]


# ---- every control


async def test_every_control_of_every_card_works_after_a_restart(world: World, person: Visitor) -> None:
    await Visitor(world, "U1A").types("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    daily = world.wire.messages("C1")[-1]
    await _daily(person, daily)
    await world.later(days=1)
    await _closed(person, daily)
    await _teams(person)
    assert "Topics" in await person.uses("Old", _old(person, Call.of("topics.turn", 2)))
    await _admin(Visitor(world, "U1A", renewed=True))
    await person.types("/quiz")
    await _from_home(person)
    actions = {route.name for route in world.app.router.routes.values() if route.trigger == "action"}
    assert actions - world.app.routes == set()


async def _daily(person: Visitor, daily: Any) -> None:
    assert "Daily question" in await person.uses("Old", _old(person, Call.of("daily.show", 1)))
    await person.uses("Explain a term", daily)
    assert "Kinesis" in await person.sends(term="Kinesis")
    assert "✓ Right" in await person.uses("B", daily)
    await person.uses("Something wrong with this question?")
    assert "Thank you" in await person.sends(text="The key.")
    assert "You have answered this one" in await person.uses("A", daily)
    assert "✓ Right" in await person.uses("Show my verdict")
    assert "✓ Right" in await person.calls(EXPLAIN, daily)


async def _closed(person: Visitor, daily: Any) -> None:
    assert "has closed" in await person.uses("Old", _old(person, Call.of("play.answer", 1, 0, "B")))
    assert "The answer" in await person.uses("Why")
    await person.uses("Discuss", daily)
    assert "Your thought is on its way" in await person.sends(text="Why?")


def _old(person: Visitor, call: Call) -> Any:
    """A message of long ago with a button that is not shown there any more."""
    shown = render.message(Card("Long ago", (Buttons(Button("Old", call)),)))
    return person.wire.say(person.wire.workspaces["T1"], "C1", {"text": shown.text, "blocks": shown.blocks})


async def _teams(person: Visitor) -> None:
    await person.types("/quiz team create Reds")
    made = person.seen
    assert "You are in Reds already" in await person.uses("Join", made)
    await person.types("/quiz team list")
    team = await person.world.store.read(lambda uow: uow.people.teams(1)[0].id)
    assert "You are in Reds already" in await person.chooses(str(team))
    await person.types("/quiz ask terms")
    assert "✗ Not quite" in await person.answers()
    await person.types("/quiz ask storage")
    await person.uses("B")
    await person.types("/quiz leaderboard week teams")
    assert "How teams are ranked" in await person.uses("How?")


async def _admin(ada: Visitor) -> None:
    await ada.types("/quiz admin settings")
    await ada.uses("Change")
    assert await ada.sends(zone="Nowhere", resend="at-least-once") == ""
    assert set(ada.ack.answer["errors"]) == {"zone"}
    assert "twice than missed" in await ada.sends(zone="Europe/Berlin", resend="at-least-once")
    await ada.types("/quiz admin daily schedule")
    assert await ada.sends(time="soon", zone="x", minutes="1") == ""
    assert ada.ack.answer["errors"].keys() == {"minutes"}
    assert await ada.sends(time="soon", zone="x", minutes="60") == ""
    assert ada.ack.answer["errors"].keys() == {"time", "zone"}
    assert "The daily question is set" in await ada.sends(time="10:00", zone="UTC", minutes="60", verdict="close")


# ---- wherever there are controls


@pytest.mark.parametrize("where", ["channel", "direct", "thread", "ephemeral"])
async def test_all_that_home_leads_to_works_in_messages(world: World, person: Visitor, where: str) -> None:
    alone = where == "direct"
    receipt = await world.slack.send(Post("begin", "slack", "T1", "C1", BEGIN, person=person.user if alone else ""))
    begin = world.wire.messages(receipt.partition("/")[0])[-1]
    person.channel = world.wire.where(begin)
    if where == "thread":
        begin["thread_ts"] = "1.000001"
    await (person.types("/quiz home") if where == "ephemeral" else person.uses("Where I stand", begin))
    await _from_home(person)
    assert {one.get("thread_ts") for one in person.told} == {"1.000001" if where == "thread" else None}
    assert world.wire.messages(person.channel) == [begin]


async def test_all_that_home_leads_to_works_in_dialogs(person: Visitor) -> None:
    await person.opens_home()
    await _from_home(person)
    assert person.told == []


async def test_all_that_quiz_me_leads_to_works_in_its_dialog(person: Visitor) -> None:
    assert "A question for you" in await person.calls(QUIZ_ME)
    await _question(person)
    await _boards(person)
    assert person.told == []


async def test_what_follows_from_a_message_to_one_person_is_about_the_channel_of_that_message(
    world: World, person: Visitor
) -> None:
    await world.slack.send(Post("begin", "slack", "T1", "C1", BEGIN, person=person.user))
    person.channel = f"D{person.user[1:]}"
    assert "This works in a channel" in await person.types("/quiz team list")
    await person.uses("Where I stand", world.wire.messages(person.channel)[-1])
    await person.uses("One question")
    await _boards(person)
    await person.uses("Teams")
    assert "No teams yet" in await person.uses("Teams")


async def _from_home(person: Visitor) -> None:
    """Everything that the card of `home` leads to."""
    home = person.seen
    assert "aily question" in await person.uses(label_of("", home))
    await _back(person, home)
    assert "Topics" in await person.uses("Topics", home)
    await person.chooses("storage")
    await _question(person)
    await _boards(person)
    await _back(person, home)
    await person.uses("Profile", home)
    assert "Your settings" in await person.uses("Settings")
    await person.uses("Change")
    assert await person.sends(zone="Nowhere", reminder="soon") == ""
    assert set(person.ack.answer["errors"]) == {"zone", "reminder"}
    assert "Streak reminder  off" in await person.sends(**AGAIN)


async def _question(person: Visitor) -> None:
    """A question, and all that comes after it."""
    question = person.seen
    await person.uses("Explain a term")
    assert "Kinesis" in await person.sends(term="Kinesis")
    await _back(person, question)
    assert (await person.answers())[:1] in ("✓", "✗")
    verdict = person.seen
    await person.uses("Something wrong with this question?")
    assert "Thank you" in await person.sends(text="The key.")
    await _back(person, verdict)
    await person.uses(label_of("Three more on", verdict))
    await _to_result(person)
    assert "[Explain a term]" in await person.uses("Another one")


async def _boards(person: Visitor) -> None:
    """Every board, from a question."""
    await _to_result(person)
    assert "Leaderboard · this week" in await person.uses("Leaderboard")
    assert "Leaderboard · this month" in await person.chooses("month")
    await person.uses("Teams")
    assert "Leaderboard · this month" in await person.uses("Players")


async def _to_result(person: Visitor) -> None:
    """Answer questions and go on, to the result of a quiz."""
    for _ in range(20):
        shown = text(person.seen)
        if "Your quiz:" in shown:
            return
        ways = [way for way in ONWARD if f"[{way}" in shown]
        assert await (person.uses(label_of(ways[0], person.seen)) if ways else person.answers())
    raise AssertionError("a quiz without end")


async def _back(person: Visitor, to: Any) -> None:
    """Look at something again, for which the dialogs that lie on it are closed."""
    while to["type"] != "message" and (stack := person.wire.views.get(person.user)) and stack[-1] is not to:
        await person.wire.close(person.user)
    person.seen = to
