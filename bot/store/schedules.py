"""When channels get their dailies, and which were missed."""

import json
from datetime import date, time
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.ports import Miss, Schedule
from bot.store import tables as t
from bot.store.sql import Cursor, Row, Statement, day_or_none, named, values

_SCHEDULE = tuple(t.schedule.c)
_CHANGED = tuple(column.name for column in t.schedule.c if column.name not in ("id", "space", "channel"))
_new = {column: named(t.schedule.c[column]) for column in _CHANGED}
_ADD = Statement(
    lambda insert: (
        insert(t.schedule)
        .values(values(t.schedule))
        .on_conflict_do_update(index_elements=["channel"], set_=_new)
        .returning(*_SCHEDULE)
    )
)
_CHANGE = Statement(update(t.schedule).where(t.schedule.c.id == bindparam("id")).values(_new))
_GET = Statement(select(*_SCHEDULE).where(t.schedule.c.id == bindparam("id")))
_OF_CHANNEL = Statement(select(*_SCHEDULE).where(t.schedule.c.channel == bindparam("channel")))
_OF_SPACE = Statement(select(*_SCHEDULE).where(t.schedule.c.space == bindparam("space")).order_by(t.schedule.c.id))
_OF_ROUND = Statement(
    select(*_SCHEDULE)
    .join_from(t.round_, t.schedule, t.round_.c.schedule == t.schedule.c.id)
    .where(t.round_.c.id == bindparam("round"))
)
_MISS = Statement(
    lambda insert: (
        insert(t.miss)
        .values(values(t.miss))
        .on_conflict_do_update(index_elements=["schedule", "day"], set_={"why": named(t.miss.c.why)})
    )
)
_MISSES = Statement(
    select(t.miss.c.schedule, t.miss.c.day, t.miss.c.why)
    .where(t.miss.c.schedule == bindparam("schedule"))
    .order_by(t.miss.c.day.desc())
    .limit(bindparam("limit"))
)


def schedule_of(row: Row) -> Schedule:
    id, space, channel, pack, topics, at, zone, weekdays, minutes, reveal, active, why, set_by, skip, thread = row
    return Schedule(
        id,
        space,
        channel,
        pack,
        tuple(json.loads(topics)),
        time.fromisoformat(at),
        zone,
        weekdays,
        minutes,
        reveal,
        active == 1,
        why,
        set_by,
        day_or_none(skip),
        thread == 1,
    )


def _stored(schedule: Schedule) -> dict[str, Any]:
    return {
        "pack": schedule.pack,
        "topics": json.dumps(schedule.topics, ensure_ascii=False),
        "at": f"{schedule.at:%H:%M}",
        "zone": schedule.zone,
        "weekdays": schedule.weekdays,
        "minutes": schedule.minutes,
        "reveal": schedule.reveal,
        "active": int(schedule.active),
        "why": schedule.why,
        "set_by": schedule.set_by,
        "skip": schedule.skip.isoformat() if schedule.skip else None,
        "thread": int(schedule.thread),
    }


class SqlSchedules:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, draft: Schedule) -> Schedule:
        row = self._cursor.row(_ADD, space=draft.space, channel=draft.channel, **_stored(draft))
        assert row is not None
        return schedule_of(row)

    def change(self, schedule: Schedule) -> None:
        self._cursor.run(_CHANGE, id=schedule.id, **_stored(schedule))

    def get(self, id: int) -> Schedule | None:
        return self._one(_GET, id=id)

    def of_channel(self, channel: int) -> Schedule | None:
        return self._one(_OF_CHANNEL, channel=channel)

    def of_space(self, space: int) -> list[Schedule]:
        return [schedule_of(row) for row in self._cursor.rows(_OF_SPACE, space=space)]

    def of_post(self, key: str) -> Schedule | None:
        kind, _, round = key.partition(":")
        known = kind == "daily" and round.isascii() and round.isdecimal() and len(round) < 19
        return self._one(_OF_ROUND, round=int(round)) if known else None

    def _one(self, statement: Statement, **params: int) -> Schedule | None:
        row = self._cursor.row(statement, **params)
        return schedule_of(row) if row else None

    def miss(self, miss: Miss) -> None:
        self._cursor.run(_MISS, schedule=miss.schedule, day=miss.day.isoformat(), why=miss.why)

    def misses(self, schedule: int, limit: int) -> list[Miss]:
        rows = self._cursor.rows(_MISSES, schedule=schedule, limit=limit)
        return [Miss(id, date.fromisoformat(day), why) for id, day, why in rows]
