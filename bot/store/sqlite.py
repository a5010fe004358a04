"""A store in one SQLite file: one thread writes and commits in groups, a few others read beside it."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bot.ports import StoreError, T
from bot.store.sql import Cursor
from bot.store.unit import SqlUnitOfWork

GROUP = 64
"""The most requests of one commit: enough to share the cost of a disk flush, few enough to answer soon."""
READERS = 4
STATEMENTS = 256
"""Compiled statements kept by a connection: all there are."""


def connect(path: Path, *, reads: bool = False) -> sqlite3.Connection:
    """A connection whose transactions begin and end by statements of ours. One that `reads` cannot write."""
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-32000")
    connection.execute(f"PRAGMA query_only={int(reads)}")
    return connection


def hold(path: Path) -> FileLock:
    """The lock of the one process that may use a file; the system releases it when that process ends in any way."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"The database {path} is in use by another quizbot process. Stop that one first, or set QUIZBOT_DATABASE "
            "to another file."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} cannot be written ({error.strerror}). Give quizbot the right to write there, "
            "or set QUIZBOT_DATABASE to a file elsewhere."
        ) from error
    return lock


def explain(error: sqlite3.Error, path: Path) -> StoreError | None:
    """What to do about a failure of the database; None if it is a bug."""
    sentences = {
        sqlite3.SQLITE_FULL: "The disk is full; nothing was saved. Free some space and try again.",
        sqlite3.SQLITE_BUSY: f"Another program has locked {path}; nothing was saved. Close it and try again.",
        sqlite3.SQLITE_IOERR: f"The disk failed to read or write {path}; nothing was saved. Check the disk.",
        sqlite3.SQLITE_CANTOPEN: f"The database {path} cannot be opened. Check that its folder can be written.",
        sqlite3.SQLITE_READONLY: f"The database {path} cannot be written. Check the rights on the file and its folder.",
        sqlite3.SQLITE_PERM: f"The database {path} cannot be opened. Check the rights on the file and its folder.",
        sqlite3.SQLITE_CORRUPT: f"The database {path} is damaged. Restore it from a backup.",
        sqlite3.SQLITE_NOTADB: f"The file {path} is no SQLite database. Set QUIZBOT_DATABASE to another file.",
    }
    code = getattr(error, "sqlite_errorcode", None)  # missing where the error did not come from SQLite itself
    sentence = None if code is None else sentences.get(code & 0xFF)
    return StoreError(sentence) if sentence else None


@contextlib.contextmanager
def explained(path: Path, *, reads: bool = False) -> Iterator[None]:
    """Turn failures of the database into `StoreError`; bugs, such as writing where one only `reads`, stay bugs."""
    try:
        yield
    except sqlite3.Error as error:
        known = explain(error, path)
        if known is None or (reads and error.sqlite_errorcode == sqlite3.SQLITE_READONLY):
            raise
        raise known from error


class _Request:
    """Work that waits for the writer, and what came of it."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Callable[[SqlUnitOfWork], Any]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Tell whoever asked, if they still wait."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def _settle(requests: Sequence[_Request]) -> None:
    for request in requests:
        request.settle()


class SqliteStore:
    """Work is done in the order it was asked for, even if whoever asked has stopped waiting."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path = path
        self._lock = lock
        self._connection = connect(path)
        self._execute = self._connection.execute
        self._unit = SqlUnitOfWork(Cursor(self._connection.cursor(), "sqlite", locks=False))
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._closed = False
        self._readers: list[sqlite3.Connection] = []
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(READERS, "store-reader", self._begin_reader)
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()

    async def run(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        self._require_open()
        request = _Request(work)
        self._queue.put(request)
        result: T = await request.future
        return result

    async def read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        self._require_open()
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, work)

    async def close(self) -> None:
        """Finish what was asked for and let go of the file."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            await asyncio.to_thread(self._finish)

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("The bot is stopping; nothing was saved. Try again when it is back.")

    def _finish(self) -> None:
        self._writer.join()
        self._pool.shutdown()
        for connection in (*self._readers, self._connection):
            connection.close()
        self._lock.release()

    # ---- the writer

    def _write(self) -> None:
        """Commit what waits, in groups, until the queue is closed."""
        while group := self._next():
            self._commit(group)
            for loop in {request.loop for request in group}:
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                    loop.call_soon_threadsafe(_settle, [request for request in group if request.loop is loop])

    def _next(self) -> list[_Request]:
        """Whatever waits, at least one; nothing once the queue is closed."""
        group: list[_Request] = []
        with contextlib.suppress(queue.Empty):
            request = self._queue.get()
            while request is not None:
                group.append(request)
                request = self._queue.get_nowait() if len(group) < GROUP else None
            if len(group) < GROUP:
                self._queue.put(None)  # closed: come back to stop
        return group

    def _commit(self, group: Sequence[_Request]) -> None:
        """Run a group in one transaction; if that is lost, everybody in it is told."""
        try:
            self._execute("BEGIN IMMEDIATE")
            if len(group) == 1:
                self._alone(group[0])
            else:
                self._together(group)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            for request in group:
                request.error = explain(error, self._path) or error

    def _alone(self, request: _Request) -> None:
        self._attempt(request)
        self._execute("COMMIT" if request.error is None else "ROLLBACK")

    def _together(self, group: Sequence[_Request]) -> None:
        """Each in a savepoint, so that one that fails takes back only its own changes."""
        for request in group:
            self._execute("SAVEPOINT request")
            self._attempt(request)
            if request.error is not None:
                self._execute("ROLLBACK TO request")
            self._execute("RELEASE request")
        self._execute("COMMIT")

    def _attempt(self, request: _Request) -> None:
        try:
            request.result = self._unit.perform(request.work)
        except sqlite3.Error as error:
            if not self._connection.in_transaction:
                raise  # SQLite has given up the whole transaction
            request.error = explain(error, self._path) or error
        except BaseException as error:
            request.error = error

    # ---- readers

    def _begin_reader(self) -> None:
        connection = connect(self._path, reads=True)
        self._readers.append(connection)
        self._local.connection = connection
        self._local.unit = SqlUnitOfWork(Cursor(connection.cursor(), "sqlite", locks=False))

    def _read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run `work` on one state of the database."""
        connection: sqlite3.Connection = self._local.connection
        connection.execute("BEGIN")
        try:
            with explained(self._path, reads=True):
                unit: SqlUnitOfWork = self._local.unit
                return unit.perform(work)
        finally:
            connection.execute("ROLLBACK")
