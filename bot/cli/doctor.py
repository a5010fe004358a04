"""What is missing: `quizbot doctor`."""

import asyncio
from typing import Annotated

import typer

from bot.cli.run import settings_of


def doctor(
    channel: Annotated[int | None, typer.Option(help="Id of a Discord channel to look at as well.")] = None,
) -> None:
    """Say what is missing for the bot to work; the exit status is 1 if anything is."""
    token = settings_of().discord_token
    if token is None or not token.get_secret_value():
        typer.echo("- Discord is off: DISCORD_TOKEN is not set.")
        raise typer.Exit(0 if channel is None else 1)
    if not asyncio.run(_discord(token.get_secret_value(), channel)):
        raise typer.Exit(1)


async def _discord(token: str, channel: int | None) -> bool:
    """Tell each finding; whether all is well."""
    # Imported here because discord.py takes half a second, and most commands do without.
    from bot.adapters.discord.checkup import findings

    well = True
    async for finding in findings(token, channel):
        typer.echo(f"{'✓' if finding.good else '✗'} {finding.text}")
        well = well and finding.good
    return well
