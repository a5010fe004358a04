"""The version of a database's tables: telling it, bringing it up to date, and copying a database while it is used.

Alembic takes a third of a second to load, so a start with tables that are up to date does without it: the revision is
read from the database, and the known ones from the first lines of the migrations.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.ports import StoreError
from bot.store import sqlite

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r'^(down_)?revision\b[^=]*= (?:"(\w+)"|None)', re.MULTILINE)
_LOCK = 7_451_903
"""Number of the advisory lock that lets one replica at a time migrate."""


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None on PostgreSQL."""
    if url.startswith("sqlite:///") and url not in ("sqlite:///", "sqlite:///:memory:"):
        return Path(url.removeprefix("sqlite:///"))
    if not url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise StoreError(
            "This is no database I know. Set QUIZBOT_DATABASE to sqlite:///path or postgresql://user@host/name."
        )
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("QUIZBOT_DATABASE is no address of a database. Write postgresql://user@host/name.") from None
    return None


def folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parent.parent
    packed = package / "_data" / "migrations"
    return packed if packed.is_dir() else package.parent / "migrations"


def revisions(where: Path | None = None) -> tuple[str, ...]:
    """The known revisions, oldest first."""
    after: dict[str | None, str] = {}
    for file in ((where or folder()) / "versions").glob("*.py"):
        found = {bool(down): name or None for down, name in _REVISION.findall(file.read_text("utf-8"))}
        after[found[True]] = str(found[False])
    chain: list[str] = []
    while (following := after.get(chain[-1] if chain else None)) is not None:
        chain.append(following)
    return tuple(chain)


def current(url: str) -> str | None:
    """The revision of a database's tables; None if it has none."""
    path = file_of(url)
    return _current_file(path) if path else _current_server(url)


def _current_file(path: Path) -> str | None:
    if not path.exists():
        return None
    with sqlite.explained(path), closing(_open_readonly(path)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if found else None
    return row[0] if row else None


def _current_server(url: str) -> str | None:
    with _server(url) as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def check(url: str) -> None:
    """Raise `StoreError`, saying what to do, if a database's tables are not those of this version of quizbot."""
    if _behind(url):
        raise StoreError("The tables of this database are not up to date. Run: quizbot db upgrade")


def _behind(url: str, where: Path | None = None) -> bool:
    """Whether there is something to migrate; refuses revisions that are not known here."""
    found, known = current(url), revisions(where)
    if found is not None and found not in known:
        raise StoreError(
            f"This database was made by a newer quizbot: its tables are at revision {found}, this version knows "
            f"{known[-1]}. Install the newer quizbot, or set QUIZBOT_DATABASE to another database."
        )
    return found != known[-1]


def upgrade(url: str, where: Path | None = None) -> None:
    """Bring the tables up to date, in one transaction. `where` is a folder of migrations instead of ours."""
    if not _behind(url, where):
        return
    from alembic import command

    with migrating(url) as connection:
        command.upgrade(config(connection, where), "head")


@contextmanager
def migrating(url: str) -> Iterator[Connection]:
    """A connection for migrations, which nobody else migrates beside; committed at the end if all references hold."""
    path = file_of(url)
    if path is None:
        with _server(url) as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection
        return
    with sqlite.hold(path), _file(path) as connection:
        yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StoreError(f"The migration would have broken {len(broken)} references; nothing was changed.")


def config(connection: Connection, where: Path | None = None) -> "Config":
    """Alembic's settings, which need no file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(where or folder()).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


@contextmanager
def _file(path: Path) -> Iterator[Connection]:
    """A transaction with foreign keys off: where a migration makes a table anew, dropping the old one must not take the
    rows that refer to it."""
    engine = create_engine("sqlite://", creator=lambda: _connect_bare(path))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        known = sqlite.explain(error.orig, path) if isinstance(error.orig, sqlite3.Error) else None
        if known is None:
            raise
        raise known from error
    finally:
        engine.dispose()


def _connect_bare(path: Path) -> sqlite3.Connection:
    connection = sqlite.connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


@contextmanager
def _server(url: str) -> Iterator[Connection]:
    """A transaction on a PostgreSQL server."""
    from bot.store.postgres import engine_of

    engine = engine_of(url, 1)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if not error.connection_invalidated and not isinstance(error.orig, _unreachable()):
            raise
        where = make_url(url).render_as_string(hide_password=True)
        raise StoreError(
            f"The database {where} cannot be reached ({_first_line(error)}). Start it, or mend the address."
        ) from error
    finally:
        engine.dispose()


def _unreachable() -> type[Exception]:
    from psycopg import OperationalError

    return OperationalError


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def backup(url: str, target: Path) -> None:
    """Copy an SQLite database to a new file; the bot may be running."""
    path = file_of(url)
    if path is None:
        raise StoreError(
            "A PostgreSQL database is copied by its own tool. Run: pg_dump --format=custom --file=FILE DATABASE"
        )
    if not path.exists():
        raise StoreError(f"There is no database {path} to copy. Set QUIZBOT_DATABASE to the one you mean.")
    if target.exists():
        raise StoreError(f"The file {target} exists already. Choose another name for the copy.")
    try:
        with sqlite.explained(target):
            _copy(path, target)
    except OSError as error:
        raise StoreError(f"The copy {target} cannot be written ({error.strerror}). Choose another place.") from error


def _copy(path: Path, target: Path) -> None:
    """Under another name until it is whole. All pages in one step: it reads one state while others write."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with closing(_open_readonly(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    part.rename(target)


def _open_readonly(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
