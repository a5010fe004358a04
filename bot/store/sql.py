"""Statements of SQLAlchemy Core, run on the cursor of the driver.

SQLAlchemy's own `execute` adds 26 µs to a statement that takes the driver 9 µs (Python 3.11, SQLite, finding a person),
most of it for a context and a result that plain integers and text do not need; a compiled text handed to the driver
adds 1 µs. An answer takes twelve statements and is the path everybody waits on, so statements are made once, as
constants of a module, compiled once for each dialect, and run by `Cursor`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import Column, ColumnElement, Executable, Table, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

Name = Literal["sqlite", "postgresql"]
Row: TypeAlias = tuple[Any, ...]
Insert: TypeAlias = Callable[[Table], sqlite.Insert]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An instant as it is stored."""
    return (at - EPOCH) // MICROSECOND


def instant(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def instant_or_none(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)


def day_or_none(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def fold(name: str) -> str:
    """A name as it is compared: in any case, blanks folded."""
    return " ".join(name.split()).casefold()


@cache
def _dialect(name: Name) -> tuple[Dialect, Insert]:
    if name == "sqlite":
        return sqlite.dialect(paramstyle="named"), sqlite.insert
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    insert: Any = postgresql.insert  # the part used here (values, on_conflict, excluded, returning) is the same in both
    psycopg: Callable[[], Dialect] = PGDialect_psycopg
    return psycopg(), insert


class Statement:
    """A statement with named parameters. One with `ON CONFLICT` is given as a function of the dialect's `insert`."""

    __slots__ = ("_build", "_compiled")

    def __init__(self, build: Executable | Callable[[Insert], Executable]) -> None:
        self._build = build
        self._compiled: dict[Name, tuple[str, dict[str, Any]]] = {}

    def compiled(self, name: Name) -> tuple[str, dict[str, Any]]:
        """The text for a dialect, and the constants that belong to it."""
        found = self._compiled.get(name)
        return found or self._compiled.setdefault(name, self._compile(name))

    def _compile(self, name: Name) -> tuple[str, dict[str, Any]]:
        dialect, insert = _dialect(name)
        clause: Any = self._build if isinstance(self._build, Executable) else self._build(insert)
        compiled = clause.compile(dialect=dialect)
        assert "POSTCOMPILE" not in compiled.string, "lists of plain values are made anew for each execution"
        return compiled.string, {key: bind.value for bind, key in compiled.bind_names.items() if not bind.required}


def values(table: Table, **given: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """What to insert into every column but the one the database numbers: what is given, or a parameter of its name."""
    columns = [column for column in table.c if column.name != "id"]
    return {column.name: given.get(column.name, named(column)) for column in columns}


def named(column: Column[Any], name: str = "") -> ColumnElement[Any]:
    """A parameter of the type of `column`, called like it or `name`."""
    return bindparam(name or column.name, type_=column.type)


class DriverCursor(Protocol):
    """What is used of a cursor of sqlite3 or psycopg."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, text: Any, params: Any = ..., /) -> Any: ...
    def executemany(self, text: Any, params: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchmany(self, size: int, /) -> list[Any]: ...


class Cursor:
    """Runs statements in the transaction it was made for. `locks` tells whether to lock what will be changed."""

    __slots__ = ("locks", "name", "raw")

    def __init__(self, raw: DriverCursor, name: Name, locks: bool) -> None:
        self.raw = raw
        self.name: Name = name
        self.locks = locks

    def rows(self, statement: Statement, **params: Any) -> list[Row]:
        """Every row that comes back."""
        text, constants = statement.compiled(self.name)
        self.raw.execute(text, {**constants, **params} if constants else params)
        return self.raw.fetchall()

    def row(self, statement: Statement, **params: Any) -> Row | None:
        """The first row. All are fetched, because a statement that is not read to its end keeps its locks."""
        found = self.rows(statement, **params)
        return found[0] if found else None

    def run(self, statement: Statement, **params: Any) -> int:
        """How many rows were changed."""
        text, constants = statement.compiled(self.name)
        self.raw.execute(text, {**constants, **params} if constants else params)
        return self.raw.rowcount

    def many(self, statement: Statement, params: Sequence[Mapping[str, Any]]) -> None:
        """The same statement for each of `params`."""
        text, constants = statement.compiled(self.name)
        self.raw.executemany(text, [{**constants, **each} for each in params])
