"""One bot token: what it is good for is asked once for everybody, and told each time it begins to be good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.adapters.slack.grants import Connect, Grant, OneWorkspace, TokenRefused, connecting, open_session
from bot.ports import StoreError
from tests.adapters.slack.loopback import RESET, Fault, Loopback, running

EVER = datetime.max.replace(tzinfo=UTC)


class World:
    """Slack with workspaces `T1` and `T2`, and the bot with a token."""

    def __init__(self, wire: Loopback, session: aiohttp.ClientSession) -> None:
        self.wire = wire
        self.connect: Connect = connecting(session, wire.api)
        self.joined: list[str] = []
        self.failures = 0

    def bot(self, token: str = "xoxb-T1") -> OneWorkspace:
        return OneWorkspace(token, self.connect, self.hear, lambda: self.wire.now)

    async def hear(self, team: str) -> None:
        """Note who let the bot in; the next `failures` times that fails."""
        if self.failures:
            self.failures -= 1
            raise StoreError("The disk is full; nothing was saved.")
        self.joined.append(team)

    @property
    def asked(self) -> int:
        return len(self.wire.called("auth.test"))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running() as wire, open_session() as session:
        yield World(wire, session)


@pytest.fixture
def two(world: World) -> World:
    world.wire.workspace("T1", "Acme")
    world.wire.workspace("T2", "Bolt")
    return world


@pytest.fixture
def organization(world: World) -> World:
    """Both workspaces are of one organization, which installed the bot for all."""
    world.wire.workspace("T1", "Acme", "E1", orgwide=True)
    world.wire.workspace("T2", "Bolt", "E1", orgwide=True)
    return world


async def test_a_bot_token_serves_its_own_workspace_and_is_asked_about_once(two: World) -> None:
    one = two.bot()
    expected = Grant("xoxb-T1", "T1", "BT1", "UT1")
    assert set(await asyncio.gather(one.entered(), one.of("T1"), one.of("T1", "E9"))) == {expected}
    assert await one.of("T2") is None
    assert two.asked == 1


async def test_a_token_of_an_organization_serves_all_of_its_workspaces(organization: World) -> None:
    one = organization.bot("xoxb-E1")
    first, second = await one.of("T1", "E1"), await one.of("T2")
    assert first == Grant("xoxb-E1", "T1", "BE1", "UE1", "E1")
    assert second == Grant("xoxb-E1", "T2", "BE1", "UE1", "E1")
    assert await one.of("T1", "E2") is None


@pytest.mark.parametrize("trouble", ["invalid_auth", "account_inactive", "token_revoked", "token_expired"])
async def test_a_bot_token_slack_refuses_is_said_with_what_to_do(two: World, trouble: str) -> None:
    two.wire.revoke("xoxb-T1", trouble)
    one = two.bot()
    with pytest.raises(TokenRefused, match="SLACK_BOT_TOKEN"):
        await one.start()
    assert await one.of("T1") is None
    assert two.joined == []


@pytest.mark.parametrize("fault", [RESET, Fault(502), Fault.limit(30), Fault.error("internal_error")])
async def test_without_slack_the_bot_token_is_neither_good_nor_bad(two: World, fault: Fault) -> None:
    one = two.bot()
    two.wire.faults.append(("auth.test", fault))
    with pytest.raises(ConnectionError) as caught:
        await one.of("T1")
    assert not isinstance(caught.value, TokenRefused)
    two.wire.advance(10)
    assert await one.of("T1") is not None


async def test_while_slack_is_ill_all_who_wait_ask_once_and_nobody_again_for_some_seconds(two: World) -> None:
    one, held = two.bot(), asyncio.Event()
    two.wire.faults.append(("auth.test", Fault(500, held=held)))
    waiting = [asyncio.create_task(one.of("T1")) for _ in range(5)]
    await two.wire.until(lambda: two.asked)
    held.set()
    failed = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(failure) for failure in failed] == [ConnectionError] * 5
    with pytest.raises(ConnectionError):
        await one.of("T1")
    assert two.asked == 1
    two.wire.advance(10)
    assert await one.of("T1") is not None
    assert two.asked == 2


async def test_whoever_stops_waiting_leaves_the_others_their_answer(two: World) -> None:
    one, held = two.bot(), asyncio.Event()
    two.wire.faults.append(("auth.test", Fault.hold(held)))
    first, second = asyncio.create_task(one.of("T1")), asyncio.create_task(one.of("T1"))
    await two.wire.until(lambda: two.asked)
    first.cancel()
    held.set()
    assert await second is not None
    assert two.asked == 1


async def test_nothing_is_sent_a_second_time_by_itself(two: World) -> None:
    two.wire.faults.append(("auth.test", RESET))
    with pytest.raises(aiohttp.ClientError):
        await two.connect("xoxb-T1").auth_test()
    assert two.asked == 1


def test_a_grant_does_not_show_its_token() -> None:
    assert "xoxb-1" not in repr(Grant("xoxb-1", "T1", "B1", "U1"))


# ---- coming and going


async def test_a_workspace_is_told_to_have_joined_at_the_start_and_by_no_request(two: World) -> None:
    one = two.bot()
    await one.start()
    assert two.joined == ["T1"]
    for _ in range(3):
        await one.of("T1")
        await one.of("T2")
    assert two.joined == ["T1"]


async def test_where_slack_was_away_at_the_start_a_workspace_has_joined_once_it_is_there(two: World) -> None:
    one = two.bot()
    two.wire.faults.append(("auth.test", RESET))
    with pytest.raises(ConnectionError):
        await one.start()
    assert two.joined == []
    two.wire.advance(10)
    await one.of("T1")
    assert two.joined == ["T1"]


async def test_what_could_not_be_told_is_told_again(two: World) -> None:
    one, two.failures = two.bot(), 2
    for _ in range(2):
        with pytest.raises(StoreError):
            await one.of("T1")
    assert await one.of("T1") is not None
    assert two.joined == ["T1"]
    assert two.asked == 1


async def test_each_workspace_of_an_organization_is_told_once(organization: World) -> None:
    one = organization.bot("xoxb-E1")
    await one.start()
    assert organization.joined == []
    for team in ("T1", "T2", "T1"):
        await one.of(team, "E1")
    assert organization.joined == ["T1", "T2"]
    assert await one.dependent(["T2"], "E1") == ["T2"]


async def test_a_workspace_that_removed_the_bot_is_forgotten(two: World) -> None:
    one = two.bot()
    await one.start()
    assert await one.leaving("T2", "", EVER) == await one.forget("T2", "", EVER) == []
    two.wire.revoke("xoxb-T1")
    assert await one.leaving("T1", "", EVER) == await one.forget("T1", "", EVER) == ["T1"]
    assert await one.of("T1") is None
    assert await one.dependent(["T1"], "") == []
    assert two.joined == ["T1"]


async def test_an_organization_that_removed_the_bot_takes_along_all_it_was_used_in(organization: World) -> None:
    one = organization.bot("xoxb-E1")
    for team in ("T1", "T2"):
        await one.of(team, "E1")
    assert await one.leaving("", "E1", EVER) == await one.forget("", "E1", EVER) == ["T1", "T2"]


async def test_a_token_that_is_good_again_after_it_was_withdrawn_is_told_again(two: World) -> None:
    one = two.bot()
    await one.start()
    await one.forget("T1", "", EVER)
    assert await one.of("T1") is not None
    assert two.joined == ["T1", "T1"]


async def test_what_was_asked_before_a_withdrawal_says_nothing_after_it(two: World) -> None:
    one, held = two.bot(), asyncio.Event()
    two.wire.faults.append(("auth.test", Fault.hold(held, after=True)))
    asking = asyncio.create_task(one.of("T1"))
    await two.wire.until(lambda: two.asked)
    two.wire.revoke("xoxb-T1")
    assert await one.forget("T1", "", EVER) == ["T1"]
    held.set()
    assert await asking is None
    assert two.joined == []


async def test_a_removal_from_before_the_token_was_found_good_is_none(two: World) -> None:
    one, before = two.bot(), datetime.now(UTC) - timedelta(seconds=1)
    await one.start()
    assert await one.leaving("T1", "", before) == await one.forget("T1", "", before) == []
    assert await one.of("T1") is not None
    assert two.asked == 1
