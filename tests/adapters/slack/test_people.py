"""Who somebody is: asked once in a while, waited for briefly, and never in the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import people
from bot.adapters.slack.grants import connecting, open_session
from bot.adapters.slack.people import People
from bot.ports import Person
from tests.adapters.slack.loopback import RESET, Fault, Loopback, running

ADA, BEN = "U1A", "U1B"
AVATAR = "https://secure.gravatar.com/avatar/0.jpg?s=72"
BROKEN = [RESET, RESET]
"""A connection that breaks; aiohttp asks once more by itself, as it changes nothing."""


@dataclass
class World:
    """Acme with Ada and Ben, and what the bot knows of them."""

    wire: Loopback
    connect: Callable[[str], AsyncWebClient]
    now: float = 0.0
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = self.patient(5.0)

    def patient(self, patience: float) -> People:
        return People(lambda: self.now, patience)

    async def who(self, user: str = ADA) -> Person:
        return await self.people.who(self.connect("xoxb-T1"), "T1", user)

    async def until(self, told: Callable[[Person], bool], user: str) -> Person:
        """Who somebody is once the answer that is on its way has arrived."""
        async with asyncio.timeout(5):
            while not told(found := await self.who(user)):
                await asyncio.sleep(0.01)
        return found


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running() as wire, open_session() as session:
        wire.workspace("T1", "Acme")
        yield World(wire, connecting(session, wire.api))


def change(world: World, user: str = ADA, **more: Any) -> None:
    for name, value in more.items():
        setattr(world.wire.workspaces["T1"].users[user], name, value)


# ---- what is told


async def test_a_person_is_told_with_rights_zone_picture_and_groups(world: World) -> None:
    world.wire.workspaces["T1"].group("S1", "devs", ADA, BEN)
    world.wire.workspaces["T1"].group("S2", "ops", ADA)
    change(world, display_name="Ada L.", image="https://pictures.example/ada.png")
    assert await world.who() == Person(
        ADA, "Ada L.", admin=True, zone="Europe/Berlin", groups=("S1", "S2"), avatar="https://pictures.example/ada.png"
    )
    ben = await world.who(BEN)
    assert (ben.name, ben.admin, ben.groups) == ("Ben", False, ("S1",))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"display_name": "Ada L.", "real_name": "Ada Lovelace"}, "Ada L."),
        ({"display_name": "", "real_name": "Ada Lovelace"}, "Ada Lovelace"),
        ({"display_name": "", "real_name": ""}, "ada"),
    ],
)
async def test_people_go_by_the_name_they_chose(world: World, names: dict[str, str], expected: str) -> None:
    change(world, **names)
    assert (await world.who()).name == expected


async def test_owners_are_admins(world: World) -> None:
    change(world, BEN, is_owner=True)
    assert (await world.who(BEN)).admin is True


@pytest.mark.parametrize("right", ["is_admin", "is_owner"])
async def test_an_admin_of_another_workspace_is_none_in_a_shared_channel(world: World, right: str) -> None:
    globex = world.wire.workspace("T9", "Globex")
    cyd = globex.user("U9C", "cyd", **{right: True})
    world.wire.workspaces["T1"].visitor(cyd, globex)
    assert await world.who("U9C") == Person("U9C", "Cyd", admin=False, zone="Europe/Berlin", avatar=AVATAR)


async def test_an_admin_of_one_workspace_of_an_organization_is_none_in_another(world: World) -> None:
    for team in ("T8", "T9"):
        world.wire.workspace(team, team, "E1", orgwide=True)
    client = world.connect("xoxb-E1")
    assert (await world.people.who(client, "T8", "U8A")).admin is True
    assert (await world.people.who(client, "T9", "U8A")).admin is False


async def test_a_guest_is_no_admin_whatever_slack_says(world: World) -> None:
    change(world, guest=True)
    assert (await world.who()).admin is False


async def test_the_token_of_an_organization_finds_the_groups_of_each_workspace(world: World) -> None:
    for team in ("T2", "T3"):
        world.wire.workspace(team, team, "E1", orgwide=True)
        world.wire.workspaces[team].group(f"S{team}", "devs", f"U{team[1]}A")
    for team in ("T2", "T3"):
        found = await world.people.who(world.connect("xoxb-E1"), team, f"U{team[1]}A")
        assert found.groups == (f"S{team}",)


# ---- how often


async def test_everybody_who_asks_at_once_shares_one_question(world: World) -> None:
    found = await asyncio.gather(*(world.who() for _ in range(20)))
    assert {one.name for one in found} == {"Ada"}
    assert len(world.wire.called("users.info")) == len(world.wire.called("usergroups.list")) == 1


async def test_an_answer_holds_for_ten_minutes_and_is_then_renewed_behind_the_back(world: World) -> None:
    await world.who(BEN)
    change(world, BEN, display_name="Benjamin")
    world.wire.workspaces["T1"].group("S1", "devs", BEN)
    world.now += 599
    assert (await world.who(BEN)).name == "Ben"
    assert len(world.wire.called("users.info")) == 1
    held = asyncio.Event()
    world.wire.faults += [("users.info", Fault.hold(held)), ("usergroups.list", Fault.hold(held))]
    world.now += 2
    old = await world.who(BEN)
    held.set()
    assert (old.name, old.groups) == ("Ben", ())
    await world.until(lambda ben: (ben.name, ben.groups) == ("Benjamin", ("S1",)), BEN)
    assert len(world.wire.called("users.info")) == 2


async def test_whoever_is_an_admin_no_more_has_no_rights_after_ten_minutes(world: World) -> None:
    assert (await world.who()).admin is True
    change(world, is_admin=False)
    world.now += 600
    assert (await world.who()).admin is False


async def test_an_admin_slack_does_not_speak_of_any_more_has_no_rights(world: World) -> None:
    world.people, held = world.patient(0.05), asyncio.Event()
    await world.until(lambda ada: ada.admin is True, ADA)
    world.wire.faults.append(("users.info", Fault.hold(held)))
    world.now += 600
    silent = await world.who()
    held.set()
    assert (silent.name, silent.admin) == ("Ada", False)
    await world.until(lambda ada: ada.admin is True, ADA)


async def test_no_more_than_ten_thousand_are_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "REMEMBERED", 2)
    for user in (ADA, BEN, ADA, "UT1", ADA, BEN):
        await world.who(user)
    assert [args["user"] for args in world.wire.called("users.info")] == [ADA, BEN, "UT1", BEN]


# ---- what goes wrong


async def test_nobody_waits_longer_than_the_patience_and_the_answer_serves_the_next(world: World) -> None:
    world.people, held = world.patient(0.05), asyncio.Event()
    world.wire.faults.append(("users.info", Fault.hold(held)))
    silent = await world.who()
    held.set()
    assert silent == Person(ADA, "", admin=False)
    await world.until(lambda ada: ada.name == "Ada", ADA)
    assert len(world.wire.called("users.info")) == 1


@pytest.mark.parametrize(
    "faults",
    [
        BROKEN, [Fault(502)], [Fault.limit(30)], [Fault.error("user_not_found")], [Fault(200, {"ok": True})],
        [Fault(200, {})],
    ],
)  # fmt: skip
async def test_without_an_answer_people_have_neither_name_nor_rights(world: World, faults: list[Fault]) -> None:
    world.wire.faults += [("users.info", fault) for fault in faults]
    assert await world.who() == Person(ADA, "", admin=False)
    assert len(world.wire.called("users.info")) == len(faults)
    world.now += 60
    assert (await world.who()).name == "Ada"


async def test_an_old_answer_stays_where_there_is_no_new_one(world: World) -> None:
    world.wire.workspaces["T1"].group("S1", "devs", BEN)
    before = await world.who(BEN)
    change(world, BEN, display_name="Benjamin")
    world.wire.faults.append(("users.info", Fault(502)))
    world.now += 600
    await world.who(BEN)
    await world.wire.until(lambda: len(world.wire.called("users.info")) == 2)
    assert await world.who(BEN) == before
    assert before.groups == ("S1",)

    def later(ben: Person) -> bool:
        world.now += 60
        return ben.name == "Benjamin"

    await world.until(later, BEN)
    assert len(world.wire.called("users.info")) == 3


@pytest.mark.parametrize("faults", [[Fault.error("missing_scope")], BROKEN, [Fault(200, {"ok": True})]])
async def test_groups_slack_does_not_tell_are_asked_for_an_hour_later(world: World, faults: list[Fault]) -> None:
    world.wire.workspaces["T1"].group("S1", "devs", ADA)
    world.wire.faults += [("usergroups.list", fault) for fault in faults]
    assert (await world.who()).groups is None
    for _ in range(5):
        world.now += 700
        assert (await world.who()).groups is None
    assert len(world.wire.called("usergroups.list")) == len(faults)
    world.now += 100
    assert (await world.who()).groups == ("S1",)


async def test_while_slack_wants_a_pause_nobody_is_asked_about_and_everybody_after_it(world: World) -> None:
    crowd = [world.wire.workspaces["T1"].user(f"U1{number}", f"user{number}").id for number in range(30)]
    world.wire.faults.append(("users.info", Fault.limit(7)))
    assert [(await world.who(user)).name for user in crowd] == [""] * 30
    assert len(world.wire.called("users.info")) == 1
    world.now += 7
    assert (await world.who(crowd[0])).name == "User0"
    assert len(world.wire.called("users.info")) == 2
