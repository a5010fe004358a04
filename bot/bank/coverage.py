"""What a pack tests: facts of the study notes by topic, and how much of an exam its questions reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.bank.load import Item, Reading
from bot.bank.schema import BlueprintEntry, FactEntry, TaskEntry

ENOUGH = 12
"""Questions from which a task of an exam can be tested without soon repeating itself."""


@dataclass(frozen=True, slots=True)
class TopicCover:
    """What is tested of one topic: `noted` facts are stated by the notes, `untested` ones have no question."""

    title: str
    facts: int
    noted: int
    untested: tuple[FactEntry, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class TaskCover:
    """What the pack has for one task of an exam. `weight` is its part of the exam, an equal part of its domain's."""

    domain: str
    task: TaskEntry
    weight: float
    questions: int

    @property
    def enough(self) -> bool:
        return self.questions >= ENOUGH


def by_topic(reading: Reading) -> list[TopicCover]:
    """Topics in the order of the facts, then those without facts."""
    counted = [item for item in reading.items if item.entry.status != "draft"]
    missed = {fact.id for fact in untested(reading)}
    names = dict.fromkeys([*(fact.topic for fact in reading.facts.values()), *reading.topics])
    return [_topic(reading, name, missed, counted) for name in names]


def _topic(reading: Reading, name: str, missed: set[str], counted: list[Item]) -> TopicCover:
    facts = [fact for fact in reading.facts.values() if fact.topic == name]
    return TopicCover(
        title=reading.topics[name].title if name in reading.topics else name,
        facts=len(facts),
        noted=sum(fact.notes is not None for fact in facts),
        untested=tuple(fact for fact in facts if fact.id in missed),
        questions=sum(name in item.entry.topics for item in counted),
    )


def untested(reading: Reading) -> Iterator[FactEntry]:
    """Facts of the notes that no question tests; where no key may rest on a fact, that none even mentions."""
    counted = [item.entry for item in reading.items if item.entry.status != "draft"]
    tested = {fact for entry in counted for fact in entry.facts}
    mentioned = tested | {fact for entry in counted for fact in entry.mentions}
    for fact in reading.facts.values():
        if fact.notes and not _covered(reading, fact, tested, mentioned):
            yield fact


def _covered(reading: Reading, fact: FactEntry, tested: set[str], mentioned: set[str]) -> bool:
    """Whether a fact, or the one that says the same, is used as it may be."""
    same = reading.facts.get(fact.same_as or "")
    used = mentioned if fact.key == "never" else tested
    return fact.id in used or (same is not None and same.id in (mentioned if same.key == "never" else tested))


def uncorrected(reading: Reading) -> list[FactEntry]:
    """Facts on which the notes are wrong or out of date, where no explanation says "Older study notes"."""
    said = {
        fact
        for item in reading.items
        if "older study notes" in item.entry.explanation.casefold()
        for fact in (*item.entry.facts, *item.entry.mentions)
    }
    wrong = [fact for fact in reading.facts.values() if fact.notes and fact.verdict in ("wrong", "outdated")]
    return [fact for fact in wrong if not said & {fact.id, fact.same_as}]


def by_task(reading: Reading, blueprint: BlueprintEntry) -> list[TaskCover]:
    """The tasks of an exam with the active questions on their topics; a question may serve several tasks."""
    active = [set(item.entry.topics) for item in reading.items if item.entry.status == "active"]
    return [
        TaskCover(
            f"{domain.id} {domain.title}",
            task,
            domain.weight / len(domain.tasks),
            sum(not topics.isdisjoint(task.topics) for topics in active),
        )
        for domain in blueprint.domains
        for task in domain.tasks
    ]
