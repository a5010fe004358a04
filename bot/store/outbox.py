"""Messages decided but not yet sent, and those sent that may be edited. A row is the message as it shall look.

States: `pending`, `claimed` (until a lease ends), `sent`, `unknown` (perhaps sent: look first), `failed`. A row stands
in its channel's queue while `queued` is set; the oldest goes first, and nobody behind it before it has gone. Between
channels whoever has been ready longest goes first, so that those who fail again and again keep nobody waiting.
"""

from datetime import datetime

from sqlalchemy import bindparam, case, exists, null, or_, select, tuple_, update

from bot.ports import Post
from bot.store import tables as t
from bot.store.sql import Cursor, Row, Statement, instant, micros, named, values
from bot.ui import Card, dump, load

_box = t.outbox.c
_POST = Statement(
    lambda insert: insert(t.outbox).values(values(t.outbox)).on_conflict_do_nothing(index_elements=["key"])
)

# A card changed while the former one is, or may be, on its way is sent after it. A message that was given up before it
# was ever sent stays so; one that is there is edited, and takes a new place in the queue.
_settled = _box.queued.is_(None) & (_box.receipt != "")
_under_way = or_(_box.state == "claimed", _box.state == "unknown")
_now = bindparam("now", type_=_box.queued.type)
_EDIT = Statement(
    update(t.outbox)
    .where(_box.key == bindparam("key"), _box.card != bindparam("card"))
    .values(
        card=named(_box.card),
        state=case((_settled, "pending"), else_=_box.state),
        queued=case((_settled, _now), else_=_box.queued),
        ready=case((_settled, _now), else_=_box.ready),
        why=case((_settled, ""), else_=_box.why),
        again=case((or_(_under_way, _box.doubt == 1), _now), else_=_box.again),
    )
)

_older = t.outbox.alias("older")
_first = ~exists().where(
    _older.c.queued.is_not(None),
    *[_older.c[name] == _box[name] for name in ("platform", "space", "channel", "person")],
    tuple_(_older.c.queued, _older.c.id) < tuple_(_box.queued, _box.id),
)
_taken = (
    select(_box.id)
    .where(_box.platform == bindparam("platform"), _box.queued.is_not(None), _box.ready <= bindparam("now"), _first)
    .order_by(_box.ready, _box.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("taken")
)
_CLAIM = Statement(
    update(t.outbox)
    .where(_box.id.in_(select(_taken.c.id)))
    .values(
        state="claimed",
        ready=bindparam("until", type_=_box.ready.type),
        fence=_box.fence + 1,
        doubt=case((_under_way & (_box.receipt == ""), 1), else_=_box.doubt),
    )
    .returning(
        _box.queued,
        _box.id,
        _box.key,
        _box.platform,
        _box.space,
        _box.channel,
        _box.card,
        _box.person,
        _box.receipt,
        _box.fence,
        _box.thread,
        _box.failures,
    )
)

_held = (_box.key == bindparam("key")) & (_box.fence == bindparam("fence")) & (_box.state == "claimed")
_more = _box.again.is_not(None)
_SENT = Statement(
    update(t.outbox)
    .where(_held)
    .values(
        receipt=named(_box.receipt),
        state=case((_more, "pending"), else_="sent"),
        queued=_box.again,
        ready=case((_more, _box.again), else_=_box.ready),
        again=null(),
        doubt=0,
        failures=0,
    )
)
_at = bindparam("at", type_=_box.ready.type)
_LATER = Statement(
    update(t.outbox)
    .where(_held)
    .values(state="pending", ready=_at, again=case((_box.doubt == 1, _box.again), else_=null()))
)
_UNKNOWN = Statement(update(t.outbox).where(_held).values(state="unknown", ready=_at, failures=_box.failures + 1))
_FAILED = Statement(
    update(t.outbox).where(_held).values(state="failed", why=named(_box.why), queued=null(), again=null(), failures=0)
)
_DOUBTFUL = Statement(select(_box.doubt).where(_box.key == bindparam("key"), _box.fence == bindparam("fence")))
_FAILURE = Statement(select(_box.why).where(_box.key == bindparam("key"), _box.state == "failed"))


def _post_of(row: Row) -> Post:
    queued, _, key, platform, space, channel, card, person, receipt, fence, thread, failures = row
    return Post(
        key,
        platform,
        space,
        channel,
        load(card),
        person,
        receipt,
        fence,
        thread or "",
        since=instant(queued),
        failures=failures,
    )


class SqlOutbox:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def post(self, post: Post, now: datetime) -> None:
        self._cursor.run(
            _POST,
            key=post.key,
            platform=post.platform,
            space=post.space,
            channel=post.channel,
            person=post.person,
            thread=post.thread or None,
            card=dump(post.card),
            state="pending",
            queued=micros(now),
            ready=micros(now),
            fence=0,
            doubt=0,
            again=None,
            receipt="",
            why="",
            failures=0,
        )

    def edit(self, key: str, card: Card, now: datetime) -> None:
        self._cursor.run(_EDIT, key=key, card=dump(card), now=micros(now))

    def claim(self, platform: str, now: datetime, until: datetime, limit: int) -> list[Post]:
        rows = self._cursor.rows(_CLAIM, platform=platform, now=micros(now), until=micros(until), limit=limit)
        return [_post_of(row) for row in sorted(rows)]

    def sent(self, post: Post, receipt: str) -> None:
        self._cursor.run(_SENT, key=post.key, fence=post.fence, receipt=receipt)

    def later(self, post: Post, at: datetime) -> None:
        self._cursor.run(_LATER, key=post.key, fence=post.fence, at=micros(at))

    def unknown(self, post: Post, at: datetime) -> None:
        self._cursor.run(_UNKNOWN, key=post.key, fence=post.fence, at=micros(at))

    def failed(self, post: Post, why: str) -> None:
        self._cursor.run(_FAILED, key=post.key, fence=post.fence, why=why)

    def doubtful(self, post: Post) -> bool:
        return self._cursor.row(_DOUBTFUL, key=post.key, fence=post.fence) == (1,)

    def failure(self, key: str) -> str:
        row = self._cursor.row(_FAILURE, key=key)
        return row[0] if row else ""
