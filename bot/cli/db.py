"""Looking after the database: `quizbot db …`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.run import explained, settings_of
from bot.store import migrate
from bot.store.engine import open_store
from bot.store.rebuild import Difference, differences, rebuild

db = typer.Typer(help="Look after the database.", no_args_is_help=True)


@db.command("upgrade")
def upgrade_tables() -> None:
    """Bring the tables up to this version of quizbot (starting the bot does it too)."""
    url = settings_of().database
    with explained():
        migrate.upgrade(url)
    typer.echo(f"The tables are at revision {migrate.current(url)}.")


@db.command("check")
def check_totals() -> None:
    """Compare every total with the log of answers; exit status 1 if one differs."""
    with explained():
        found = asyncio.run(_differences(settings_of().database))
    for difference in found:
        typer.echo(str(difference))
    typer.echo("Every total agrees with the log of answers." if not found else "Mend them with: quizbot db rebuild")
    if found:
        raise typer.Exit(1)


@db.command("rebuild")
def rebuild_totals() -> None:
    """Work every total out again from the log of answers."""
    with explained():
        asyncio.run(_rebuild(settings_of().database))
    typer.echo("Every total is worked out again from the log of answers.")


@db.command("backup")
def back_up(target: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")]) -> None:
    """Copy an SQLite database to a file, also while the bot runs."""
    with explained():
        migrate.backup(settings_of().database, target)
    typer.echo(f"The database is copied to {target}.")


async def _differences(url: str) -> list[Difference]:
    store = open_store(url)
    try:
        return await store.read(differences)
    finally:
        await store.close()


async def _rebuild(url: str) -> None:
    store = open_store(url)
    try:
        await store.run(rebuild)
    finally:
        await store.close()
