"""What is missing: `quizbot doctor`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from bot.adapters.finding import Finding
from bot.cli.run import settings_of, slack_keys
from bot.config import Settings


def doctor(
    channel: Annotated[int | None, typer.Option(help="Id of a Discord channel to look at as well.")] = None,
) -> None:
    """Say what is missing for the bot to work; the exit status is 1 if anything is."""
    settings = settings_of()
    wells = [asyncio.run(_well(findings)) for findings in (_discord(settings, channel), _slack(settings))]
    if not all(wells):
        raise typer.Exit(1)


async def _well(findings: AsyncIterator[Finding]) -> bool:
    """Tell each finding; whether all is well."""
    well = True
    async for finding in findings:
        typer.echo(f"{'✓' if finding.good else '✗'} {finding.text}")
        well = well and finding.good
    return well


async def _discord(settings: Settings, channel: int | None) -> AsyncIterator[Finding]:
    token = settings.discord_token
    if token is None or not token.get_secret_value():
        typer.echo("- Discord is off: DISCORD_TOKEN is not set.")
        if channel is not None:
            yield Finding(False, "A channel can be looked at with a token alone. Set DISCORD_TOKEN.")
        return
    # Imported here because discord.py takes half a second, and most commands do without.
    from bot.adapters.discord.checkup import findings

    async for finding in findings(token.get_secret_value(), channel):
        yield finding


async def _slack(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.slack:
        typer.echo("- Slack is off: SLACK_BOT_TOKEN is not set.")
        return
    from bot.adapters.slack.checkup import findings

    async for finding in findings(slack_keys(settings)):
        yield finding
