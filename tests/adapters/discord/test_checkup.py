"""Inviting the bot, and the doctor, from the command line."""

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.adapters.discord.adapter import RESERVE
from bot.adapters.discord.checkup import PERMISSIONS
from bot.config import SettingsError, read_settings
from tests.adapters.discord.loopback import APPLICATION, BOT, GUILD, RESET, STUDY, Fault, Loopback, running

ALL = str(PERMISSIONS.value)


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    monkeypatch.setenv("DISCORD_TOKEN", "good")
    async with running(monkeypatch) as loopback:
        loopback.permissions = ALL
        yield loopback


async def run(*words: str) -> Result:
    """What a command says; it runs in a thread, because it has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def test_the_link_invites_with_the_permissions_needed_and_no_others() -> None:
    said = (await run("discord", "invite", "42")).output
    assert "client_id=42&scope=bot+applications.commands" in said
    assert f"permissions={ALL}" in said
    assert not PERMISSIONS & discord.Permissions(administrator=True, manage_guild=True, mention_everyone=True)


async def test_the_application_is_asked_of_discord(wire: Loopback) -> None:
    assert f"client_id={BOT}&" in (await run("discord", "invite")).output


async def test_without_token_and_application_the_invitation_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    said = await run("discord", "invite")
    assert (said.exit_code, "Set DISCORD_TOKEN, or give the Application ID" in said.output) == (1, True)


async def test_a_healthy_bot_has_nothing_missing(wire: Loopback) -> None:
    said = await run("doctor", "--channel", STUDY)
    assert said.exit_code == 0, said.output
    assert "In #study I may do all I have to." in said.output
    assert "✗" not in said.output


async def test_a_wrong_token_is_named(wire: Loopback) -> None:
    wire.token = "other"
    said = await run("doctor")
    assert (said.exit_code, "✗ Discord does not accept DISCORD_TOKEN" in said.output) == (1, True)


async def test_discord_out_of_reach_is_named(wire: Loopback) -> None:
    wire.faults = [("GET /users/@me", RESET)] * 9
    said = await run("doctor")
    assert (said.exit_code, "✗ Discord cannot be reached" in said.output) == (1, True)


@pytest.mark.parametrize(
    "step",
    [
        "GET /oauth2/applications/@me",
        "GET /gateway/bot",
        f"GET /channels/{STUDY}",
        f"GET /guilds/{GUILD}",
        f"GET /guilds/{GUILD}/members/.*",
    ],
)
@pytest.mark.parametrize("fault", [RESET, Fault(503), Fault(403, {"message": "no", "code": 50001}), Fault.limit(90)])
async def test_whatever_goes_wrong_on_the_way_is_a_finding(wire: Loopback, step: str, fault: Fault) -> None:
    wire.faults = [(step, fault)] * 9
    said = await run("doctor", "--channel", STUDY)
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert "✗ " in said.output


async def test_missing_permissions_are_named_as_the_channel_calls_them(wire: Loopback) -> None:
    wire.permissions = str(discord.Permissions(view_channel=True, send_messages=True).value)
    said = await run("doctor", "--channel", STUDY)
    assert said.exit_code == 1
    assert "✗ In #study I lack “Attach Files”, “Read Message History”, “Create Public Threads”." in said.output


async def test_a_channel_that_cannot_be_seen_is_named(wire: Loopback) -> None:
    said = await run("doctor", "--channel", "12345")
    assert (said.exit_code, "✗ I can't see a channel 12345." in said.output) == (1, True)


async def test_interactions_that_go_elsewhere_are_named(wire: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(APPLICATION, "interactions_endpoint_url", "https://example.org")
    said = await run("doctor")
    assert (said.exit_code, "Empty “Interactions Endpoint URL”" in said.output) == (1, True)


async def test_too_many_connections_are_named_with_the_wait(wire: Loopback) -> None:
    wire.starts |= {"remaining": RESERVE, "reset_after": 5_400_000}
    said = await run("doctor")
    assert (said.exit_code, "Wait 1.5 hours" in said.output) == (1, True)


async def test_without_a_token_discord_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    said = await run("doctor")
    assert (said.exit_code, "Discord is off" in said.output) == (0, True)


@pytest.mark.parametrize("split", ["3", "3-1/4", "0-4/4", "x-y/z", "0-1/2 "])
def test_shards_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch, split: str) -> None:
    monkeypatch.setenv("QUIZBOT_DISCORD_SHARDS", split)
    with pytest.raises(SettingsError, match="QUIZBOT_DISCORD_SHARDS: must look like 0-3/16"):
        read_settings()


def test_shards_are_read_as_the_first_the_last_and_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZBOT_DISCORD_SHARDS", "4-6/16")
    assert read_settings().shards == ((4, 5, 6), 16)
    monkeypatch.setenv("QUIZBOT_DISCORD_SHARDS", "")
    assert read_settings().shards is None
