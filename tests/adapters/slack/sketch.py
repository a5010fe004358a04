"""Messages and dialogs as a web page that looks like a channel in Slack: for the README, and to see what is sent.

`python -m tests.adapters.slack.sketch OUT.png` plays two daily questions of the shipped bank and takes a picture.
"""

import asyncio
import random
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import async_playwright

from bot.adapters.slack import render
from bot.app import App
from bot.bank.library import load_library
from bot.bank.load import content_folder
from bot.engine.round import Round
from bot.features import build_router
from bot.features.daily import closed_card, open_card
from bot.features.play import keep
from bot.ports import Person, Place, Reply, Request, Scope
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Call, Card
from tests.adapters.web.browser import ARGUMENTS, chromium

Node = Mapping[str, Any]

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SPACE, CHANNEL = Place("T1", "Data School"), Place("C1", "daily-quiz")
OPEN, CLOSED = "fe-smote-possible-point", "tab-knn-idle-gpus"
"""The questions of the picture."""
NAMES = ("Ana", "Bo", "Chen", "Dara", "Emil", "Fay", "Goran", "Hana", "Ivo", "Jun", "Kim", "Lea")
LETTERS = "ABCDBCABDBCA"
"""What they answer, one after the other."""
COLOURS = 64
WIDE, HIGH = 1200, 300
DATE = re.compile(r"<!date\^(\d+)\^([^|]*)\|[^>]*>")
MENTION = re.compile(r"<@(\w+)>")
BOLD = re.compile(r"\*([^*]+)\*")
PLOT = (520, 150)
"""Width and height of a chart's plot, in pixels."""

STYLE = """
* { box-sizing: border-box; margin: 0 }
body { background: #fff; color: #1d1c1d; font: 15px/22px Lato, "Liberation Sans", sans-serif }
header { border-bottom: 1px solid #ddd; padding: 12px 20px; font-size: 18px; font-weight: 800 }
main { columns: 560px 2; column-gap: 0; column-rule: 1px solid #e8e8e8; padding: 10px 0 }
article { break-inside: avoid; display: flex; gap: 9px; padding: 9px 20px }
article.private { background: #fef9ed }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #2f6fde; color: #fff;
  font: 800 20px/36px Lato, "Liberation Sans"; text-align: center }
.who { font-weight: 800 }
.badge { background: #e8e8e8; border-radius: 2px; color: #616061; font: 700 10px/14px Lato, "Liberation Sans";
  padding: 1px 3px; margin-left: 4px; vertical-align: 2px }
.quiet, .small { color: #616061; font-size: 12px; font-weight: 400 }
.quiet { margin-left: 5px }
.body { flex: 1; min-width: 0 }
.body > *, .dialog section > * { margin-top: 6px }
h2 { font-size: 17px; line-height: 22px }
p, pre { white-space: pre-wrap; overflow-wrap: anywhere }
p + p { margin-top: 8px }
pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; font: 12px/18px monospace }
code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; color: #c01343; font-size: 12px;
  padding: 2px 3px }
a, .user { color: #1264a3; text-decoration: none }
.user { background: #e8f5fa; border-radius: 3px; padding: 0 2px }
hr { border: 0; border-top: 1px solid #ddd }
.row { display: flex; flex-wrap: wrap; gap: 8px }
.button { border: 1px solid #bbb; border-radius: 8px; font-weight: 700; font-size: 13px; line-height: 26px;
  padding: 0 11px }
.primary { background: #007a5a; border-color: #007a5a; color: #fff }
.danger { background: #e01e5a; border-color: #e01e5a; color: #fff }
table { border-collapse: collapse } td { border: 1px solid #ddd; padding: 4px 10px } tr:first-child { font-weight: 700 }
figure { border: 1px solid #ddd; border-radius: 8px; padding: 10px 12px; font-size: 12px }
figcaption { font-weight: 700; font-size: 14px; margin-bottom: 4px }
svg { display: block; width: 100%; height: auto; font-size: 12px; fill: #616061 }
img { max-width: 100%; border-radius: 8px }
.dialog { border: 1px solid #ddd; border-radius: 8px; box-shadow: 0 4px 14px #0002;
  margin: 14px 20px; break-inside: avoid }
.dialog h1 { border-bottom: 1px solid #eee; font-size: 19px; padding: 14px 20px } .dialog section { padding: 12px 20px }
.dialog footer { display: flex; gap: 8px; justify-content: flex-end; padding: 12px 20px }
label { font-weight: 700; display: block; margin-bottom: 6px }
.field { border: 1px solid #999; border-radius: 4px; min-height: 36px; padding: 6px 12px } .long { min-height: 64px }
"""


def page(messages: Sequence[render.Message], private: Collection[int] = (), dialogs: Sequence[Node] = ()) -> str:
    """A channel with `messages`, where one person alone sees those at the places in `private`, and open `dialogs`."""
    shown = "".join(_message(one.blocks, place in private) for place, one in enumerate(messages))
    asked = "".join(map(_dialog, dialogs))
    title = f"<header># {escape(CHANNEL.name)}</header>"
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>{title}<main>{shown}{asked}</main>'


def _message(blocks: Sequence[Node], private: bool) -> str:
    only = '<div class="small">Only visible to you</div>' if private else ""
    who = (
        f'<span class="who">Quizbot</span><span class="badge">APP</span><span class="quiet">{_at(NOW, "{time}")}</span>'
    )
    return (
        f'<article class="{"private" if private else ""}"><div class="avatar">Q</div>'
        f'<div class="body">{only}<div>{who}</div>{"".join(map(_block, blocks))}</div></article>'
    )


def _dialog(view: Node) -> str:
    buttons = [("button", view["close"])] + ([("button primary", view["submit"])] if "submit" in view else [])
    row = "".join(f'<span class="{look}">{_text(text)}</span>' for look, text in buttons)
    body = "".join(map(_block, view["blocks"]))
    return f'<div class="dialog"><h1>{_text(view["title"])}</h1><section>{body}</section><footer>{row}</footer></div>'


def _block(block: Node) -> str:
    match block["type"]:
        case "header":
            return f"<h2>{_text(block['text'])}</h2>"
        case "section":
            return f'<div class="row"><h2>{_text(block["text"])}</h2>{_element(block["accessory"])}</div>'
        case "context":
            return f'<p class="small">{"".join(map(_text, block["elements"]))}</p>'
        case "actions":
            return f'<div class="row">{"".join(map(_element, block["elements"]))}</div>'
        case "input":
            hint = f'<div class="small">{_text(block["hint"])}</div>' if "hint" in block else ""
            return f"<div><label>{_text(block['label'])}</label>{_element(block['element'])}{hint}</div>"
        case "rich_text":
            return "".join(map(_rich, block["elements"]))
        case "image":
            return _element(block)
        case "table":
            return _table(block)
        case "data_visualization":
            return _chart(block)
        case _:
            return "<hr>"


def _element(element: Node) -> str:
    match element["type"]:
        case "button":
            return f'<span class="button {element.get("style", "")}">{_text(element["text"])}</span>'
        case "static_select":
            return f'<span class="button">{_text(element.get("placeholder", {"text": "Choose"}))} ▾</span>'
        case "radio_buttons" | "checkboxes":
            sign = "○" if element["type"] == "radio_buttons" else "☐"
            return "".join(f"<div>{sign} {_text(option['text'])}</div>" for option in element["options"])
        case "image":
            return f'<img src="{escape(element.get("image_url", ""))}" alt="{escape(element["alt_text"])}">'
        case _:
            long = "long" if element.get("multiline") else ""
            return f'<div class="field {long}">{escape(element.get("initial_value", ""))}</div>'


def _text(text: Node) -> str:
    if text["type"] == "plain_text":
        return escape(text["text"])
    shown = MENTION.sub(r'<span class="user">@\1</span>', DATE.sub(_marked_date, text["text"]))
    return BOLD.sub(r"<b>\1</b>", shown)


def _marked_date(found: re.Match[str]) -> str:
    return _at(datetime.fromtimestamp(int(found[1]), UTC), found[2])


def _at(at: datetime, format: str) -> str:
    """An instant as Slack would write it to somebody in London."""
    days = {NOW.date() + timedelta(days=n): name for n, name in ((-1, "yesterday"), (0, "today"), (1, "tomorrow"))}
    day = days.get(at.date(), f"{at:%b} {at.day}, {at.year}")
    tokens = {"{time}": f"{at:%I:%M %p}".lstrip("0"), "{ago}": day, "{date_pretty}": day, "{date_short_pretty}": day}
    return re.sub(r"{\w+}", lambda token: tokens[token[0]], format)


def _rich(element: Node) -> str:
    tag = "pre" if element["type"] == "rich_text_preformatted" else "p"
    return f"<{tag}>{''.join(map(_part, element['elements']))}</{tag}>"


def _part(part: Node) -> str:
    match part["type"]:
        case "user":
            return f'<span class="user">@{escape(part["user_id"])}</span>'
        case "date":
            return _at(datetime.fromtimestamp(part["timestamp"], UTC), part["format"])
        case "link":
            return f'<a href="{escape(part["url"])}">{escape(part["text"])}</a>'
        case _:
            text = escape(part["text"])
            for name, tag in (("bold", "b"), ("italic", "i"), ("code", "code")):
                text = f"<{tag}>{text}</{tag}>" if name in part.get("style", ()) else text
            return text


def _table(table: Node) -> str:
    aligned = [f'style="text-align:{column["align"]}"' for column in table["column_settings"]]
    rows = (
        "".join(f"<td {look}>{escape(cell['text'])}</td>" for look, cell in zip(aligned, row, strict=True))
        for row in table["rows"]
    )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _chart(block: Node) -> str:
    (series,) = block["chart"]["series"]
    width, height = PLOT
    draw = _bars if block["chart"]["type"] == "bar" else _line
    shapes = draw(series["data"], width, height)
    svg = f'<svg viewBox="0 0 {width} {height + 24}">{"".join(shapes)}</svg>'
    return f"<figure><figcaption>{escape(block['title'])}</figcaption>{svg}</figure>"


def _places(data: Sequence[Node], width: int, height: int) -> Iterator[tuple[Node, float, float]]:
    """Each point with where it stands: the middle of its column, and its top."""
    most = max(*(point["value"] for point in data), 0) or 1
    for place, point in enumerate(data):
        yield point, (place + 0.5) * width / len(data), height - (height - 22) * max(point["value"], 0) / most


def _bars(data: Sequence[Node], width: int, height: int) -> Iterator[str]:
    yield f'<line x1="0" y1="{height}" x2="{width}" y2="{height}" stroke="#ccc"/>'
    thick = min(64.0, width / len(data) * 0.6)
    for point, x, y in _places(data, width, height):
        yield f'<rect x="{x - thick / 2:g}" y="{y:g}" width="{thick:g}" height="{height - y:g}" rx="3" fill="#2f6fde"/>'
        yield f'<text x="{x:g}" y="{y - 6:g}" text-anchor="middle">{point["value"]:g}</text>'
        yield f'<text x="{x:g}" y="{height + 17}" text-anchor="middle">{escape(point["label"])}</text>'


def _line(data: Sequence[Node], width: int, height: int) -> Iterator[str]:
    path = " ".join(f"{x:g},{y:g}" for _, x, y in _places(data, width, height))
    yield f'<polyline points="{path}" fill="none" stroke="#2f6fde" stroke-width="2"/>'
    for point, x, _ in _places(data, width, height):
        yield f'<text x="{x:g}" y="{height + 17}" text-anchor="middle">{escape(point["label"])}</text>'


# ---- a picture


class Played:
    """Two daily questions that twelve people answer: one is open, the other closes."""

    def __init__(self, url: str) -> None:
        upgrade(url)
        self.store, self.library = open_store(url), load_library(content_folder())
        self.app = App(self.store, build_router(), self.library, clock=lambda: NOW, chance=lambda: random.Random(4))
        self.rounds: list[Round] = []

    async def shown(self) -> str:
        """The channel, with the verdict of the first who is right."""
        await self.app.run(self._begin)
        replies = [await self._answer(*one) for one in zip(NAMES, LETTERS, strict=True)]
        right = next(reply.private for reply in replies if reply.private and reply.private.accent == "right")
        cards: list[Card] = []
        await self.app.run(
            lambda scope: cards.extend((open_card(scope, self.rounds[0]), right, closed_card(scope, self.rounds[1])))
        )
        await self.store.close()
        return page([render.message(card) for card in cards], {1})

    def _begin(self, scope: Scope) -> None:
        pack = self.library.default
        space = scope.uow.people.settle("slack", SPACE, "UTC", NOW)
        for id, day in ((OPEN, NOW), (CLOSED, NOW - timedelta(days=1))):
            asked, closes = (keep(scope, pack.questions[id]),), NOW + timedelta(days=1)
            opened = scope.uow.rounds.open(Round(0, space.id, "daily", pack.id, asked, day, closes, day=day.date()))
            assert opened is not None
            self.rounds.append(opened)

    async def _answer(self, name: str, letter: str) -> Reply:
        """The reply to an answer to the question that is open."""
        person = Person(f"U{name.upper()}", name, zone="Europe/London")
        for round in reversed(self.rounds):
            call = Call.of("play.answer", round.id, 0, letter)
            reply = await self.app.handle(Request("slack", SPACE, CHANNEL, person, call))
        return reply


async def _picture(html: str, path: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        shown = await browser.new_page(viewport={"width": WIDE, "height": HIGH})
        await shown.set_content(html)
        await shown.screenshot(path=path, full_page=True)
        await browser.close()
    with Image.open(path) as picture:
        picture.quantize(COLOURS).save(path, optimize=True)


async def main(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shown = await Played(f"sqlite:///{folder}/quiz.sqlite3").shown()
    await _picture(shown, path)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
