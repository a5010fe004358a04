"""The first tables."""

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None

TABLES = (
    "space",
    "channel",
    "team",
    "player",
    "schedule",
    "miss",
    "round",
    "submission",
    "question",
    "report",
    "asked",
    "score",
    "team_score",
    "member_score",
    "period_total",
    "seen",
    "item",
    "season",
    "archived",
    "due",
    "outbox",
    "message",
    "counter",
)

Id = BigInteger().with_variant(Integer(), "sqlite")
Sorted = Text().with_variant(Text(collation="C"), "postgresql")


def _id() -> Column[Any]:
    return Column("id", Id, primary_key=True)


def _ref(name: str, target: str, null: bool = False) -> Column[Any]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=null)


def _text(name: str, null: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=null)


def _int(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False)


def _at(name: str, null: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=null)


def upgrade() -> None:
    _create_people()
    _create_answers()
    _create_totals()
    _create_seasons()
    _create_queues()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_people() -> None:
    op.create_table(
        "space",
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
    )
    op.create_table(
        "channel",
        _id(),
        _ref("space", "space"),
        _text("external"),
        _text("name"),
        UniqueConstraint("space", "external"),
    )
    op.create_table(
        "team",
        _id(),
        _ref("space", "space"),
        _text("name"),
        Column("folded", Sorted, nullable=False),
        _at("created"),
        UniqueConstraint("space", "folded"),
    )
    op.create_table(
        "player",
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
        _int("streak_days"),
        _int("streak_best"),
        _int("streak_freezes"),
        _text("streak_last", null=True),
        _at("streak_at", null=True),
        _text("streak_zone"),
        _text("streak_frozen", null=True),
        UniqueConstraint("space", "external"),
    )
    op.create_index("ix_player_space_folded", "player", ["space", "folded"])
    op.create_index("ix_player_team", "player", ["team"])
    op.create_table(
        "schedule",
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
        UniqueConstraint("channel"),
    )
    op.create_index("ix_schedule_space", "schedule", ["space"])
    op.create_table(
        "miss",
        _ref("schedule", "schedule"),
        _text("day"),
        _text("why"),
        PrimaryKeyConstraint("schedule", "day"),
        sqlite_with_rowid=False,
    )


def _create_answers() -> None:
    op.create_table(
        "round",
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
    )
    op.create_index(
        "ix_round_open",
        "round",
        ["space", "opened"],
        sqlite_where=text("closed IS NULL AND day IS NOT NULL"),
        postgresql_where=text("closed IS NULL AND day IS NOT NULL"),
    )
    op.create_index(
        "ix_round_day",
        "round",
        ["space", "day"],
        sqlite_where=text("day IS NOT NULL"),
        postgresql_where=text("day IS NOT NULL"),
    )
    op.create_table(
        "submission",
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
        _text("periods"),
        UniqueConstraint("round", "player", "position"),
    )
    op.create_table(
        "question",
        _text("question"),
        _text("revision"),
        _text("body"),
        PrimaryKeyConstraint("question", "revision"),
    )
    op.create_table(
        "report",
        _id(),
        _ref("space", "space"),
        _ref("player", "player"),
        _text("question"),
        _text("revision"),
        _text("text"),
        _at("at"),
    )
    op.create_index("ix_report_space", "report", ["space"])
    op.create_table(
        "asked",
        _ref("channel", "channel"),
        _text("question"),
        _at("at"),
        PrimaryKeyConstraint("channel", "question"),
        sqlite_with_rowid=False,
    )


def _create_totals() -> None:
    op.create_table(
        "score",
        _ref("space", "space"),
        _text("period"),
        _ref("player", "player"),
        _int("points"),
        _int("right"),
        _int("answered"),
        _at("reached"),
        PrimaryKeyConstraint("space", "period", "player"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_score_board", "score", ["space", "period", text("points DESC"), text('"right" DESC'), "reached", "player"]
    )
    op.create_table(
        "team_score",
        _ref("space", "space"),
        _text("period"),
        _ref("team", "team"),
        _int("points"),
        _int("right"),
        _int("answered"),
        _int("played"),
        _at("reached"),
        PrimaryKeyConstraint("space", "period", "team"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "member_score",
        _ref("space", "space"),
        _text("period"),
        _ref("team", "team"),
        _ref("player", "player"),
        _int("points"),
        _int("right"),
        _int("answered"),
        PrimaryKeyConstraint("space", "period", "team", "player"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_total",
        _ref("space", "space"),
        _text("period"),
        _int("players"),
        _at("points"),
        PrimaryKeyConstraint("space", "period"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        _ref("player", "player"),
        _text("question"),
        _int("answered"),
        _int("right"),
        _at("last"),
        PrimaryKeyConstraint("player", "question"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item",
        _text("question"),
        _text("revision"),
        _int("answered"),
        _int("right"),
        PrimaryKeyConstraint("question", "revision"),
        sqlite_with_rowid=False,
    )


def _create_seasons() -> None:
    op.create_table(
        "season",
        _ref("space", "space"),
        _int("number"),
        _text("name"),
        _at("since"),
        _at("until"),
        PrimaryKeyConstraint("space", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "archived",
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


def _create_queues() -> None:
    op.create_table(
        "due",
        _text("kind"),
        Column("key", Sorted, nullable=False),
        _at("at"),
        _at("ready"),
        _int("fence"),
        _int("attempts"),
        _at("again", null=True),
        PrimaryKeyConstraint("kind", "key"),
    )
    op.create_index("ix_due_ready", "due", ["ready"])
    op.create_table(
        "outbox",
        _id(),
        _text("key"),
        _text("platform"),
        _text("space"),
        _text("channel"),
        _text("person"),
        _text("card"),
        _text("state"),
        _at("queued", null=True),
        _at("ready"),
        _int("fence"),
        _int("doubt"),
        _at("again", null=True),
        _text("receipt"),
        _text("why"),
        UniqueConstraint("key"),
    )
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["platform", "space", "channel", "person", "queued", "id"],
        sqlite_where=text("queued IS NOT NULL"),
        postgresql_where=text("queued IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_queue",
        "outbox",
        ["queued", "id"],
        sqlite_where=text("queued IS NOT NULL"),
        postgresql_where=text("queued IS NOT NULL"),
    )
    op.create_table(
        "message",
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
    )
    op.create_index("ix_message_space_version", "message", ["space", "version"])
    op.create_index("ix_message_space_channel_id", "message", ["space", "channel", "id"])
    op.create_table(
        "counter",
        _text("name"),
        _at("value"),
        PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
