"""What is wrong with one question: limits, form, and the flaws that item writers know (Haladyna and others 2002; NBME).

A lint takes an `Item` and yields findings; `LINTS` lists them all.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import permutations
from statistics import median

from bot.bank.document import Place
from bot.bank.load import Item, Problem, Reading
from bot.bank.words import ABSOLUTE, contains, content, sentences, words
from bot.engine.kinds.choice import COUNTED, Alternative, Choice, plain
from bot.engine.kinds.match import Match
from bot.engine.kinds.number import TypedNumber, parse
from bot.engine.kinds.order import Order
from bot.engine.kinds.text import TypedTerm

STALE = timedelta(days=180)

Finding = tuple[Place, str, bool]
"""Where in the question, what and its mend, and whether it is only advice."""
Lint = Callable[[Item], Iterator[Finding]]


def lint(reading: Reading, today: date) -> Iterator[Problem]:
    """Every problem inside single questions."""
    for item in reading.items:
        for check in LINTS:
            for place, text, advice in check(item):
                yield Problem(item.file, item.line(*place), f"{item.entry.id}: {text}", advice)
        for place, text, advice in _freshness(item, today):
            yield Problem(item.file, item.line(*place), f"{item.entry.id}: {text}", advice)


# ---- limits and markup


def _lengths(item: Item) -> Iterator[Finding]:
    if item.question.case and len(item.question.stem) > 500:
        yield ("stem",), f"{len(item.question.stem)} characters under a case; shorten to 500", False
    for place, text, limit in _limited(item):
        if len(text) > limit:
            yield place, f"{len(text)} characters; shorten to {limit}", False


def _limited(item: Item) -> Iterator[tuple[Place, str, int]]:
    match item.question.kind:
        case Choice() as kind:
            limit = 160 if len(kind.keys) == 1 else 70
            yield from ((("options", n, "text"), option.text, limit) for n, option in enumerate(kind.options))
        case _:
            pass
    yield from ((place, why, 250) for place, why in _whys(item))


def _whys(item: Item) -> Iterator[tuple[Place, str]]:
    match item.question.kind:
        case Choice() as kind:
            yield from ((("options", n, "why"), option.why) for n, option in enumerate(kind.options))
        case Order() as kind:
            yield from ((("items", n, "why"), step.why) for n, step in enumerate(kind.items))
        case Match() as kind:
            yield from ((("pairs", n, "why"), pair.why) for n, pair in enumerate(kind.pairs))
        case TypedTerm() as kind:
            yield from ((("wrong", n, "why"), mistake.why) for n, mistake in enumerate(kind.wrong))
        case TypedNumber() as kind:
            yield from ((("wrong", n, "why"), slip.why) for n, slip in enumerate(kind.wrong))
        case _:
            pass


def _shown(item: Item) -> Iterator[tuple[Place, str]]:
    """Every text that a person reads as markup."""
    entry = item.entry
    yield from ((("stem",), entry.stem), (("explanation",), entry.explanation), (("remember",), entry.remember))
    yield from _whys(item)
    match item.question.kind:
        case Choice() as kind:
            yield from ((("options", n, "text"), option.text) for n, option in enumerate(kind.options))
        case Order() as kind:
            yield from ((("items", n, "text"), step.text) for n, step in enumerate(kind.items))
        case Match() as kind:
            yield from ((("pairs", n, "prompt"), pair.prompt) for n, pair in enumerate(kind.pairs))
            yield from ((("pairs", n, "response"), pair.response) for n, pair in enumerate(kind.pairs))
            yield from ((("extra", n), text) for n, text in enumerate(kind.extra))
        case _:
            pass


def _reasons(item: Item) -> Iterator[Finding]:
    spoken = isinstance(item.question.kind, Choice | TypedTerm | TypedNumber)
    if not spoken and not any(why for _, why in _whys(item)):
        yield ("kind",), "no part has a `why`; say the reason for each place or pair", True
    for place, why in _whys(item) if spoken else ():
        if not why.strip():
            yield place, "`why` is empty; say in a sentence what is right or wrong about it", False
        elif not re.search(r"[.?!][\"')`*]*$", why.strip()):
            yield place, "`why` does not end with a full stop; make it a sentence", False


_FOREIGN = (
    (re.compile(r"```|~~"), "fences and strikes are not shown; use `code` or plain words"),
    (re.compile(r"\[[^\]]+\]\([^)]*\)"), "links are not shown in text; put the address into `sources`"),
    (re.compile(r"</?[a-zA-Z][^>\s]*>"), "looks like HTML; put it between backticks"),
    (re.compile(r"(?<!\w)_{1,2}\w[^_]*_{1,2}(?!\w)"), "underscores are no markup; use *italic* or `code`"),
    (re.compile(r"(?m)^\s*(?:#+|>|[-+]) "), "headings, quotes and lists are not shown; write prose"),
)


def _markup(item: Item) -> Iterator[Finding]:
    for place, text in _shown(item):
        if text.count("`") % 2:
            yield place, "a backtick is not closed; close it", False
        bare = re.sub(r"`[^`]*`", "", text)
        yield from ((place, mend, False) for pattern, mend in _FOREIGN if pattern.search(bare))
        if "*" in re.sub(r"(\*{1,2})(?=[^\s*])[^*]*(?<=[^\s*])\1", "", bare):
            yield place, "an asterisk is not closed; close it, or write × or `*`", False


# ---- choices


def _counted(item: Item) -> Iterator[Finding]:
    said = re.search(r"\(choose (\w+)\.?\)\s*$", item.entry.stem, re.IGNORECASE)
    keys = len(item.question.kind.keys) if isinstance(item.question.kind, Choice) else 1
    wanted = f"(Choose {COUNTED[keys]}.)" if keys > 1 else ""
    if wanted and not item.entry.stem.endswith(wanted):
        yield ("stem",), f"{keys} options are keys; end the stem with {wanted!r}", False
    elif said and not wanted:
        yield ("stem",), f"the stem says {said[0]!r} but there is one key; take it out or mark the others", False


_LETTER = re.compile(
    r"\b(?:options?|answers?|choices?|alternatives?)\s+(?:[A-F]|[1-6])\b"
    r"|(?:^|[.;:,]\s+|\b(?:[Bb]ecause|[Aa]lthough|[Ww]hile|[Bb]ut|[Tt]han|[Uu]nlike|[Oo]nly|[Bb]oth)\s+)"
    r"(?:[B-F]\s+(?:is|are|was|would|has|does|and|or|works|fails)\b|A\s+(?:is|would|does|and [B-F])\b)"
    r"|\b(?:first|second|third|fourth|fifth|sixth|last|former|latter|top|bottom)\s+(?:option|alternative)s?\b"
    r"|\b[Tt]he\s+(?:first|second|third|fourth|fifth|sixth|last|former|latter)\s+answers?\b"
    r"|\b(?:options?|answers?|choices?)\s+(?:above|below)\b"
)


def _letters(item: Item) -> Iterator[Finding]:
    texts = [*_whys(item), (("explanation",), item.entry.explanation), (("remember",), item.entry.remember)]
    for place, text in texts if isinstance(item.question.kind, Choice | Order | Match) else ():
        if found := _LETTER.search(text):
            yield place, f"{found[0].strip()!r} points at a place, but options are shuffled; name the thing", False


_COLLECTIVE = re.compile(
    r"\b(?:all|none|both|neither|any|each) of (?:the )?(?:above|(?:other |these |given )?(?:options|answers|choices))\b"
    r"|^(?:all|none|both|neither) of (?:these|them)\W*$|^(?:both|neither|none|all)\W*$|\bboth [A-F] and [A-F]\b",
    re.IGNORECASE,
)


def _collective(item: Item) -> Iterator[Finding]:
    for n, option in enumerate(_options(item)):
        if _COLLECTIVE.search(option.text):
            yield ("options", n), f"{option.text!r} is no option of its own; write a real one", False


def _options(item: Item) -> tuple[Alternative, ...]:
    return item.question.kind.options if isinstance(item.question.kind, Choice) else ()


def _split(item: Item) -> tuple[list[str], list[str]]:
    """The texts of keys and of distractors."""
    options = _options(item)
    return [plain(o.text) for o in options if o.key], [plain(o.text) for o in options if not o.key]


def _balance(item: Item) -> Iterator[Finding]:
    keys, others = _split(item)
    usual = median(map(len, others)) if others else 0
    for key in keys:
        if len(key) > 1.5 * usual and len(key) >= usual + 15:
            yield ("options",), f"the key has {len(key)} characters, the others about {usual:g}; make them alike", True


_OPENINGS = (("By …", re.compile(r"By ")), ("Because …", re.compile(r"Because ")), ("To …", re.compile(r"To ")),
             ("…ing", re.compile(r"[A-Z][a-z]+ing ")), ("It …", re.compile(r"(?:It|They) ")))  # fmt: skip


def _form(item: Item) -> Iterator[Finding]:
    keys, others = _split(item)
    if not keys:
        return
    if len({text.endswith(".") for text in (*keys, *others)}) > 1:
        yield ("options",), "some options end with a full stop, some do not; make them alike", True
    if len(keys) == 1 and len(others) > 1:
        opening, rest = _opening(keys[0]), {_opening(text) for text in others}
        if len(rest) == 1 and opening not in rest:
            yield ("options",), "the key alone begins in another grammatical form; make the options parallel", True


def _opening(text: str) -> str:
    return next((name for name, pattern in _OPENINGS if pattern.match(text)), "")


def _absolutes(item: Item) -> Iterator[Finding]:
    keys, others = _split(item)
    in_keys = any(ABSOLUTE.intersection(words(text)) for text in keys)
    found = sorted({word for text in others for word in ABSOLUTE.intersection(words(text))})
    if found and not in_keys:
        said = ", ".join(found)
        yield ("options",), f"absolute words in wrong options alone ({said}); they betray them, write it without", True


def _echo(item: Item) -> Iterator[Finding]:
    keys, others = _split(item)
    stem = content(item.entry.stem)
    shared = sorted(stem & content(keys[0])) if len(keys) == 1 else []
    if shared and not any(stem & content(text) for text in others):
        said = ", ".join(shared)
        yield ("options",), f"only the key repeats words of the stem ({said}); reword it or let others do so too", True


def _nested(item: Item) -> Iterator[Finding]:
    texts = [[word.strip(".,;:()`*\"'").casefold() for word in option.text.split()] for option in _options(item)]
    for (n, outer), (m, inner) in permutations(enumerate(texts), 2):
        if contains(outer, inner):
            place: Place = ("options", n)
            yield place, f"contains the whole of another option ({_options(item)[m].text!r}); reword one", False


def _articles(item: Item) -> Iterator[Finding]:
    end = re.search(r"\b(an?)\W*$", item.entry.stem)
    for n, option in enumerate(_options(item)) if end else ():
        if end and (option.text.strip("`*\"'")[:1].casefold() in "aeiou") != (end[1] == "an"):
            yield ("options", n), f"does not follow {end[1]!r} at the end of the stem; end it with 'a(n)'", False
            return


_NEGATIVE = re.compile(
    r"\b(?:which|what)\b(?:(?!\b(?:that|so|because|if|who|but|when|while|whose|where|since|and|although)\b)[^,.?;])*?"
    r"\b(not|never|except|least likely|cannot|n't)\b"
)


def _negatives(item: Item) -> Iterator[Finding]:
    asked = [part for part in sentences(item.entry.stem) if part.endswith(("?", ":"))] or [item.entry.stem]
    found = _NEGATIVE.search(asked[-1][:1].casefold() + asked[-1][1:])
    if found and isinstance(item.question.kind, Choice):
        mend = f"ask it positively, or write {found[1].upper()}"
        yield ("stem",), f"the question is negative ({found[1]!r}); {mend}", True


def _numbers(item: Item) -> Iterator[Finding]:
    kind = item.question.kind
    if not isinstance(kind, Choice) or kind.fixed:
        return
    if {option.text for option in kind.options} == {"True", "False"}:
        yield ("options",), "True and False are shuffled; add `fixed: true`", True
    values = [_number(option.text) for option in kind.options]
    if len(values) > 2 and None not in values:
        yield ("options",), "numbers are shuffled; put them in order and add `fixed: true`", True


def _ordered(item: Item) -> Iterator[Finding]:
    kind = item.question.kind
    values = [_number(option.text) for option in kind.options] if isinstance(kind, Choice) and kind.fixed else []
    found = [value for value in values if value is not None]
    if len(found) > 2 and len(found) == len(values) and found not in (sorted(found), sorted(found, reverse=True)):
        yield ("options",), "numbers are not in order; sort them", True


def _number(text: str) -> float | None:
    try:
        return parse(plain(text))[0] if re.match(r"[\d.+−-]", text) else None
    except ValueError:
        return None


# ---- stem, typed answers, freshness


def _scenario(item: Item) -> Iterator[Finding]:
    count = len(sentences(item.entry.stem))
    if item.entry.scenario and not item.entry.case and not 2 <= count <= 5:
        yield ("stem",), f"a scenario of {count} sentence{'s' if count > 1 else ''}; write two to five", True


def _mistakes(item: Item) -> Iterator[Finding]:
    """A likely mistake that would be marked right, and a unit that the stem does not ask for."""
    match item.question.kind:
        case TypedNumber() as kind:
            for n, slip in enumerate(kind.wrong):
                if abs(slip.value - kind.value) <= kind.tolerance:
                    yield ("wrong", n), f"{slip.value:g} is within the tolerance and counts as right; drop it", False
            if not kind.grade(kind.key(""), frozenset()).right:
                yield ("unit",), f"the answer as shown ({kind.key('')}) is not accepted; check the unit", False
        case TypedTerm() as kind:
            for n, mistake in enumerate(kind.wrong):
                if kind.grade(mistake.text, frozenset()).right:
                    yield ("wrong", n), f"{mistake.text!r} is accepted too; take it out of one of them", False
        case _:
            pass


def _freshness(item: Item, today: date) -> Iterator[Finding]:
    if today - item.entry.verified > STALE:
        yield ("verified",), f"last verified on {item.entry.verified}; check the key and the sources again", True
    dates = [(("verified",), item.entry.verified)]
    dates += [(("sources", n, "checked"), source.checked) for n, source in enumerate(item.entry.sources)]  # type: ignore[misc]
    for place, day in dates:
        if day > today + timedelta(days=1):
            yield place, f"{day} lies in the future; write the day it was checked", False


LINTS: tuple[Lint, ...] = (
    _lengths, _reasons, _markup, _counted, _letters, _collective, _balance, _form, _absolutes, _echo, _nested,
    _articles, _negatives, _numbers, _ordered, _scenario, _mistakes,
)  # fmt: skip
