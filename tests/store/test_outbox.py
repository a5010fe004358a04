"""The outbox: order, leases, edits, and what is not known."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.ports import Post, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, card, later, post

LEASE = timedelta(minutes=1)


async def say(store: SqlStore, *posts: Post) -> None:
    def decide(uow: UnitOfWork) -> None:
        for number, one in enumerate(posts):
            uow.outbox.post(one, later(milliseconds=number))

    await store.run(decide)


async def claim(
    store: SqlStore, now: datetime = NOW + timedelta(seconds=1), limit: int = 10, platform: str = "web"
) -> list[Post]:
    return await store.run(lambda uow: uow.outbox.claim(platform, now, now + LEASE, limit))


async def claim_one(store: SqlStore, now: datetime = NOW + timedelta(seconds=1)) -> Post:
    [one] = await claim(store, now)
    return one


async def change(store: SqlStore, work: Callable[[UnitOfWork], None]) -> None:
    await store.run(work)


async def doubtful(store: SqlStore, one: Post) -> bool:
    return await store.read(lambda uow: uow.outbox.doubtful(one))


async def receipt(store: SqlStore) -> str:
    """What the message `k` is edited by."""
    await change(store, lambda uow: uow.outbox.edit("k", card("edited"), later(hours=9)))
    return (await claim_one(store, later(hours=9))).receipt


async def test_a_post_is_claimed_as_it_was_decided(store: SqlStore) -> None:
    one = post(person="ann")
    await say(store, one)
    assert await claim_one(store) == replace(one, fence=1, since=NOW)
    assert await claim(store) == []


async def test_a_key_that_exists_is_left_as_it_is(store: SqlStore) -> None:
    await say(store, post("k", card=card("first")), post("k", card=card("second")))
    assert (await claim_one(store)).card == card("first")


async def test_a_channel_gets_its_posts_one_after_another_in_order(store: SqlStore) -> None:
    await say(store, post("a1", "A"), post("a2", "A"), post("b1", "B"), post("a3", "A"))
    first = await claim(store)
    assert [one.key for one in first] == ["a1", "b1"]
    assert await claim(store) == []
    await change(store, lambda uow: uow.outbox.sent(first[0], "m1"))
    second = await claim_one(store)
    assert second.key == "a2"
    await change(store, lambda uow: uow.outbox.failed(second, "gone"))
    assert (await claim_one(store)).key == "a3"


async def test_people_and_spaces_have_queues_of_their_own(store: SqlStore) -> None:
    await say(
        store,
        post("a", "A"),
        post("b", "A", person="ann"),
        post("c", "A", person="bob"),
        replace(post("d", "A"), space="away"),
        replace(post("e", "A"), platform="slack"),
    )
    assert [one.key for one in await claim(store)] == ["a", "b", "c", "d"]
    assert [one.key for one in await claim(store, platform="slack")] == ["e"]


async def test_a_pause_holds_up_its_channel_and_no_other(store: SqlStore) -> None:
    await say(store, post("a1", "A"), post("a2", "A"), post("b1", "B"), post("b2", "B"))
    slow, quick = await claim(store)
    await change(store, lambda uow: uow.outbox.later(slow, later(minutes=5)))
    await change(store, lambda uow: uow.outbox.sent(quick, "m1"))
    assert [one.key for one in await claim(store)] == ["b2"]
    assert [one.key for one in await claim(store, later(minutes=5))] == ["a1", "b2"]


async def test_a_pause_is_no_doubt(store: SqlStore) -> None:
    await say(store, post())
    first = await claim_one(store)
    await change(store, lambda uow: uow.outbox.later(first, later(seconds=9)))
    again = await claim_one(store, later(seconds=9))
    assert not await doubtful(store, again)


async def test_a_failed_post_stays_on_record(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    assert await store.read(lambda uow: uow.outbox.failure("k")) == ""
    await change(store, lambda uow: uow.outbox.failed(one, "The channel is gone."))
    assert await store.read(lambda uow: uow.outbox.failure("k")) == "The channel is gone."
    await change(store, lambda uow: uow.outbox.edit("k", card("new"), later(minutes=1)))
    assert await claim(store, later(hours=1)) == [], "what was never sent is not edited"


async def test_the_receipt_of_a_sent_post_is_kept(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    assert one.receipt == ""
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    assert await receipt(store) == "m1"
    assert await store.read(lambda uow: uow.outbox.failure("k")) == ""
    assert await store.read(lambda uow: uow.outbox.failure("other")) == ""


async def test_edits_before_sending_change_what_is_sent(store: SqlStore) -> None:
    await say(store, post("k"))
    await change(store, lambda uow: uow.outbox.edit("k", card("one"), NOW))
    await change(store, lambda uow: uow.outbox.edit("k", card("two"), NOW))
    one = await claim_one(store)
    assert (one.card, one.receipt) == (card("two"), "")
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    assert await claim(store, later(hours=1)) == []


async def test_edits_of_a_sent_post_become_one(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    for number in range(5):
        await change(store, lambda uow, n=number: uow.outbox.edit("k", card(f"card {n}"), later(seconds=n)))  # type: ignore[misc]
    edit = await claim_one(store, later(minutes=1))
    assert (edit.card, edit.receipt) == (card("card 4"), "m1")
    await change(store, lambda uow: uow.outbox.sent(edit, "m1"))
    assert await claim(store, later(hours=1)) == []


async def test_an_edit_to_what_is_shown_already_sends_nothing(store: SqlStore) -> None:
    await say(store, post("k", card=card("same")))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    await change(store, lambda uow: uow.outbox.edit("k", card("same"), later(seconds=5)))
    assert await claim(store, later(hours=1)) == []


async def test_an_edit_while_sending_follows_it(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.edit("k", card("newer"), later(seconds=5)))
    assert await claim(store, later(seconds=6)) == []
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    edit = await claim_one(store, later(seconds=6))
    assert (edit.card, edit.receipt) == (card("newer"), "m1")


async def test_an_edit_takes_its_turn_behind_what_waits(store: SqlStore) -> None:
    await say(store, post("a"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    await change(store, lambda uow: uow.outbox.post(post("b"), later(seconds=2)))
    await change(store, lambda uow: uow.outbox.edit("a", card("changed"), later(seconds=3)))
    assert [found.key for found in await claim(store, later(seconds=4))] == ["b"]


async def test_an_edit_that_was_given_up_is_tried_again_with_the_next_card(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    await change(store, lambda uow: uow.outbox.edit("k", card("two"), later(seconds=2)))
    edit = await claim_one(store, later(seconds=2))
    await change(store, lambda uow: uow.outbox.failed(edit, "No right to post there."))
    await change(store, lambda uow: uow.outbox.edit("k", card("three"), later(seconds=3)))
    assert (await claim_one(store, later(seconds=3))).card == card("three")
    assert await store.read(lambda uow: uow.outbox.failure("k")) == ""


async def test_an_unknown_outcome_is_looked_for_first(store: SqlStore) -> None:
    await say(store, post("k"), post("next"))
    one = await claim_one(store)
    assert not await doubtful(store, one)
    await change(store, lambda uow: uow.outbox.unknown(one, later(seconds=30)))
    assert await claim(store, later(seconds=29)) == [], "nobody overtakes it"
    again = await claim_one(store, later(seconds=30))
    assert (again.key, again.fence) == ("k", 2)
    assert await doubtful(store, again)
    await change(store, lambda uow: uow.outbox.sent(again, "found"))
    assert not await doubtful(store, again)


async def test_a_message_that_was_never_sent_keeps_the_instant_it_was_decided_at(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.unknown(one, later(days=1)))
    await change(store, lambda uow: uow.outbox.edit("k", card("newer"), later(days=1)))
    again = await claim_one(store, later(days=1))
    await change(store, lambda uow: uow.outbox.later(again, later(days=2)))
    assert (await claim_one(store, later(days=2))).since == NOW


async def fail(store: SqlStore, at: datetime) -> None:
    """Let the one attempt that can be made now be one of unknown outcome."""
    one = await claim_one(store, at)
    await change(store, lambda uow: uow.outbox.unknown(one, at))


async def test_failures_are_counted_until_it_is_sent(store: SqlStore) -> None:
    await say(store, post("k"))
    now = later(seconds=1)
    await fail(store, now)
    await fail(store, now)
    one = await claim_one(store, now)
    assert one.failures == 2
    await change(store, lambda uow: uow.outbox.edit("k", card("two"), now))
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    assert (await claim_one(store, now)).failures == 0


@pytest.mark.parametrize("given_up", [False, True])
async def test_failures_of_an_edit_are_counted_until_it_is_made_or_given_up(store: SqlStore, given_up: bool) -> None:
    await say(store, post("k"))
    now = later(seconds=1)
    first = await claim_one(store, now)
    await change(store, lambda uow: uow.outbox.sent(first, "m1"))
    await change(store, lambda uow: uow.outbox.edit("k", card("two"), now))
    await fail(store, now)
    edit = await claim_one(store, now)
    assert edit.failures == 1
    if given_up:
        await change(store, lambda uow: uow.outbox.failed(edit, "No right to post there."))
    else:
        await change(store, lambda uow: uow.outbox.sent(edit, "m1"))
    await change(store, lambda uow: uow.outbox.edit("k", card("three"), now))
    assert (await claim_one(store, now)).failures == 0


async def test_a_pause_is_no_failure(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.later(one, later(seconds=9)))
    assert (await claim_one(store, later(seconds=9))).failures == 0


async def test_between_channels_whoever_has_been_ready_longest_goes_first(store: SqlStore) -> None:
    await say(store, post("old", "A"))
    tried = await claim_one(store)
    await change(store, lambda uow: uow.outbox.unknown(tried, later(seconds=9)))
    await change(store, lambda uow: uow.outbox.post(post("new", "B"), later(seconds=5)))
    assert [one.key for one in await claim(store, later(seconds=9), limit=1)] == ["new"]
    assert [one.key for one in await claim(store, later(seconds=9), limit=1)] == ["old"]


async def test_a_card_changed_while_the_outcome_is_unknown_is_sent_after_it_was_found(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.unknown(one, later(seconds=30)))
    await change(store, lambda uow: uow.outbox.edit("k", card("newer"), later(seconds=20)))
    again = await claim_one(store, later(seconds=30))
    await change(store, lambda uow: uow.outbox.sent(again, "found"))
    edit = await claim_one(store, later(seconds=31))
    assert (edit.card, edit.receipt) == (card("newer"), "found")


async def test_a_lease_that_ran_out_is_doubtful_and_the_late_worker_changes_nothing(store: SqlStore) -> None:
    await say(store, post("k"))
    slow = await claim_one(store)
    quick = await claim_one(store, later(minutes=2))
    assert quick.fence > slow.fence
    assert await doubtful(store, quick)
    await change(store, lambda uow: uow.outbox.failed(slow, "too late"))
    await change(store, lambda uow: uow.outbox.sent(slow, "late"))
    assert await store.read(lambda uow: uow.outbox.failure("k")) == ""
    await change(store, lambda uow: uow.outbox.sent(quick, "m1"))
    assert await receipt(store) == "m1"


async def test_a_lost_edit_is_no_doubt_because_it_may_be_made_twice(store: SqlStore) -> None:
    await say(store, post("k"))
    one = await claim_one(store)
    await change(store, lambda uow: uow.outbox.sent(one, "m1"))
    await change(store, lambda uow: uow.outbox.edit("k", card("two"), later(seconds=2)))
    await claim_one(store, later(seconds=2))
    again = await claim_one(store, later(minutes=5))
    assert again.receipt == "m1"
    assert not await doubtful(store, again)


async def test_eight_workers_send_each_post_once_and_in_order(store: SqlStore) -> None:
    await say(store, *[post(f"{number:03}", f"C{number % 5}") for number in range(100)])
    sent: dict[str, list[str]] = {}

    async def work() -> None:
        while sum(map(len, sent.values())) < 100:
            for one in await claim(store, limit=3):
                sent.setdefault(one.channel, []).append(one.key)
                await change(store, lambda uow, one=one: uow.outbox.sent(one, "m"))  # type: ignore[misc]

    await asyncio.gather(*[work() for _ in range(8)])
    assert sent == {f"C{lane}": [f"{number:03}" for number in range(lane, 100, 5)] for lane in range(5)}
