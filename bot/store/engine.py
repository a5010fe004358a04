"""Opening a store."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bot.ports import T
from bot.store import migrate, sqlite
from bot.store.unit import SqlUnitOfWork


class SqlStore(Protocol):
    """A `ports.Store` over SQL; `close` finishes what was asked for before."""

    async def run(self, work: Callable[[SqlUnitOfWork], T]) -> T: ...
    async def read(self, work: Callable[[SqlUnitOfWork], T]) -> T: ...
    async def close(self) -> None: ...


def open_store(url: str) -> SqlStore:
    """The store behind `sqlite:///path` or `postgresql://…`. Raises `StoreError` where another process has the file,
    the database cannot be reached, or its tables are not those of this version of quizbot."""
    path = migrate.file_of(url)
    if path is not None:
        return _open_file(url, path)
    migrate.check(url)
    from bot.store.postgres import PostgresStore  # the driver is loaded for those who use it

    return PostgresStore(url)


def _open_file(url: str, path: Path) -> SqlStore:
    lock = sqlite.hold(path)
    try:
        migrate.check(url)
        with sqlite.explained(path):
            return sqlite.SqliteStore(path, lock)
    except BaseException:
        lock.release()
        raise
