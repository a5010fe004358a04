"""A playground for each test."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import migrate
from tests.adapters.web.world import Visitor, World
from tests.store.conftest import postgres, postgres_admin, postgres_url

__all__ = ["postgres", "postgres_admin", "postgres_url"]


@pytest.fixture(scope="session")
def web_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("web") / "quizbot.sqlite3"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
async def world(web_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "quizbot.sqlite3"
    shutil.copy(web_template, path)
    made = World(f"sqlite:///{path}")
    yield made
    await made.close()


@pytest.fixture
async def ann(world: World) -> Visitor:
    return await world.joined("Ann")


@pytest.fixture
async def bo(world: World) -> Visitor:
    return await world.joined("Bo")
