"""Ids that are never given again on SQLite, managers, and pictures of people."""

import re

from alembic import op
from sqlalchemy import Column, Integer, Text

revision = "0003"
down_revision = "0002"

NUMBERED = ("space", "channel", "team", "player", "schedule", "round")


def upgrade() -> None:
    op.add_column("player", Column("manager", Integer, nullable=False, server_default="0"))
    op.add_column("player", Column("avatar", Text, nullable=False, server_default=""))
    for table in NUMBERED if op.get_bind().dialect.name == "sqlite" else ():
        made = re.sub(r"\bid INTEGER NOT NULL", r"\g<0> PRIMARY KEY AUTOINCREMENT", _text_of(table), count=1)
        _make_anew(table, re.sub(rf"CONSTRAINT pk_{table} PRIMARY KEY \(id\),\s*", "", made))


def downgrade() -> None:
    for table in NUMBERED if op.get_bind().dialect.name == "sqlite" else ():
        made = _text_of(table).replace(" PRIMARY KEY AUTOINCREMENT", "")
        _make_anew(table, made.replace("CONSTRAINT", f"CONSTRAINT pk_{table} PRIMARY KEY (id), CONSTRAINT", 1))
    op.drop_column("player", "avatar")
    op.drop_column("player", "manager")


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
