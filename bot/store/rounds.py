"""Rounds, what was asked where, and what is read from the log of answers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import bindparam, exists, func, insert, null, select, update

from bot.engine.round import Asked, Round, Submission
from bot.engine.streak import Streak
from bot.ports import Report, Seen
from bot.store import log
from bot.store import tables as t
from bot.store.sql import (
    Cursor,
    Row,
    Statement,
    day_or_none,
    instant,
    instant_or_none,
    micros,
    micros_or_none,
    named,
    values,
)

_ROUND = tuple(t.round_.c)
_get = select(*_ROUND).where(t.round_.c.id == bindparam("id"))
_GET = Statement(_get)
# An answer is either in before a round closes or finds it closed.
_GET_LOCKED = Statement(_get.with_for_update(read=True))
_OPEN = Statement(
    lambda insert: (
        insert(t.round_)
        .values(values(t.round_))
        .on_conflict_do_nothing(index_elements=["schedule", "day"])
        .returning(t.round_.c.id)
    )
)
_OPEN_DAILIES = Statement(
    select(*_ROUND)
    .where(t.round_.c.space == bindparam("space"), t.round_.c.closed.is_(None), t.round_.c.day.is_not(None))
    .order_by(t.round_.c.opened.desc(), t.round_.c.id.desc())
)
_DAILIES = Statement(
    select(*_ROUND)
    .where(t.round_.c.schedule == bindparam("schedule"))
    .order_by(t.round_.c.opened.desc(), t.round_.c.id.desc())
    .limit(bindparam("limit"))
)
_LAST = Statement(select(func.max(t.round_.c.opened)).where(t.round_.c.space == bindparam("space")))
_CLOSE = Statement(
    update(t.round_)
    .where(t.round_.c.id == bindparam("id"), t.round_.c.closed.is_(None))
    .values(closed=bindparam("at", type_=t.round_.c.closed.type))
)
_by_them = t.submission.c.player == bindparam("player")
_earlier = t.round_.alias("earlier")
_answered_it = exists().where(t.submission.c.round == t.round_.c.id, _by_them)
_follows = exists().where(_earlier.c.schedule == t.round_.c.schedule, t.submission.c.round == _earlier.c.id, _by_them)
_one_of_its = exists().where(t.round_.c.schedule == t.schedule.c.id, t.submission.c.round == t.round_.c.id, _by_them)
_FOLLOWED = Statement(select(t.schedule.c.id).where(t.schedule.c.space == bindparam("space"), _one_of_its))
_MISSED_DAYS = Statement(
    select(t.round_.c.day)
    .distinct()
    .order_by(t.round_.c.day)
    .where(
        t.round_.c.space == bindparam("space"),
        t.round_.c.day > bindparam("after"),
        t.round_.c.day < bindparam("before"),
        ~_answered_it,
        _follows,
    )
)
_VOID = Statement(
    update(t.round_)
    .where(t.round_.c.id == bindparam("id"))
    .values(day=null(), closed=bindparam("at", type_=t.round_.c.closed.type))
)
_ASK = Statement(
    lambda insert: (
        insert(t.asked)
        .values(values(t.asked))
        .on_conflict_do_update(index_elements=["channel", "question"], set_={"at": named(t.asked.c.at)})
    )
)
_ASKED = Statement(select(t.asked.c.question, t.asked.c.at).where(t.asked.c.channel == bindparam("channel")))

_of_round = t.submission.c.round == bindparam("round")
_position_0 = _of_round & (t.submission.c.position == 0)
_OF_ROUND = Statement(select(*log.LOGGED).where(_of_round).order_by(t.submission.c.id))
_MINE = Statement(
    select(*log.LOGGED).where(_of_round, t.submission.c.player == bindparam("player")).order_by(t.submission.c.position)
)
_ANSWERED = Statement(select(func.count()).select_from(t.submission).where(_position_0))
_COUNTS = Statement(select(t.submission.c.given, func.count()).where(_position_0).group_by(t.submission.c.given))
_RIGHT_COUNT = Statement(select(func.count()).select_from(t.submission).where(_position_0, t.submission.c.right == 1))
_RIGHT = Statement(
    select(t.player.c.name)
    .join_from(t.submission, t.player, t.submission.c.player == t.player.c.id)
    .where(_position_0, t.submission.c.right == 1)
    .order_by(t.submission.c.id)
    .limit(bindparam("limit"))
)
_SEEN = Statement(
    select(t.seen.c.question, t.seen.c.answered, t.seen.c.right, t.seen.c.last)
    .where(t.seen.c.player == bindparam("player"))
    .order_by(t.seen.c.question)
)
STREAK_COLUMNS = tuple(column.name for column in t.player.c if column.name.startswith("streak_"))
STREAK = Statement(
    update(t.player)
    .where(t.player.c.id == bindparam("player"))
    .values({column: named(t.player.c[column]) for column in STREAK_COLUMNS})
)
_KEEP = Statement(lambda insert: insert(t.question).values(values(t.question)).on_conflict_do_nothing())
_KEPT = Statement(
    select(t.question.c.body).where(
        t.question.c.question == bindparam("question"), t.question.c.revision == bindparam("revision")
    )
)
_REPORT = Statement(insert(t.report).values(values(t.report)).inline())
_REPORTS = Statement(
    select(*[column for column in t.report.c if column.name != "id"])
    .where(t.report.c.space == bindparam("space"))
    .order_by(t.report.c.id.desc())
    .limit(bindparam("limit"))
)


def round_of(row: Row) -> Round:
    id, space, kind, pack, asked, opened, closes, closed, reveal, channel, player, schedule, day, topic = row
    return Round(
        id,
        space,
        kind,
        pack,
        tuple([Asked(*one) for one in json.loads(asked)]),
        instant(opened),
        instant_or_none(closes),
        instant_or_none(closed),
        reveal,
        channel,
        player,
        schedule,
        day_or_none(day),
        topic,
    )


class SqlRounds:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def open(self, draft: Round) -> Round | None:
        row = self._cursor.row(
            _OPEN,
            space=draft.space,
            kind=draft.kind,
            pack=draft.pack,
            asked=json.dumps([[one.question, one.revision, one.shown] for one in draft.asked], ensure_ascii=False),
            opened=micros(draft.opened),
            closes=micros_or_none(draft.closes),
            closed=micros_or_none(draft.closed),
            reveal=draft.reveal,
            channel=draft.channel,
            player=draft.player,
            schedule=draft.schedule,
            day=None if draft.day is None else draft.day.isoformat(),
            topic=draft.topic,
        )
        if row is None:
            return None
        self._ask(draft)
        return replace(draft, id=row[0])

    def _ask(self, draft: Round) -> None:
        if draft.channel is not None:
            for one in draft.asked:
                self._cursor.run(_ASK, channel=draft.channel, question=one.question, at=micros(draft.opened))

    def get(self, id: int) -> Round | None:
        row = self._cursor.row(_GET_LOCKED if self._cursor.locks else _GET, id=id)
        return round_of(row) if row else None

    def open_dailies(self, space: int) -> list[Round]:
        return [round_of(row) for row in self._cursor.rows(_OPEN_DAILIES, space=space)]

    def dailies(self, schedule: int, limit: int) -> list[Round]:
        return [round_of(row) for row in self._cursor.rows(_DAILIES, schedule=schedule, limit=limit)]

    def followed(self, space: int, player: int) -> set[int]:
        return {row[0] for row in self._cursor.rows(_FOLLOWED, space=space, player=player)}

    def last_opened(self, space: int) -> datetime | None:
        return instant_or_none(self._cursor.rows(_LAST, space=space)[0][0])

    def close(self, id: int, at: datetime) -> bool:
        return self._cursor.run(_CLOSE, id=id, at=micros(at)) == 1

    def meet(self, player: int, question: str) -> bool:
        return not log.met(self._cursor, player, question)

    def record(self, submission: Submission, periods: Sequence[str]) -> bool:
        return log.record(self._cursor, submission, periods)

    def credit(self, submission: Submission, periods: Sequence[str]) -> None:
        log.credit(self._cursor, submission, periods)

    def of_round(self, round: int) -> list[Submission]:
        return [log.submission_of(row) for row in self._cursor.rows(_OF_ROUND, round=round)]

    def extend_streak(self, player: int, streak: Streak) -> None:
        self._cursor.run(STREAK, player=player, **streak_values(streak))

    def mine(self, round: int, player: int) -> list[Submission]:
        return [log.submission_of(row) for row in self._cursor.rows(_MINE, round=round, player=player)]

    def answered(self, round: int) -> int:
        return int(self._cursor.rows(_ANSWERED, round=round)[0][0])

    def counts(self, round: int) -> dict[str, int]:
        return dict(self._cursor.rows(_COUNTS, round=round))

    def right(self, round: int, limit: int) -> tuple[list[str], int]:
        names = self._cursor.rows(_RIGHT, round=round, limit=limit) if limit else []
        return [row[0] for row in names], int(self._cursor.rows(_RIGHT_COUNT, round=round)[0][0])

    def seen(self, player: int) -> list[Seen]:
        rows = self._cursor.rows(_SEEN, player=player)
        return [Seen(question, answered, right, instant(last)) for question, answered, right, last in rows]

    def asked(self, channel: int) -> dict[str, float]:
        return {question: float(at) for question, at in self._cursor.rows(_ASKED, channel=channel)}

    def void(self, id: int, at: datetime) -> None:
        self._cursor.run(_VOID, id=id, at=micros(at))

    def missed_days(self, space: int, player: int, after: date, before: date) -> list[date]:
        span = {"after": after.isoformat(), "before": before.isoformat()}
        return [
            date.fromisoformat(row[0]) for row in self._cursor.rows(_MISSED_DAYS, space=space, player=player, **span)
        ]

    def keep(self, question: str, revision: str, body: str) -> None:
        self._cursor.run(_KEEP, question=question, revision=revision, body=body)

    def kept(self, question: str, revision: str) -> str | None:
        row = self._cursor.row(_KEPT, question=question, revision=revision)
        return row[0] if row else None

    def report(self, report: Report) -> None:
        self._cursor.run(
            _REPORT,
            space=report.space,
            player=report.player,
            question=report.question,
            revision=report.revision,
            text=report.text,
            at=micros(report.at),
        )

    def reports(self, space: int, limit: int) -> list[Report]:
        rows = self._cursor.rows(_REPORTS, space=space, limit=limit)
        return [
            Report(who, player, question, revision, text, instant(at))
            for who, player, question, revision, text, at in rows
        ]


def streak_values(streak: Streak) -> dict[str, int | str | None]:
    """A streak as a player's row holds it."""
    return {
        "streak_days": streak.days,
        "streak_best": streak.best,
        "streak_freezes": streak.freezes,
        "streak_last": streak.last.isoformat() if streak.last else None,
        "streak_at": micros_or_none(streak.at),
        "streak_zone": streak.zone,
        "streak_frozen": streak.frozen.isoformat() if streak.frozen else None,
    }
