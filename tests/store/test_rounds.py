"""Rounds and the log of answers."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from bot.engine.streak import Streak
from bot.ports import Player, Report, Seen, UnitOfWork
from bot.store.engine import SqlStore
from bot.store.unit import SqlUnitOfWork
from tests.store.world import NOW, PERIODS, Room, answer, arrive, daily, later, room, schedule, solo


async def test_a_round_comes_back_as_it_was_opened(store: SqlStore) -> None:
    home = await room(store)
    assert await store.read(lambda uow: uow.rounds.get(home.daily.id)) == home.daily
    assert await store.read(lambda uow: uow.rounds.get(99)) is None
    draft = replace(solo(home.space, home.ann, "q1", "q2"), topic="s3", reveal="at close")
    opened = await store.run(lambda uow: uow.rounds.open(draft))
    assert opened is not None
    assert await store.run(lambda uow: uow.rounds.get(opened.id)) == replace(draft, id=opened.id)


async def test_a_schedule_has_one_daily_a_day(store: SqlStore) -> None:
    home = await room(store)
    assert await store.run(lambda uow: uow.rounds.open(daily(home.schedule))) is None
    tomorrow = NOW.date() + timedelta(days=1)
    assert await store.run(lambda uow: uow.rounds.open(daily(home.schedule, tomorrow, later(days=1))))


async def test_many_at_once_open_one_daily(store: SqlStore) -> None:
    home = await room(store)
    draft = daily(home.schedule, date(2026, 12, 1))
    opened = await asyncio.gather(*[store.run(lambda uow: uow.rounds.open(draft)) for _ in range(8)])
    assert len([one for one in opened if one]) == 1


async def test_solo_rounds_are_not_unique(store: SqlStore) -> None:
    home = await room(store)
    first = await store.run(lambda uow: uow.rounds.open(solo(home.space, home.ann)))
    second = await store.run(lambda uow: uow.rounds.open(solo(home.space, home.ann)))
    assert first
    assert second
    assert first.id != second.id


async def test_a_round_closes_once(store: SqlStore) -> None:
    home = await room(store)
    assert await store.run(lambda uow: uow.rounds.close(home.daily.id, later(hours=8)))
    assert not await store.run(lambda uow: uow.rounds.close(home.daily.id, later(hours=9)))
    closed = await store.read(lambda uow: uow.rounds.get(home.daily.id))
    assert closed == replace(home.daily, closed=later(hours=8))


async def test_open_dailies_come_newest_first(store: SqlStore) -> None:
    home = await room(store)

    def open_more(uow: UnitOfWork) -> list[int]:
        other = schedule(uow, home.space, "C2")
        second = uow.rounds.open(daily(other, opened=later(minutes=5)))
        third = uow.rounds.open(daily(home.schedule, NOW.date() + timedelta(days=1), later(days=1)))
        uow.rounds.open(solo(home.space, home.ann))
        assert second
        assert third
        return [second.id, third.id]

    second, third = await store.run(open_more)

    async def open_now() -> list[int]:
        return [one.id for one in await store.read(lambda uow: uow.rounds.open_dailies(home.space.id))]

    assert await open_now() == [third, second, home.daily.id]
    await store.run(lambda uow: uow.rounds.close(second, later(hours=1)))
    assert await open_now() == [third, home.daily.id]
    found = await store.read(lambda uow: uow.rounds.dailies(home.schedule.id, 1))
    assert [one.id for one in found] == [third]


async def test_what_a_channel_was_asked_is_remembered_with_the_time(store: SqlStore) -> None:
    home = await room(store)
    again = daily(home.schedule, NOW.date() + timedelta(days=2), later(days=2), "q1")
    before = await store.read(lambda uow: uow.rounds.asked(home.channel.id))
    await store.run(lambda uow: uow.rounds.open(again))
    await store.run(
        lambda uow: uow.rounds.open(daily(home.schedule, NOW.date() + timedelta(days=1), later(days=1), "q2"))
    )
    asked = await store.read(lambda uow: uow.rounds.asked(home.channel.id))
    assert before.keys() == {"q1"}
    assert before["q1"] < asked["q2"] < asked["q1"]


async def test_an_answer_is_recorded_as_it_was_given(store: SqlStore) -> None:
    home = await room(store)
    given = answer(home.daily, home.ann, at=later(minutes=3), given="b", right=False, points=0)
    assert await store.run(lambda uow: uow.rounds.record(given, PERIODS))
    assert await store.read(lambda uow: uow.rounds.mine(home.daily.id, home.ann.id)) == [given]
    assert await store.read(lambda uow: uow.rounds.mine(home.daily.id, home.bob.id)) == []
    assert await store.read(lambda uow: uow.rounds.of_round(home.daily.id)) == [given]


async def test_a_second_answer_is_refused_and_changes_nothing(store: SqlStore) -> None:
    home = await room(store)
    first = answer(home.daily, home.ann, right=False, points=0)
    await store.run(lambda uow: uow.rounds.record(first, PERIODS))
    before = await store.read(lambda uow: _totals(uow, home))
    second = answer(home.daily, home.ann, given="c")
    assert not await store.run(lambda uow: uow.rounds.record(second, PERIODS))
    assert await store.read(lambda uow: uow.rounds.mine(home.daily.id, home.ann.id)) == [first]
    assert await store.read(lambda uow: _totals(uow, home)) == before


def items(uow: SqlUnitOfWork, question: str) -> tuple[int, int]:
    """First answers to a question, and how many of them were right."""
    uow.cursor.raw.execute(f"""SELECT sum(answered), sum("right") FROM item WHERE question = '{question}'""")
    answered, right = uow.cursor.raw.fetchall()[0]
    return answered or 0, right or 0


def _totals(uow: SqlUnitOfWork, home: Room) -> list[object]:
    return [
        uow.boards.players(home.space.id, "all", 10, 0),
        uow.boards.totals(home.space.id, "all"),
        uow.rounds.seen(home.ann.id),
        items(uow, "q1"),
        uow.rounds.answered(home.daily.id),
    ]


async def test_two_answers_at_once_by_one_person_are_one(store: SqlStore) -> None:
    home = await room(store)

    def press(uow: UnitOfWork) -> bool:
        first = uow.rounds.meet(home.ann.id, "q1")
        return uow.rounds.record(answer(home.daily, home.ann, first=first), PERIODS)

    recorded = await asyncio.gather(*[store.run(press) for _ in range(8)])
    assert sorted(recorded) == [False] * 7 + [True]
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "all")) == (1, 10)
    assert await store.read(lambda uow: uow.rounds.seen(home.ann.id)) == [Seen("q1", 1, 1, NOW)]


async def test_three_hundred_answers_at_once_add_up(store: SqlStore) -> None:
    names = [f"player{number}" for number in range(300)]
    home = await room(store, *names)
    reds = await store.run(lambda uow: uow.people.create_team(home.space.id, "Reds", NOW))
    assert reds is not None

    def give(uow: UnitOfWork, number: int) -> None:
        right = number % 3 == 0
        team = reds.id if number % 2 else None
        points = 10 if right else 0
        given = answer(
            home.daily, home.players[number], right=right, points=points, team=team, at=later(seconds=number)
        )
        uow.rounds.record(given, PERIODS)

    await asyncio.gather(*[store.run(lambda uow, n=number: give(uow, n)) for number in range(300)])  # type: ignore[misc]
    for period in PERIODS:
        assert await store.read(lambda uow, p=period: uow.boards.totals(home.space.id, p)) == (300, 1000)  # type: ignore[misc]
    [team] = await store.read(lambda uow: uow.boards.teams(home.space.id, "all"))
    assert (team.points, team.right, team.answered, team.played) == (500, 50, 150, 150)
    assert team.reached == later(seconds=297)
    assert await store.read(lambda uow: items(uow, "q1")) == (300, 100)
    assert await store.read(lambda uow: uow.rounds.answered(home.daily.id)) == 300


async def test_a_question_is_met_once(store: SqlStore) -> None:
    home = await room(store)
    assert await store.run(lambda uow: uow.rounds.meet(home.ann.id, "q1"))
    assert await store.run(lambda uow: uow.rounds.meet(home.ann.id, "q1")), "asking writes nothing"
    await store.run(lambda uow: uow.rounds.record(answer(home.daily, home.ann), PERIODS))
    assert not await store.read(lambda uow: uow.rounds.meet(home.ann.id, "q1"))
    assert await store.read(lambda uow: uow.rounds.meet(home.bob.id, "q1"))


async def test_only_first_answers_count_for_a_question(store: SqlStore) -> None:
    home = await room(store)
    again = await store.run(lambda uow: uow.rounds.open(solo(home.space, home.ann, "q1")))
    assert again is not None
    await store.run(lambda uow: uow.rounds.record(answer(home.daily, home.ann, right=False), PERIODS))
    await store.run(lambda uow: uow.rounds.record(answer(again, home.ann, first=False), PERIODS))
    await store.run(lambda uow: uow.rounds.record(answer(home.daily, home.bob, revision="r2"), PERIODS))
    assert await store.read(lambda uow: items(uow, "q1")) == (2, 1)
    assert await store.read(lambda uow: items(uow, "q9")) == (0, 0)
    assert await store.read(lambda uow: uow.rounds.seen(home.ann.id)) == [Seen("q1", 2, 1, NOW)]


async def test_the_answers_of_a_round_are_counted_at_its_first_question(store: SqlStore) -> None:
    home = await room(store, "ann", "bob", "cleo")
    answers = [
        answer(home.daily, home.players[2], at=later(minutes=1)),
        answer(home.daily, home.ann, at=later(minutes=2), given="b", right=False, points=0),
        answer(home.daily, home.bob, at=later(minutes=3)),
    ]

    def give(uow: UnitOfWork) -> None:
        for one in answers:
            uow.rounds.record(one, PERIODS)
        uow.rounds.record(replace(answers[0], position=1, given="d"), PERIODS)

    await store.run(give)
    assert await store.read(lambda uow: uow.rounds.answered(home.daily.id)) == 3
    assert await store.read(lambda uow: uow.rounds.counts(home.daily.id)) == {"a": 2, "b": 1}
    assert await store.read(lambda uow: uow.rounds.right(home.daily.id, 1)) == (["Cleo"], 2)
    assert await store.read(lambda uow: uow.rounds.right(home.daily.id, 9)) == (["Cleo", "Bob"], 2)
    assert await store.read(lambda uow: uow.rounds.right(home.daily.id, 0)) == ([], 2)
    mine = await store.read(lambda uow: uow.rounds.mine(home.daily.id, home.players[2].id))
    assert [one.position for one in mine] == [0, 1]


async def test_an_answer_without_periods_is_on_no_board_until_it_is_credited(store: SqlStore) -> None:
    home = await room(store)
    given = answer(home.daily, home.ann)
    await store.run(lambda uow: uow.rounds.record(given, ()))
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "all")) == (0, 0)
    assert await store.read(lambda uow: items(uow, "q1")) == (1, 1)
    await store.run(lambda uow: uow.rounds.credit(given, PERIODS))
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "all")) == (1, 10)


async def test_an_answer_is_credited_once(store: SqlStore) -> None:
    home = await room(store)
    given = answer(home.daily, home.ann)
    await store.run(lambda uow: uow.rounds.record(given, ()))
    await asyncio.gather(*[store.run(lambda uow: uow.rounds.credit(given, PERIODS)) for _ in range(5)])
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "all")) == (1, 10)
    unknown = answer(home.daily, home.bob)
    await store.run(lambda uow: uow.rounds.credit(unknown, PERIODS))
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "all")) == (1, 10)


async def test_a_streak_is_kept_with_its_player(store: SqlStore) -> None:
    home = await room(store)
    streak = Streak(9, 12, 1, date(2026, 11, 24), NOW, "Asia/Tokyo", date(2026, 11, 23))
    await store.run(lambda uow: uow.rounds.extend_streak(home.ann.id, streak))

    def kept(uow: UnitOfWork) -> Player:
        return uow.people.player(home.ann.id)

    assert (await store.read(kept)).streak == streak
    await store.run(lambda uow: uow.rounds.extend_streak(home.ann.id, Streak()))
    assert (await store.read(kept)).streak == Streak()


async def test_missed_days_are_those_between_with_a_daily_one_follows_and_did_not_answer(store: SqlStore) -> None:
    home = await room(store)

    def fill(uow: UnitOfWork) -> None:
        other = schedule(uow, home.space, "C2")
        away, _ = arrive(uow, "ann", "away")
        elsewhere = schedule(uow, away, "C3")
        for day in (1, 2, 3, 4, 5):
            opened = uow.rounds.open(daily(home.schedule, date(2026, 12, day)))
            assert opened is not None
            if day in (1, 3):
                uow.rounds.record(answer(opened, home.ann), ())
            if day == 5:
                uow.rounds.void(opened.id, NOW)
        uow.rounds.open(daily(other, date(2026, 12, 6)))
        uow.rounds.open(daily(elsewhere, date(2026, 12, 7)))

    await store.run(fill)

    async def days(after: int, before: int) -> list[int]:
        missed = await store.read(
            lambda uow: uow.rounds.missed_days(
                home.space.id, home.ann.id, date(2026, 12, after), date(2026, 12, before)
            )
        )
        return [day.day for day in missed]

    assert await days(1, 4) == [2]
    assert await days(1, 5) == [2, 4]
    assert await days(3, 9) == [4]
    assert await days(1, 2) == []


async def test_who_has_answered_a_question_of_a_schedule_follows_it(store: SqlStore) -> None:
    home = await room(store)

    def answer_another(uow: UnitOfWork) -> int:
        other = schedule(uow, home.space, "C2")
        away, their = arrive(uow, "ann", "away")
        for opened in (uow.rounds.open(daily(other)), uow.rounds.open(daily(schedule(uow, away, "C3")))):
            assert opened is not None
            uow.rounds.record(answer(opened, home.ann if opened.space == home.space.id else their), ())
        uow.rounds.record(answer(home.daily, home.bob), ())
        return other.id

    other = await store.run(answer_another)
    assert await store.read(lambda uow: uow.rounds.followed(home.space.id, home.ann.id)) == {other}
    assert await store.read(lambda uow: uow.rounds.followed(home.space.id, home.bob.id)) == {home.schedule.id}


async def test_a_question_is_kept_once_for_each_revision(store: SqlStore) -> None:
    def keep(uow: UnitOfWork) -> None:
        uow.rounds.keep("q1", "r1", "one")
        uow.rounds.keep("q1", "r1", "another")
        uow.rounds.keep("q1", "r2", "two")

    await store.run(keep)
    assert await store.read(lambda uow: uow.rounds.kept("q1", "r1")) == "one"
    assert await store.read(lambda uow: uow.rounds.kept("q1", "r2")) == "two"
    assert await store.read(lambda uow: uow.rounds.kept("q2", "r1")) is None


async def test_reports_come_newest_first(store: SqlStore) -> None:
    home = await room(store)
    reports = [Report(home.space.id, home.ann.id, "q1", "r1", f"wrong {n}", later(minutes=n)) for n in range(3)]

    def send(uow: UnitOfWork) -> None:
        for one in reports:
            uow.rounds.report(one)

    await store.run(send)
    assert await store.read(lambda uow: uow.rounds.reports(home.space.id, 2)) == reports[:0:-1]
