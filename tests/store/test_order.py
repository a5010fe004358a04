"""The order in which an application does what is due, on a store that does things side by side."""

import threading

from bot.app import App
from bot.bank.library import load_library
from bot.ports import Scope
from bot.routing import Router
from bot.store.engine import open_store
from tests.features.conftest import PACKS
from tests.store.world import NOW, later

SOON = 0.5
"""Seconds within which what may run side by side has begun."""


async def test_work_due_earlier_or_of_an_earlier_kind_is_done_before_the_rest_begins(postgres_url: str) -> None:
    """Sunday's close and Monday's look back are due at the same instant, and the one counts for the other."""
    done: list[str] = []
    other = threading.Event()

    def close(scope: Scope, key: str) -> None:
        other.wait(SOON)
        done.append(f"close {key}")

    def open_(scope: Scope, key: str) -> None:
        other.set()
        done.append(f"open {key}")

    router = Router()
    router.due(name="daily.close")(close)
    router.due(name="daily.open")(open_)
    store = open_store(postgres_url)
    app = App(store, router, load_library(PACKS), clock=lambda: NOW)
    for kind, key, at in (("open", "b", NOW), ("close", "a", NOW), ("close", "first", later(seconds=-1))):
        await app.run(lambda scope, kind=kind, key=key, at=at: scope.uow.due.put(f"daily.{kind}", key, at))  # type: ignore[misc]
    await app.work()
    await store.close()
    assert done == ["close first", "close a", "open b"]
