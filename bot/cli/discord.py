"""Setting Discord up: `quizbot discord`."""

import asyncio
from typing import Annotated

import typer

from bot.cli.run import explained, settings_of

discord = typer.Typer(no_args_is_help=True, help="Set Discord up.")


@discord.callback()
def about() -> None:
    """Set Discord up."""


@discord.command()
def invite(
    application: Annotated[
        int | None, typer.Argument(help="Application ID of the developer portal; asked of Discord if left out.")
    ] = None,
) -> None:
    """Print the link that invites the bot to a server, with the permissions it needs and no others."""
    # Imported here because discord.py takes half a second, and most commands do without.
    from bot.adapters.discord.checkup import invitation

    with explained():
        typer.echo(invitation(application or _application()))


def _application() -> int:
    from bot.adapters.discord.checkup import application_of

    token = settings_of().discord_token
    if not token:
        raise OSError("Set DISCORD_TOKEN, or give the Application ID of https://discord.com/developers/applications.")
    return asyncio.run(application_of(token.get_secret_value()))
