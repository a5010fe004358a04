"""Letting the bot in: one workspace by its token, or any number that install it themselves."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from itsdangerous import TimestampSigner
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore

from bot.adapters.slack.adapter import AppTokenRefused, Keys, Slack
from bot.adapters.slack.grants import TokenRefused
from bot.adapters.slack.installs import Installs
from tests.adapters.slack.conftest import (
    MANY_BY_HTTP,
    ONE_BY_HTTP,
    ONE_BY_SOCKET,
    SIGNING,
    World,
    install,
    living,
    text,
)
from tests.adapters.slack.loopback import APP_TOKEN, RESET, SECRET, Fault
from tests.adapters.slack.tenants import DAILY, failing, is_stranger, notes, passing, says, space_of

HOUR = 3600


@pytest.fixture
async def open_to_all(tmp_path: Path) -> AsyncIterator[World]:
    """The bot over HTTP, installed nowhere yet."""
    async with living(tmp_path, MANY_BY_HTTP) as made:
        yield made
    assert made.troubles == []


@pytest.fixture
async def organization(open_to_all: World) -> World:
    """Workspaces `T8` and `T9` of an organization that has installed the bot for all of them."""
    for team in ("T8", "T9"):
        open_to_all.wire.workspace(team, f"Team {team[1:]}", "E1", orgwide=True)
    assert "Thank you" in (await install(open_to_all, "T8")).text
    return open_to_all


def browser(world: World) -> httpx.AsyncClient:
    """Somebody at the pages of an installation, with their cookies."""
    assert world.slack.asgi
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.slack.asgi), base_url="https://bot")


async def begun(visitor: httpx.AsyncClient) -> str:
    """The state of an installation that is begun."""
    page = await visitor.get("/install")
    assert page.status_code == 200
    return str(re.findall(r"state=([^&\"]+)", page.text)[0])


# ---- installing


async def test_an_installation_ends_with_the_bot_at_work(open_to_all: World) -> None:
    async with browser(open_to_all) as visitor:
        page = await visitor.get("/install")
        assert "https://slack.com/oauth/v2/authorize" in page.text
        cookie = page.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "Secure", "Max-Age=600"))
        state = re.findall(r"state=([^&\"]+)", page.text)[0]
        code = open_to_all.wire.code("T1")
        welcome = await visitor.get("/oauth_redirect", params={"code": code, "state": state})
    assert (welcome.status_code, "Thank you" in welcome.text) == (200, True)
    assert "Nobody has scored" in await says(open_to_all)


async def test_the_page_asks_for_what_the_bot_needs(open_to_all: World) -> None:
    async with browser(open_to_all) as visitor:
        page = await visitor.get("/install")
    assert "chat:write" in page.text
    assert "commands" in page.text
    assert 'user_scope="' in page.text


async def test_tokens_are_not_to_be_read_in_the_store(open_to_all: World, tmp_path: Path) -> None:
    open_to_all.wire.rotating = True
    await install(open_to_all, "T1")
    assert list(await notes(open_to_all)) == ["slack.install:/T1"]
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"slack.install:/T1" in stored
    assert b"xoxb-" not in stored
    assert b"xoxe" not in stored


@pytest.mark.parametrize("state", [None, "", "forged", "é"])
async def test_a_state_that_was_not_given_to_this_browser_is_refused(open_to_all: World, state: str | None) -> None:
    async with browser(open_to_all) as visitor:
        await begun(visitor)
        told = {"code": open_to_all.wire.code("T1")} | ({} if state is None else {"state": state})
        page = await visitor.get("/oauth_redirect", params=told)
    assert page.status_code == 400
    assert "/slack/install" in page.text
    assert await notes(open_to_all) == {}
    assert open_to_all.wire.called("oauth.v2.access") == []


async def test_a_state_of_another_browser_is_refused(open_to_all: World) -> None:
    async with browser(open_to_all) as somebody, browser(open_to_all) as other:
        state = await begun(somebody)
        told = {"code": open_to_all.wire.code("T1"), "state": state}
        assert (await other.get("/oauth_redirect", params=told)).status_code == 400
        await begun(other)
        assert (await other.get("/oauth_redirect", params=told)).status_code == 400
    assert await notes(open_to_all) == {}


async def test_a_state_that_nobody_signed_is_refused_whatever_the_cookie_says(open_to_all: World) -> None:
    async with browser(open_to_all) as visitor:
        told = {"code": open_to_all.wire.code("T1"), "state": "forged"}
        cookie = {"Cookie": "slack-app-oauth-state=forged"}
        assert (await visitor.get("/oauth_redirect", params=told, headers=cookie)).status_code == 401
    assert await notes(open_to_all) == {}


async def test_a_state_is_good_for_ten_minutes(open_to_all: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with browser(open_to_all) as visitor:
        state = await begun(visitor)
        signed = TimestampSigner.get_timestamp
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: signed(self) + 601)
        told = {"code": open_to_all.wire.code("T1"), "state": state}
        assert (await visitor.get("/oauth_redirect", params=told)).status_code == 401
    assert await notes(open_to_all) == {}


async def test_whoever_changes_their_mind_is_told_how_to_begin_again(open_to_all: World) -> None:
    async with browser(open_to_all) as visitor:
        state = await begun(visitor)
        page = await visitor.get("/oauth_redirect", params={"error": "access_denied", "state": state})
    assert page.status_code == 200
    assert "access_denied" in page.text
    assert "/slack/install" in page.text
    assert await notes(open_to_all) == {}


async def test_a_code_that_slack_does_not_know_installs_nothing(open_to_all: World) -> None:
    async with browser(open_to_all) as visitor:
        state = await begun(visitor)
        page = await visitor.get("/oauth_redirect", params={"code": "<b>made up", "state": state})
    assert page.status_code == 401
    assert "<b>" not in page.text
    assert await notes(open_to_all) == {}


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
async def test_slack_away_during_an_installation_is_a_page_that_says_so(open_to_all: World, method: str) -> None:
    open_to_all.expected.add("not installed")
    open_to_all.wire.faults.append((method, RESET))
    page = await install(open_to_all, "T1")
    assert page.status_code == 503
    assert "/slack/install" in page.text
    assert "Thank you" in (await install(open_to_all, "T1")).text


async def test_an_installation_that_the_application_was_not_told_of_is_to_be_done_again(
    open_to_all: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_to_all.expected.add("not installed")
    fails = failing(open_to_all, monkeypatch, steps=("joined",))
    page = await install(open_to_all, "T1")
    assert (page.status_code, "/slack/install" in page.text) == (503, True)
    assert "Thank you" in (await install(open_to_all, "T1")).text
    assert fails.calls == ["joined", "joined"]


async def test_a_refused_installation_does_not_log_a_code_that_is_still_good(
    open_to_all: World, caplog: pytest.LogCaptureFixture
) -> None:
    open_to_all.wire.faults.append(("oauth.v2.access", Fault.error("bad_client_secret")))
    assert (await install(open_to_all, "T1")).status_code == 401
    (code,) = open_to_all.wire.codes
    assert code not in caplog.text
    assert code not in str(open_to_all.logged)


@pytest.mark.parametrize("keys", [MANY_BY_HTTP, ONE_BY_HTTP])
async def test_what_the_environment_says_makes_bolt_keep_no_tokens_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: Keys
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "SIGNING_SECRET", "BOT_TOKEN", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "")
    async with living(tmp_path, keys) as world:
        settings = world.slack._bolt.oauth_flow.settings  # type: ignore[union-attr]
        assert not isinstance(world.slack._bolt.installation_store, FileInstallationStore)
        assert not isinstance(settings.installation_store, FileInstallationStore)
        assert not isinstance(settings.state_store, FileOAuthStateStore)
        assert world.troubles == []


def test_keys_do_not_show() -> None:
    shown = repr(replace(MANY_BY_HTTP, bot_token="xoxb-T1", app_token=APP_TOKEN))
    assert not any(secret in shown for secret in ("xoxb-T1", APP_TOKEN, SIGNING, SECRET, "new key", "old key"))


# ---- at work


async def test_no_request_asks_slack_whose_token_it_is(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    once = len(open_to_all.wire.called("auth.test"))
    for _ in range(5):
        await says(open_to_all)
        await open_to_all.wire.open_home()
    await open_to_all.slack.answered()
    assert len(open_to_all.wire.called("auth.test")) == once == 1


async def test_another_process_needs_nothing_but_the_store(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    await open_to_all.restart()
    assert "Nobody has scored" in await says(open_to_all)
    assert len(open_to_all.wire.called("auth.test")) == 1


async def test_one_workspace_asks_once_in_its_life(world: World) -> None:
    for _ in range(3):
        await says(world)
    assert len(world.wire.called("auth.test")) == 1


async def test_tokens_that_end_are_renewed_while_the_bot_works(
    open_to_all: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, grants = open_to_all.wire, open_to_all.slack._grants
    assert isinstance(grants, Installs)
    monkeypatch.setattr(grants, "_now", lambda: datetime.fromtimestamp(wire.now, UTC))
    wire.rotating = True
    await install(open_to_all, "T1")
    for _ in range(3):
        wire.advance(11 * HOUR)
        assert "Nobody has scored" in await says(open_to_all)
        await grants.close()
    assert len(wire.called("oauth.v2.access")) == 4
    wire.advance(13 * HOUR)
    assert "Nobody has scored" in await says(open_to_all)
    await open_to_all.wire.open_home()
    await open_to_all.slack.answered()
    assert wire.home("U1B")


async def test_posts_are_sent_with_tokens_of_their_time(open_to_all: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = open_to_all.wire
    monkeypatch.setattr(open_to_all.slack._grants, "_now", lambda: datetime.fromtimestamp(wire.now, UTC))
    wire.rotating = True
    await install(open_to_all, "T1")
    await says(open_to_all, DAILY, "U1A")
    await passing(open_to_all, hours=1)
    for day in range(3):
        assert len(wire.messages("C1")) == 1 + day
        await passing(open_to_all, days=1)


async def test_strangers_are_told_to_install_and_nothing_is_kept_of_them(open_to_all: World) -> None:
    await install(open_to_all, "T1")
    assert await is_stranger(open_to_all, "U2B", "C2")
    assert (await open_to_all.wire.open_home("U2B")).status == 200
    assert (await open_to_all.wire.shortcut("quiz_me", "U2B")).status == 200
    await open_to_all.slack.answered()
    assert await space_of(open_to_all, "T2") is None
    assert open_to_all.wire.home("U2B") is None
    assert [method for method, _, token in open_to_all.wire.seen if "T2" in token] == []


async def test_one_workspace_is_the_only_one(world: World) -> None:
    assert await is_stranger(world, "U2B", "C2")
    assert await space_of(world, "T2") is None


# ---- organizations


async def test_an_organization_installs_once_for_all_its_workspaces(organization: World) -> None:
    for number in ("8", "9"):
        user, channel = f"U{number}B", f"C{number}"
        assert "Nobody has scored" in await says(organization, "/quiz leaderboard", user, channel)
        await organization.wire.use("Practise", user, organization.wire.ephemeral(user)[-1])
        await organization.wire.shortcut("quiz_me", user)
        await organization.wire.open_home(user)
        await organization.slack.answered()
        assert "A question for you" in text(organization.wire.views[user][-1])
        assert organization.wire.home(user)
        assert await space_of(organization, f"T{number}")
    assert len(organization.wire.called("auth.test")) == 1
    assert await space_of(organization, "E1") is None


async def test_questions_go_to_workspaces_of_an_organization(organization: World) -> None:
    for number in ("8", "9"):
        await says(organization, DAILY, f"U{number}A", f"C{number}")
    await passing(organization, hours=1)
    assert len(organization.wire.messages("C8")) == len(organization.wire.messages("C9")) == 1
    await organization.restart()
    await passing(organization, days=1)
    assert len(organization.wire.messages("C9")) >= 2


# ---- one workspace by its token


async def refused(world: World, keys: Keys, how: type[ConnectionError]) -> str:
    """How a start with these keys is refused."""
    slack = Slack(world.app, world.app.router, world.store, keys, world.wire.api)
    with pytest.raises(how) as caught:
        await slack.start()
    await slack.stop()
    return str(caught.value)


@pytest.mark.parametrize("trouble", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_token_that_is_refused_at_the_start_says_where_to_find_a_good_one(world: World, trouble: str) -> None:
    world.wire.revoke("xoxb-T1", trouble)
    told = await refused(world, ONE_BY_HTTP, TokenRefused)
    assert all(word in told for word in ("SLACK_BOT_TOKEN", trouble, "https://api.slack.com/apps", "Bot User OAuth"))


async def test_a_token_that_has_expired_says_what_to_do_instead(world: World) -> None:
    world.wire.revoke("xoxb-T1", "token_expired")
    assert "/slack/install" in await refused(world, ONE_BY_HTTP, TokenRefused)


@pytest.mark.parametrize("token", ["xapp-none", "xoxb-T1"])
async def test_an_app_token_that_is_refused_says_how_to_make_one(world: World, token: str) -> None:
    told = await refused(world, replace(ONE_BY_SOCKET, app_token=token), AppTokenRefused)
    assert all(word in told for word in ("SLACK_APP_TOKEN", "xapp-", "connections:write", "App-Level Tokens"))


@pytest.mark.parametrize("fault", [RESET, Fault(500), Fault.limit(3), Fault.error("internal_error")])
async def test_the_bot_starts_without_slack_and_is_there_when_slack_is(world: World, fault: Fault) -> None:
    world.expected.add("trying on")
    world.wire.faults.append(("auth.test", fault))
    await world.restart()
    assert [one["event"] for one in world.logged] == ["trying on"]
    world.wire.advance(10)
    assert "Nobody has scored" in await says(world)


async def test_posts_wait_until_slack_is_there(world: World) -> None:
    world.expected.add("trying on")
    await says(world, DAILY, "U1A")
    await world.slack.stop()
    world.wire.faults += [("auth.test", RESET)] * 2
    await world.start()
    await passing(world, hours=1)
    assert world.wire.messages("C1") == []
    await passing(world, minutes=5)
    assert len(world.wire.messages("C1")) == 1
