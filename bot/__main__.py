"""The command line."""

import typer

from bot.cli.content import content
from bot.cli.db import db
from bot.cli.discord import discord
from bot.cli.doctor import doctor
from bot.cli.run import play, run
from bot.cli.slack import slack

app = typer.Typer(
    name="quizbot",
    help="A quiz bot for teams that study together.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.command()(run)
app.command()(play)
app.command()(doctor)
app.add_typer(content, name="content")
app.add_typer(db, name="db")
app.add_typer(discord, name="discord")
app.add_typer(slack, name="slack")


def main() -> None:
    """What the command `quizbot` runs."""
    app()


if __name__ == "__main__":
    main()
