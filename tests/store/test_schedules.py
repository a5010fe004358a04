"""Schedules and missed dailies."""

from dataclasses import replace
from datetime import date, time

from bot.ports import Miss, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import arrive, room, schedule


async def test_a_schedule_comes_back_as_it_was_set(store: SqlStore) -> None:
    home = await room(store)
    wanted = replace(
        home.schedule,
        topics=("s3", "glue"),
        at=time(17, 45),
        reveal="at close",
        active=False,
        why="The channel is gone.",
        set_by=home.ann.id,
        skip=date(2026, 12, 24),
    )
    await store.run(lambda uow: uow.schedules.change(wanted))
    assert await store.read(lambda uow: uow.schedules.get(wanted.id)) == wanted
    assert await store.read(lambda uow: uow.schedules.of_channel(wanted.channel)) == wanted
    assert await store.read(lambda uow: uow.schedules.get(99)) is None
    assert await store.read(lambda uow: uow.schedules.of_channel(99)) is None


async def test_a_channels_schedule_is_replaced_and_keeps_its_id(store: SqlStore) -> None:
    home = await room(store)
    draft = replace(home.schedule, id=0, at=time(8), topics=(), why="")
    assert await store.run(lambda uow: uow.schedules.add(draft)) == replace(draft, id=home.schedule.id)


async def test_a_space_has_a_schedule_for_each_channel(store: SqlStore) -> None:
    home = await room(store)

    def more(uow: UnitOfWork) -> int:
        schedule(uow, arrive(uow, "ann", "away")[0], "C3")
        return schedule(uow, home.space, "C2").id

    second = await store.run(more)
    found = await store.read(lambda uow: uow.schedules.of_space(home.space.id))
    assert [one.id for one in found] == [home.schedule.id, second]


async def test_the_schedule_of_a_post_is_that_of_its_daily(store: SqlStore) -> None:
    home = await room(store)
    key = f"daily:{home.daily.id}"
    assert await store.read(lambda uow: uow.schedules.of_post(key)) == home.schedule
    for other in ("daily:99", "recap:1", "daily:", "daily:x", "daily:²", f"daily:{'9' * 40}"):
        assert await store.read(lambda uow, key=other: uow.schedules.of_post(key)) is None  # type: ignore[misc]


async def test_misses_come_newest_first_and_once_a_day(store: SqlStore) -> None:
    home = await room(store)

    def skip(uow: UnitOfWork) -> None:
        for day, why in ((1, "late"), (3, "left out"), (2, "late"), (3, "no question")):
            uow.schedules.miss(Miss(home.schedule.id, date(2026, 12, day), why))

    await store.run(skip)
    assert await store.read(lambda uow: uow.schedules.misses(home.schedule.id, 2)) == [
        Miss(home.schedule.id, date(2026, 12, 3), "no question"),
        Miss(home.schedule.id, date(2026, 12, 2), "late"),
    ]
