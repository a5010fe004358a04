"""Our own markup as HTML."""

from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from markupsafe import Markup, escape

from bot.adapters.markup import blocks

_LEAD = 3
"""A line that begins with bold text of at most so many characters is an entry of a list: `**A**  an option`."""
_TAGS = {
    "strong_open": Markup("<strong>"),
    "strong_close": Markup("</strong>"),
    "em_open": Markup("<em>"),
    "em_close": Markup("</em>"),
    "link_close": Markup("</a>"),
}


def html(text: str) -> Markup:
    """`text` as inline HTML where it is one paragraph, otherwise as paragraphs and code blocks."""
    tokens = blocks(text)
    if [token.type for token in tokens] == ["inline"]:
        return _paragraph(tokens[0])
    return Markup("").join(map(_block, tokens))


def _block(token: Token) -> Markup:
    if token.type == "fence":
        return Markup('<pre tabindex="0"><code>{}</code></pre>').format(token.content)
    return Markup("<p>{}</p>").format(_paragraph(token))


def _paragraph(token: Token) -> Markup:
    lines = list(_split(token.children or ()))
    if len(lines) == 1 and not _hangs(lines[0]):
        return _inline(lines[0])
    return Markup("").join(map(_line, lines))


def _line(tokens: Sequence[Token]) -> Markup:
    """One line; an entry of a list gets its lead in a column of its own."""
    if not _hangs(tokens):
        return Markup('<span class="line">{}</span>').format(_inline(tokens))
    lead, rest = _inline(tokens[:3]), _inline(tokens[3:])
    return Markup('<span class="line entry"><span class="lead">{}</span> <span>{}</span></span>').format(lead, rest)


def _hangs(tokens: Sequence[Token]) -> bool:
    shape = [token.type for token in tokens[:3]]
    return shape == ["strong_open", "text", "strong_close"] and len(tokens[1].content) <= _LEAD and len(tokens) > 3


def _split(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield line
            line = []
        elif token.type != "text" or token.content:
            line.append(token)
    yield line


def _inline(tokens: Sequence[Token]) -> Markup:
    return Markup("").join(map(_span, tokens))


def _span(token: Token) -> Markup:
    if token.type == "code_inline":
        return Markup("<code>{}</code>").format(token.content)
    if token.type == "link_open":
        return Markup('<a href="{}" rel="noopener noreferrer" target="_blank">').format(str(token.attrs["href"]))
    return _TAGS.get(token.type) or escape(token.content)
