"""The version of the tables, and what happens to rows on the way."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, select, text

from bot.ports import Archived, Miss, Report, StoreError, UnitOfWork
from bot.store import migrate, sqlite
from bot.store.engine import open_store
from bot.store.tables import metadata
from tests.store.world import NOW, PERIODS, answer, card, furnish, post

SCHEMA = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_auto%'",
    "postgresql": """
        SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION SELECT 'column', table_name, column_name,
            concat_ws(' ', ordinal_position, data_type, is_nullable, column_default, collation_name)
            FROM information_schema.columns WHERE table_schema = 'public'
    """,
}

NUMBERED = ("space", "channel", "team", "player", "schedule", "round")

NEXT = '''"""A migration to come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("player") as player:
        player.add_column(sa.Column("mood", sa.Text, nullable=False, server_default="fine"))
        player.alter_column("admin", type_=sa.BigInteger)
    with op.batch_alter_table("space") as space:
        space.add_column(sa.Column("colour", sa.Text))
    with op.batch_alter_table("round") as round:
        round.alter_column("topic", nullable=True)
    FINALLY


def downgrade() -> None:
    with op.batch_alter_table("player") as player:
        player.drop_column("mood")
    with op.batch_alter_table("space") as space:
        space.drop_column("colour")
'''


def everything(uow: UnitOfWork) -> None:
    """A row in every table."""
    home = furnish(uow, "ann", "bob")
    reds = uow.people.create_team(home.space.id, "Reds", NOW)
    assert reds is not None
    uow.rounds.record(answer(home.daily, home.ann, team=reds.id), PERIODS)
    uow.rounds.keep("q1", "r1", "body")
    uow.rounds.report(Report(home.space.id, home.ann.id, "q1", "r1", "wrong", NOW))
    uow.schedules.miss(Miss(home.schedule.id, date(2026, 11, 23), "late"))
    uow.boards.end_season(home.space, [Archived(1, "Ann", 10, 1, 1, 10.0)], (), NOW)
    uow.due.put("close", "1", NOW)
    uow.notes.put("n", "noted")
    uow.bindings.bind(home.space.id, "role", reds.id)
    uow.outbox.post(post(), NOW)
    uow.messages.say(home.space, "daily", NOW, card=card())


async def filled(url: str) -> str:
    store = open_store(url)
    await store.run(everything)
    await store.close()
    return url


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A plain connection; on SQLite with foreign keys on, as the bot has it."""
    path = migrate.file_of(url)
    engine = create_engine("sqlite://", creator=lambda: sqlite.connect(path)) if path else create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def counts(url: str) -> dict[str, int]:
    with connected(url) as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def newest(url: str) -> dict[str, int]:
    """The highest id of each table whose ids are never given again."""
    with connected(url) as connection:
        return {name: connection.scalar(select(func.max(metadata.tables[name].c.id))) or 0 for name in NUMBERED}


def schema(connection: Connection) -> set[tuple[str, ...]]:
    rows = connection.execute(text(SCHEMA[connection.dialect.name]))
    found = {tuple(" ".join(str(value).replace('"', "").split()) for value in row) for row in rows}
    return {row for row in found if not any(value.startswith("alembic_version") for value in row)}


def migrations_with(folder: Path, finally_: str = "pass") -> Path:
    """The shipped migrations and one more."""
    copytree(migrate.folder(), folder)
    (folder / "versions" / "0004_next.py").write_text(NEXT.replace("FINALLY", finally_))
    return folder


def downgrade(url: str, revision: str, where: Path | None = None) -> None:
    from alembic import command

    with migrate.migrating(url) as connection:
        command.downgrade(migrate.config(connection, where), revision)


def test_the_migrated_tables_are_those_of_the_code(empty_url: str) -> None:
    with connected(empty_url) as connection:
        metadata.create_all(connection)
        made = schema(connection)
        metadata.drop_all(connection)
        connection.commit()
    migrate.upgrade(empty_url)
    with connected(empty_url) as connection:
        assert schema(connection) == made


def test_tables_are_made_from_nothing(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    with pytest.raises(StoreError, match="quizbot db upgrade"):
        open_store(empty_url)
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == migrate.revisions()[-1]
    migrate.upgrade(empty_url)
    assert set(counts(empty_url).values()) == {0}


async def test_tables_go_down_and_up_again_with_rows_in_each(url: str) -> None:
    await filled(url)
    assert [table for table, rows in counts(url).items() if not rows] == []
    downgrade(url, "base")
    assert migrate.current(url) is None
    migrate.upgrade(url)
    await filled(url)


async def test_no_row_is_lost_on_the_way_up(url: str, tmp_path: Path) -> None:
    """Also not where a table that others refer to is made anew."""
    before = counts(await filled(url))
    more = migrations_with(tmp_path / "migrations")
    migrate.upgrade(url, more)
    assert migrate.current(url) == "0004"
    assert counts(url) == before
    with connected(url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM player WHERE mood = 'fine'")) == before["player"]
    downgrade(url, "0003", more)
    assert counts(url) == before


async def test_tables_made_anew_keep_their_rows_and_give_no_id_twice(url: str) -> None:
    before, ids = counts(await filled(url)), newest(url)
    downgrade(url, "0002")
    assert (counts(url), newest(url)) == (before, ids)
    migrate.upgrade(url)
    assert (counts(url), newest(url)) == (before, ids)
    store = open_store(url)
    found = await store.run(lambda uow: uow.people.space_of("web", "home"))
    assert found is not None
    await store.run(lambda uow: uow.spaces.erase(found.id))
    await store.run(everything)
    await store.close()
    assert {table: newest(url)[table] > id for table, id in ids.items()} == dict.fromkeys(NUMBERED, True)


async def test_a_migration_that_fails_changes_nothing(url: str, tmp_path: Path) -> None:
    before = counts(await filled(url))
    with connected(url) as connection:
        tables = schema(connection)
    with pytest.raises(ZeroDivisionError):
        migrate.upgrade(url, migrations_with(tmp_path / "migrations", "1 / 0"))
    assert migrate.current(url) == "0003"
    assert counts(url) == before
    with connected(url) as connection:
        assert schema(connection) == tables


async def test_a_migration_that_breaks_references_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    before = counts(await filled(sqlite_url))
    with pytest.raises(StoreError, match="would have broken 12 references; nothing was changed"):
        migrate.upgrade(sqlite_url, migrations_with(tmp_path / "migrations", 'op.execute("DELETE FROM team")'))
    assert counts(sqlite_url) == before


def test_a_newer_database_is_refused(url: str, tmp_path: Path) -> None:
    migrate.upgrade(url, migrations_with(tmp_path / "migrations"))
    refuse: list[Callable[[str], Any]] = [open_store, migrate.upgrade, migrate.check]
    for each in refuse:
        with pytest.raises(StoreError, match=r"made by a newer quizbot: .* Install the newer quizbot"):
            each(url)
    assert migrate.current(url) == "0004"


def test_revisions_are_read_in_order_of_descent(tmp_path: Path) -> None:
    assert migrate.revisions(migrations_with(tmp_path / "migrations")) == ("0001", "0002", "0003", "0004")


def test_a_start_loads_neither_alembic_nor_the_driver_of_another_database(sqlite_url: str) -> None:
    code = f"""
import asyncio, sys
from bot.store.engine import open_store
from bot.store.migrate import upgrade
upgrade({sqlite_url!r})
async def main():
    await open_store({sqlite_url!r}).close()
asyncio.run(main())
print(sorted({{"alembic", "psycopg"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ---- addresses and files


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some' / 'where' / 'quiz.sqlite3'}"
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.revisions()[-1]


@pytest.mark.parametrize("url", ["mysql://root@localhost/quiz", "sqlite:///", "sqlite:///:memory:", "quiz.sqlite3"])
def test_an_address_of_no_known_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="QUIZBOT_DATABASE"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes.\n" * 100)
    with pytest.raises(StoreError, match="is no SQLite database"):
        open_store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="is no SQLite database"):
        migrate.upgrade(f"sqlite:///{path}")
    assert path.read_text().startswith("These are my notes.")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        migrate.upgrade(f"sqlite:///{tmp_path / 'file' / 'quiz.sqlite3'}")


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as told:
        open_store("postgresql://quiz:secret@127.0.0.1:9/quiz")
    assert "secret" not in str(told.value)


# ---- copies


async def test_a_copy_is_made_while_the_bot_runs(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(sqlite_url)
    await store.run(everything)
    copy = tmp_path / "copies" / "today.sqlite3"
    migrate.backup(sqlite_url, copy)
    await store.run(lambda uow: uow.rounds.keep("q2", "r1", "later"))
    assert [file.name for file in copy.parent.iterdir()] == ["today.sqlite3"]
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM question").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await store.close()
    assert counts(f"sqlite:///{copy}")["submission"] == 1


def test_a_copy_overwrites_nothing(sqlite_url: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        migrate.backup(sqlite_url, taken)
    assert taken.read_text() == "mine"


def test_what_is_not_there_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no database"):
        migrate.backup(f"sqlite:///{tmp_path / 'missing.sqlite3'}", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_postgresql_is_copied_by_its_own_tool(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        migrate.backup("postgresql://quiz@localhost/quiz", tmp_path / "copy")
