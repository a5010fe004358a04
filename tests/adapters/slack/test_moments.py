"""What people see while something takes longer than they wait, and where Slack fails while they are answered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack import front
from bot.ports import Reply, Request
from bot.ui import Button, Buttons, Call, Card, Chart, Point, Text
from tests.adapters.slack import payloads
from tests.adapters.slack.conftest import MANY_BY_HTTP, ONE_BY_HTTP, World, install, living, text
from tests.adapters.slack.loopback import RESET, RESET_AFTER, Fault

PATIENCE = 0.05
MOMENT = "One moment"
SETTINGS = {"zone": "Europe/Paris", "reminder": "off"}
WRONG = {"zone": "Nowhere", "reminder": "off"}


class Slow:
    """The bot with a store that takes until it is `let`, once it is `held`."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.wire = world.wire
        self.says: Callable[[Request], Reply] | None = None
        """Says the replies instead of the application."""
        self._go = asyncio.Event()
        self._go.set()
        self._handle = world.app.handle
        monkeypatch.setattr(world.app, "handle", self.handle)

    async def handle(self, request: Request) -> Reply:
        await self._go.wait()
        return self.says(request) if self.says else await self._handle(request)

    def hold(self) -> None:
        """From now on replies wait, and people are impatient; otherwise a busy machine would count as slow."""
        self._go.clear()
        self.world.slack._front._patience = PATIENCE

    async def let(self) -> None:
        """Let everything be answered."""
        self._go.set()
        await self.world.slack.answered()
        self.world.slack._front._patience = self.world.patience

    async def shown(self, what: str = MOMENT) -> None:
        """Wait until Ben sees something."""
        await self.wire.until(lambda: what in self.dialog or what in self.whisper)

    @property
    def dialog(self) -> str:
        """What the dialog shows that Ben has open."""
        views = self.wire.views.get("U1B")
        return f"{views[-1]['title']['text']}\n{text(views[-1])}" if views else ""

    @property
    def whisper(self) -> str:
        """What Ben alone was told last."""
        told = self.wire.ephemeral("U1B")
        return text(told[-1]) if told else ""

    async def settings(self) -> None:
        """Let Ben look at his settings."""
        await self.wire.command("/quiz settings")
        await self.world.slack.answered()

    async def press(self, what: str, user: str = "U1B") -> None:
        """Let Ben use a control of what he was told last."""
        await self.wire.use(what, user, self.wire.ephemeral("U1B")[-1])

    async def form(self) -> None:
        """Let Ben have the form of his settings open."""
        await self.settings()
        await self.press("Change")
        await self.world.slack.answered()
        assert "Your settings" in self.dialog

    def uses(self) -> dict[str, int]:
        """How often each response URL was used."""
        used: dict[str, int] = {}
        for told in self.wire.called("response_url"):
            used[told["url"]] = used.get(told["url"], 0) + 1
        return used


@pytest.fixture(params=[ONE_BY_HTTP, MANY_BY_HTTP], ids=["one", "many"])
async def slow(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Slow]:
    monkeypatch.setattr(front, "AGAIN", 0.01)
    async with living(tmp_path, request.param) as world:
        if request.param is MANY_BY_HTTP:
            await install(world, "T1")
        made = Slow(world, monkeypatch)
        yield made
        await made.let()
    assert world.troubles == []


# ---- a store that takes its time


async def test_a_command_says_one_moment_and_then_its_answer(slow: Slow) -> None:
    slow.hold()
    assert (await slow.wire.command("/quiz leaderboard")).status == 200
    await slow.shown()
    assert MOMENT in slow.whisper
    await slow.let()
    assert "Nobody has scored" in slow.whisper
    assert len(slow.wire.ephemeral("U1B")) == 2
    assert slow.wire.messages("C1") == []


async def test_what_is_quick_says_nothing_of_moments(slow: Slow) -> None:
    await slow.settings()
    await slow.press("Change")
    await slow.let()
    assert MOMENT not in str(slow.wire.seen)


async def test_a_button_says_one_moment_beside_its_message_and_then_replaces_that(slow: Slow) -> None:
    slow.says = lambda request: Reply(private=Card("Before", (Buttons(Button("On", Call("help"))),)))
    await slow.wire.command("/quiz help")
    await slow.let()
    slow.says = lambda request: Reply(update=Card("After"))
    slow.hold()
    await slow.press("On")
    await slow.shown()
    assert [text(one).split("\n")[0] for one in slow.wire.ephemeral("U1B")] == ["Before", MOMENT]
    await slow.let()
    assert [text(one).split("\n")[0] for one in slow.wire.ephemeral("U1B")] == ["After", MOMENT]


async def test_a_choice_says_one_moment_and_then_its_answer(slow: Slow) -> None:
    await slow.wire.command("/quiz topics")
    await slow.let()
    message = slow.wire.ephemeral("U1B")[-1]
    menu = next(
        one for block in message["blocks"] for one in block.get("elements", ()) if one["type"] == "static_select"
    )
    slow.hold()
    await slow.wire.use(menu["action_id"], "U1B", message, menu["options"][0]["value"])
    await slow.shown()
    await slow.let()
    assert "A question for you" in slow.whisper


async def test_a_form_opens_as_one_moment_and_becomes_the_form(slow: Slow) -> None:
    await slow.settings()
    slow.hold()
    await slow.press("Change")
    await slow.shown()
    assert MOMENT in slow.dialog
    assert MOMENT not in slow.whisper
    await slow.let()
    assert "Your settings" in slow.dialog
    assert len(slow.wire.views["U1B"]) == 1
    await slow.wire.submit(values=SETTINGS)
    await slow.let()
    assert "Europe/Paris" in text(slow.wire.ephemeral("U1B")[-1])


async def test_a_command_that_opens_a_form_does_the_same(slow: Slow) -> None:
    slow.hold()
    await slow.wire.command("/quiz admin daily schedule", user="U1A")
    await slow.wire.until(lambda: slow.wire.views.get("U1A"))
    assert MOMENT in slow.wire.views["U1A"][-1]["title"]["text"]
    await slow.let()
    assert slow.wire.views["U1A"][-1]["submit"]


async def test_the_same_command_with_its_values_opens_none(slow: Slow) -> None:
    slow.hold()
    await slow.wire.command("/quiz admin daily schedule 09:00 UTC", user="U1A")
    await slow.wire.until(lambda: slow.wire.ephemeral("U1A"))
    assert MOMENT in text(slow.wire.ephemeral("U1A")[-1])
    await slow.let()
    assert slow.wire.called("views.open") == []
    assert "09:00" in text(slow.wire.ephemeral("U1A")[-1])


async def test_a_form_that_is_refused_after_all_says_so_in_its_dialog(slow: Slow) -> None:
    await slow.settings()
    slow.hold()
    slow.says = lambda request: Reply(private=Card("Only an admin may do this", (Text("Ask one of them."),), "warning"))
    await slow.press("Change")
    await slow.shown()
    await slow.let()
    assert "Only an admin may do this" in slow.dialog
    assert len(slow.wire.ephemeral("U1B")) == 1


async def test_a_form_from_a_message_closes_and_says_one_moment_and_then_its_answer(slow: Slow) -> None:
    await slow.form()
    slow.hold()
    ack = await slow.wire.submit(values=SETTINGS)
    assert ack.answer == {}
    assert slow.wire.views["U1B"] == []
    await slow.shown()
    assert MOMENT in slow.whisper
    await slow.let()
    assert slow.wire.views["U1B"] == []
    assert "Europe/Paris" in text(slow.wire.ephemeral("U1B")[0])


async def test_mistakes_that_are_known_late_can_be_mended_in_a_new_form(slow: Slow) -> None:
    await slow.form()
    slow.hold()
    await slow.wire.submit(values=WRONG)
    await slow.shown()
    await slow.let()
    assert "This can't be taken yet" in slow.whisper
    assert "Zone: " in slow.whisper
    await slow.press("Open the form again")
    await slow.world.slack.answered()
    assert "Your settings" in slow.dialog
    await slow.wire.submit(values=SETTINGS)
    await slow.let()
    assert "Europe/Paris" in slow.whisper


async def test_mistakes_that_are_known_in_time_go_back_into_the_form(slow: Slow) -> None:
    await slow.form()
    ack = await slow.wire.submit(values=WRONG)
    assert ack.answer["response_action"] == "errors"
    assert list(ack.answer["errors"]) == ["zone"]


async def in_dialog(slow: Slow) -> None:
    """Let Ben answer a question in a dialog with a form."""
    slow.says = lambda request: Reply(private=Card("Question", (Buttons(Button("Write", Call("settings.edit"))),)))
    await slow.wire.shortcut("quiz_me")
    await slow.let()
    slow.says = None
    await slow.wire.use_in_view("Write")
    await slow.let()
    assert "Your settings" in slow.dialog


async def test_a_form_from_a_dialog_stays_open_as_one_moment_and_then_shows_the_answer(slow: Slow) -> None:
    await in_dialog(slow)
    slow.hold()
    ack = await slow.wire.submit(values=SETTINGS)
    assert ack.answer["response_action"] == "update"
    assert MOMENT in slow.dialog
    await slow.let()
    assert "Europe/Paris" in slow.dialog
    assert slow.whisper == ""


async def test_late_mistakes_in_a_dialog_can_be_mended_there(slow: Slow) -> None:
    await in_dialog(slow)
    slow.hold()
    await slow.wire.submit(values=WRONG)
    await slow.let()
    assert "This can't be taken yet" in slow.dialog
    await slow.wire.use_in_view("Open the form again")
    await slow.let()
    assert "Your settings" in slow.dialog
    await slow.wire.submit(values=SETTINGS)
    await slow.let()
    assert "Europe/Paris" in slow.dialog


async def test_an_answer_stays_where_the_acknowledgement_of_its_form_arrives_after_it(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "AGAIN", 0.3)
    await in_dialog(slow)
    slow.hold()
    told = payloads.submission(slow.wire, "U1B", slow.wire.views["U1B"][-1], SETTINGS)
    ack = await slow.wire.tell("interactive", told)
    slow._go.set()
    await slow.wire.until(lambda: "Europe/Paris" in slow.dialog)
    slow.wire._answered_view("U1B", ack.answer)
    assert MOMENT in slow.dialog
    await slow.let()
    assert "Europe/Paris" in slow.dialog


async def test_an_answer_is_not_shown_again_to_whoever_has_gone_on_in_the_dialog(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "AGAIN", 0.3)
    await in_dialog(slow)
    slow.says = lambda request: Reply(private=Card("First", (Buttons(Button("On", Call("help"))),)))
    slow.hold()
    await slow.wire.submit(values=SETTINGS)
    slow._go.set()
    await slow.wire.until(lambda: "First" in slow.dialog)
    slow.says = lambda request: Reply(private=Card("Second"))
    await slow.wire.use_in_view("On")
    await slow.let()
    assert [told["view"]["title"]["text"] for told in slow.wire.called("views.update")] == ["First", "Second"]


async def test_whoever_closes_the_dialog_meanwhile_is_answered_by_a_message(slow: Slow) -> None:
    await in_dialog(slow)
    slow.hold()
    await slow.wire.submit(values=SETTINGS)
    await slow.wire.close(cleared=True)
    await slow.let()
    [told] = slow.wire.messages("D1B")
    assert "Europe/Paris" in text(told)


async def test_whoever_closes_a_dialog_from_a_message_meanwhile_is_answered_beside_that(slow: Slow) -> None:
    await slow.settings()
    slow.hold()
    slow.says = lambda request: Reply(private=Card("Only an admin may do this"))
    await slow.press("Change")
    await slow.shown()
    await slow.wire.close()
    await slow.let()
    assert "Only an admin may do this" in slow.whisper


async def test_a_quick_form_in_a_dialog_shows_its_answer_there(slow: Slow) -> None:
    await in_dialog(slow)
    await slow.wire.submit(values=SETTINGS)
    await slow.let()
    assert "Europe/Paris" in slow.dialog


async def test_a_question_in_a_dialog_opens_as_one_moment(slow: Slow) -> None:
    slow.hold()
    await slow.wire.shortcut("quiz_me")
    await slow.shown()
    assert MOMENT in slow.dialog
    await slow.let()
    assert "A question for you" in slow.dialog


async def test_a_button_in_a_dialog_shows_one_moment_there(slow: Slow) -> None:
    slow.says = lambda request: Reply(private=Card("Question", (Buttons(Button("On", Call("help"))),)))
    await slow.wire.shortcut("quiz_me")
    await slow.let()
    slow.says = lambda request: Reply(update=Card("Verdict", (Text("Right."),)))
    slow.hold()
    await slow.wire.use_in_view("On")
    await slow.shown()
    assert MOMENT in slow.dialog
    await slow.let()
    assert "Verdict" in slow.dialog
    assert len(slow.wire.views["U1B"]) == 1


# ---- what has run out


async def test_a_form_whose_trigger_is_over_is_offered_again(slow: Slow) -> None:
    slow.world.expected.add("not said")
    await slow.settings()
    slow.hold()
    known = len(slow.wire.triggers)
    pressing = asyncio.create_task(slow.press("Change"))
    while len(slow.wire.triggers) == known:
        await asyncio.sleep(0)
    slow.wire.advance(4)
    await pressing
    await slow.let()
    assert slow.wire.views.get("U1B", []) == []
    await slow.press("Open the form again")
    await slow.let()
    assert "Your settings" in slow.dialog


async def test_a_response_url_is_used_five_times_at_most(slow: Slow) -> None:
    slow.says = lambda request: Reply(
        errors={"zone": "Nobody knows it."}, update=Card("One"), private=Card("Two"), public=Card("Three")
    )
    slow.hold()
    await slow.wire.command("/quiz help")
    await slow.shown()
    await slow.let()
    assert list(slow.uses().values()) == [5]
    assert slow.wire.called("chat.postEphemeral") == []


async def test_charts_that_slack_does_not_take_cost_no_use_that_counts(slow: Slow) -> None:
    slow.wire.workspaces["T1"].native_charts = False
    chart = Chart("bars", "Points", (Point("Mon", 1.0), Point("Tue", 2.0)))
    slow.says = lambda request: Reply(
        update=Card("One", (chart,)), private=Card("Two", (chart,)), public=Card("Three", (chart,))
    )
    slow.hold()
    await slow.wire.command("/quiz help")
    await slow.shown()
    await slow.let()
    assert max(one.uses for one in slow.wire.urls.values()) == 4
    assert "Three" in text(slow.wire.messages("C1")[-1])


async def test_what_a_response_url_takes_no_more_is_said_to_the_person_alone(slow: Slow) -> None:
    slow.says = lambda request: Reply(private=Card("Late"))
    slow.hold()
    await slow.wire.command("/quiz help")
    await slow.shown()
    slow.wire.advance(31 * 60)
    await slow.let()
    assert "Late" in slow.whisper
    assert len(slow.wire.called("chat.postEphemeral")) == 1


# ---- Slack failing


FAILURES = [Fault(500), RESET, RESET_AFTER, Fault.limit(30), Fault.error("fatal_error"), Fault(503, {"ok": False})]


@pytest.mark.parametrize("fault", FAILURES, ids=range(len(FAILURES)))
async def test_an_answer_that_slack_does_not_take_harms_nobody_else(slow: Slow, fault: Fault) -> None:
    slow.world.expected.add("not said")
    slow.wire.faults.append(("response_url", fault))
    await slow.wire.command("/quiz help", user="U1A")
    await slow.let()
    assert [one["what"] for one in slow.world.logged] == ["answer"]
    await slow.wire.command("/quiz help")
    await slow.let()
    assert slow.whisper


@pytest.mark.parametrize("fault", FAILURES, ids=range(len(FAILURES)))
async def test_a_dialog_that_slack_does_not_open_harms_nobody_else(slow: Slow, fault: Fault) -> None:
    slow.world.expected.add("not said")
    await slow.settings()
    slow.wire.faults.append(("views.open", fault))
    await slow.press("Change")
    await slow.let()
    assert [one["what"] for one in slow.world.logged] == ["answer"]
    await slow.press("Change")
    await slow.let()
    assert "Your settings" in slow.dialog


@pytest.mark.parametrize("fault", FAILURES, ids=range(len(FAILURES)))
async def test_a_moment_that_slack_does_not_take_leaves_the_answer(slow: Slow, fault: Fault) -> None:
    slow.world.expected.add("not said")
    slow.wire.faults.append(("response_url", fault))
    slow.hold()
    await slow.wire.command("/quiz leaderboard")
    await slow.wire.until(lambda: slow.wire.called("response_url"))
    await slow.let()
    assert [one["what"] for one in slow.world.logged] == ["sign"]
    assert "Nobody has scored" in slow.whisper


@pytest.mark.parametrize("fault", FAILURES, ids=range(len(FAILURES)))
async def test_a_home_that_slack_does_not_take_is_drawn_the_next_time(slow: Slow, fault: Fault) -> None:
    slow.world.expected.add("not said")
    slow.wire.faults.append(("views.publish", fault))
    assert (await slow.wire.open_home()).status == 200
    await slow.let()
    assert [one["what"] for one in slow.world.logged] == ["home"]
    await slow.wire.open_home()
    await slow.let()
    assert slow.wire.home("U1B")


async def test_somebody_slack_says_nothing_about_is_answered(slow: Slow) -> None:
    slow.wire.faults += [("users.info", Fault(500)), ("usergroups.list", RESET)]
    await slow.wire.command("/quiz leaderboard")
    await slow.let()
    assert "Nobody has scored" in slow.whisper


async def test_whoever_waits_does_not_make_others_wait(slow: Slow) -> None:
    go = asyncio.Event()
    slow.wire.faults.append(("response_url", Fault.hold(go)))
    await slow.wire.command("/quiz help", user="U1A")
    await slow.wire.command("/quiz help")
    await slow.wire.until(lambda: slow.wire.ephemeral("U1B"))
    assert slow.wire.ephemeral("U1A") == []
    go.set()
    await slow.let()
    assert slow.wire.ephemeral("U1A")


async def test_a_process_that_ends_waits_for_answers_under_way(slow: Slow) -> None:
    slow.hold()
    await slow.wire.command("/quiz leaderboard")
    stopping: asyncio.Task[Any] = asyncio.create_task(slow.world.slack.stop())
    await slow.shown()
    assert not stopping.done()
    slow._go.set()
    await stopping
    assert "Nobody has scored" in slow.whisper
    await slow.world.start()
