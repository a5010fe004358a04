"""The topics of the pack: a list to choose from, and finding one by what people call it."""

import difflib
from contextlib import suppress
from typing import Annotated

from bot.engine.errors import QuizError
from bot.engine.question import Pack, Topic
from bot.features import cards
from bot.ports import Bank, Context, Reply
from bot.routing import About, Range, Router
from bot.ui import Button, Buttons, Call, Card, Element, Option, Select, Table, Text, clip

router = Router()


@router.command("See the topics, and how you are doing on each", reads=True, solo=True)
def topics(ctx: Context, page: Annotated[int, Range(1, 100), About("Page of the list")] = 1) -> Reply:
    return Reply(private=_list_card(ctx, page))


@router.action(reads=True)
def turn(ctx: Context, page: int) -> Reply:
    """Show another page in place."""
    return Reply(update=_list_card(ctx, page))


def _list_card(ctx: Context, page: int) -> Card:
    pack = ctx.bank.default
    counts = question_counts(pack)
    asked = [topic for topic in pack.topics.values() if counts.get(topic.id)]
    pages = max(1, -(-len(asked) // cards.LISTED))
    page = max(1, min(page, pages))
    shown = asked[(page - 1) * cards.LISTED : page * cards.LISTED]
    mine = results(ctx, ctx.player.id)
    rows = tuple(_row(topic, counts[topic.id], mine.get(topic.id)) for topic in shown)
    body: list[Element] = [Table(("Topic", "Questions", "Your answers"), rows, (1,))]
    body.append(
        Select(Call("ask"), "Ask me about …", tuple(Option(clip(topic.title, 75), topic.id) for topic in shown))
    )
    if turns := _turns(page, pages):
        body.append(Buttons(*turns))
    body.append(Text(f"Page {page} of {pages} · {cards.counted(len(asked), 'topic')} in {pack.title}", small=True))
    return Card("Topics", tuple(body))


@router.suggests("topic")
def suggest_topics(ctx: Context, typed: str) -> list[str]:
    wanted = typed.casefold()
    pack = ctx.bank.default
    return [topic.id for topic in pack.topics.values() if any(wanted in name for name in _names(topic))][:25]


def find_anywhere(bank: Bank, typed: str) -> tuple[Pack, Topic]:
    """The topic meant, in the first pack that has it."""
    for pack in bank.packs.values():
        with suppress(QuizError):
            return pack, find_topic(pack, typed)
    return bank.default, find_topic(bank.default, typed)


def find_topic(pack: Pack, typed: str) -> Topic:
    """The topic meant by an id, a title or an alias; refuses with the nearest."""
    wanted = " ".join(typed.casefold().split())
    names: dict[str, Topic] = {}
    for topic in pack.topics.values():
        for name in _names(topic):
            names.setdefault(name, topic)
    if wanted in names:
        return names[wanted]
    within = {found.id: found for name, found in names.items() if wanted in name}
    if len(within) == 1:
        return next(iter(within.values()))
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    hints = list(dict.fromkeys(names[name].id for name in close)) or list(within)[:3]
    ways = [Button(clip(pack.topics[hint].title, 75), Call.of("ask", hint)) for hint in hints]
    raise QuizError(
        f"Topic “{clip(typed, 40)}” isn't in this pack. "
        + (f"Did you mean {' or '.join(hints)}?" if hints else "See /quiz topics for all of them."),
        *ways,
        Button("All topics", Call("topics")),
    )


def question_counts(pack: Pack) -> dict[str, int]:
    """Questions that may be asked, by topic."""
    counts: dict[str, int] = {}
    for question in pack.active():
        for topic in question.topics:
            counts[topic] = counts.get(topic, 0) + 1
    return counts


def results(ctx: Context, player: int) -> dict[str, tuple[int, int]]:
    """Right answers and answers by topic. What has left the pack is left out, and so is what is open as a daily: its
    verdict may not be told yet."""
    found: dict[str, tuple[int, int]] = {}
    dailies = [asked.question for round in ctx.uow.rounds.open_dailies(ctx.space.id) for asked in round.asked]
    for item in ctx.uow.rounds.seen(player):
        question = ctx.bank.default.questions.get(item.question)
        if question and item.question not in dailies:
            right, answered = found.get(question.topics[0], (0, 0))
            found[question.topics[0]] = (right + item.right, answered + item.answered)
    return found


def _names(topic: Topic) -> list[str]:
    return [topic.id.casefold(), topic.title.casefold(), *(alias.casefold() for alias in topic.aliases)]


def _row(topic: Topic, count: int, mine: tuple[int, int] | None) -> tuple[str, str, str]:
    return (clip(topic.title, 44), str(count), f"{mine[0]} of {mine[1]} right" if mine else "none yet")


def _turns(page: int, pages: int) -> list[Button]:
    back = [Button("Previous", Call.of("topics.turn", page - 1))] if page > 1 else []
    return back + ([Button("Next", Call.of("topics.turn", page + 1))] if page < pages else [])
