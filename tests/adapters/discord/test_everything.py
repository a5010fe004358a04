"""Every button, menu and dialog there is, each used after the process that showed it is gone."""

from typing import Any

import pytest

from bot.adapters.discord import render
from bot.ui import Button, Buttons, Call, Card
from tests.adapters.discord.conftest import World, text


class Person:
    """A member or an admin in `#study`, and the message they look at. Before each thing they do the bot restarts."""

    def __init__(self, world: World, who: Any) -> None:
        self.world = world
        self.who = who
        self.seen: Any = None
        self.heard: Any = None

    async def types(self, command: str, **options: Any) -> str:
        await self.world.restart()
        return self._hears(await self.who.slash(self.world.study, command, **options))

    async def clicks(self, label: str, message: Any = None) -> str:
        await self.world.restart()
        return self._hears(await self.who.click(message or self.seen, label=label))

    async def chooses(self, value: str) -> str:
        await self.world.restart()
        return self._hears(await self.who.select(self.seen, [value]))

    async def sends(self, **values: Any) -> str:
        await self.world.restart()
        return self._hears(await self.who.submit_modal(self.heard, values))

    def _hears(self, result: Any) -> str:
        """The reply becomes the message looked at; what changed a message leaves that one in view."""
        self.heard = result
        if result.modal is None:
            told = [*result.followups[-1:], result.response, self.seen]
            self.seen = next(one for one in told if one is not None)
        return "" if result.modal else text(self.seen)


@pytest.fixture(params=["member", "admin"])
def person(world: World, request: pytest.FixtureRequest) -> Person:
    return Person(world, world.ada if request.param == "admin" else world.ben)


async def test_every_control_of_every_card_works_after_a_restart(world: World, person: Person) -> None:
    await world.ada.slash(world.study, "quiz-admin daily schedule", time="09:00", zone="UTC", topics="storage")
    await world.later(hours=1)
    message = world.study.last_message
    assert "Answer it" in await person.types("quiz home")
    assert "Daily question" in await person.clicks("Answer it")
    await person.clicks("Explain a term", message)
    assert "Kinesis" in await person.sends(term="Kinesis")
    assert "✓ Right" in await person.clicks("B", message)
    await person.clicks("Something wrong with this question?")
    assert "Thank you" in await person.sends(text="The key.")
    assert "You have answered this one" in await person.clicks("A", message)
    assert "✓ Right" in await person.clicks("Show my verdict")
    await _practice(person)
    await _boards(person)
    await world.later(days=1)
    closed = next(one for one in world.study.history() if "closed" in text(one))
    assert "has closed" in await person.clicks("B", await _old(person, "B", Call.of("play.answer", 1, 0, "B")))
    assert "The answer" in await person.clicks("Why")
    await person.clicks("Discuss", closed)
    assert "Your thought is on its way" in await person.sends(text="Why?")
    await _settings(person)
    await _admin(Person(world, world.ada))
    actions = {route.name for route in world.router.routes.values() if route.trigger == "action"}
    assert actions - world.app.routes == set()


async def _old(person: Person, label: str, call: Call) -> Any:
    """A message of long ago with a button that is not shown there any more."""
    shown = render.message(Card("Long ago", (Buttons(Button(label, call)),)))
    return await person.world.bot.get_channel(person.world.study.id).send(view=shown.view)


async def _practice(person: Person) -> None:
    assert "Question 1 of 2" in await person.types("quiz quiz", topic="storage", count=2)
    assert "✓ Right" in await person.clicks("B")
    assert "Question 2 of 2" in await person.clicks("Next question")
    await person.clicks("B")
    assert "2 of 2 right" in await person.clicks("See the result")
    await person.types("quiz ask", topic="terms")
    await person.clicks(next(line[1:-1] for line in text(person.seen).split("\n") if line.startswith("[")))
    inputs = [part["component"]["custom_id"] for part in person.heard.modal["components"]]
    said = await person.sends(**{inputs[0]: "three"})
    assert "✓ Right" in said or "✗ Not quite" in said


async def _boards(person: Person) -> None:
    await person.types("quiz leaderboard")
    assert "this month" in await person.chooses("month")
    await person.types("quiz team create", name="Reds")
    await person.types("quiz ask", topic="storage")
    await person.clicks("B")
    await person.types("quiz leaderboard", period="week", of="teams")
    assert "How teams are ranked" in await person.clicks("How?")
    await person.types("quiz team list")
    team = await person.world.store.read(lambda uow: uow.people.teams(1)[0].id)
    assert "You are in Reds already" in await person.chooses(str(team))
    assert "Topics" in await person.clicks("Previous", await _old(person, "Previous", Call.of("topics.turn", 1)))


async def _settings(person: Person) -> None:
    await person.types("quiz settings")
    await person.clicks("Change")
    assert "Europe/Berlin" in await person.sends(zone="Europe/Berlin", reminder="off")


async def _admin(ada: Person) -> None:
    await ada.types("quiz-admin settings")
    await ada.clicks("Change")
    assert "twice than missed" in await ada.sends(zone="Europe/Berlin", resend="at-least-once")
    await ada.types("quiz-admin daily schedule")
    sent = {"time": "10:00", "zone": "UTC", "weekdays": "daily", "minutes": "60", "verdict": ["once"]}
    assert "The daily question is set" in await ada.sends(**sent)
