"""A store in a PostgreSQL database: a pool of threads, each request a transaction of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import errors
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from bot.ports import StoreError, T
from bot.store.sql import Cursor
from bot.store.unit import SqlUnitOfWork

THREADS = 10
ATTEMPTS = 8
"""How often a transaction is begun again that lost against another."""

_LOST = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
"""Others were faster; a unique key was taken between looking and writing. Begun again, the work sees what they did."""


def engine_of(url: str, threads: int = THREADS) -> Engine:
    return create_engine(
        url,
        pool_size=threads,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "quizbot"},
    )


def explain(error: psycopg.Error) -> StoreError | None:
    """What to do about a failure of the database; None if it is a bug."""
    if isinstance(error, errors.DiskFull):
        return StoreError("The disk of the database is full; nothing was saved. Free some space and try again.")
    if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)):
        return StoreError("The database is too busy; nothing was saved. Try again in a moment.")
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return StoreError("The database cannot be reached; nothing was saved. Try again in a moment.")
    return None


class PostgresStore:
    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)
        self._pool = ThreadPoolExecutor(THREADS, "store")
        self._closed = False

    async def run(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        return await self._submit(work, reads=False)

    async def read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        return await self._submit(work, reads=True)

    async def close(self) -> None:
        """Finish what was asked for and let go of the connections."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)
        self._engine.dispose()

    async def _submit(self, work: Callable[[SqlUnitOfWork], T], reads: bool) -> T:
        if self._closed:
            raise StoreError("The bot is stopping; nothing was saved. Try again when it is back.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._perform, work, reads)

    def _perform(self, work: Callable[[SqlUnitOfWork], T], reads: bool) -> T:
        """Run `work`, again where it lost against another transaction."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._transact(work, reads)
            except psycopg.Error as error:
                known = explain(error)
                if isinstance(error, _LOST) and attempt < ATTEMPTS:
                    continue
                if known is None:
                    raise
                raise known from error
        raise AssertionError("the last attempt returns or raises")

    def _transact(self, work: Callable[[SqlUnitOfWork], T], reads: bool) -> T:
        try:
            pooled = self._engine.raw_connection()
        except DBAPIError as error:
            raise StoreError("The database cannot be reached; nothing was saved. Try again in a moment.") from error
        try:
            return _in_transaction(pooled, work, reads)
        finally:
            pooled.close()


def _in_transaction(pooled: PoolProxiedConnection, work: Callable[[SqlUnitOfWork], T], reads: bool) -> T:
    """Run `work` and commit. A connection that broke is not used again."""
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        connection.read_only = reads
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ if reads else None
        with connection.cursor() as cursor:
            result = SqlUnitOfWork(Cursor(cursor, "postgresql", locks=not reads)).perform(work)
        connection.commit()
    except BaseException:
        if connection.closed:
            pooled.invalidate()
        else:
            connection.rollback()
        raise
    return result
