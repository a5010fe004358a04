"""Run by Alembic: migrates over the connection it is given or, from Alembic's command line, over `QUIZBOT_DATABASE`."""

import os

from alembic import context
from sqlalchemy import Connection

from bot.store.migrate import migrating
from bot.store.tables import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with migrating(os.environ.get("QUIZBOT_DATABASE", "sqlite:///var/quizbot.sqlite3")) as connection:
        run(connection)
