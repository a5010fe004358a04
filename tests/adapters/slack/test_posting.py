"""Posts over a wire on which things go wrong, and what the outbox makes of that."""

import asyncio
import random
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack import posting
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.grants import Grant, connecting, open_session
from bot.adapters.slack.posting import ENTERING, LOOKING, REPLYING, SENDING, Poster, Withdrawn
from bot.app import App
from bot.bank.library import load_library
from bot.delivery import LEASE, SPARE
from bot.features import build_router
from bot.ports import Gone, Later, Person, Place, Reply, Request, StoreError, Unknown
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Call, Card, Chart, Point
from tests.adapters.slack.loopback import RESET, RESET_AFTER, Fault, running
from tests.adapters.slack.posted import EDIT, HISTORY, POST, SEND, Wire

PACKS = Path(__file__).parents[2] / "packs"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with running() as slack, open_session() as session:
        slack.workspace()
        yield Wire(slack, session)


# ---- sending


async def test_a_post_is_sent_with_its_key_and_nothing_unfolds(wire: Wire) -> None:
    receipt = await wire.send()
    [message] = wire.slack.messages("C1")
    assert receipt == f"C1/{message['ts']}"
    assert message["text"] == "Daily &lt;question&gt;"
    assert message["metadata"] == {"event_type": "quizbot_post", "event_payload": {"key": "daily:1"}}
    [sent] = wire.slack.called(SEND)
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


async def test_a_direct_message_says_in_its_buttons_what_it_is_about(wire: Wire) -> None:
    receipt = await wire.send(replace(POST, person="U1B"))
    [message] = wire.slack.messages("D1B")
    assert receipt == f"D1B/{message['ts']}"
    assert "play.answer:1:0:A%@C1" in str(message["blocks"])
    await wire.send()
    assert "%@" not in str(wire.slack.messages("C1"))


async def test_a_chart_goes_the_way_the_workspace_takes_it(wire: Wire) -> None:
    wire.slack.workspaces["T1"].native_charts = False
    card = Card("Closed", (Chart("bars", "Answers", (Point("A", 3),)),))
    sent = replace(POST, receipt=await wire.send(), card=card)
    await wire.poster.edit(sent)
    [message] = wire.slack.messages("C1")
    assert "slack_file" in str(message["blocks"])


# ---- what goes wrong


@pytest.mark.parametrize("fault", [RESET, RESET_AFTER, *map(Fault, (200, 400, 500, 502, 503, 504))])
async def test_after_a_broken_wire_or_server_the_outcome_is_unknown_and_not_tried_again(
    wire: Wire, fault: Fault
) -> None:
    wire.slack.faults = [(SEND, fault)]
    with pytest.raises(Unknown):
        await wire.send()
    assert len(wire.slack.called(SEND)) == 1


@pytest.mark.parametrize("error", ["fatal_error", "internal_error"])
@pytest.mark.parametrize("status", [200, 500])
async def test_where_slack_may_have_done_part_of_the_work_the_outcome_is_unknown(
    wire: Wire, error: str, status: int
) -> None:
    wire.slack.faults = [(SEND, Fault(status, {"ok": False, "error": error}))]
    with pytest.raises(Unknown, match=error):
        await wire.send()


async def test_an_answer_that_does_not_come_in_time_is_an_unknown_outcome(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SENDING", 0.05)
    go = asyncio.Event()
    wire.slack.faults = [(SEND, Fault.hold(go))]
    with pytest.raises(Unknown, match="TimeoutError"):
        await wire.send()
    go.set()


def test_looking_and_sending_end_before_the_application_ends_the_attempt() -> None:
    assert (LEASE - SPARE).total_seconds() > 2 * ENTERING + LOOKING + SENDING + REPLYING


async def test_where_nobody_answers_at_all_nothing_was_sent(wire: Wire) -> None:
    await wire.send()
    wire.unreachable()
    for act in (wire.poster.edit(replace(POST, receipt="C1/1.1")), wire.poster.find(POST), wire.send()):
        with pytest.raises(Later) as later:
            await act
        assert later.value.seconds == 10


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize(
    "error", ["token_expired", "service_unavailable", "request_timeout", "team_added_to_org", "org_login_required"]
)
async def test_what_passes_by_itself_is_waited_for(wire: Wire, error: str, status: int) -> None:
    wire.slack.faults = [(SEND, Fault(status, {"ok": False, "error": error}))]
    with pytest.raises(Later):
        await wire.send()
    assert wire.slack.messages("C1") == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("channel_not_found", "I can't see the channel"),
        ("not_in_channel", "/invite @Quizbot"),
        ("is_archived", "Unarchive it"),
        ("restricted_action", "Ask an admin"),
        ("restricted_action_read_only_channel", "Ask an admin"),
        ("msg_too_long", r"does not take the message \(msg_too_long\)"),
    ],
)
async def test_what_keeps_us_from_a_channel_is_said_with_its_mend(wire: Wire, error: str, said: str) -> None:
    wire.slack.faults = [(SEND, Fault.error(error))]
    with pytest.raises(Gone, match=said) as gone:
        await wire.send()
    assert not isinstance(gone.value, Withdrawn)


@pytest.mark.parametrize("error", ["invalid_auth", "not_authed", "accesslimited", "of_the_future"])
async def test_what_nobody_here_can_mend_may_pass_and_is_logged(
    wire: Wire, logged: list[MutableMapping[str, Any]], error: str
) -> None:
    sent = replace(POST, receipt=await wire.send(), card=Card("Closed"))
    wire.slack.faults = [(SEND, Fault.error(error)), (EDIT, Fault.error(error))]
    for act in (wire.send(), wire.poster.edit(sent)):
        with pytest.raises(Later) as later:
            await act
        assert later.value.seconds == 300
    assert [one["error"] for one in logged] == [error] * 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("channel_not_found", "I can't reach this person"),
        ("user_not_found", "I can't reach this person"),
        ("cannot_dm_bot", "apps get no direct messages"),
        ("messages_tab_disabled", "switch on the Messages tab"),
    ],
)
async def test_a_person_who_cannot_be_written_to_is_gone(wire: Wire, error: str, said: str) -> None:
    wire.slack.faults = [(SEND, Fault.error(error))]
    with pytest.raises(Gone, match=said):
        await wire.send(replace(POST, person="U1B"))


async def test_a_scope_that_is_missing_is_named(wire: Wire) -> None:
    wire.without("chat:write")
    with pytest.raises(Gone, match="chat:write"):
        await wire.send()


@pytest.mark.parametrize("trouble", ["token_revoked", "account_inactive"])
async def test_a_token_that_was_withdrawn_says_so(wire: Wire, trouble: str) -> None:
    await wire.send()
    wire.slack.revoke(wire.slack.workspaces["T1"].token, trouble)
    with pytest.raises(Withdrawn, match="Install me again"):
        await wire.send()


async def test_a_workspace_that_was_never_entered_is_gone(wire: Wire) -> None:
    with pytest.raises(Gone, match="Install me again"):
        await wire.send(replace(POST, space="T9"))
    assert wire.slack.called(SEND) == []


@pytest.mark.parametrize("trouble", [StoreError("The database is away."), ConnectionError("Slack cannot be reached.")])
async def test_where_the_token_cannot_be_had_now_nothing_was_sent(wire: Wire, trouble: Exception) -> None:
    class Away:
        async def of(self, team: str, enterprise: str = "") -> Grant | None:
            raise trouble

        async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
            return []

    with pytest.raises(Later):
        await Poster(Away(), connecting(wire.session, wire.slack.api), Charts()).send(POST)
    assert wire.slack.called(SEND) == []


async def test_where_the_token_does_not_come_in_time_nothing_was_sent(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "ENTERING", 0.05)
    go = asyncio.Event()
    wire.slack.faults = [("auth.test", Fault.hold(go))]
    with pytest.raises(Later):
        await wire.send()
    assert wire.slack.called(SEND) == []
    go.set()
    await wire.slack.until(lambda: wire.slack.faults == [])


# ---- editing


async def test_a_message_is_edited_and_keeps_its_key(wire: Wire) -> None:
    wire.with_history()
    sent = replace(POST, receipt=await wire.send(), card=Card("Closed"))
    await wire.poster.edit(sent)
    [message] = wire.slack.messages("C1")
    assert message["text"] == "Closed"
    assert await wire.poster.find(POST) == sent.receipt


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed", "message_not_found"])
async def test_a_message_that_may_not_be_edited_any_more_is_left_alone(wire: Wire, error: str) -> None:
    sent = replace(POST, receipt=await wire.send(), card=Card("Closed"))
    wire.slack.faults = [(EDIT, Fault.error(error))]
    await wire.poster.edit(sent)
    assert wire.slack.faults == []


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long"])
async def test_a_message_stays_as_it_is_where_slack_does_not_take_its_new_card(
    wire: Wire, logged: list[MutableMapping[str, Any]], error: str
) -> None:
    sent = replace(POST, receipt=await wire.send(), card=Card("Closed"))
    wire.slack.faults = [(EDIT, Fault.error(error))]
    await wire.poster.edit(sent)
    assert wire.slack.messages("C1")[0]["text"] == "Daily &lt;question&gt;"
    assert [one["error"] for one in logged] == [error]


# ---- what the outbox makes of it


class World:
    """The application on a small Slack, with a daily in `#study` that is due within the hour."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        url = f"sqlite:///{folder}/quiz.sqlite3"
        upgrade(url)
        self.slack = wire.slack
        self.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
        self.store = open_store(url)
        self.app = App(
            self.store,
            build_router(),
            load_library(PACKS),
            clock=lambda: self.now,
            chance=lambda: random.Random(self.now.timestamp()),
        )
        self.app.connect(wire.poster)
        self.wire = wire

    async def ask(self, what: str | Call, **values: str) -> Reply:
        """What Ada, the admin, is answered."""
        given = {name: (value,) for name, value in values.items()}
        person = Person("U1A", "Ada", admin=True)
        return await self.app.handle(Request("slack", Place("T1", "Acme"), Place("C1", "study"), person, what, given))

    async def later(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        self.wire.now = self.slack.now = self.now.timestamp()
        await self.app.work()

    def dailies(self) -> list[str]:
        return [call["metadata"]["event_payload"]["key"] for call in self.slack.called(SEND) if "metadata" in call]

    async def status(self) -> str:
        return str(await self.ask("/quiz admin daily status"))


@pytest.fixture
async def world(wire: Wire, tmp_path: Path) -> AsyncIterator[World]:
    made = World(wire, tmp_path)
    await made.ask("/quiz admin daily schedule 09:00 UTC topics=storage")
    yield made
    await made.store.close()


async def test_an_unknown_outcome_that_cannot_be_looked_up_is_given_up_and_said(world: World) -> None:
    world.wire.without("channels:history")
    world.slack.faults = [(SEND, RESET_AFTER)]
    await world.later(hours=1)
    await world.later(minutes=5)
    await world.later(seconds=1)
    assert world.dailies() == ["daily:1"]
    assert "Missed 23 November: it could not be told whether it was sent" in await world.status()


async def test_a_space_may_prefer_twice_to_missed(world: World) -> None:
    form = (await world.ask(Call("settings.edit_space"))).form
    assert form
    await world.ask(form.call, zone="UTC", resend="at-least-once")
    world.wire.without("channels:history")
    world.slack.faults = [(SEND, RESET_AFTER)]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert world.dailies() == ["daily:1", "daily:1"]
    assert len(world.slack.messages("C1")) == 2


async def test_where_the_workspace_gives_its_history_a_lost_daily_is_found_and_goes_on(world: World) -> None:
    world.wire.with_history()
    world.slack.faults = [(SEND, RESET_AFTER)]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert world.dailies() == ["daily:1"]
    asked = world.slack.messages("C1")[0]["text"]
    await world.later(hours=24)
    assert world.slack.called(EDIT)[-1]["ts"] == world.slack.messages("C1")[0]["ts"]
    assert world.slack.messages("C1")[0]["text"] != asked
    assert "Missed" not in await world.status()


async def test_a_daily_that_did_not_arrive_after_all_is_sent_again(world: World) -> None:
    world.wire.with_history()
    world.slack.faults = [(SEND, RESET)]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert world.dailies() == ["daily:1", "daily:1"]
    assert len(world.slack.messages("C1")) == 1


@pytest.mark.parametrize("fault", [Fault(503), RESET, RESET_AFTER], ids=["503", "reset", "lost"])
async def test_an_outage_at_nine_posts_the_daily_once_and_the_schedule_goes_on(world: World, fault: Fault) -> None:
    world.wire.with_history()
    world.slack.faults = [(SEND, fault)] + [(HISTORY, fault)] * 99
    await world.later(hours=1)
    for _ in range(30):
        await world.later(seconds=1)
    world.slack.faults.clear()
    await world.later(seconds=10)
    assert len(world.slack.messages("C1")) == 1
    assert "Missed" not in await world.status()
    await world.later(days=1)
    assert len(world.slack.messages("C1")) == 2


async def test_an_archived_channel_pauses_its_schedule_and_tells_who_set_it_once(world: World) -> None:
    world.slack.workspaces["T1"].channels["C1"].archived = True
    await world.later(hours=1)
    await world.later(days=2)
    assert world.dailies() == ["daily:1", "paused:daily:1"]
    [told] = world.slack.messages("D1A")
    assert "Unarchive it" in str(told["blocks"])
    assert "Unarchive it" in await world.status()


@pytest.mark.parametrize("error", ["invalid_blocks", "accesslimited", "invalid_auth"])
async def test_an_odd_answer_to_a_redraw_pauses_nothing(world: World, error: str) -> None:
    await world.later(hours=1)
    await world.ask(Call.of("play.answer", 1, 0, "A"))
    world.slack.faults = [(EDIT, Fault.error(error))]
    await world.later(seconds=10)
    assert world.slack.faults == []
    await world.later(days=1)
    assert world.dailies() == ["daily:1", "daily:2"]
    assert "paused" not in await world.status()


async def test_slack_away_for_a_minute_costs_no_daily(world: World) -> None:
    world.slack.faults = [(SEND, Fault(503, {"ok": False, "error": "service_unavailable"}))]
    await world.later(hours=1)
    await world.later(minutes=1)
    assert len(world.slack.messages("C1")) == 1
    assert "Missed" not in await world.status()


async def test_a_revoked_token_pauses_the_schedule_and_says_why(world: World) -> None:
    await world.later(minutes=1)
    world.slack.revoke(world.slack.workspaces["T1"].token, "token_revoked")
    await world.later(hours=1)
    await world.later(days=2)
    assert world.dailies() == []
    assert "Slack has withdrawn my access to this workspace. Install me again." in await world.status()
