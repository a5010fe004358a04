"""What may be missing, asked of a small Slack by the real library."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapters.finding import Finding
from bot.adapters.slack.adapter import Keys
from bot.adapters.slack.checkup import findings
from bot.adapters.slack.manifest import SCOPES
from tests.adapters.slack.loopback import APP_TOKEN, RESET, Fault, Loopback, running
from tests.adapters.slack.workspaces import Token

SIGNING, CLIENT_SECRET = "signing-secret", "client-secret"
WARNING = "[WARN] Socket Mode is not turned on."


@pytest.fixture
async def wire() -> AsyncIterator[Loopback]:
    async with running() as loopback:
        loopback.workspace()
        yield loopback


def token(wire: Loopback) -> str:
    return wire.workspaces["T1"].token


async def found(wire: Loopback, **keys: Any) -> list[Finding]:
    """All findings; no token or secret is in any."""
    all = [finding async for finding in findings(Keys(**keys), wire.api)]
    for finding in all:
        assert not any(secret in finding.text for secret in keys.values())
    return all


async def problems(wire: Loopback, **keys: Any) -> str:
    return "\n".join(finding.text for finding in await found(wire, **keys) if not finding.good)


async def test_a_healthy_bot_over_socket_mode_has_nothing_missing(wire: Loopback) -> None:
    all = await found(wire, bot_token=token(wire), app_token=APP_TOKEN)
    assert all == [
        Finding(True, "Slack accepts the token; the bot is called quizbot in Acme."),
        Finding(True, "The bot has its scopes: it may post in public channels, and where it is invited to."),
        Finding(True, "Requests arrive over Socket Mode."),
    ]
    assert [method for method, _, _ in wire.seen] == ["auth.test", "apps.connections.open"]


async def test_a_healthy_bot_over_http_has_nothing_missing(wire: Loopback) -> None:
    assert await problems(wire, bot_token=token(wire), signing_secret=SIGNING) == ""
    assert not wire.called("apps.connections.open")


@pytest.mark.parametrize("trouble", ["account_inactive", "token_revoked", "invalid_auth", "not_allowed_token_type"])
async def test_a_bot_token_that_is_no_good_is_named_and_nothing_more_is_asked_with_it(
    wire: Loopback, trouble: str
) -> None:
    wire.revoke(token(wire), trouble)
    said = await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)
    assert said.startswith(f"Slack does not accept SLACK_BOT_TOKEN ({trouble}). Copy the token anew")
    assert "\n" not in said


async def test_missing_scopes_are_named_with_where_to_add_them(wire: Loopback) -> None:
    wire.tokens[token(wire)].scopes = set(SCOPES) - {"files:write", "chat:write.public"}
    said = await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)
    assert said.startswith("The bot lacks chat:write.public, files:write. Add")
    assert "Reinstall to Workspace" in said


async def test_the_token_of_a_person_is_named(wire: Loopback) -> None:
    wire.faults = [("auth.test", Fault(200, {"ok": True, "user": "ada", "team": "Acme", "user_id": "U1A"}))]
    assert "the token of a person, ada" in await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)


async def test_a_token_that_will_end_is_named(wire: Loopback) -> None:
    wire.tokens["xoxe.xoxb-1-rotated"] = Token(("T1",), set(SCOPES))
    said = await problems(wire, bot_token="xoxe.xoxb-1-rotated", app_token=APP_TOKEN)
    assert said.startswith("SLACK_BOT_TOKEN lasts 12 hours")


async def test_a_bot_token_in_place_of_the_app_token_is_named(wire: Loopback) -> None:
    said = await problems(wire, bot_token=token(wire), app_token=token(wire))
    assert said.startswith("Slack does not accept SLACK_APP_TOKEN.")


async def test_an_app_token_that_may_not_connect_is_named(wire: Loopback) -> None:
    wire.faults = [("apps.connections.open", Fault.error("missing_scope"))]
    assert "connections:write" in await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)


async def test_socket_mode_that_is_off_is_named(wire: Loopback) -> None:
    wire.faults = [("apps.connections.open", Fault.error("socket_mode_not_enabled"))]
    assert (await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)).startswith("Socket Mode is off.")


async def test_a_warning_that_socket_mode_is_off_is_passed_on_as_no_problem(wire: Loopback) -> None:
    warned = {"ok": True, "url": "wss://", "response_metadata": {"messages": [WARNING]}}
    wire.faults = [("apps.connections.open", Fault(200, warned))]
    last = (await found(wire, bot_token=token(wire), app_token=APP_TOKEN))[-1]
    assert last.good
    assert last.text.startswith("Slack connects, but warns: Socket Mode is not turned on.")


async def test_with_neither_an_app_token_nor_a_signing_secret_nothing_can_arrive(wire: Loopback) -> None:
    said = await problems(wire, bot_token=token(wire))
    assert said.startswith("Nothing can arrive from Slack. Set SLACK_APP_TOKEN")


async def test_where_workspaces_install_the_app_no_bot_token_is_asked_about(wire: Loopback) -> None:
    all = await found(wire, client_id="1.1", client_secret=CLIENT_SECRET, signing_secret=SIGNING)
    assert [finding.good for finding in all] == [True, True]
    assert "/slack/install" in all[0].text
    assert [method for method, _, _ in wire.seen] == ["oauth.v2.access"]


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"client_id": "9.9", "client_secret": CLIENT_SECRET}, "SLACK_CLIENT_ID"),
        ({"client_id": "1.1", "client_secret": "another"}, "SLACK_CLIENT_SECRET"),
    ],
)
async def test_an_app_that_slack_does_not_know_is_named(wire: Loopback, keys: Any, wrong: str) -> None:
    assert (await problems(wire, signing_secret=SIGNING, **keys)).startswith(f"Slack does not accept {wrong}.")


@pytest.mark.parametrize("fault", [RESET, Fault(503), Fault.error("internal_error")])
async def test_what_workspaces_install_with_cannot_be_told_while_slack_is_ill(wire: Loopback, fault: Fault) -> None:
    wire.faults = [("oauth.v2.access", fault)]
    said = await problems(wire, client_id="1.1", client_secret=CLIENT_SECRET, signing_secret=SIGNING)
    assert said.endswith(("then try again.", "Try again in a minute."))


@pytest.mark.parametrize(
    ("keys", "missing"),
    [({"client_id": "1.1"}, "SLACK_CLIENT_SECRET"), ({"client_secret": CLIENT_SECRET}, "SLACK_CLIENT_ID")],
)
async def test_half_of_what_workspaces_install_with_is_named(wire: Loopback, keys: Any, missing: str) -> None:
    assert (await problems(wire, signing_secret=SIGNING, **keys)).startswith(f"{missing} is not set.")


@pytest.mark.parametrize("fault", [RESET, Fault(200, ["no", "Slack"])])  # type: ignore[arg-type]
async def test_slack_out_of_reach_is_named_and_asked_once(wire: Loopback, fault: Fault) -> None:
    wire.faults = [(".*", fault)] * 9
    said = await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)
    assert (
        said.splitlines()
        == ["Slack cannot be reached from here. Check the connection of this machine, then try again."] * 2
    )
    assert len(wire.seen) == 2


async def test_nobody_listening_is_named() -> None:
    async with running() as gone:
        gone.workspace()
    assert "cannot be reached" in await problems(gone, bot_token="xoxb-1-T1", app_token=APP_TOKEN)


@pytest.mark.parametrize("fault", [Fault.limit(30), Fault(503), Fault.error("internal_error")])
async def test_a_slack_that_is_not_well_is_named(wire: Loopback, fault: Fault) -> None:
    wire.faults = [("auth.test", fault)]
    said = await problems(wire, bot_token=token(wire), app_token=APP_TOKEN)
    assert said.startswith("Slack does not answer as it should (")
    assert said.endswith("Try again in a minute.")
