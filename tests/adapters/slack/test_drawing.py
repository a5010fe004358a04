"""Charts in workspaces that draw them, that only show pictures, and that show nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.drawing import DAY, FRESH, PAUSES, Charts
from bot.adapters.slack.grants import connecting, open_session
from bot.adapters.slack.render import Message
from bot.ui import Card, Chart, Point, Text
from tests.adapters.slack.loopback import Fault, Loopback, running

CHART = Chart("bars", "Answers", (Point("A", 3, "right"), Point("B", 1)))
OTHER = Chart("bars", "Points", (Point("Ann", 7), Point("Bo", 5)))
CARD = Card("Yesterday", (Text("The answer was A."), CHART))


class Bench:
    """Says cards in `#study`, as whoever has a card to say does."""

    def __init__(self, slack: Loopback, connect: Any) -> None:
        self.slack = slack
        self.now = 0.0
        self.charts = Charts(pauses=(0, 0, 0), patience=10, clock=lambda: self.now)
        self.client: AsyncWebClient = connect(slack.workspaces["T1"].token)
        self.attempts = 0

    async def say(self, message: Message, channel: str = "C1") -> str:
        self.attempts += 1
        said = await self.client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks)
        return str(said["ts"])

    async def shown(self, card: Card = CARD, about: str = "") -> list[str]:
        """The types of the blocks that stand in the channel once a card was said."""
        ts = await self.charts.shown(self.client, "T1", card, about, self.say)
        message = self.slack.messages("C1")[-1]
        assert message["ts"] == ts
        return [block["type"] for block in message["blocks"]]

    def pictures(self) -> list[str]:
        """The files that are in the newest message."""
        return [block["slack_file"]["id"] for block in self.slack.messages("C1")[-1]["blocks"] if "slack_file" in block]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running() as slack, open_session() as session:
        slack.workspace()
        yield Bench(slack, connecting(session, slack.api))


@pytest.fixture
def drawless(bench: Bench) -> Bench:
    """In a workspace that knows no native charts."""
    bench.slack.workspaces["T1"].native_charts = False
    return bench


async def test_a_workspace_that_draws_charts_gets_no_pictures(bench: Bench) -> None:
    assert "data_visualization" in await bench.shown()
    assert (bench.attempts, bench.slack.files) == (1, {})


async def test_where_slack_draws_none_a_chart_is_uploaded_as_a_picture_with_a_description(drawless: Bench) -> None:
    kinds = await drawless.shown()
    assert "image" in kinds
    assert "data_visualization" not in kinds
    [file] = drawless.slack.files.values()
    assert drawless.pictures() == [file.id]
    assert file.data.startswith(b"\x89PNG")
    assert file.title == CHART.title
    [asked] = drawless.slack.called("files.getUploadURLExternal")
    assert asked["alt_txt"] == CHART.alt
    [completed] = drawless.slack.called("files.completeUploadExternal")
    assert "channel_id" not in completed


async def test_a_description_is_no_longer_than_slack_takes(drawless: Bench) -> None:
    points = tuple(Point(f"Point {number}", number, "a long note " * 4) for number in range(20))
    await drawless.shown()
    await drawless.shown(Card("Long", (Chart("bars", "Long", points),)))
    [_, asked] = drawless.slack.called("files.getUploadURLExternal")
    assert len(asked["alt_txt"]) == 1000


async def test_a_workspace_that_draws_none_is_asked_again_after_a_day(drawless: Bench) -> None:
    await drawless.shown()
    assert drawless.attempts == 2
    drawless.now = DAY - 1
    await drawless.shown()
    assert drawless.attempts == 3
    drawless.slack.workspaces["T1"].native_charts = True
    drawless.now = DAY
    assert "data_visualization" in await drawless.shown()
    assert drawless.attempts == 4


async def test_a_picture_that_is_still_processed_is_waited_for(drawless: Bench) -> None:
    drawless.slack.slow_files = 2
    assert "image" in await drawless.shown()
    assert drawless.attempts == 4
    assert len(drawless.slack.messages("C1")) == 1


async def test_a_picture_that_is_never_ready_becomes_words(drawless: Bench) -> None:
    drawless.slack.slow_files = 99
    assert "image" not in await drawless.shown()
    assert "Answers" in str(drawless.slack.messages("C1")[-1]["blocks"])
    assert drawless.attempts == 6


async def test_four_attempts_are_made_at_most_since_a_response_url_takes_five_answers(drawless: Bench) -> None:
    drawless.charts = Charts(pauses=[0.0 for _ in PAUSES])
    drawless.slack.slow_files = 99
    await drawless.shown()
    assert drawless.attempts == 4


async def test_without_the_right_to_upload_charts_are_words_at_once(drawless: Bench) -> None:
    drawless.slack.tokens[drawless.client.token or ""].scopes.discard("files:write")
    assert "image" not in await drawless.shown()
    assert (drawless.attempts, drawless.slack.files) == (2, {})


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", [Fault(), Fault(503), Fault(200), Fault.limit(30)])
async def test_an_upload_that_fails_leaves_words(drawless: Bench, method: str, fault: Fault) -> None:
    drawless.slack.faults = [(method, fault)]
    await drawless.shown()
    assert drawless.slack.faults == []
    assert drawless.pictures() == []


async def test_an_upload_that_hangs_does_not_hold_the_message_up(drawless: Bench) -> None:
    for_ever = asyncio.Event()
    drawless.charts = Charts(pauses=(), patience=0.05)
    drawless.slack.faults = [("files.getUploadURLExternal", Fault.hold(for_ever))]
    assert "image" not in await drawless.shown()
    for_ever.set()


async def test_of_two_charts_the_one_that_was_uploaded_is_shown(drawless: Bench) -> None:
    drawless.slack.faults = [("files.getUploadURLExternal", Fault.error("internal_error"))]
    kinds = await drawless.shown(Card("Both", (CHART, OTHER)))
    assert kinds.count("image") == 1
    assert len(drawless.pictures()) == 1


async def test_the_same_chart_is_uploaded_once_a_minute(drawless: Bench) -> None:
    await asyncio.gather(*(drawless.charts.shown(drawless.client, "T1", CARD, "", drawless.say) for _ in range(3)))
    drawless.now = FRESH - 1
    await drawless.shown(Card("Another card with the same chart", (CHART,)))
    assert len(drawless.slack.files) == 1
    drawless.now = FRESH
    await drawless.shown()
    assert len(drawless.slack.files) == 2


async def test_an_upload_that_failed_is_not_tried_again_within_the_minute(drawless: Bench) -> None:
    drawless.slack.faults = [("files.getUploadURLExternal", Fault.error("internal_error"))]
    await drawless.shown()
    await drawless.shown()
    assert drawless.slack.files == {}
    drawless.now = FRESH
    await drawless.shown()
    assert len(drawless.pictures()) == 1


async def test_workspaces_share_no_pictures_and_no_memory(drawless: Bench) -> None:
    await drawless.shown()
    other = drawless.slack.workspace("T2", "Other")
    other.native_charts = False
    drawless.client = AsyncWebClient(
        other.token, drawless.slack.api, session=drawless.client.session, retry_handlers=[]
    )
    await drawless.charts.shown(drawless.client, "T2", CARD, "", lambda message: drawless.say(message, "C2"))
    assert [file.team for file in drawless.slack.files.values()] == ["T1", "T2"]
    assert drawless.attempts == 4


async def test_who_gives_up_waiting_does_not_stop_the_upload_for_others(drawless: Bench) -> None:
    go = asyncio.Event()
    drawless.slack.faults = [("files.getUploadURLExternal", Fault.hold(go))]
    first = asyncio.create_task(drawless.shown())
    await drawless.slack.until(lambda: drawless.slack.called("files.getUploadURLExternal"))
    second = asyncio.create_task(drawless.shown())
    await drawless.slack.until(lambda: len(drawless.slack.called("chat.postMessage")) == 2)
    first.cancel()
    go.set()
    assert "image" in await second
    assert len(drawless.slack.files) == 1


async def test_a_refusal_that_is_not_about_blocks_is_passed_on_at_once(bench: Bench) -> None:
    bench.slack.faults = [("chat.postMessage", Fault.error("channel_not_found"))]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await bench.shown()
    assert (bench.attempts, bench.slack.files) == (1, {})


async def test_a_card_without_charts_whose_blocks_are_refused_is_said_once(bench: Bench) -> None:
    bench.slack.faults = [("chat.postMessage", Fault.error("invalid_blocks"))]
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await bench.shown(Card("No charts"))
    assert bench.attempts == 1


async def test_a_card_that_is_refused_in_words_too_says_nothing_about_the_workspace(bench: Bench) -> None:
    bench.slack.faults = [("chat.postMessage", Fault.error("invalid_blocks"))] * 6
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await bench.shown()
    assert bench.slack.faults == []
    assert "data_visualization" in await bench.shown()


async def test_what_breaks_on_the_way_is_passed_on_and_not_said_again(bench: Bench) -> None:
    bench.slack.faults = [("chat.postMessage", Fault(after=True))]
    with pytest.raises(aiohttp.ClientError):
        await bench.shown()
    assert (bench.attempts, len(bench.slack.messages("C1"))) == (1, 1)
