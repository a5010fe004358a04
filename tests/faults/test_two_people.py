"""The whole thing as two people live it: real process, real file, real browser, and a `kill -9` in the middle."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "tests" / "packs" / "demo"


class Bot:
    """`quizbot run` in a process of its own, on a file and a port that stay the same over restarts."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "QUIZBOT_DATABASE": f"sqlite:///{folder}/quiz.sqlite3",
            "QUIZBOT_CONTENT": str(self._content(folder)),
            "QUIZBOT_PORT": str(self.port),
            "QUIZBOT_ZONE": "UTC",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert "Quizbot is ready" in self.process.stdout.readline()

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    @staticmethod
    def _content(folder: Path) -> Path:
        """The demonstration with its questions of three fixed letters only: B is always right."""
        content = folder / "content"
        shutil.copytree(DEMO, content / "demo")
        for file in (content / "demo" / "questions").glob("*.yaml"):
            if file.stem not in ("storage", "streams"):
                file.unlink()
        return content


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    running = Bot(tmp_path)
    running.start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        await started.close()


async def join(browser: Browser, address: str, name: str) -> Page:
    """A browser of its own for `name`, inside the page."""
    page = await (await browser.new_context()).new_page()
    await page.goto(address)
    await page.get_by_role("textbox", name=re.compile("name", re.IGNORECASE)).fill(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Change name")).to_be_visible()
    return page


async def say(page: Page, line: str) -> None:
    box = page.get_by_role("combobox", name=re.compile("Message"))
    await box.fill(line)
    await box.press("Escape")
    await box.press("Enter")


def daily(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("article").filter(has_text="Daily question").first


@pytest.mark.browser
async def test_two_people_answer_and_a_killed_server_loses_nothing(bot: Bot, browser: Browser) -> None:
    ann, bo = await join(browser, bot.address, "Ann"), await join(browser, bot.address, "Bo")

    await daily(ann).get_by_role("button", name="B", exact=True).click()
    await daily(bo).get_by_role("button", name="A", exact=True).click()
    await expect(ann.get_by_role("heading", name="Right: B")).to_be_visible()
    await expect(bo.get_by_role("heading", name="Not quite: B")).to_be_visible()
    await expect(bo.get_by_text("It comes too early.")).to_be_visible()
    await expect(ann.get_by_text("Only you can see this")).to_be_visible()
    assert await ann.get_by_text("Not quite").count() == 0
    assert await bo.get_by_text("Right: B").count() == 0
    for page in (ann, bo):
        await expect(daily(page)).to_contain_text("2 have answered", timeout=15_000)

    await say(bo, "/quiz leaderboard week")
    board = bo.get_by_role("table")
    await expect(board.get_by_role("row").nth(1)).to_contain_text("Ann")
    await expect(board.get_by_role("row").nth(1)).to_contain_text("10")
    await expect(board.get_by_role("row").nth(2)).to_contain_text("You")

    bot.kill()
    await expect(ann.get_by_text("Reconnecting")).to_be_visible(timeout=15_000)
    bot.start()
    await expect(ann.get_by_text("Reconnecting")).to_be_hidden(timeout=15_000)

    await daily(ann).get_by_role("button", name="C", exact=True).click()
    await expect(ann.get_by_role("heading", name="You have answered this one")).to_be_visible()
    chen = await join(browser, bot.address, "Chen")
    await daily(chen).get_by_role("button", name="B", exact=True).click()
    await expect(chen.get_by_role("heading", name="Right: B")).to_be_visible()
    await expect(daily(bo)).to_contain_text("3 have answered", timeout=15_000)
    await bo.reload()
    await expect(bo.get_by_role("heading", name="Not quite: B")).to_be_visible()
