"""People in a real browser, for tests: what they see and do, and what must never happen meanwhile."""

import os
import shutil
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.adapters.web.entrance import COOKIE
from tests.adapters.web.world import World

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 360, "height": 740}


def chromium() -> str:
    """Where Chromium is. Without one the test is skipped, or fails if QUIZBOT_REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("QUIZBOT_REQUIRE_BROWSER") == "1":
        pytest.fail("No Chromium was found, and QUIZBOT_REQUIRE_BROWSER=1 asks for one. Install it (apt: chromium).")
    if found is None:
        pytest.skip("No Chromium was found. Install it (apt: chromium) to run the browser tests.")
    return found


class Crowd:
    """Everybody who has a browser open at a playground."""

    def __init__(self, browser: Browser, world: World) -> None:
        self.browser = browser
        self.world = world
        self.contexts: list[BrowserContext] = []
        self.troubles: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Beginnings of console lines that a test brings about on purpose."""

    async def stranger(self, **options: Any) -> Page:
        """A new browser at the page, not yet joined."""
        page = await self._browser(options)
        await page.goto(self.world.address)
        await expect(page.locator("#naming")).to_be_visible()
        return page

    async def enter(self, name: str, **options: Any) -> Page:
        """A new browser of somebody who has joined and hears what happens."""
        page = await self._browser(options)
        visitor = await self.world.joined(name, options.get("timezone_id", "UTC"))
        badge = visitor.client.cookies[COOKIE]
        await page.context.add_cookies([{"name": COOKIE, "value": badge, "url": self.world.address}])
        await page.goto(self.world.address)
        await connected(page)
        return page

    async def _browser(self, options: dict[str, Any]) -> Page:
        context = await self.browser.new_context(**({"viewport": WIDE, "locale": "en-GB"} | options))
        self.contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(8000)
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda line: self._note(line.type, line.text))
        page.on("request", lambda request: self._origin(request.url))

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(self.expected or ("\0",)):
            self.troubles.append(f"{kind}: {text}")

    def _origin(self, url: str) -> None:
        if not url.startswith((f"{self.world.address}/", "data:")):
            self.troubles.append(f"request to {url}")


async def connected(page: Page) -> None:
    """Wait until the page hears what happens."""
    await expect(page.locator("body")).to_have_attribute("data-linked", "yes")


async def type_line(page: Page, line: str) -> None:
    await page.fill("#line", line)
    await page.press("#line", "Enter")


async def focused(page: Page) -> str:
    """The name of what has the focus: its label, its text, or its id."""
    name: str = await page.evaluate(
        """() => {
            const at = document.activeElement;
            const seen = at.cloneNode(true);
            for (const hidden of seen.querySelectorAll("[aria-hidden=true]")) hidden.remove();
            return at.getAttribute("aria-label") || at.labels?.[0]?.innerText || seen.textContent.trim() || at.id;
        }"""
    )
    return name.strip().split("\n")[0]


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await focused(page) == name:
            return
    raise AssertionError(f"Tab never came to {name!r}")


CONTRASTS = """() => {
    const channels = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const over = ([r, g, b, a = 1], ground) => [r, g, b].map((value, n) => value * a + ground[n] * (1 - a));
    const light = (rgb) => rgb.map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, n) => sum + value * [0.2126, 0.7152, 0.0722][n], 0);
    const ground = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        if (!text || !element.checkVisibility() || element.closest(".sr, noscript, title, select, .bar")) continue;
        const style = getComputedStyle(element);
        const ink = channels(element.closest("svg") ? style.fill : style.color);
        const below = ground(element);
        const [high, low] = [light(over(ink, below)), light(below)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        const what = `${element.tagName}.${element.getAttribute("class")} ${text.slice(0, 30)}`;
        found.push([Math.round(ratio * 100) / 100, what]);
    }
    return found;
}"""
"""The contrast of every visible text with what is behind it."""
