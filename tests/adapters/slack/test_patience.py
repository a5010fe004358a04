"""The three seconds, where it takes long to find out whose token it is: many workspaces, and a store that is slow or
away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack import front
from bot.ports import StoreError
from tests.adapters.slack.conftest import MANY_BY_HTTP, World, install, living, text

AWAY = "The database cannot be reached; nothing was saved. Try again in a moment."


class Heavy:
    """The bot in one of many workspaces, with a store that takes until it is `let`, once it is `held`."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.wire = world.wire
        self._go = asyncio.Event()
        self._go.set()
        self._trouble: StoreError | None = None
        for name in ("read", "run"):
            monkeypatch.setattr(world.store, name, self._slowly(getattr(world.store, name)))

    def _slowly(self, work: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        async def slowly(given: Any) -> Any:
            await self._go.wait()
            if self._trouble:
                raise self._trouble
            return await work(given)

        return slowly

    def hold(self) -> None:
        """From now on the store waits, nothing is known of tokens, and people are impatient."""
        self._go.clear()
        self.forget()
        self.world.slack._front._patience = 0.05

    def forget(self) -> None:
        """Know nothing of tokens any more, as after a minute."""
        grants: Any = self.world.slack._grants
        grants._grants.clear()

    def break_down(self) -> None:
        """From now on the store is away."""
        self._trouble = StoreError(AWAY)
        self.world.expected.add("no token now")
        self.world.expected.add("store")
        self.forget()

    async def let(self) -> None:
        """Let everything be answered."""
        self._go.set()
        await self.world.slack.answered()
        self.world.slack._front._patience = self.world.patience

    def shown(self, user: str = "U1B") -> list[str]:
        """The titles of what somebody was told, and of the dialogs they have open."""
        told = [text(one).split("\n")[0] for one in self.wire.ephemeral(user)]
        return told + [view["title"]["text"] for view in self.wire.views.get(user, ())]


@pytest.fixture
async def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heavy]:
    monkeypatch.setattr(front, "AGAIN", 0.01)
    async with living(tmp_path, MANY_BY_HTTP) as world:
        await install(world, "T1")
        made = Heavy(world, monkeypatch)
        yield made
        await made.let()
    assert world.troubles == []


# ---- slow


async def test_a_command_is_acknowledged_in_time_and_says_one_moment(heavy: Heavy) -> None:
    heavy.hold()
    assert (await heavy.wire.command("/quiz leaderboard")).status == 200
    await heavy.wire.until(heavy.shown)
    assert heavy.shown() == ["One moment"]
    await heavy.let()
    assert heavy.shown()[0] == "One moment"
    assert "Nobody has scored" in text(heavy.wire.ephemeral("U1B")[-1])


async def test_a_form_opens_as_soon_as_the_token_is_known(heavy: Heavy) -> None:
    heavy.hold()
    await heavy.wire.command("/quiz admin daily schedule", user="U1A")
    await heavy.wire.until(lambda: heavy.shown("U1A"))
    assert heavy.shown("U1A") == ["One moment"]
    await heavy.let()
    assert heavy.shown("U1A") == ["One moment", "Daily question"]


async def test_a_form_that_comes_too_late_is_offered_again(heavy: Heavy) -> None:
    heavy.hold()
    await heavy.wire.command("/quiz admin daily schedule", user="U1A")
    await heavy.wire.until(lambda: heavy.shown("U1A"))
    heavy.wire.advance(4)
    await heavy.let()
    assert heavy.shown("U1A") == ["One moment", "That took too long"]
    await heavy.wire.use("Open the form again", "U1A", heavy.wire.ephemeral("U1A")[-1])
    await heavy.let()
    assert heavy.shown("U1A")[-1] == "Daily question"


@pytest.mark.parametrize(("late", "where"), [(0, "views"), (4, "D1B")])
async def test_a_shortcut_is_answered_in_a_dialog_or_by_a_message_where_none_opens_any_more(
    heavy: Heavy, late: int, where: str
) -> None:
    heavy.hold()
    assert (await heavy.wire.shortcut("quiz_me")).status == 200
    heavy.wire.advance(late)
    await heavy.let()
    shown = heavy.wire.views.get("U1B", []) if where == "views" else heavy.wire.messages(where)
    assert len(shown) == 1
    assert len(heavy.wire.views.get("U1B", [])) == (where == "views")


async def test_strangers_are_acknowledged_before_they_are_told_anything(heavy: Heavy) -> None:
    heavy.hold()
    assert (await heavy.wire.command("/quiz help", "U2B", "C2")).status == 200
    assert heavy.shown("U2B") == []
    await heavy.let()
    assert heavy.shown("U2B") == ["One moment", "I am not installed in this workspace"]


async def test_strangers_learn_what_to_do_from_a_form_as_well(heavy: Heavy) -> None:
    await heavy.wire.command("/quiz admin daily schedule", user="U1A")
    await heavy.let()
    await heavy.wire.uninstall(heavy.wire.workspaces["T1"])
    heavy.forget()
    known = len(heavy.wire.ephemeral("U1A"))
    assert (await heavy.wire.submit("U1A")).status == 200
    await heavy.let()
    assert heavy.shown("U1A")[known:] == ["I am not installed in this workspace"]


async def test_a_home_is_drawn_once_the_token_is_known(heavy: Heavy) -> None:
    heavy.hold()
    assert (await heavy.wire.open_home()).status == 200
    assert heavy.wire.home("U1B") is None
    await heavy.let()
    assert heavy.wire.home("U1B")


# ---- away


async def test_a_store_that_is_away_is_said_as_always(heavy: Heavy) -> None:
    heavy.break_down()
    assert (await heavy.wire.command("/quiz leaderboard")).status == 200
    await heavy.let()
    assert "The database cannot be reached" in heavy.shown()[0]


async def test_a_form_that_cannot_be_opened_for_want_of_a_token_is_offered_again(
    heavy: Heavy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(team: str, enterprise: str = "") -> None:
        raise ConnectionError("The token has ended and is not renewed yet.")

    heavy.world.expected.add("no token now")
    await heavy.wire.command("/quiz settings")
    await heavy.let()
    with monkeypatch.context() as broken:
        broken.setattr(heavy.world.slack._grants, "of", away)
        assert (await heavy.wire.use("Change", "U1B", heavy.wire.ephemeral("U1B")[-1])).status == 200
        await heavy.let()
    assert heavy.shown()[-1] == "That took too long"
    await heavy.wire.use("Open the form again", "U1B", heavy.wire.ephemeral("U1B")[-1])
    await heavy.let()
    assert heavy.shown()[-1] == "Your settings"


async def test_a_shortcut_that_nobody_can_answer_is_acknowledged(heavy: Heavy) -> None:
    heavy.break_down()
    assert (await heavy.wire.shortcut("quiz_me")).status == 200
    await heavy.let()
    assert heavy.shown() == []
    assert [args for method, args, _ in heavy.wire.seen if method.startswith("views")] == []


async def test_a_home_that_cannot_be_drawn_is_acknowledged(heavy: Heavy) -> None:
    heavy.world.expected.add("not said")
    heavy.break_down()
    assert (await heavy.wire.open_home()).status == 200
    await heavy.let()
    assert heavy.wire.home("U1B") is None
