"""Whether typed questions take what they should: their names and one-typo variants, and no other term."""

from collections.abc import Iterator

from bot.bank.load import Item, Problem, Reading
from bot.engine.kinds.text import TypedTerm, normalise


def typed(reading: Reading) -> Iterator[Problem]:
    """Every answer that would be marked wrongly by the real grading."""
    names = [(term.misspellings, [term.term, *term.aliases]) for term in reading.terms]
    for item in reading.items:
        if isinstance(item.question.kind, TypedTerm):
            yield from _marked(item, item.question.kind, names, reading.known)


def _marked(
    item: Item, kind: TypedTerm, terms: list[tuple[tuple[str, ...], list[str]]], known: frozenset[str]
) -> Iterator[Problem]:
    accepted = {normalise(text) for text in kind.accept}
    meant = {normalise(mistake.text) for mistake in kind.wrong}
    stem = normalise(item.entry.stem)

    def refused(text: str) -> bool:
        return not kind.grade(text, known).right

    for misspelt, names in terms:
        own = not accepted.isdisjoint(map(normalise, names))
        for name in names:
            if own and refused(name) and normalise(name) not in meant and normalise(name) not in stem:
                mend = "add it to `accept`, or to `wrong` with the reason"
                yield _said(item, f"{name!r} means the same but is refused; {mend}")
            if not own and not refused(name):
                yield _said(item, f"{name!r} is another term but would be marked right; reword `accept`")
        for text in filter(refused, misspelt if own else ()):
            yield _said(item, f"{text!r} is refused; add it to `accept`", True)
    for answer in kind.accept:
        if wrong := [text for text in variants(answer, known - accepted) if refused(text)]:
            yield _said(item, f"{answer!r} mistyped as {wrong[0]!r} is refused ({len(wrong)} such); report it as a bug")


def _said(item: Item, text: str, advice: bool = False) -> Problem:
    return Problem(item.file, item.line("accept"), f"{item.entry.id}: {text}", advice)


def variants(answer: str, others: frozenset[str]) -> Iterator[str]:
    """`answer` with one typo: a letter left out, two neighbours swapped, a letter replaced.

    Digits stay, answers of up to three letters have no variants, and what another term is called is no typo.
    """
    if len(normalise(answer)) <= 3:
        return
    for n, letter in enumerate(answer):
        rest = answer[n + 1 :]
        swapped = answer[:n] + rest[:1] + letter + rest[1:]
        replaced = answer[:n] + ("x" if letter not in "xX" else "z") + rest
        for text in (answer[:n] + rest, swapped, replaced):
            if _digits(text) == _digits(answer) and normalise(text) not in others:
                yield text


def _digits(text: str) -> str:
    """The numbers in a text; a letter between digits parts two numbers."""
    return "".join(char if char.isdigit() else " " for char in text).strip()
