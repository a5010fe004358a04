"""Setting Slack up: `quizbot slack`."""

from typing import Annotated

import typer

from bot.adapters.slack.manifest import manifest as written
from bot.cli.run import settings_of
from bot.features import build_router

slack = typer.Typer(no_args_is_help=True, help="Set Slack up.")


@slack.callback()
def about() -> None:
    """Set Slack up."""


@slack.command()
def manifest(
    http: Annotated[
        str,
        typer.Option(metavar="URL", help="Where Slack reaches the bot, https://…; Socket Mode if left out."),
    ] = "",
) -> None:
    """Print the app's manifest, to be pasted at https://api.slack.com/apps under “Create New App”."""
    try:
        typer.echo(written(build_router(), http, settings_of().slack_command), nl=False)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--http") from None
