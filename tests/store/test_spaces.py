"""Erasing a space."""

from dataclasses import replace

from sqlalchemy import func, select

from bot.store import tables as t
from bot.store.engine import SqlStore
from bot.store.rebuild import differences
from bot.store.sql import Statement
from bot.store.unit import SqlUnitOfWork
from tests.store.test_migrations import everything
from tests.store.world import NOW, PERIODS, answer, arrive, daily, furnish, post, schedule

GENERAL = {"question", "due", "counter", "note"}
"""Tables whose rows belong to no space."""


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
