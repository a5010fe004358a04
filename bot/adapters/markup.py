"""Our own markup, read: bold, italic, code, fenced code and https links, and nothing else."""

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token


def blocks(text: str) -> list[Token]:
    """The blocks of `text`, in order: `fence` is fenced code, `inline` a paragraph with its spans as `children`."""
    return [token for token in _parser.parse(text) if token.type in ("fence", "inline")]


def _underscore(state: StateInline, silent: bool) -> bool:
    """`_` is a letter like any other: names such as `max_iter` are common in our subject."""
    if state.src[state.pos] != "_":
        return False
    if not silent:
        state.pending += "_"
    state.pos += 1
    return True


def _https(url: str) -> bool:
    return url.startswith("https://")


def _build() -> MarkdownIt:
    parser = MarkdownIt("zero").enable(["fence", "emphasis", "backticks", "link", "escape", "newline"])
    parser.inline.ruler.before("emphasis", "underscore", _underscore)
    parser.validateLink = _https  # type: ignore[method-assign]
    return parser


_parser = _build()
