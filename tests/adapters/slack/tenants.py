"""Workspaces that let the bot in and take it out again, and what is seen of that."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bot.ports import Space, StoreError
from tests.adapters.slack.conftest import World, text
from tests.adapters.slack.loopback import Ack

DAILY = "/quiz admin daily schedule 09:00 UTC"


async def notes(world: World) -> dict[str, str]:
    return await world.store.read(lambda uow: uow.notes.all("slack."))


async def space_of(world: World, team: str = "T1") -> Space | None:
    return await world.store.read(lambda uow: uow.people.space_of("slack", team))


async def says(world: World, line: str = "/quiz leaderboard", user: str = "U1B", channel: str = "C1") -> str:
    """What somebody is told by a command."""
    before = len(world.wire.ephemeral(user))
    assert (await world.wire.command(line, user, channel)).status == 200
    await world.slack.answered()
    return "\n".join(text(one) for one in world.wire.ephemeral(user)[before:])


async def uninstalled(world: World, team: str = "T1") -> list[Ack]:
    """Remove the bot from a workspace, or from its organization."""
    workspace = world.wire.workspaces[team]
    for token, known in world.wire.tokens.items():
        if team in known.teams:
            world.wire.revoke(token, "account_inactive")
    told = await world.wire.uninstall(workspace)
    await world.app.work()
    return told


async def passing(world: World, **span: float) -> None:
    """Let time pass, and a little more for what goes to one channel a second apart."""
    await world.app.work()
    world.slack._poster._clock = lambda: world.wire.now
    await world.later(**span)
    await world.later(seconds=5)


async def is_stranger(world: World, user: str, channel: str) -> bool:
    """Whether somebody who types a command is told that the bot is not installed."""
    said = len(world.wire.called("response_url"))
    await says(world, "/quiz leaderboard", user, channel)
    (told,) = world.wire.called("response_url")[said:]
    return "I am not installed in this workspace" in told["text"]


async def dailies(world: World, team: str = "T1") -> list[tuple[bool, str]]:
    """Whether the schedules of a workspace are active, and if not, why."""
    space = await space_of(world, team)
    assert space
    return await world.store.read(lambda uow: [(one.active, one.why) for one in uow.schedules.of_space(space.id)])


class Failing:
    """Steps that fail once each, in the order given; `calls` are all that were made."""

    def __init__(self, steps: Sequence[str]) -> None:
        self.steps = list(steps)
        self.calls: list[str] = []

    def around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        async def step(*given: Any) -> Any:
            self.calls.append(name)
            if self.steps and self.steps[0] == name:
                self.steps.pop(0)
                raise StoreError("The disk is full; nothing was saved.")
            return await real(*given)

        return step


def failing(world: World, monkeypatch: pytest.MonkeyPatch, steps: Sequence[str]) -> Failing:
    """Let `left` and `joined` of the application, and `forget` of the grants, fail."""
    made = Failing(steps)
    for owner, name in ((world.app, "left"), (world.app, "joined"), (world.slack._grants, "forget")):
        monkeypatch.setattr(owner, name, made.around(name, getattr(owner, name)))
    return made
