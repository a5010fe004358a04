"""Notes, groups that are teams, and threads under dailies."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, PrimaryKeyConstraint, Text

revision = "0002"
down_revision = "0001"

Id = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "note",
        Column("name", Text, nullable=False),
        Column("text", Text, nullable=False),
        PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "team_group",
        Column("space", Id, ForeignKey("space.id"), nullable=False),
        Column("external", Text, nullable=False),
        Column("team", Id, ForeignKey("team.id"), nullable=False),
        PrimaryKeyConstraint("space", "external"),
        sqlite_with_rowid=False,
    )
    op.add_column("schedule", Column("thread", Integer))
    op.add_column("outbox", Column("thread", Text))


def downgrade() -> None:
    op.drop_column("outbox", "thread")
    op.drop_column("schedule", "thread")
    op.drop_table("team_group")
    op.drop_table("note")
