"""Charts on Slack: drawn by Slack itself where a workspace takes that, else as uploaded pictures, else in words."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import charts
from bot.adapters.slack import render
from bot.adapters.slack.refusals import error_of
from bot.ports import T
from bot.ui import Card, Chart, clip

log = structlog.get_logger()

DAY = 86_400.0
"""Seconds for which a workspace counts as one that draws no charts: it refused a card that it then took without."""
FRESH = 60.0
"""Seconds for which a picture is used again, or not tried again."""
KEPT = 256
PAUSES = (1.5,)
"""Seconds between attempts at a message whose pictures Slack is still processing. With the attempts before and after
that makes four in all: a response URL takes five answers, and refused ones may count."""
PATIENCE = 10.0
"""Seconds after which a picture is given up."""
ALT_TEXT = 1000
"""The most characters that describe a picture (`alt_txt_too_large` of files.getUploadURLExternal)."""
MALFORMED = frozenset({"invalid_blocks", "invalid_blocks_format"})
"""How Slack refuses a block it does not know, and a picture it does not have yet."""

Draw = Callable[[Sequence[render.Picture] | None], Awaitable[T]]
"""Says a card with its charts shown as told; all drawn by Slack for None."""


class Charts:
    """Remembers, for as long as the process runs, which workspaces draw charts and what was uploaded just now."""

    def __init__(
        self,
        pauses: Sequence[float] = PAUSES,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pauses = pauses
        self._patience = patience
        self._clock = clock
        self._drawless: dict[str, float] = {}
        """Until when a workspace is not asked to draw."""
        self._files: dict[tuple[str, Chart], tuple[float, asyncio.Task[str]]] = {}

    async def shown(
        self,
        client: AsyncWebClient,
        team: str,
        card: Card,
        about: str,
        say: Callable[[render.Message], Awaitable[T]],
    ) -> T:
        """What `say` returns for the best form of `card` that Slack takes.

        `say` raises `SlackApiError` where Slack refuses; it is called again only after a refusal of the blocks of a
        card that has charts. Every other refusal, and that of a card in words, is raised. A workspace that takes a
        card only without its charts is asked to draw none for a day.
        """
        wanted = [element for element in card.body if isinstance(element, Chart)]

        async def draw(pictures: Sequence[render.Picture] | None) -> T:
            return await say(render.message(card, pictures, about))

        if wanted and self._clock() < self._drawless.get(team, 0.0):
            return await self._undrawn(client, team, wanted, draw)
        try:
            return await draw(None)
        except SlackApiError as refusal:
            if not wanted or not _malformed(refusal):
                raise
        said = await self._undrawn(client, team, wanted, draw)
        self._drawless[team] = self._clock() + DAY
        return said

    async def _undrawn(self, client: AsyncWebClient, team: str, wanted: Sequence[Chart], draw: Draw[T]) -> T:
        """The card with pictures of its charts; in words where there are none, or Slack does not take them."""
        files = await asyncio.gather(*(self._file(client, team, chart) for chart in wanted))
        if any(files):
            try:
                return await self._patiently(draw, [file or "words" for file in files])
            except SlackApiError as refusal:
                if not _malformed(refusal):
                    raise
        return await draw(["words"] * len(wanted))

    async def _patiently(self, draw: Draw[T], pictures: Sequence[render.Picture]) -> T:
        """Draw, again after each pause while Slack has not processed the pictures."""
        for pause in self._pauses:
            try:
                return await draw(pictures)
            except SlackApiError as refusal:
                if not _malformed(refusal):
                    raise
            await asyncio.sleep(pause)
        return await draw(pictures)

    async def _file(self, client: AsyncWebClient, team: str, chart: Chart) -> str:
        """The id of a picture of `chart`, uploaded at most once a minute; empty if there is none."""
        now = self._clock()
        for key in [key for key, (until, _) in self._files.items() if until <= now]:
            del self._files[key]
        if (team, chart) not in self._files:
            self._files[team, chart] = now + FRESH, asyncio.create_task(self._upload(client, chart))
        _, upload = self._files[team, chart]
        while len(self._files) > KEPT:
            del self._files[next(iter(self._files))]
        return await asyncio.shield(upload)

    async def _upload(self, client: AsyncWebClient, chart: Chart) -> str:
        try:
            async with asyncio.timeout(self._patience):
                picture = await asyncio.to_thread(charts.png, chart)
                stored = await client.files_upload_v2(
                    content=picture, filename="chart.png", title=chart.title, alt_txt=clip(chart.alt, ALT_TEXT)
                )
                return str(stored["file"]["id"])
        except Exception as trouble:  # whatever is wrong with a picture, there are words
            log.warning("no picture", chart=chart.title, trouble=repr(trouble))
            return ""


def _malformed(refusal: SlackApiError) -> bool:
    return error_of(refusal) in MALFORMED
