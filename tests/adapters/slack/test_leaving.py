"""The bot is removed, and let in again: what is in use is never erased, and what was left always is."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from bot.adapters.slack.adapter import Slack
from bot.adapters.slack.grants import refusal_of
from bot.adapters.slack.installs import Installs
from bot.ports import StoreError, T, UnitOfWork
from tests.adapters.slack import payloads
from tests.adapters.slack.conftest import MANY_BY_HTTP, SIGNING, World, install, living
from tests.adapters.slack.loopback import Fault
from tests.adapters.slack.tenants import (
    DAILY,
    dailies,
    failing,
    is_stranger,
    notes,
    passing,
    says,
    space_of,
    uninstalled,
)

Work = Callable[[UnitOfWork], T]
GOING_ON, LEFT = [(True, "")], [(False, "I was taken out of this space.")]


@pytest.fixture
async def open_to_all(tmp_path: Path) -> AsyncIterator[World]:
    """The bot over HTTP, installed nowhere yet."""
    async with living(tmp_path, MANY_BY_HTTP) as made:
        yield made
    assert made.troubles == []


@pytest.fixture
async def organization(open_to_all: World) -> World:
    """Workspaces `T8` and `T9` of an organization that has installed the bot for all of them, each with a daily."""
    for team in ("T8", "T9"):
        open_to_all.wire.workspace(team, f"Team {team[1:]}", "E1", orgwide=True)
    await install(open_to_all, "T8")
    for number in "89":
        await says(open_to_all, DAILY, f"U{number}A", f"C{number}")
    return open_to_all


@asynccontextmanager
async def replica(world: World) -> AsyncIterator[Slack]:
    """Another process of the bot, beside the one of `world`; nothing reaches it yet."""
    made = Slack(world.app, world.app.router, world.store, world.keys, world.wire.api, 5.0, lambda: world.wire.now)
    await made.start()
    yield made
    await made.stop()


def reach(world: World, slack: Slack) -> None:
    """Let everything reach this process from now on."""
    world.slack = slack
    world.wire.over_http(slack.asgi, SIGNING, "/events")


async def installed_earlier(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot into `T1` ten minutes ago, with a daily."""
    grants = world.slack._grants
    assert isinstance(grants, Installs)
    save = grants.async_save

    async def saved(installation: Installation) -> None:
        installation.installed_at -= 600
        await save(installation)

    with monkeypatch.context() as earlier:
        earlier.setattr(grants, "async_save", saved)
        await install(world, "T1")
    await says(world, DAILY, "U1A")


def token_of(world: World, team: str) -> str:
    """The token a workspace gave last."""
    return [token for token, known in world.wire.tokens.items() if team in known.teams][-1]


def interrupted(world: World, monkeypatch: pytest.MonkeyPatch, broken: int) -> list[int]:
    """Let one step of the store fail, counted from 0; the number of steps so far is the one item returned."""
    steps = [0]

    def counted(real: Callable[[Work[T]], Awaitable[T]]) -> Callable[[Work[T]], Awaitable[T]]:
        async def step(work: Work[T]) -> T:
            steps[0] += 1
            if steps[0] == broken + 1:
                raise StoreError("The disk is full; nothing was saved.")
            return await real(work)

        return step

    monkeypatch.setattr(world.store, "run", counted(world.store.run))
    monkeypatch.setattr(world.store, "read", counted(world.store.read))
    return steps


def regranted(world: World, team: str) -> None:
    """The tokens of before work again, as if nothing had been."""
    for known in world.wire.tokens.values():
        if team in known.teams:
            known.trouble = ""


async def erasures(world: World) -> int:
    return len(await world.store.read(lambda uow: list(uow.due.waiting("space.erase"))))


async def tell(world: World, team: str, event: dict[str, Any], at: float | None = None) -> int:
    """Tell of an event, of now or of then; the status of the answer."""
    told = payloads.event(world.wire, world.wire.workspaces[team], event)
    ack = await world.wire.tell("events_api", told | ({} if at is None else {"event_time": int(at)}))
    await world.app.work()
    return ack.status


async def test_a_workspace_that_removes_the_bot_loses_its_tokens_at_once(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await install(open_to_all, "T2")
    await says(open_to_all)
    assert [ack.status for ack in await uninstalled(open_to_all)] == [200, 200]
    assert list(await notes(open_to_all)) == ["slack.install:/T2"]
    assert await is_stranger(open_to_all, "U1B", "C1")
    assert "Nobody has scored" in await says(open_to_all, "/quiz leaderboard", "U2B", "C2")


async def test_the_questions_of_a_workspace_that_removed_the_bot_stop_and_its_data_goes(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await says(open_to_all, DAILY, "U1A")
    await passing(open_to_all, hours=1)
    posted = len(open_to_all.wire.messages("C1"))
    assert posted
    await uninstalled(open_to_all)
    await passing(open_to_all, days=29)
    assert await space_of(open_to_all)
    await passing(open_to_all, days=1)
    await passing(open_to_all, days=2)
    assert await space_of(open_to_all) is None
    assert len(open_to_all.wire.messages("C1")) == posted


async def test_a_workspace_that_comes_back_in_time_goes_on_where_it_left_off(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await says(open_to_all, DAILY, "U1A")
    await passing(open_to_all, hours=1)
    await uninstalled(open_to_all)
    await passing(open_to_all, days=10)
    before = len(open_to_all.wire.messages("C1"))
    await install(open_to_all, "T1")
    await passing(open_to_all, days=1)
    assert len(open_to_all.wire.messages("C1")) > before
    for _ in range(40):
        await passing(open_to_all, days=1)
    assert await space_of(open_to_all)


async def test_a_token_of_a_person_is_none_of_ours(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    wire = open_to_all.wire
    told = payloads.event(wire, wire.workspaces["T1"], {"type": "tokens_revoked", "tokens": {"oauth": ["U1A"]}})
    assert (await wire.tell("events_api", told)).status == 200
    assert list(await notes(open_to_all)) == ["slack.install:/T1"]
    assert "Nobody has scored" in await says(open_to_all)


async def test_a_workspace_that_installs_again_has_its_new_token_used(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await says(open_to_all)
    old = open_to_all.wire.seen[-2][2]
    await install(open_to_all, "T1")
    open_to_all.wire.revoke(old)
    await open_to_all.wire.open_home()
    await open_to_all.slack.answered()
    assert open_to_all.wire.home("U1B")


async def test_a_workspace_that_installs_again_at_another_process_is_not_erased(open_to_all: World) -> None:
    here = open_to_all.slack
    await install(open_to_all, "T1")
    async with replica(open_to_all) as there:
        for slack in (here, there):
            reach(open_to_all, slack)
            await says(open_to_all, DAILY if slack is here else "/quiz leaderboard", "U1A")
        reach(open_to_all, here)
        await uninstalled(open_to_all)
        assert await dailies(open_to_all) == LEFT
        reach(open_to_all, there)
        await install(open_to_all, "T1")
        await open_to_all.app.work()
        assert await dailies(open_to_all) == GOING_ON
        assert await erasures(open_to_all) == 0
        reach(open_to_all, here)


async def test_who_presses_something_while_the_bot_is_removed_does_not_take_that_back(open_to_all: World) -> None:
    open_to_all.expected.add("not said")
    await install(open_to_all, "T1")
    await says(open_to_all, DAILY, "U1A")
    held = asyncio.Event()
    open_to_all.wire.faults.append(("users.info", Fault.hold(held)))
    press = asyncio.create_task(open_to_all.wire.command("/quiz leaderboard"))
    await open_to_all.wire.until(lambda: len(open_to_all.wire.called("users.info")) == 2)
    await uninstalled(open_to_all)
    held.set()
    await press
    await open_to_all.slack.answered()
    await open_to_all.app.work()
    assert await dailies(open_to_all) == LEFT
    assert await erasures(open_to_all) == 1


async def test_a_removal_that_is_heard_after_the_bot_was_installed_again_changes_nothing(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await says(open_to_all, DAILY, "U1A")
    for _ in range(2):
        assert await tell(open_to_all, "T1", {"type": "app_uninstalled"}, time.time() - 60) == 200
    assert await dailies(open_to_all) == GOING_ON
    assert not await is_stranger(open_to_all, "U1B", "C1")


async def test_whoever_installs_the_bot_while_its_removal_is_dealt_with_keeps_it(
    open_to_all: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await installed_earlier(open_to_all, monkeypatch)
    leave = open_to_all.app.left

    async def left(platform: str, space: str) -> None:
        await install(open_to_all, "T1")
        await leave(platform, space)

    monkeypatch.setattr(open_to_all.app, "left", left)
    assert await tell(open_to_all, "T1", {"type": "app_uninstalled"}, time.time() - 60) == 200
    assert await erasures(open_to_all) == 0
    assert await dailies(open_to_all) == GOING_ON


@pytest.mark.parametrize("broken", [None, "left", "forget"])
async def test_a_token_that_slack_takes_no_more_is_as_good_as_a_removal(
    open_to_all: World, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    await installed_earlier(open_to_all, monkeypatch)
    open_to_all.wire.revoke(token_of(open_to_all, "T1"))
    fails = failing(open_to_all, monkeypatch, steps=[broken] if broken else [])
    await passing(open_to_all, hours=1)
    await passing(open_to_all, minutes=2)
    assert fails.steps == []
    assert not [name for name in await notes(open_to_all) if "install" in name]
    assert await erasures(open_to_all) == 1


# ---- organizations


async def test_an_organization_that_removes_the_bot_does_so_for_all(organization: World) -> None:
    assert [ack.status for ack in await uninstalled(organization, "T8")] == [200, 200]
    assert set(await notes(organization)) == {"slack.org:T8", "slack.org:T9"}
    await passing(organization, days=31)
    await passing(organization, days=2)
    assert (await space_of(organization, "T8"), await space_of(organization, "T9")) == (None, None)
    assert organization.wire.messages("C8") == organization.wire.messages("C9") == []


async def test_an_organization_that_installs_the_bot_again_goes_on_everywhere(organization: World) -> None:
    await uninstalled(organization, "T8")
    await passing(organization, days=1)
    regranted(organization, "T8")
    await install(organization, "T8")
    await passing(organization, hours=1)
    assert len(organization.wire.messages("C8")) == len(organization.wire.messages("C9")) == 1
    assert await erasures(organization) == 0


@pytest.mark.parametrize("broken", range(6))
async def test_a_removal_that_is_interrupted_is_finished_when_it_comes_again(
    organization: World, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    """Steps of the store: who leaves; each of the two is looked for, then told to have left; the tokens go."""
    organization.expected.add("not dealt with")
    event = payloads.tokens_revoked(organization.wire, organization.wire.workspaces["T8"])
    steps = interrupted(organization, monkeypatch, broken)
    statuses = [(await organization.wire.tell("events_api", event)).status for _ in range(2)]
    assert (statuses, steps) == ([500, 200], [broken + 1 + 6])
    await organization.app.work()
    assert await dailies(organization, "T8") == await dailies(organization, "T9") == LEFT
    assert await erasures(organization) == 2
    assert not [name for name in await notes(organization) if "install" in name]


async def test_a_workspace_that_its_organization_takes_out_leaves_alone(organization: World) -> None:
    assert await tell(organization, "T8", {"type": "team_access_revoked", "team_ids": ["T9"]}) == 200
    assert (await dailies(organization, "T8"), await dailies(organization, "T9")) == (GOING_ON, LEFT)
    assert await tell(organization, "T8", {"type": "team_access_granted", "team_ids": ["T9"]}) == 200
    assert await dailies(organization, "T9") == GOING_ON
    await passing(organization, hours=1)
    assert len(organization.wire.messages("C8")) == len(organization.wire.messages("C9")) == 1


async def test_a_workspace_with_an_installation_of_its_own_stays_when_its_organization_takes_it_out(
    organization: World,
) -> None:
    organization.wire.workspace("T7", "Own", "E1")
    await install(organization, "T7")
    await says(organization, DAILY, "U7A", "C7")
    assert await tell(organization, "T8", {"type": "team_access_revoked", "team_ids": ["T7"]}) == 200
    assert await dailies(organization, "T7") == GOING_ON


# ---- one workspace by its token


async def test_the_one_workspace_leaves_and_is_back_with_the_next_start(world: World) -> None:
    world.expected.add(refusal_of("account_inactive"))
    await says(world, DAILY, "U1A")
    await uninstalled(world)
    assert await dailies(world) == LEFT
    regranted(world, "T1")
    await world.restart()
    await world.app.work()
    assert await dailies(world) == GOING_ON
    assert await erasures(world) == 0


async def test_a_start_at_which_the_store_is_away_makes_up_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expected |= {"trying on", refusal_of("account_inactive")}
    await says(world, DAILY, "U1A")
    await uninstalled(world)
    regranted(world, "T1")
    fails = failing(world, monkeypatch, steps=("joined",))
    await world.restart()
    assert fails.steps == []
    await says(world, "/quiz help")
    await world.app.work()
    assert await dailies(world) == GOING_ON
