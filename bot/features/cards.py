"""The cards a question goes through: asked, answered, judged, closed. Shared by the features that ask."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.engine.question import Grade, Pack, Question
from bot.engine.round import Asked, Round
from bot.ports import Scope
from bot.ui import Button, Buttons, Call, Card, Chart, Divider, Element, Md, Span, Text, clip

LISTED = 7
"""The most entries a list has before "and 12 more"."""


def spoken_date(day: date) -> str:
    return f"{day.day} {day:%B}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 answer`, `2 answers`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], total: int = 0) -> str:
    """Names as a sentence would say them: the first few, "and 12 more" for the rest."""
    shown = names[:LISTED]
    more = max(total, len(names)) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def say(title: str, *lines: str | Span, accent: str = "neutral", buttons: Sequence[Button] = ()) -> Card:
    """A plain card: paragraphs and, below them, buttons."""
    body: list[Element] = [Text(line) for line in lines]
    if buttons:
        body.append(Buttons(*buttons))
    return Card(title, tuple(body), accent)  # type: ignore[arg-type]


def recall(scope: Scope, round: Round, asked: Asked) -> Question:
    """The question as it was asked, even where its file has changed or gone since."""
    pack = scope.bank.packs.get(round.pack)
    question = pack.questions.get(asked.question) if pack else None
    if question and question.revision == asked.revision:
        return question
    body = scope.uow.rounds.kept(asked.question, asked.revision)
    assert body is not None, "a round asks only what was kept when it opened"
    return scope.bank.revive(body)


def known_terms(scope: Scope, round: Round) -> frozenset[str]:
    pack = scope.bank.packs.get(round.pack)
    return pack.known if pack else frozenset()


def topic_title(pack: Pack | None, question: Question) -> str:
    topic = pack.topics.get(question.topics[0]) if pack else None
    return topic.title if topic else question.topics[0]


def asked_body(scope: Scope, round: Round, question: Question, asked: Asked) -> tuple[Element, ...]:
    """Topic, difficulty, case, stem and options: all a question shows before it is answered."""
    subject = Text(f"{topic_title(scope.bank.packs.get(round.pack), question)} · {question.difficulty}", small=True)
    stem = (Text(Md(question.stem)), *question.kind.lines(asked.shown))
    if question.case is None:
        return (subject, *stem)
    return (subject, Text(Md(f"**{question.case.title}**\n{question.case.text}")), Divider(), *stem)


def answer_rows(round: Round, position: int, question: Question, asked: Asked) -> tuple[Buttons, ...]:
    """The buttons that answer, and the one that explains a term."""
    explain = Button("Explain a term", Call.of("glossary.ask", round.pack))
    letters = question.kind.presses(asked.shown)
    if not letters:
        open_form = Button(question.kind.action, Call.of("play.form", round.id, position), "primary")
        return (Buttons(open_form, explain),)
    buttons = [Button(letter, Call.of("play.answer", round.id, position, letter)) for letter in letters]
    return (
        (Buttons(*buttons, explain),) if len(buttons) < 5 else (Buttons(*buttons[:5]), Buttons(*buttons[5:], explain))
    )


def verdict_card(
    question: Question,
    asked: Asked,
    given: str,
    grade: Grade,
    footer: str,
    buttons: Sequence[Button],
) -> Card:
    """Right or not, why, the rule to keep and where it is written; for one person alone."""
    word, accent = ("✓ Right", "right") if grade.right else ("✗ Not quite", "wrong")
    body: list[Element] = []
    typed = not asked.shown
    if typed:
        body.append(Text("You answered: ", clip(given, 80)))
    body += [Text(Md(line)) for line in question.kind.review(given, asked.shown)]
    if grade.note:
        body.append(Text(grade.note))
    body += [*teaching(question), Text(footer, small=True)]
    if buttons:
        body.append(Buttons(*buttons))
    return Card(clip(f"{word}: {question.kind.key(asked.shown)}", 150), tuple(body), accent)  # type: ignore[arg-type]


def teaching(question: Question) -> Iterator[Element]:
    """Explanation, the line to keep, and the source."""
    yield Text(Md(question.explanation))
    if question.remember:
        yield Text(Md(f"**Remember:** {question.remember}"))
    source = question.sources[0]
    yield Text(
        f"Source: {clip(source.title, 140)} · checked {spoken_date(source.checked)} {source.checked.year}", small=True
    )


def chart_of(question: Question, asked: Asked, counts: dict[str, int]) -> Chart:
    """How the answers to a question were spread."""
    return Chart("bars", "Answers given", question.kind.tally(counts, asked.shown))


def follow_up(pack: Pack | None, question: Question) -> tuple[Button, Button]:
    """What may be done after a verdict: say what is wrong with the question, or go on with its topic."""
    report = Button("Something wrong with this question?", Call.of("play.report", question.id, question.revision))
    return report, more_on(pack, question)


def more_on(pack: Pack | None, question: Question) -> Button:
    return Button(clip(f"Three more on {topic_title(pack, question)}", 75), Call.of("quiz", question.topics[0], 3))
