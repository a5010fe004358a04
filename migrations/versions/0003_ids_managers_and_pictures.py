"""Ids that are never given again on SQLite, managers, pictures of people, failures of messages, and indexes
to erase a space by."""

import re

from alembic import op
from sqlalchemy import Column, Integer, Text, text

revision = "0003"
down_revision = "0002"

NUMBERED = ("space", "channel", "team", "player", "schedule", "round")
FOUND = {
    "round": ("player", "channel"),
    "submission": ("player", "team"),
    "score": ("player",),
    "team_score": ("team",),
    "member_score": ("player", "team"),
    "outbox": ("space",),
}
"""Columns that rows are found by when a space is erased."""


def upgrade() -> None:
    op.add_column("player", Column("manager", Integer, nullable=False, server_default="0"))
    op.add_column("player", Column("avatar", Text, nullable=False, server_default=""))
    op.add_column("outbox", Column("failures", Integer, nullable=False, server_default="0"))
    _queue_by("platform", "ready", "id")
    for table in NUMBERED if op.get_bind().dialect.name == "sqlite" else ():
        made = re.sub(r"\bid INTEGER NOT NULL", r"\g<0> PRIMARY KEY AUTOINCREMENT", _text_of(table), count=1)
        _make_anew(table, re.sub(rf"CONSTRAINT pk_{table} PRIMARY KEY \(id\),\s*", "", made))
    for table, columns in FOUND.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, columns in FOUND.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
    for table in NUMBERED if op.get_bind().dialect.name == "sqlite" else ():
        made = _text_of(table).replace(" PRIMARY KEY AUTOINCREMENT", "")
        _make_anew(table, made.replace("CONSTRAINT", f"CONSTRAINT pk_{table} PRIMARY KEY (id), CONSTRAINT", 1))
    _queue_by("queued", "id")
    op.drop_column("outbox", "failures")
    op.drop_column("player", "avatar")
    op.drop_column("player", "manager")


def _queue_by(*columns: str) -> None:
    """Make the index of what waits to be sent anew."""
    waits = text("queued IS NOT NULL")
    op.drop_index("ix_outbox_queue", "outbox")
    op.create_index("ix_outbox_queue", "outbox", columns, sqlite_where=waits, postgresql_where=waits)


def _text_of(table: str) -> str:
    """What SQLite made a table from."""
    row = op.get_bind().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).one()
    return str(row[0])


def _make_anew(table: str, text: str) -> None:
    """Make a table from another text, with the rows and indexes it has: whether ids are given again can be said only
    when a table is made. Alembic's own batches put the constraints into an order of chance."""
    run = op.get_bind().exec_driver_sql
    indexes = run("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql <> ''", (table,)).all()
    run(re.sub(rf'^CREATE TABLE "?{table}"?', "CREATE TABLE made_anew", text))
    run(f'INSERT INTO made_anew SELECT * FROM "{table}"')  # noqa: S608, the names are those above
    run(f'DROP TABLE "{table}"')
    run(f'ALTER TABLE made_anew RENAME TO "{table}"')
    for index in indexes:
        run(index[0])
