"""Erasing a space."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from sqlalchemy import ForeignKey, PrimaryKeyConstraint, Table, UniqueConstraint, func, select

from bot.store import spaces
from bot.store import tables as t
from bot.store.engine import SqlStore
from bot.store.rebuild import differences
from bot.store.sql import Statement
from bot.store.unit import SqlUnitOfWork
from tests.store.test_migrations import everything
from tests.store.world import NOW, PERIODS, answer, arrive, daily, furnish, post, schedule

GENERAL = {"question", "due", "counter", "note"}
"""Tables whose rows belong to no space."""
SMALL = {"schedule", "report", "team_group"}
"""Tables that may be read from end to end."""


def rows(uow: SqlUnitOfWork) -> dict[str, int]:
    counts = {}
    for table in t.metadata.sorted_tables:
        row = uow.cursor.row(Statement(select(func.count()).select_from(table)))
        counts[table.name] = row[0] if row else 0
    return counts


def neighbour(uow: SqlUnitOfWork) -> None:
    """Another space, where the same question was answered."""
    space, player = arrive(uow, "cid", "next")
    opened = uow.rounds.open(daily(schedule(uow, space, "C2")))
    assert opened is not None
    uow.rounds.record(answer(opened, player), PERIODS)
    uow.outbox.post(replace(post("daily:2"), space="next"), NOW)


def made(uow: SqlUnitOfWork) -> dict[str, int]:
    """A space with one of each in it; their ids."""
    room = furnish(uow, "ann")
    team = uow.people.create_team(room.space.id, "Reds", NOW)
    assert team is not None
    ids = {"space": room.space.id, "channel": room.channel.id, "player": room.ann.id, "team": team.id}
    return ids | {"schedule": room.schedule.id, "round": room.daily.id}


async def test_nothing_of_an_erased_space_is_left(store: SqlStore) -> None:
    await store.run(everything)
    home = await store.read(lambda uow: uow.people.space_of("web", "home"))
    assert home is not None
    await store.run(lambda uow: uow.spaces.erase(home.id))
    left = await store.read(rows)
    assert {name for name, count in left.items() if count} <= GENERAL
    assert await store.read(lambda uow: uow.people.space_of("web", "home")) is None


async def test_no_id_of_an_erased_space_is_given_again(store: SqlStore) -> None:
    """Buttons of it may still be on somebody's screen."""
    ids = await store.run(made)
    await store.run(lambda uow: uow.spaces.erase(ids["space"]))
    again = await store.run(made)
    assert [name for name in ids if again[name] <= ids[name]] == []


async def test_other_spaces_stay_as_they_are_and_so_do_the_totals(store: SqlStore) -> None:
    await store.run(neighbour)
    before, wrong = await store.read(rows), await store.read(differences)
    await store.run(everything)
    home = await store.read(lambda uow: uow.people.space_of("web", "home"))
    assert home is not None
    await store.run(lambda uow: uow.spaces.erase(home.id))
    after = await store.read(rows)
    assert {name: after[name] for name in after if name not in GENERAL} == {
        name: before[name] for name in before if name not in GENERAL
    }
    assert await store.read(differences) == wrong


async def test_an_erased_space_takes_only_its_own_answers_off_the_statistics(store: SqlStore) -> None:
    room = await store.run(lambda uow: furnish(uow, "ann", "bob"))
    await store.run(neighbour)
    right, wrong = answer(room.daily, room.ann), answer(room.daily, room.bob, right=False)
    again = replace(right, position=1, first=False)

    def give(uow: SqlUnitOfWork) -> None:
        for given in (right, wrong, again):
            uow.rounds.record(given, PERIODS)

    await store.run(give)
    await store.run(lambda uow: uow.spaces.erase(room.space.id))
    counted = Statement(select(t.item.c.answered, t.item.c.right))
    assert await store.read(lambda uow: uow.cursor.rows(counted)) == [(1, 1)]


def test_erasing_a_space_never_reads_the_answers_of_others(sqlite_url: str) -> None:
    """Beside a million of them one small space took 43 seconds, in which nobody could answer anything."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        for statement in spaces._ERASE:
            text, constants = statement.compiled("sqlite")
            plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", {**constants, "space": 1}).fetchall()
            steps = [step for *_, step in plan]
            assert not [step for step in steps if step.startswith(("SCAN submission", "SCAN outbox", "CORRELATED"))], (
                text
            )


def test_what_refers_to_a_row_that_is_erased_is_found_by_an_index() -> None:
    """For each row that is deleted, both databases look for others that refer to it."""
    for table in t.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is not t.space and table.name not in SMALL:
                assert leads(table, key), f"{table.name}.{key.parent.name}"


def leads(table: Table, key: ForeignKey) -> bool:
    """Whether a referring column is the first of an index or of a constraint that has one."""
    indexed = [list(index.columns) for index in table.indexes]
    unique = [rule for rule in table.constraints if isinstance(rule, PrimaryKeyConstraint | UniqueConstraint)]
    indexed += [list(rule.columns) for rule in unique]
    return any(columns and columns[0] is key.parent for columns in indexed)
