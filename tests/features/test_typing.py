"""What people type, forge and are called, from the line to the answer."""

import pytest

from bot.adapters.terminal.adapter import Seat
from bot.features import build_router
from bot.ports import Person, Place, Request
from bot.ui import Call
from tests.features.conftest import World


async def offers(world: World, seat: Seat, typed: str) -> list[str]:
    """The lines that `typed` may become, for the person at `seat`."""
    return await world.app.complete(Request(world.room.name, world.room.space, seat.channel, seat.person, typed), typed)


@pytest.mark.parametrize(
    "call", [Call.of("play.answer", "9" * 20, 0, "A"), Call.of("topics.turn", "²"), Call.of("play.answer", "٣", 0, "A")]
)
async def test_a_forged_number_is_refused_in_a_sentence(ann: Seat, call: Call) -> None:
    assert "is a whole number" in await ann.call(call)


async def test_odd_digits_in_a_form_are_refused_at_their_input(ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule")
    values = {"time": "9", "zone": "UTC", "weekdays": "daily", "verdict": "once"}
    assert "minutes: Write a whole number" in await ann.submit(**values, minutes="²")
    assert "minutes: Write a whole number" in await ann.submit(**values, minutes="9" * 30)


@pytest.mark.parametrize("route", ["daily.set", "settings.edit_space", "settings.save_space"])
async def test_what_only_admins_may_do_is_refused_to_others_however_they_ask(ann: Seat, bo: Seat, route: str) -> None:
    await ann.say("/quiz help")
    heard = await bo.call(Call(route))
    assert "Only an admin of this space may do this\nAsk one of them." in heard


COMMANDS = [route.name for route in build_router().routes.values() if route.trigger == "command"]


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_text_however_long_is_read_or_refused(ann: Seat, command: str) -> None:
    await ann.say("/quiz team create Reds")
    route = build_router().routes[command]
    for text in ("x" * 5000, "a. " + "<&x>" * 1500, "%:" * 2000):
        for given in (f"'{text}'", *(f"'{param.name}={text}'" for param in route.params)):
            assert "Something went wrong" not in await ann.say(f"/quiz {command} {given}")
            filled = [f"{param.name}=9" for param in route.params if param.required and param.name not in given]
            assert "Something went wrong" not in await ann.say(f"/quiz {command} {given} {' '.join(filled)}")


async def test_a_time_is_no_zone_and_an_hour_no_span_of_minutes(ann: Seat) -> None:
    assert "20:00, when a question is still open" in await ann.say("/quiz settings 20:00")
    assert "off" in await ann.say("/quiz settings off")
    heard = await ann.say("/quiz admin daily schedule 9 Europe/Berlin mon-fri 30")
    assert "09:00, Monday to Friday (Europe/Berlin)" in heard
    assert "30 minutes" in heard


async def test_apostrophes_belong_to_a_name(ann: Seat) -> None:
    assert "Ann made the team Ann's and Bob's" in await ann.say("/quiz team create Ann's and Bob's")


async def test_a_topic_of_a_schedule_is_offered_by_its_parameter(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    line = "/quiz admin daily schedule 09:00 topics=storage"
    assert line in await offers(world, ann, "/quiz admin daily schedule 09:00 stor")
    assert "storage" in await ann.say(line)


async def test_a_name_of_several_words_is_offered_in_quotes(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    await world.person("Ann Lee").say("/quiz help")
    assert '/quiz profile "Ann Lee"' in await offers(world, ann, "/quiz profile an")
    assert await offers(world, ann, "/quiz profile ann l") == []
    assert '/quiz profile "Ann Lee"' in await offers(world, ann, '/quiz profile "ann l')


async def test_two_people_of_one_name_can_be_told_apart(world: World, ann: Seat) -> None:
    await ann.say("/quiz team create Blue")
    for id in ("sam-1", "sam-2"):
        await world.room.join(Person(id, "Sam"), Place("daily", "daily")).say(f"/quiz team create {id}")
    assert "could be Sam (sam-1) and Sam (sam-2)" in await ann.say("/quiz admin team move Sam Blue")
    offered = await offers(world, ann, "/quiz admin team move sa")
    assert '/quiz admin team move "Sam (sam-2)"' in offered
    await ann.say('/quiz admin team move "Sam (sam-2)" Blue')
    assert "2 members: Ann and Sam" in await ann.say("/quiz team show Blue")
    assert "1 member: Sam" in await ann.say("/quiz team show sam-1")
    assert "Sam is in Blue now" in await ann.say("/quiz admin team move sam-1 Blue")


async def test_a_name_has_no_characters_that_nobody_sees(ann: Seat, bo: Seat) -> None:
    assert "made the team Blue\n" in await ann.say("/quiz team create Bl\u200bue\u202e")
    assert "There is a team called “Blue” already" in await bo.say("/quiz team create B\u2060lue")
    assert "2 to 40 characters" in await bo.say("/quiz team create \u200b\u200d\u2060")


async def test_somebody_whose_reported_zone_nobody_knows_is_let_in(world: World) -> None:
    person = Person("mo", "Mo", zone="Mars/Base")
    mo = world.room.join(person, Place("daily", "daily"))
    assert await world.app.suggest(Request("terminal", world.room.space, mo.channel, person, ""), "player", "") == [
        "Mo"
    ]
    assert "UTC (of this space)" in await mo.say("/quiz settings")
    await mo.say("/quiz ask storage")
    assert "Right: B" in await mo.press("B")
