"""What becomes of posts and of due work when things go wrong: pauses, lost outcomes, channels that are gone, faults."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.adapters.terminal.adapter import Seat
from bot.ports import Gone, Later, Person, Place, Post, Request, Scope, StoreError, Unknown
from bot.routing import Router
from bot.ui import Call, Card, Text
from tests.features.conftest import World


class Flaky:
    """The terminal's place in the outbox, doing for each attempt what a test says."""

    name = "terminal"

    def __init__(self) -> None:
        self.shown: dict[str, Card] = {}
        self.attempts: list[str] = []
        self.script: list[Exception | Callable[[], None]] = []
        self.looks: list[Exception] = []
        """What the next looks raise."""
        self.findable = True

    async def send(self, post: Post) -> str:
        self.attempts.append(f"send {post.key}")
        self._act(post)
        return post.key

    async def edit(self, post: Post) -> None:
        self.attempts.append(f"edit {post.key}")
        self._act(post)

    async def find(self, post: Post) -> str | None:
        self.attempts.append(f"find {post.key}")
        if self.looks:
            raise self.looks.pop(0)
        if not self.findable:
            raise Unknown
        return post.key if post.key in self.shown else None

    def _act(self, post: Post) -> None:
        act = self.script.pop(0) if self.script else None
        if isinstance(act, Exception):
            raise act
        self.shown[post.key] = post.card
        if act:
            act()


@pytest.fixture
async def flaky(world: World, ann: Seat) -> Flaky:
    """A daily that is due within the hour, on a platform that follows a script."""
    platform = Flaky()
    world.app.connect(platform)
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    return platform


def lose() -> None:
    raise ConnectionResetError("the answer was lost")


async def edit(world: World, key: str, card: Card) -> None:
    await world.app.run(lambda scope: scope.uow.outbox.edit(key, card, scope.now))


async def attempts(world: World, flaky: Flaky, number: int) -> list[int]:
    """After how many seconds each of so many further attempts is followed by the next."""
    await world.app.work()
    gaps = []
    for _ in range(number):
        before, since = len(flaky.attempts), world.now
        while len(flaky.attempts) == before and world.now < since + timedelta(hours=1):
            await world.later(seconds=1)
        gaps.append(round((world.now - since).total_seconds()))
    return gaps


async def test_a_pause_the_platform_asks_for_is_honoured(world: World, flaky: Flaky) -> None:
    flaky.script = [Later(90)]
    await world.later(hours=1)
    await world.later(seconds=89)
    assert flaky.attempts == ["send daily:1"]
    await world.later(seconds=1)
    assert flaky.attempts == ["send daily:1"] * 2


async def test_a_message_whose_outcome_was_lost_is_looked_for_and_not_sent_twice(world: World, flaky: Flaky) -> None:
    flaky.script = [lose]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert flaky.attempts == ["send daily:1", "find daily:1"]


async def test_a_message_that_was_not_sent_after_all_is_sent_again(world: World, flaky: Flaky) -> None:
    flaky.script = [ConnectionResetError("refused")]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert flaky.attempts == ["send daily:1", "find daily:1", "send daily:1"]


async def test_a_look_that_fails_for_the_moment_is_taken_again_and_nothing_is_given_up(
    world: World, flaky: Flaky, ann: Seat
) -> None:
    flaky.script = [ConnectionResetError("refused")]
    flaky.looks = [Later(10)] * 3
    await world.later(hours=1)
    for _ in range(60):
        await world.later(seconds=1)
    assert flaky.attempts == ["send daily:1", *["find daily:1"] * 4, "send daily:1"]
    assert "Missed" not in await ann.say("/quiz admin daily status")
    await world.later(days=1)
    assert flaky.attempts.count("send daily:2") == 1


async def test_edits_that_went_well_are_no_failures_and_the_next_daily_comes_in_time(
    world: World, flaky: Flaky
) -> None:
    await world.later(hours=1)
    for number in range(12):
        await edit(world, "daily:1", Card("Daily question", (Text(f"{number} have answered"),)))
        await world.later(seconds=5)
    flaky.attempts.clear()
    flaky.script = [Unknown()]
    await world.later(hours=23, minutes=59)
    assert flaky.attempts == ["edit daily:1"]
    await world.later(seconds=60)
    assert flaky.attempts == ["edit daily:1", "edit daily:1", "send daily:2"]


async def test_pauses_grow_with_each_failure_up_to_five_minutes_and_are_forgotten_after_a_success(
    world: World, flaky: Flaky
) -> None:
    await world.later(hours=1)
    flaky.script = [Unknown()] * 10
    began = world.now
    await edit(world, "daily:1", Card("Daily question", (Text("One has answered"),)))
    assert await attempts(world, flaky, 10) == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    flaky.script = [Unknown()]
    await edit(world, "daily:1", Card("Daily question", (Text("Two have answered"),)))
    assert await attempts(world, flaky, 1) == [2]
    assert world.now - began < timedelta(hours=1)


async def test_where_nothing_can_be_found_the_space_decides(world: World, flaky: Flaky, ann: Seat) -> None:
    flaky.findable = False
    flaky.script = [lose]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert flaky.attempts.count("send daily:1") == 1
    await world.later(seconds=1)
    heard = await ann.say("/quiz admin daily status")
    assert "Missed 23 November: it could not be told whether it was sent" in heard
    assert "Next: 24 November at 09:00" in heard


async def test_a_space_may_prefer_twice_to_missed(world: World, flaky: Flaky, ann: Seat) -> None:
    await ann.call(Call("settings.edit_space"))
    await ann.submit(zone="UTC", resend="at-least-once")
    flaky.findable = False
    flaky.script = [lose]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert flaky.attempts.count("send daily:1") == 2


async def test_a_channel_that_is_gone_pauses_its_schedule_and_tells_who_set_it_once(
    world: World, flaky: Flaky, ann: Seat
) -> None:
    flaky.script = [Gone("I may not send messages in #daily. Give me the right to, then resume.")]
    await world.later(hours=1)
    await world.later(days=2)
    assert [attempt for attempt in flaky.attempts if "daily:" in attempt] == ["send daily:1", "send paused:daily:1"]
    assert flaky.shown["paused:daily:1"].title == "The daily question in #daily is paused"
    assert "I may not send messages" in await ann.say("/quiz admin daily status")


async def test_one_bad_channel_holds_up_no_other(world: World, flaky: Flaky) -> None:
    other = world.person("Ann", "quiz")
    await other.say("/quiz admin daily schedule 09:00 UTC topics=streams")
    flaky.script = [Later(3600)]
    await world.later(hours=1)
    assert len(flaky.shown) == 1


async def test_answers_while_a_message_is_not_out_yet_are_on_it_when_it_is(
    world: World, flaky: Flaky, bo: Seat
) -> None:
    flaky.script = [Later(60)]
    await world.later(hours=1)
    await bo.call(Call.of("play.answer", 1, 0, "B"))
    await world.later(seconds=60)
    assert "1 has answered" in str(flaky.shown["daily:1"])


async def test_due_work_that_fails_is_tried_again_later(world: World) -> None:
    failures = [RuntimeError("first"), RuntimeError("second")]
    done: list[str] = []

    def shaky(scope: Scope, key: str) -> None:
        if failures:
            raise failures.pop()
        done.append(key)

    extra = Router()
    extra.due(name="test.shaky")(shaky)
    world.app.router.include(extra)
    await world.app.run(lambda scope: scope.uow.due.put("test.shaky", "one", scope.now))
    await world.app.work()
    assert done == []
    await world.later(minutes=1)
    await world.later(minutes=1)
    assert done == ["one"]


async def test_a_fault_of_ours_is_told_with_a_reference_and_the_next_request_works(world: World, ann: Seat) -> None:
    def broken(ctx: object) -> None:
        raise ZeroDivisionError

    extra = Router()
    extra.action(name="test.broken")(broken)
    world.app.router.include(extra)
    heard = await ann.call(Call("test.broken"))
    assert heard.startswith("# Something went wrong on my side (reference ")
    assert "# What you can do" in await ann.say("/quiz help")


async def test_a_store_that_cannot_save_says_what_to_do(world: World, ann: Seat) -> None:
    def full(ctx: object) -> None:
        raise StoreError("The disk is full; nothing was saved. Free some space and try again.")

    extra = Router()
    extra.action(name="test.full")(full)
    world.app.router.include(extra)
    assert await ann.call(Call("test.full")) == (
        "# The disk is full; nothing was saved\nFree some space and try again."
    )


async def test_a_hundred_people_answer_at_once_and_every_answer_counts(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    space, channel = Place("terminal", "Terminal"), Place("daily", "daily")

    async def answer(number: int) -> None:
        person = Person(f"p{number}", f"P{number}")
        call = Call.of("play.answer", 1, 0, "B" if number % 2 else "A")
        for _ in range(2):
            await world.app.handle(Request("terminal", space, channel, person, call))

    await asyncio.gather(*map(answer, range(100)))
    await world.later(hours=24)
    assert "50 of 100 were right." in await ann.sees()
    assert world.app.router.routes


async def test_two_replicas_on_one_store_ask_and_close_once(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    world.now = world.now.replace(hour=9)
    await asyncio.gather(*(world.app.work() for _ in range(4)))
    world.now = world.now.replace(day=24)
    await asyncio.gather(*(world.app.work() for _ in range(4)))
    assert (await ann.sees()).count("# Daily question ·") == 2
