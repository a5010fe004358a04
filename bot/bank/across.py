"""What is wrong between the parts of a pack: names that lead nowhere, questions that repeat or betray each other."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from rapidfuzz import fuzz

from bot.bank.load import Item, Problem, Reading
from bot.bank.schema import ProductEntry
from bot.bank.words import contains, words
from bot.engine.kinds.choice import Choice, plain
from bot.engine.kinds.match import Match
from bot.engine.kinds.order import Order
from bot.engine.kinds.text import TypedTerm, normalise

ALIKE = 0.8
"""Shared words of two stems, as a part of all their words, from which they are near-duplicates."""
SPELT_ALIKE = 90
"""The same by their letters, of 100 (rapidfuzz's ratio)."""
WEIGHTS = 0.001
"""How far the weights of an exam's domains may be from 1 together."""

_HISTORY = re.compile(
    r"\b(?:ended|retired|discontinued|no longer|shut down|closed|gone|former(?:ly)?|used to|until|was|were)\b",
    re.I,
)
_ALREADY = re.compile(r"\b(?:already|existing|for years|still (?:uses|runs|has)|has long)\b", re.I)


def across(reading: Reading) -> Iterator[Problem]:
    """Names that lead nowhere, keys that recommend what has ended, and what is wrong with the other files."""
    yield from _topics(reading)
    for item in reading.items:
        yield from _facts(reading, item)
        yield from _products(reading, item)
    yield from _enemies(reading)
    yield from _syllabus(reading)
    yield from _glossary(reading)
    yield from _blueprints(reading)


def _problem(item: Item, place: str, text: str, advice: bool = False) -> Problem:
    return Problem(item.file, item.line(place), f"{item.entry.id}: {text}", advice)


def _elsewhere(reading: Reading, name: str, text: str, *place: str | int) -> Problem:
    return Problem(reading.folder / name, reading.documents[name].line(place) if name in reading.documents else 1, text)


# ---- names


def _topics(reading: Reading) -> Iterator[Problem]:
    """Unknown topics; one that is planned but not written is named once."""
    planned = {fact.topic for fact in reading.facts.values()} - set(reading.topics)
    named: set[str] = set()
    for item in reading.items:
        for topic in set(item.entry.topics) - set(reading.topics) - named:
            mend = f"write syllabus/{topic}.yaml" if topic in planned else "use the id of a file in syllabus/"
            named |= planned & {topic}
            yield _problem(item, "topics", f"no topic {topic!r}; {mend}")


def _facts(reading: Reading, item: Item) -> Iterator[Problem]:
    if reading.facts and not item.entry.facts:
        yield _problem(item, "id", "names no fact; put what the key rests on into `facts`")
    for place, names in (("facts", item.entry.facts), ("mentions", item.entry.mentions)) if reading.facts else ():
        for name in names:
            if name not in reading.facts:
                yield _problem(item, place, f"no fact {name!r} in facts.yaml; check the spelling")
    for name in item.entry.facts:
        if name in reading.facts and reading.facts[name].key == "never":
            yield _problem(item, "facts", f"a key may not rest on {name!r}; move it to `mentions`")


def _enemies(reading: Reading) -> Iterator[Problem]:
    ids = {item.entry.id for item in reading.items}
    for item in reading.items:
        for enemy in sorted(item.entry.enemies - ids):
            yield _problem(item, "enemies", f"no question {enemy!r}; check the spelling or take it out")
        if item.entry.id in item.entry.enemies:
            yield _problem(item, "enemies", "names itself as an enemy; take it out")


# ---- what has ended


def _products(reading: Reading, item: Item) -> Iterator[Problem]:
    """A key that recommends what has ended, is closed to new customers or is called otherwise today."""
    if item.entry.status != "active":
        return
    story = f"{item.question.case.text if item.question.case else ''} {item.entry.stem}"
    for key in _recommended(item):
        for product in _named(reading.products, key):
            if product.state == "ended" and not _HISTORY.search(story):
                mend = "mark the question historical, or ask what replaces it"
                yield _problem(item, "id", f"the key names {product.name}, which ended ({product.when}); {mend}")
            elif product.state == "closed-to-new" and not _ALREADY.search(story) and not _HISTORY.search(story):
                mend = 'say "already uses" in the stem, or mark the question historical'
                yield _problem(item, "stem", f"{product.name} takes no new customers ({product.when}); {mend}", True)
            elif product.state == "renamed" and not contains(words(key), words(product.successor)):
                text = f"{product.name} is called {product.successor} today; write that, the old name in brackets"
                yield _problem(item, "id", text, True)


def _recommended(item: Item) -> list[str]:
    match item.question.kind:
        case Choice() as kind:
            return [option.text for option in kind.options if option.key]
        case TypedTerm() as kind:
            return [kind.accept[0]]
        case _:
            return []


def _named(products: list[ProductEntry], text: str) -> list[ProductEntry]:
    """The first of the products that `text` names: the list has longer names before those they contain."""
    said = words(text)
    return [p for p in products if any(contains(said, words(name)) for name in (p.name, *p.aliases))][:1]


# ---- questions side by side


def _hostile(one: Item, other: Item) -> bool:
    return other.entry.id in one.entry.enemies or one.entry.id in other.entry.enemies


def _asked(item: Item) -> str:
    """The stem, with what an ordering or a matching adds to a stem that says little."""
    match item.question.kind:
        case Order() as kind:
            return " ".join((item.entry.stem, *(step.text for step in kind.items)))
        case Match() as kind:
            return " ".join((item.entry.stem, *(f"{pair.prompt} {pair.response}" for pair in kind.pairs)))
        case _:
            return item.entry.stem


def repeats(reading: Reading) -> Iterator[Problem]:
    """Stems that nearly repeat an earlier one, unless one of the questions names the other as its enemy."""
    items = reading.items
    texts = [" ".join(words(_asked(item))) for item in items]
    named: set[int] = set()
    for first, second in sorted({*_same_words(texts), *_same_letters(texts)}):
        early, late = items[first], items[second]
        if second not in named and not _hostile(early, late):
            named.add(second)
            where = f"{early.entry.id} ({early.file.name}:{early.line()})"
            yield _problem(late, "stem", f"nearly the stem of {where}; reword one, or name each other in `enemies`")


def _same_words(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs that share `ALIKE` of their words.

    Two such sets have one of their rarest words in common (prefix filtering, Chaudhuri and others 2006), so only texts
    that share one of those are compared.
    """
    sets = [frozenset(text.split()) for text in texts]
    uses = Counter(word for these in sets for word in these)
    homes: dict[str, list[int]] = defaultdict(list)
    for n, these in enumerate(sets):
        rare = sorted(these, key=lambda word: (uses[word], word))[: len(these) - math.ceil(ALIKE * len(these)) + 1]
        for other in {m for word in rare for m in homes[word]}:
            if len(these & sets[other]) >= ALIKE * len(these | sets[other]):
                yield other, n
        for word in rare:
            homes[word].append(n)


def _same_letters(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs that few edits part."""
    from rapidfuzz import process

    scores = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=SPELT_ALIKE, workers=-1)
    for first, second in zip(*scores.nonzero(), strict=True):
        if first < second:
            yield int(first), int(second)


def leaks(reading: Reading) -> Iterator[Problem]:
    """A key that the stem of another question on the topic spells out, where few stems do."""
    stems = [(item, f" {' '.join(words(plain(item.entry.stem)))} ") for item in reading.items]
    for item in reading.items:
        for key in {f" {' '.join(words(plain(text)))} " for text in _recommended(item)}:
            if len(key) < 12:
                continue
            found = [other for other, stem in stems if key in stem and other is not item]
            near = [o for o in found if set(o.entry.topics) & set(item.entry.topics) and not _hostile(item, o)]
            if len(found) <= 2 and near:
                where = f"{near[0].entry.id} ({near[0].file.name}:{near[0].line()})"
                text = f"its answer ({key.strip()}) stands in the stem of {where}; name each other in `enemies`"
                yield _problem(item, "id", text, True)


# ---- the other files


def _syllabus(reading: Reading) -> Iterator[Problem]:
    """Each fact of a topic belongs to one objective of it."""
    homes: dict[str, list[str]] = defaultdict(list)
    for topic in reading.topics.values():
        name = f"syllabus/{topic.id}.yaml"
        if name not in reading.documents:
            text = f"the topic {topic.id!r} is in a file of another name; rename it to {topic.id}.yaml"
            yield _elsewhere(reading, "pack.yaml", text)
        for n, objective in enumerate(topic.objectives):
            for fact in objective.facts:
                homes[fact].append(name)
                if fact not in reading.facts:
                    text = f"no fact {fact!r} in facts.yaml; check the spelling"
                    yield _elsewhere(reading, name, text, "objectives", n, "facts")
    for entry in reading.facts.values():
        name = f"syllabus/{entry.topic}.yaml"
        if name in reading.documents and len(homes[entry.id]) != 1:
            text = f"fact {entry.id!r} stands in {len(homes[entry.id])} objectives; put it into exactly one"
            yield _elsewhere(reading, name, text, "objectives")


def _glossary(reading: Reading) -> Iterator[Problem]:
    """A name means one term."""
    owners: dict[str, str] = {}
    for n, term in enumerate(reading.terms):
        for said in dict.fromkeys(normalise(name) for name in (term.term, *term.aliases, *term.misspellings)):
            if owners.setdefault(said, term.term) != term.term:
                text = f"{said!r} already means {owners[said]!r}; a name belongs to one term, take it out of the other"
                yield _elsewhere(reading, "glossary.yaml", text, n)


def _blueprints(reading: Reading) -> Iterator[Problem]:
    for blueprint in reading.blueprints.values():
        name = f"blueprints/{blueprint.id}.yaml"
        total = sum(domain.weight for domain in blueprint.domains)
        if abs(total - 1) > WEIGHTS:
            yield _elsewhere(reading, name, f"the weights add up to {total:g}; make them 1", "domains")
        for n, domain in enumerate(blueprint.domains):
            for m, task in enumerate(domain.tasks):
                for topic in (topic for topic in task.topics if topic not in reading.topics):
                    place = ("domains", n, "tasks", m, "topics")
                    yield _elsewhere(reading, name, f"no topic {topic!r}; use the id of a file in syllabus/", *place)
    yield from _target(reading)


def _target(reading: Reading) -> Iterator[Problem]:
    if reading.pack is None:
        return
    target = reading.blueprints.get(reading.pack.blueprint)
    if target is None and reading.blueprints:
        text = f"no blueprint {reading.pack.blueprint!r}; write it or name another"
        yield _elsewhere(reading, "pack.yaml", text, "blueprint")
    elif target and target.status in ("retired", "ended"):
        text = f"the default exam {target.id!r} is {target.status}; name one that can be sat"
        yield _elsewhere(reading, "pack.yaml", text, "blueprint")
