"""Memory of the process per 1,000 spaces, each with a daily posted and answered; nothing of a space stays in memory."""

import gc
import random
import resource
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.app import App
from bot.bank.library import load_library
from bot.features import build_router
from bot.features.opening import set_going
from bot.ports import Person, Place, Request, Scope
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Call
from tests.bench.due import Nowhere
from tests.bench.lines import Line

PACKS = Path(__file__).parents[1] / "packs"
SPACES = 1_000


async def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/memory.sqlite3"
        upgrade(url)
        store = open_store(url)
        now = datetime(2026, 11, 24, 9, tzinfo=UTC)
        app = App(store, build_router(), load_library(PACKS), clock=lambda: now, chance=lambda: random.Random(1))
        app.connect(Nowhere())
        await _spaces(app, 0, 200)
        before = resident()
        await _spaces(app, 200, 200 + SPACES)
        grown = resident() - before
        await store.close()
    return [Line(f"memory grown by {SPACES:,} spaces with an answered daily", grown / 1e6, None, "MB")]


async def _spaces(app: App, first: int, last: int) -> None:
    for number in range(first, last):
        place = Place(str(number), f"Space {number}")
        await app.run(partial(_begin, place=place))
        await app.work()
        await app.handle(
            Request("nowhere", place, place, Person("ann", "Ann"), Call.of("play.answer", number + 1, 0, "A"))
        )


def _begin(scope: Scope, place: Place) -> None:
    set_going(scope, scope.uow.people.settle("nowhere", place, "UTC", scope.now), place)


def resident() -> int:
    """Bytes of this process in memory (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
