"""What workspaces let us do: tokens are found, kept unreadable, renewed once, and forgotten at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Installation

from bot.adapters.slack import installs as module
from bot.adapters.slack.grants import TIMEOUT, Connect, Grant, connecting, open_session
from bot.adapters.slack.installs import LEASE, SAVES, Installs
from bot.ports import Place, StoreError, T, UnitOfWork
from bot.store.engine import SqlStore, open_store
from bot.store.migrate import upgrade
from tests.adapters.slack.conftest import overheard
from tests.adapters.slack.loopback import CLIENT, RESET, RESET_AFTER, SECRET, Fault, Loopback, running

HOUR = 3600
EVER = datetime.max.replace(tzinfo=UTC)


class Slow:
    """A store whose next `failures` writes fail, and whose readers hear what was read once `held` lets them."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.failures = 0
        self.held: asyncio.Event | None = None
        self.read_something = asyncio.Event()

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        if self.failures:
            self.failures -= 1
            raise StoreError("The disk is full; nothing was saved.")
        return await self._store.run(work)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        found = await self._store.read(work)
        self.read_something.set()
        if self.held:
            await self.held.wait()
        return found


class World:
    """Slack with workspaces `T1` and `T2`, and the store that replicas of the bot share."""

    def __init__(self, wire: Loopback, store: SqlStore, session: aiohttp.ClientSession) -> None:
        self.wire = wire
        self.store = Slow(store)
        self.connect: Connect = connecting(session, wire.api)
        self.replicas: list[Installs] = []

    def replica(self, *secrets: str) -> Installs:
        """Another process of the bot."""
        made = Installs(self.store, secrets or ("key",), CLIENT, SECRET, self.connect, lambda: self.now)
        self.replicas.append(made)
        return made

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wire.now, UTC)

    async def installation(self, team: str = "T1") -> Installation:
        """What bolt makes of somebody's installing the bot."""
        settings = AsyncOAuthSettings(client_id=CLIENT, client_secret=SECRET, scopes=["chat:write"], user_scopes=[])
        made = await AsyncOAuthFlow(client=self.connect(""), settings=settings).run_installation(self.wire.code(team))
        assert made
        return made

    async def installed(self, installs: Installs, team: str = "T1") -> str:
        """Install the bot in a workspace, or in all of its organization; the token."""
        made = await self.installation(team)
        await installs.async_save(made)
        return str(made.bot_token)

    async def notes(self) -> dict[str, str]:
        return await self.store.read(lambda uow: uow.notes.all("slack."))

    @property
    def renewals(self) -> int:
        return sum("refresh_token" in args for args in self.wire.called("oauth.v2.access"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    url = f"sqlite:///{tmp_path}/quiz.sqlite3"
    upgrade(url)
    store = open_store(url)
    async with running() as wire, open_session() as session:
        made = World(wire, store, session)
        yield made
        for replica in made.replicas:
            await replica.close()
    await store.close()


@pytest.fixture
def two(world: World) -> World:
    world.wire.workspace("T1", "Acme")
    world.wire.workspace("T2", "Bolt")
    return world


@pytest.fixture
def organization(world: World) -> World:
    """Both workspaces are of one organization, which installs the bot for all."""
    world.wire.workspace("T1", "Acme", "E1", orgwide=True)
    world.wire.workspace("T2", "Bolt", "E1", orgwide=True)
    return world


@pytest.fixture
def rotating(two: World) -> World:
    """Tokens end after twelve hours."""
    two.wire.rotating = True
    return two


async def token_of(installs: Installs, team: str = "T1", enterprise: str = "") -> str | None:
    grant = await installs.of(team, enterprise)
    return grant.token if grant else None


async def renewed(world: World, installs: Installs) -> str:
    """The token after the renewal that is under way."""
    await installs.close()
    token = await token_of(installs)
    assert token
    assert (await world.connect(token).auth_test())["ok"]
    return token


# ---- installations


async def test_each_workspace_has_the_token_it_gave(two: World) -> None:
    installs = two.replica()
    tokens = [await two.installed(installs, team) for team in ("T1", "T2")]
    assert await installs.of("T1") == Grant(tokens[0], "T1", "BT1", "UT1")
    assert await two.replica().of("T2") == Grant(tokens[1], "T2", "BT2", "UT2")
    assert await installs.of("T3") is None


async def test_no_file_holds_a_token_in_the_clear(rotating: World, tmp_path: Path) -> None:
    token = await rotating.installed(rotating.replica())
    (refresh,) = rotating.wire.refreshes
    kept = [path.read_bytes() for path in tmp_path.iterdir()]
    assert any(b"slack.install:/T1" in data for data in kept)
    assert not any(secret.encode() in data for data in kept for secret in (token, refresh, "xoxb-", "xoxe-"))


async def test_other_replicas_notice_within_a_minute_that_the_bot_was_removed_and_came_back(two: World) -> None:
    here, there = two.replica(), two.replica()
    token = await two.installed(here)
    assert await token_of(there) == token
    assert await here.forget("T1", "", EVER) == ["T1"]
    assert await token_of(here) is None
    assert await token_of(there) == token
    two.wire.advance(60)
    assert await token_of(there) is None
    assert await two.notes() == {}
    again = await two.installed(here)
    assert await token_of(there) == again != token


async def test_what_is_forgotten_while_it_is_read_is_not_kept(two: World) -> None:
    installs = two.replica()
    token = await two.installed(installs)
    two.store.held = asyncio.Event()
    two.store.read_something.clear()
    asking = asyncio.create_task(token_of(installs))
    await two.store.read_something.wait()
    await installs.forget("T1", "", EVER)
    two.store.held.set()
    assert await asking == token
    assert await token_of(installs) is None


async def test_to_forget_a_stranger_changes_nothing(two: World) -> None:
    installs = two.replica()
    token = await two.installed(installs)
    assert await installs.forget("T2", "", EVER) == ["T2"]
    assert await token_of(installs) == token


async def test_who_will_leave_is_known_before_anything_is_forgotten_and_after(two: World) -> None:
    installs = two.replica()
    token = await two.installed(installs)
    assert await installs.leaving("T1", "", EVER) == ["T1"]
    assert await token_of(installs) == token
    await installs.forget("T1", "", EVER)
    assert await installs.leaving("T1", "", EVER) == await installs.forget("T1", "", EVER) == ["T1"]


async def test_an_uninstallation_heard_late_spares_what_was_installed_since(two: World) -> None:
    installs, before = two.replica(), datetime.now(UTC)
    token = await two.installed(installs)
    assert await installs.leaving("T1", "", before) == await installs.forget("T1", "", before) == []
    assert await token_of(installs) == token


async def test_an_installation_that_cannot_be_saved_is_a_fault_of_the_store(two: World) -> None:
    installation = await two.installation()
    two.store.failures = 1
    with pytest.raises(StoreError, match="The disk is full"):
        await two.replica().async_save(installation)


# ---- keys


async def test_a_key_that_is_replaced_is_needed_until_everything_was_read_once(two: World) -> None:
    token = await two.installed(two.replica("old"))
    assert await token_of(two.replica("new", "old")) == token
    assert await token_of(two.replica("new")) == token
    assert await token_of(two.replica("old")) is None


async def test_tokens_no_key_reads_are_none_and_stay_for_the_right_key(two: World) -> None:
    token = await two.installed(two.replica("right"))
    wrong = two.replica("wrong")
    assert await wrong.of("T1") is None
    assert await wrong.forget("T1", "", EVER) == []
    assert await token_of(two.replica("right")) == token


# ---- organizations


async def test_an_organization_is_found_by_a_workspace_once_both_were_seen_together(organization: World) -> None:
    installs = organization.replica()
    token = await organization.installed(installs)
    assert await installs.of("T1") is None
    assert await installs.of("T1", "E1") == Grant(token, "T1", "BE1", "UE1", "E1")
    assert await organization.replica().of("T1") == Grant(token, "T1", "BE1", "UE1", "E1")
    assert await installs.of("T2") is None
    assert await installs.of("T1", "E2") is None


async def test_an_organization_that_removes_the_bot_takes_it_from_all_of_its_workspaces(organization: World) -> None:
    installs = organization.replica()
    await organization.installed(installs)
    for team in ("T1", "T2"):
        await installs.of(team, "E1")
    assert await installs.leaving("", "E1", EVER) == ["T1", "T2"]
    assert await installs.forget("", "E1", EVER) == ["T1", "T2"]
    assert await installs.of("T1", "E1") is None
    assert await organization.notes() == {}


async def test_who_was_in_an_organization_is_known_while_something_of_them_is_stored(organization: World) -> None:
    installs = organization.replica()
    made = await organization.installation()
    await installs.async_save(made)
    await organization.store.run(lambda uow: uow.people.settle("slack", Place("T2", "Two"), "UTC", organization.now))
    for team in ("T1", "T2"):
        await installs.of(team, "E1")
    assert await installs.forget("", "E1", EVER) == ["T1", "T2"]
    assert await organization.notes() == {"slack.org:T2": "E1"}
    assert await installs.leaving("", "E1", EVER) == await installs.covered(made) == ["T2"]


async def test_a_workspace_with_an_installation_of_its_own_does_without_its_organization(organization: World) -> None:
    installs = organization.replica()
    await organization.installed(installs)
    organization.wire.workspace("T3", "Own", "E1")
    own = await organization.installed(installs, "T3")
    assert await installs.dependent(["T1", "T3"], "E1") == ["T1"]
    assert await installs.forget("", "E1", EVER) == []
    assert await token_of(installs, "T3", "E1") == own


async def test_to_forget_a_workspace_forgets_the_organization_that_serves_it(organization: World) -> None:
    installs = organization.replica()
    await organization.installed(installs)
    await installs.of("T2", "E1")
    assert await installs.forget("T1", "E1", EVER) == ["T1", "T2"]
    assert await organization.notes() == {}


async def test_what_a_workspace_installed_itself_comes_before_its_organization(organization: World) -> None:
    installs = organization.replica()
    shared = await organization.installed(installs)
    await installs.of("T2", "E1")
    organization.wire.workspace("T3", "Own", "E1")
    own = await organization.installed(installs, "T3")
    assert await token_of(installs, "T3") == own
    assert await installs.forget("T3", "", EVER) == []
    assert await token_of(installs, "T3", "E1") == shared
    again = await organization.installed(installs, "T3")
    assert await installs.forget("", "E1", EVER) == ["T2"]
    assert await token_of(installs, "T3") == again


async def test_a_removal_that_comes_twice_takes_along_nobody_who_left_before(organization: World) -> None:
    installs = organization.replica()
    place = Place("T2", "Two")
    await organization.store.run(lambda uow: uow.people.settle("slack", place, "UTC", organization.now))
    await organization.store.run(lambda uow: uow.notes.put("slack.org:T2", "E1"))
    organization.wire.workspace("T3", "Own", "E1")
    await organization.installed(installs, "T3")
    assert [await installs.forget("T3", "E1", EVER) for _ in range(2)] == [["T3"], ["T3"]]


async def test_a_workspace_keeps_its_token_when_it_joins_an_organization(world: World) -> None:
    installs = world.replica()
    acme = world.wire.workspace("T1", "Acme")
    token = await world.installed(installs)
    acme.enterprise = "E1"
    assert await token_of(installs, "T1", "E1") == token
    again = await world.installed(installs)
    assert await token_of(installs) == again
    assert [name for name in await world.notes() if "install" in name] == ["slack.install:E1/T1"]
    assert await installs.forget("T1", "E1", EVER) == ["T1"]
    assert await world.notes() == {}


# ---- tokens that end


async def test_two_replicas_renew_a_token_once_while_the_old_one_still_works(rotating: World) -> None:
    here, there = rotating.replica(), rotating.replica()
    token = await rotating.installed(here)
    rotating.wire.advance(11 * HOUR)
    found = await asyncio.gather(*(token_of(one) for one in (here, there) * 5))
    assert token in found
    assert token != await renewed(rotating, here) == await renewed(rotating, there)
    assert rotating.renewals == 1
    assert not [name for name in await rotating.notes() if "rotation" in name]


async def test_a_token_that_has_ended_is_waited_for_by_all_and_renewed_once(rotating: World) -> None:
    here, there = rotating.replica(), rotating.replica()
    token = await rotating.installed(here)
    rotating.wire.advance(13 * HOUR)
    found = set(await asyncio.gather(*(token_of(one) for one in (here, there) * 5)))
    assert len(found) == 1
    assert found.isdisjoint({token, None})
    assert rotating.renewals == 1


async def test_a_renewed_token_is_renewed_again(rotating: World) -> None:
    installs = rotating.replica()
    token = await rotating.installed(installs)
    for _ in range(3):
        rotating.wire.advance(11 * HOUR)
        await token_of(installs)
        token, before = await renewed(rotating, installs), token
        assert token != before
    assert rotating.renewals == 3


async def test_a_token_is_not_renewed_long_before_its_end(rotating: World) -> None:
    installs = rotating.replica()
    token = await rotating.installed(installs)
    rotating.wire.advance(9 * HOUR)
    assert await token_of(installs) == token
    await installs.close()
    assert rotating.renewals == 0


async def test_whoever_waits_in_vain_is_told_so(rotating: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    installs, held = rotating.replica(), asyncio.Event()
    token = await rotating.installed(installs)
    rotating.wire.advance(13 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", Fault.hold(held)))
    with pytest.raises(ConnectionError, match="T1 has ended"):
        await installs.of("T1")
    with pytest.raises(ConnectionError, match="T1 has ended"):
        await rotating.replica().of("T1")
    held.set()
    assert await renewed(rotating, installs) != token
    assert rotating.renewals == 1


async def test_a_renewal_outlives_whoever_asked_for_it(rotating: World) -> None:
    installs, held = rotating.replica(), asyncio.Event()
    token = await rotating.installed(installs)
    rotating.wire.advance(13 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", Fault.hold(held, after=True)))
    asking = asyncio.create_task(installs.of("T1"))
    await rotating.wire.until(lambda: rotating.renewals)
    asking.cancel()
    held.set()
    await installs.close()
    assert await renewed(rotating, rotating.replica()) != token
    assert rotating.renewals == 1


@pytest.mark.parametrize("fault", [RESET, Fault(503), Fault.limit(5), Fault.error("internal_error")])
async def test_a_renewal_that_fails_is_tried_again_while_the_token_works(rotating: World, fault: Fault) -> None:
    installs = rotating.replica()
    token = await rotating.installed(installs)
    rotating.wire.advance(11 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", fault))
    assert await token_of(installs) == token
    await installs.close()
    assert await token_of(installs) == token
    await installs.close()
    assert rotating.renewals == 1
    rotating.wire.advance(60)
    assert await token_of(installs) == token
    assert await renewed(rotating, installs) != token
    assert rotating.renewals == 2


async def test_a_token_slack_will_not_renew_is_used_to_its_end_and_complained_of_once(rotating: World) -> None:
    installs = rotating.replica()
    token = await rotating.installed(installs)
    rotating.wire.refreshes.clear()
    rotating.wire.advance(11 * HOUR)
    with overheard() as logged:
        for _ in range(3):
            assert await token_of(installs) == token
            await installs.close()
            rotating.wire.advance(60)
    assert [one["event"] for one in logged] == ["Slack renews the token no more: install again before it ends"]
    rotating.wire.advance(HOUR)
    assert await token_of(installs) is None
    assert rotating.renewals == 1
    await rotating.installed(installs)
    assert await token_of(installs) is not None


async def test_a_token_that_has_ended_and_is_not_renewed_is_none_at_once(rotating: World) -> None:
    installs = rotating.replica()
    await rotating.installed(installs)
    rotating.wire.refreshes.clear()
    rotating.wire.advance(13 * HOUR)
    assert await token_of(installs) is None


async def test_a_lost_answer_to_a_renewal_costs_nothing_while_the_token_works(rotating: World) -> None:
    installs = rotating.replica()
    token = await rotating.installed(installs)
    rotating.wire.advance(11 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", RESET_AFTER))
    for _ in range(3):
        assert await token_of(installs) == token
        await installs.close()
        rotating.wire.advance(60)
    assert rotating.renewals == 2


def test_nobody_else_renews_while_a_new_token_may_still_be_saved() -> None:
    assert LEASE.total_seconds() > TIMEOUT + sum(SAVES)


async def test_a_new_token_is_saved_as_soon_as_the_store_can(rotating: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAVES", (0.01, 0.01, 0.01))
    installs, held = rotating.replica(), asyncio.Event()
    token = await rotating.installed(installs)
    rotating.wire.advance(11 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", Fault.hold(held, after=True)))
    assert await token_of(installs) == token
    await rotating.wire.until(lambda: rotating.renewals)
    rotating.store.failures = 3
    held.set()
    await installs.close()
    assert rotating.store.failures == 0
    assert await renewed(rotating, rotating.replica()) != token
    assert rotating.renewals == 1


async def test_a_workspace_that_leaves_during_a_renewal_is_not_brought_back(rotating: World) -> None:
    installs, held = rotating.replica(), asyncio.Event()
    await rotating.installed(installs)
    rotating.wire.advance(11 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", Fault.hold(held, after=True)))
    await installs.of("T1")
    await rotating.wire.until(lambda: rotating.renewals)
    assert await rotating.replica().forget("T1", "", EVER) == ["T1"]
    held.set()
    await installs.close()
    assert await rotating.notes() == {}
    assert await installs.of("T1") is None


async def test_a_workspace_that_installs_the_bot_anew_during_a_renewal_keeps_what_it_gave(rotating: World) -> None:
    installs, held = rotating.replica(), asyncio.Event()
    await rotating.installed(installs)
    rotating.wire.advance(11 * HOUR)
    rotating.wire.faults.append(("oauth.v2.access", Fault.hold(held, after=True)))
    await installs.of("T1")
    await rotating.wire.until(lambda: rotating.renewals)
    made = await rotating.installation()
    made.bot_token_expires_at = int(rotating.wire.now) + 12 * HOUR
    await rotating.replica().async_save(made)
    held.set()
    await installs.close()
    assert await token_of(installs) == made.bot_token
