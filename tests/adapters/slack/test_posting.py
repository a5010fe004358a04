"""Posts over a wire on which things go wrong, and what the outbox makes of that."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.slack import posting
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.grants import Grant, OneWorkspace, connecting, open_session
from bot.adapters.slack.posting import LOOKING, REPLYING, SENDING, Poster, Withdrawn
from bot.app import LEASE, App
from bot.bank.library import load_library
from bot.features import build_router
from bot.ports import Gone, Later, Person, Place, Post, Reply, Request, StoreError, Unknown
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Button, Buttons, Call, Card, Chart, Point, Text
from tests.adapters.slack.loopback import RESET, RESET_AFTER, Fault, Loopback, running

PACKS = Path(__file__).parents[2] / "packs"
CARD = Card("Daily <question>", (Text("Which?"), Buttons(Button("A", Call.of("play.answer", 1, 0, "A")))))
POST = Post("daily:1", "slack", "T1", "C1", CARD)
SEND, EDIT, HISTORY = "chat.postMessage", "chat.update", "conversations.history"


@dataclass
class Wire:
    """A poster on a small Slack. Seconds pass only where a test says so."""

    slack: Loopback
    session: aiohttp.ClientSession
    now: float = 0.0
    api: str = ""
    """Another address than Slack's."""
    poster: Poster = field(init=False)

    def __post_init__(self) -> None:
        def connect(token: str) -> Any:
            return connecting(self.session, self.api or self.slack.api)(token)

        grants = OneWorkspace(self.slack.workspaces["T1"].token, connect)
        self.poster = Poster(grants, connect, Charts(pauses=(0, 0)), clock=lambda: self.now)

    async def send(self, post: Post = POST) -> str:
        """Send, later than all before."""
        self.now += 1
        return await self.poster.send(post)

    def without(self, scope: str) -> None:
        """Take a scope away."""
        self.slack.tokens[self.slack.workspaces["T1"].token].scopes.discard(scope)

    def unreachable(self) -> None:
        """From now on nobody is at the address of Slack."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.api = f"http://127.0.0.1:{free.getsockname()[1]}/api/"


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


async def test_a_channel_gets_one_message_a_second_and_no_other_waits_for_it(wire: Wire) -> None:
    wire.slack.workspaces["T1"].channel("C9", "other")
    await wire.poster.send(POST)
    wire.now = 0.75
    with pytest.raises(Later) as later:
        await wire.poster.send(replace(POST, key="daily:2"))
    assert later.value.seconds == 0.25
    await wire.poster.send(replace(POST, key="daily:3", channel="C9"))
    await wire.poster.send(replace(POST, key="daily:4", person="U1B"))
    wire.now = 1.0
    await wire.poster.send(replace(POST, key="daily:2"))
    assert len(wire.slack.called(SEND)) == 4


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


def test_an_attempt_ends_before_its_lease_does() -> None:
    assert LEASE.total_seconds() > LOOKING + SENDING + REPLYING


async def test_where_nobody_answers_at_all_nothing_was_sent(wire: Wire) -> None:
    await wire.send()
    wire.unreachable()
    for act in (wire.poster.edit(replace(POST, receipt="C1/1.1")), wire.poster.find(POST), wire.send()):
        with pytest.raises(Later) as later:
            await act
        assert later.value.seconds == 10


@pytest.mark.parametrize("status", [200, 429])
async def test_a_pause_slack_wants_is_told_with_its_seconds(wire: Wire, status: int) -> None:
    wire.slack.faults = [(SEND, replace(Fault.limit(90), status=status))]
    with pytest.raises(Later) as later:
        await wire.send()
    assert later.value.seconds == 90
    wire.slack.faults = [(SEND, Fault(status, {"ok": False, "error": "ratelimited"}))]
    with pytest.raises(Later) as later:
        await wire.send()
    assert later.value.seconds == 30


@pytest.mark.parametrize(
    "error", ["token_expired", "service_unavailable", "request_timeout", "team_added_to_org", "org_login_required"]
)
async def test_what_passes_by_itself_is_waited_for(wire: Wire, error: str) -> None:
    wire.slack.faults = [(SEND, Fault.error(error))]
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
        ("invalid_auth", "Slack has withdrawn my access to this workspace. Install me again"),
        ("not_authed", "Install me again"),
        ("msg_too_long", r"does not take the message \(msg_too_long\)"),
    ],
)
async def test_what_keeps_us_from_a_channel_is_said_with_its_mend(wire: Wire, error: str, said: str) -> None:
    wire.slack.faults = [(SEND, Fault.error(error))]
    with pytest.raises(Gone, match=said) as gone:
        await wire.send()
    assert not isinstance(gone.value, Withdrawn)


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


# ---- editing


async def test_a_message_is_edited_and_keeps_its_key(wire: Wire) -> None:
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


async def test_too_many_edits_are_put_off(wire: Wire) -> None:
    sent = replace(POST, receipt=await wire.send())
    wire.slack.faults = [(EDIT, Fault.limit(12))]
    with pytest.raises(Later) as later:
        await wire.poster.edit(sent)
    assert later.value.seconds == 12


# ---- finding


async def test_a_lost_message_is_found_by_its_key(wire: Wire) -> None:
    wire.slack.faults = [(SEND, RESET_AFTER)]
    with pytest.raises(Unknown):
        await wire.send()
    await wire.send(replace(POST, key="daily:2"))
    lost = wire.slack.messages("C1")[0]
    assert await wire.poster.find(POST) == f"C1/{lost['ts']}"
    assert await wire.poster.find(replace(POST, key="daily:3")) is None


async def test_a_lost_direct_message_is_found(wire: Wire) -> None:
    post = replace(POST, person="U1B")
    assert await wire.poster.find(post) is None
    assert await wire.poster.find(replace(post, receipt=await wire.send(post))) is not None


async def test_the_key_in_a_message_of_somebody_else_proves_nothing(wire: Wire) -> None:
    await wire.send()
    wire.slack.messages("C1")[0] |= {"user": "U1B", "bot_id": "B9"}
    assert await wire.poster.find(POST) is None


async def test_a_message_pages_back_is_found_and_further_than_that_nothing_is_known(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAGE", 2)
    receipt = await wire.send()
    for number in range(2, 7):
        await wire.send(replace(POST, key=f"daily:{number}"))
    assert await wire.poster.find(POST) == receipt
    assert await wire.poster.find(replace(POST, key="lost")) is None
    await wire.send(replace(POST, key="daily:7"))
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


async def test_messages_older_than_a_day_are_not_looked_at(wire: Wire) -> None:
    wire.slack.advance(-posting.BACK - 60)
    await wire.send()
    assert await wire.poster.find(POST) is None


@pytest.mark.parametrize("scope", ["channels:history", "im:history", "im:write"])
async def test_where_the_history_may_not_be_read_the_outcome_stays_unknown(wire: Wire, scope: str) -> None:
    wire.without(scope)
    with pytest.raises(Unknown):
        await wire.poster.find(replace(POST, person="" if scope.startswith("channels") else "U1B"))


@pytest.mark.parametrize("fault", [RESET, Fault(502), Fault(200, {"ok": True}), Fault.error("not_in_channel")])
async def test_a_look_that_fails_tells_nothing(wire: Wire, fault: Fault) -> None:
    wire.slack.faults = [(HISTORY, fault)] * 2  # aiohttp itself asks again where only an old connection broke
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


async def test_a_pause_before_the_first_page_is_honoured_and_before_a_later_one_looking_ends(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAGE", 1)
    for number in range(2):
        await wire.send(replace(POST, key=f"other:{number}"))
    wire.slack.faults = [(HISTORY, Fault.limit(60))]
    with pytest.raises(Later) as later:
        await wire.poster.find(POST)
    assert later.value.seconds == 60
    one = {"ok": True, "messages": [], "has_more": True, "response_metadata": {"next_cursor": "next"}}
    wire.slack.faults = [(HISTORY, Fault(200, one)), (HISTORY, Fault.limit(60))]
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


# ---- threads


async def test_a_post_that_wants_a_thread_begins_one_with_its_name(wire: Wire) -> None:
    receipt = await wire.send(replace(POST, thread="Discussion <of> *this*"))
    message, reply = wire.slack.messages("C1")
    assert receipt == f"C1/{message['ts']}"
    assert (reply["thread_ts"], reply["text"]) == (message["ts"], "Discussion &lt;of&gt; *this*")
    assert wire.slack.called(SEND)[1]["mrkdwn"] is False


@pytest.mark.parametrize("fault", [Fault.error("restricted_action_non_threadable_channel"), RESET, Fault(503)])
async def test_a_thread_that_cannot_be_is_no_trouble_of_the_post(wire: Wire, fault: Fault) -> None:
    go = asyncio.Event()
    go.set()
    wire.slack.faults = [(SEND, Fault.hold(go)), (SEND, fault)]
    receipt = await wire.send(replace(POST, thread="Discussion"))
    assert [f"C1/{one['ts']}" for one in wire.slack.messages("C1")] == [receipt]
    assert wire.slack.faults == []


async def test_a_post_that_was_lost_and_found_gets_its_thread_once(wire: Wire) -> None:
    receipt = await wire.send()
    wanted = replace(POST, thread="Discussion")
    assert await wire.poster.find(wanted) == receipt
    assert [one["text"] for one in wire.slack.messages("C1")[1:]] == ["Discussion"]
    wire.slack.messages("C1")[0]["reply_count"] = 1
    assert await wire.poster.find(wanted) == receipt
    assert len(wire.slack.messages("C1")) == 2


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
        self.wire.now = self.now.timestamp()
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
    world.slack.faults = [(SEND, RESET)]
    await world.later(hours=1)
    await world.later(minutes=5)
    assert world.dailies() == ["daily:1", "daily:1"]
    assert len(world.slack.messages("C1")) == 1


async def test_an_archived_channel_pauses_its_schedule_and_tells_who_set_it_once(world: World) -> None:
    world.slack.workspaces["T1"].channels["C1"].archived = True
    await world.later(hours=1)
    await world.later(days=2)
    assert world.dailies() == ["daily:1", "paused:daily:1"]
    [told] = world.slack.messages("D1A")
    assert "Unarchive it" in str(told["blocks"])
    assert "Unarchive it" in await world.status()


async def test_a_revoked_token_pauses_the_schedule_and_says_why(world: World) -> None:
    await world.later(minutes=1)
    world.slack.revoke(world.slack.workspaces["T1"].token, "token_revoked")
    await world.later(hours=1)
    await world.later(days=2)
    assert world.dailies() == []
    assert "Slack has withdrawn my access to this workspace. Install me again." in await world.status()
