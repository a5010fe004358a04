"""What is stored.

Columns hold plain integers and text, so that a row needs no conversion by a driver or by SQLAlchemy: instants are
microseconds since 1970 in UTC, days are ISO dates, times of day are `HH:MM`, cards and lists are JSON, truth is 0 or 1.

The submissions are the log; `score`, `team_score`, `member_score`, `period_total`, `seen` and `item` are totals of it,
kept in the same transaction and rebuilt by `rebuild.py`. Totals have no row id in SQLite: their key is the table.

Ids that leave the database, in buttons and keys, are never given again: SQLite needs `sqlite_autoincrement` for that.
Whatever refers to a row that may be erased has an index that begins with it, unless the table stays small.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only under the name INTEGER."""

Sorted = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is searched by its beginning: compared byte by byte, as SQLite does."""


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True)


def _ref(name: str, target: str, null: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=null)


def _text(name: str, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _int(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _at(name: str, null: bool = False) -> Column[int]:
    """An instant."""
    return Column(name, BigInteger, nullable=null)


# ---- who

space = Table(
    "space",
    metadata,
    _id(),
    _text("platform"),
    _text("external"),
    _text("name"),
    _text("zone"),
    _int("season"),
    _text("season_name"),
    _at("season_since"),
    _text("resend"),
    UniqueConstraint("platform", "external"),
    sqlite_autoincrement=True,
)

channel = Table(
    "channel",
    metadata,
    _id(),
    _ref("space", "space"),
    _text("external"),
    _text("name"),
    UniqueConstraint("space", "external"),
    sqlite_autoincrement=True,
)

team = Table(
    "team",
    metadata,
    _id(),
    _ref("space", "space"),
    _text("name"),
    Column("folded", Sorted, nullable=False),
    _at("created"),
    UniqueConstraint("space", "folded"),
    sqlite_autoincrement=True,
)

player = Table(
    "player",
    metadata,
    _id(),
    _ref("space", "space"),
    _text("external"),
    _text("name"),
    Column("folded", Sorted, nullable=False),
    _int("admin"),
    _text("zone"),
    _text("next_zone"),
    _at("next_from", null=True),
    _text("reminder", null=True),
    _ref("team", "team", null=True),
    # The streak is a total too. It stands here so that locking a player on PostgreSQL also reads it afresh.
    _int("streak_days"),
    _int("streak_best"),
    _int("streak_freezes"),
    _text("streak_last", null=True),
    _at("streak_at", null=True),
    _text("streak_zone"),
    _text("streak_frozen", null=True),
    Column("manager", Integer, nullable=False, server_default="0"),
    Column("avatar", Text, nullable=False, server_default=""),
    UniqueConstraint("space", "external"),
    Index(None, "space", "folded"),
    Index(None, "team"),
    sqlite_autoincrement=True,
)

schedule = Table(
    "schedule",
    metadata,
    _id(),
    _ref("space", "space"),
    _ref("channel", "channel"),
    _text("pack"),
    _text("topics"),
    _text("at"),
    _text("zone"),
    _text("weekdays"),
    _int("minutes"),
    _text("reveal"),
    _int("active"),
    _text("why"),
    _ref("set_by", "player", null=True),
    _text("skip", null=True),
    Column("thread", Integer),
    UniqueConstraint("channel"),
    Index(None, "space"),
    sqlite_autoincrement=True,
)

miss = Table(
    "miss",
    metadata,
    _ref("schedule", "schedule"),
    _text("day"),
    _text("why"),
    PrimaryKeyConstraint("schedule", "day"),
    sqlite_with_rowid=False,
)

# ---- what was asked and answered

round_ = Table(
    "round",
    metadata,
    _id(),
    _ref("space", "space"),
    _text("kind"),
    _text("pack"),
    _text("asked"),
    _at("opened"),
    _at("closes", null=True),
    _at("closed", null=True),
    _text("reveal"),
    _ref("channel", "channel", null=True),
    _ref("player", "player", null=True),
    _ref("schedule", "schedule", null=True),
    _text("day", null=True),
    _text("topic"),
    UniqueConstraint("schedule", "day"),
    Index(None, "player"),
    Index(None, "channel"),
    sqlite_autoincrement=True,
)
Index(
    "ix_round_open",
    round_.c.space,
    round_.c.opened,
    sqlite_where=round_.c.closed.is_(None) & round_.c.day.is_not(None),
    postgresql_where=round_.c.closed.is_(None) & round_.c.day.is_not(None),
)
Index(
    "ix_round_day",
    round_.c.space,
    round_.c.day,
    sqlite_where=round_.c.day.is_not(None),
    postgresql_where=round_.c.day.is_not(None),
)

submission = Table(
    "submission",
    metadata,
    _id(),
    _ref("round", "round"),
    _int("position"),
    _ref("space", "space"),
    _ref("player", "player"),
    _ref("team", "team", null=True),
    _text("kind"),
    _text("question"),
    _text("revision"),
    _text("shown"),
    _text("given"),
    _int("right"),
    _int("points"),
    _at("at"),
    _text("day"),
    _text("zone"),
    _int("first"),
    # The boards it counts for, by their keys with blanks between, so that no later change of zone or season moves it.
    # Empty until it is credited.
    _text("periods"),
    UniqueConstraint("round", "player", "position"),
    Index(None, "player"),
    Index(None, "team"),
)

question = Table(
    "question",
    metadata,
    _text("question"),
    _text("revision"),
    _text("body"),
    PrimaryKeyConstraint("question", "revision"),
)

report = Table(
    "report",
    metadata,
    _id(),
    _ref("space", "space"),
    _ref("player", "player"),
    _text("question"),
    _text("revision"),
    _text("text"),
    _at("at"),
    Index(None, "space"),
)

asked = Table(
    "asked",
    metadata,
    _ref("channel", "channel"),
    _text("question"),
    _at("at"),
    PrimaryKeyConstraint("channel", "question"),
    sqlite_with_rowid=False,
)

# ---- totals

score = Table(
    "score",
    metadata,
    _ref("space", "space"),
    _text("period"),
    _ref("player", "player"),
    _int("points"),
    _int("right"),
    _int("answered"),
    _at("reached"),
    PrimaryKeyConstraint("space", "period", "player"),
    Index(None, "player"),
    sqlite_with_rowid=False,
)
Index(
    "ix_score_board",
    score.c.space,
    score.c.period,
    score.c.points.desc(),
    score.c.right.desc(),
    score.c.reached,
    score.c.player,
)

team_score = Table(
    "team_score",
    metadata,
    _ref("space", "space"),
    _text("period"),
    _ref("team", "team"),
    _int("points"),
    _int("right"),
    _int("answered"),
    _int("played"),
    _at("reached"),
    PrimaryKeyConstraint("space", "period", "team"),
    Index(None, "team"),
    sqlite_with_rowid=False,
)

member_score = Table(
    "member_score",
    metadata,
    _ref("space", "space"),
    _text("period"),
    _ref("team", "team"),
    _ref("player", "player"),
    _int("points"),
    _int("right"),
    _int("answered"),
    PrimaryKeyConstraint("space", "period", "team", "player"),
    Index(None, "player"),
    Index(None, "team"),
    sqlite_with_rowid=False,
)

period_total = Table(
    "period_total",
    metadata,
    _ref("space", "space"),
    _text("period"),
    _int("players"),
    _at("points"),
    PrimaryKeyConstraint("space", "period"),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen",
    metadata,
    _ref("player", "player"),
    _text("question"),
    _int("answered"),
    _int("right"),
    _at("last"),
    PrimaryKeyConstraint("player", "question"),
    sqlite_with_rowid=False,
)

item = Table(
    "item",
    metadata,
    _text("question"),
    _text("revision"),
    _int("answered"),
    _int("right"),
    PrimaryKeyConstraint("question", "revision"),
    sqlite_with_rowid=False,
)

# ---- seasons that have ended

season = Table(
    "season",
    metadata,
    _ref("space", "space"),
    _int("number"),
    _text("name"),
    _at("since"),
    _at("until"),
    PrimaryKeyConstraint("space", "number"),
    sqlite_with_rowid=False,
)

archived = Table(
    "archived",
    metadata,
    _ref("space", "space"),
    _int("season"),
    _text("of"),
    _int("line"),
    _int("rank"),
    _text("name"),
    _int("points"),
    _int("right"),
    _int("answered"),
    Column("score", Double, nullable=False),
    PrimaryKeyConstraint("space", "season", "of", "line"),
    sqlite_with_rowid=False,
)

# ---- what must happen, and what must be said

due = Table(
    "due",
    metadata,
    _text("kind"),
    Column("key", Sorted, nullable=False),
    _at("at"),
    # When it may be claimed: `at` while it waits, the end of the lease (later than `at`) while it is claimed.
    _at("ready"),
    _int("fence"),
    _int("attempts"),
    # When it is due once more, where that was decided while it was claimed.
    _at("again", null=True),
    PrimaryKeyConstraint("kind", "key"),
    Index(None, "ready"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _text("key"),
    _text("platform"),
    _text("space"),
    _text("channel"),
    _text("person"),
    _text("card"),
    _text("state"),
    # When it joined its channel's queue; null where nothing is to be sent.
    _at("queued", null=True),
    # When it may be claimed: at once, after a pause, or when the lease ends.
    _at("ready"),
    _int("fence"),
    _int("doubt"),
    # When another card was wanted while this one was on its way.
    _at("again", null=True),
    _text("receipt"),
    _text("why"),
    _text("thread", null=True),
    Column("failures", Integer, nullable=False, server_default="0"),  # since it was last sent or edited
    UniqueConstraint("key"),
    Index(None, "space"),
)
Index(
    "ix_outbox_lane",
    outbox.c.platform,
    outbox.c.space,
    outbox.c.channel,
    outbox.c.person,
    outbox.c.queued,
    outbox.c.id,
    sqlite_where=outbox.c.queued.is_not(None),
    postgresql_where=outbox.c.queued.is_not(None),
)
Index(
    "ix_outbox_queue",
    outbox.c.platform,
    outbox.c.ready,
    outbox.c.id,
    sqlite_where=outbox.c.queued.is_not(None),
    postgresql_where=outbox.c.queued.is_not(None),
)

message = Table(
    "message",
    metadata,
    _id(),
    _at("version"),
    _ref("space", "space"),
    _text("channel"),
    _text("author"),
    _text("author_name"),
    _text("text"),
    _text("card", null=True),
    _text("viewer"),
    _at("at"),
    _int("edited"),
    _text("key", null=True),
    UniqueConstraint("key"),
    Index(None, "space", "version"),
    Index(None, "space", "channel", "id"),
)

counter = Table(
    "counter",
    metadata,
    _text("name"),
    _at("value"),
    PrimaryKeyConstraint("name"),
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    _text("name"),
    _text("text"),
    PrimaryKeyConstraint("name"),
    sqlite_with_rowid=False,
)

team_group = Table(
    "team_group",
    metadata,
    _ref("space", "space"),
    _text("external"),
    _ref("team", "team"),
    PrimaryKeyConstraint("space", "external"),
    sqlite_with_rowid=False,
)
