"""Text as Slack's rich text, and as small print.

What people wrote goes into `rich_text` and `plain_text`, where Slack looks for neither markup nor mentions. Only small
print that holds an instant or a mention is `mrkdwn`, which has no way to escape a star.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, assert_never

from markdown_it.token import Token
from slack_sdk.models.blocks import (
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextPreformattedElement,
    RichTextSectionElement,
)

from bot.adapters import markup
from bot.ui import Md, Mention, Span, Text, When

Block = dict[str, Any]

WHEN = {
    "time": "{time}",
    "date": "\u200b{date_pretty}",
    "datetime": "\u200b{date_short_pretty} at {time}",
    "relative": "\u200b{ago}",
}
"""Slack writes the first letter of a format large; after a zero-width space it leaves "today" as it is."""
SMALL = 3000
"""The most characters of a text object."""
BLANK = "\u00a0"
"""Stands where Slack refuses an empty text."""

_STYLES = {"strong": "bold", "em": "italic"}
_BREAKS = ("softbreak", "hardbreak")
_DOUBLES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
)
_QUOTE = re.compile("^(?=&gt;)", re.MULTILINE)
_EMOJI = re.compile(r":(?=[\w+-]+:)")
_USER = re.compile(r"[UW][A-Z0-9]+")


class Piece(NamedTuple):
    """Text of one look."""

    text: str
    style: tuple[str, ...] = ()
    url: str = ""


@lru_cache(maxsize=1024)
def blocks(text: Text) -> tuple[Block, ...]:
    """The block of a paragraph; none if it is empty. It is kept, so nobody may change it: the same questions are shown
    over and over, and reading their markup takes longer than everything else in a message."""
    small = _small(text.spans) if text.small else None
    if small is not None:
        return (ContextBlock(elements=[small]).to_dict(),) if small.text else ()
    elements: list[RichTextElement] = []
    for as_it_is, parts in groupby((part for span in text.spans for part in _span(span)), _is_fenced):
        run = list(parts)
        elements += run if as_it_is else [RichTextSectionElement(elements=run)]
    return (RichTextBlock(elements=elements).to_dict(),) if elements else ()


def section(pieces: Iterable[Piece]) -> RichTextSectionElement:
    """`pieces` as one run of text."""
    return RichTextSectionElement(elements=list(_parts(pieces)))


def fenced(text: str) -> RichTextPreformattedElement:
    """`text` in letters of one width."""
    return RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=text or BLANK)])


def plain(text: str) -> PlainTextObject:
    """`text` as it is, without even `:names:` becoming pictures."""
    return PlainTextObject(text=text, emoji=False)


def marked(text: str) -> MarkdownTextObject:
    """Slack's own markup; what is not ours must be made `literal` before."""
    return MarkdownTextObject(text=text, verbatim=True)


def escape(text: str) -> str:
    """Text that mentions nobody and links to nothing where Slack reads markup."""
    return html.escape(text, quote=False)


def literal(text: str) -> str:
    """Text that is no markup either: what cannot be escaped is replaced by its double."""
    return _QUOTE.sub("\u200b", _EMOJI.sub("\u2236", text).translate(_DOUBLES))


# ---- spans


def _small(spans: Sequence[Span]) -> PlainTextObject | MarkdownTextObject | None:
    """Small print; None where it must be rich text, which is never small."""
    if all(isinstance(span, str) for span in spans):
        return plain("".join(map(str, spans)))
    if any(isinstance(span, Md) for span in spans):
        return None
    text = "".join(map(_mrkdwn, spans))
    return marked(text) if len(text) <= SMALL else None


def _mrkdwn(span: Span) -> str:
    match span:
        case Mention(player=player, name=name):
            return f"<@{player}>" if _USER.fullmatch(player) else literal(f"@{name}")
        case When(at=at, style=style):
            return f"<!date^{int(at.timestamp())}^{WHEN[style]}|{_fallback(at)}>"
        case _:
            return literal(str(span))


def _span(span: Span) -> Iterable[RichTextElement]:
    match span:
        case str():
            return _parts([Piece(span)])
        case Md(text=text):
            return _markup(text)
        case Mention(player=player, name=name) if _USER.fullmatch(player):
            return [RichTextElementParts.User(user_id=player)]
        case Mention(name=name):
            return _parts([Piece(f"@{name}")])
        case When(at=at, style=style):
            instant = int(at.timestamp())
            return [RichTextElementParts.Date(timestamp=instant, format=WHEN[style], fallback=_fallback(at))]
        case _:
            assert_never(span)


def _fallback(at: datetime) -> str:
    there = at.astimezone(UTC)
    return f"{there.day} {there:%B %Y at %H:%M} UTC"


def _parts(pieces: Iterable[Piece]) -> Iterator[RichTextElement]:
    """Neighbours of one look go into one part; empty ones, which Slack refuses, into none."""
    for (style, url), run in groupby(pieces, lambda piece: piece[1:]):
        text = "".join(piece.text for piece in run)
        look = dict.fromkeys(style, True) or None
        if text and url:
            yield RichTextElementParts.Link(url=url, text=text, style=look)
        elif text:
            yield RichTextElementParts.Text(text=text, style=look)


def _is_fenced(part: RichTextElement) -> bool:
    return isinstance(part, RichTextPreformattedElement)


# ---- our own markup


def _markup(text: str) -> Iterator[RichTextElement]:
    after_paragraph = False
    for token in markup.blocks(text):
        if token.type == "fence":
            yield fenced(token.content.rstrip("\n"))
            after_paragraph = False
        else:
            yield from _parts([Piece("\n\n" if after_paragraph else ""), *_inline(token.children or ())])
            after_paragraph = True


def _inline(tokens: Iterable[Token]) -> Iterator[Piece]:
    open: Counter[str] = Counter()
    url = ""
    for token in tokens:
        if token.type == "link_open":
            url = str(token.attrs["href"])
        elif token.type == "link_close":
            url = ""
        elif token.nesting:
            open[_STYLES[token.tag]] += token.nesting
        else:
            code = ("code",) if token.type == "code_inline" else ()
            yield Piece("\n" if token.type in _BREAKS else token.content, (*sorted(+open), *code), url)
