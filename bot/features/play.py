"""Asking and answering: a question for me alone, a short run with a result, and what every answer goes through."""

from collections import Counter
from datetime import date, timedelta
from typing import Annotated

from bot.engine import calendar, picker
from bot.engine.errors import FormError, QuizError
from bot.engine.question import LETTERS, Grade, Pack, Question
from bot.engine.round import Asked, Round, RoundKind, Submission
from bot.engine.scoring import points
from bot.engine.streak import Streak
from bot.features import cards
from bot.features.topics import find_anywhere
from bot.ports import Context, Reply, Report, Scope
from bot.routing import About, Range, Router, TopicName
from bot.ui import Button, Buttons, Call, Card, Element, Form, LongText, Md, Table, Text, When, clip

router = Router()

REDRAW = timedelta(seconds=3)
REDRAW_OLD = timedelta(minutes=1)
FRESH = timedelta(hours=1)
"""How often a daily's card is drawn again: platforms limit edits, and more so those of messages over an hour old."""

TopicArg = Annotated[TopicName, About("A topic of the pack, or nothing for all of them")]


@router.command("Get one question for you alone", solo=True)
def ask(ctx: Context, topic: TopicArg = "") -> Reply:
    return Reply(private=_start(ctx, topic, 1))


@router.command("Take a short quiz for you alone, with a result by topic", solo=True)
def quiz(
    ctx: Context, topic: TopicArg = "", count: Annotated[int, Range(1, 20), About("How many questions")] = 5
) -> Reply:
    return Reply(private=_start(ctx, topic, count))


@router.action(reads=True)
def show(ctx: Context, round: int, position: int) -> Reply:
    """Show a question of a solo round."""
    return Reply(private=_solo_card(ctx, _round(ctx, round), position))


@router.action()
def answer(ctx: Context, round: int, position: int, letter: str) -> Reply:
    asked_round, question = _admitted(ctx, round, position)
    given = question.kind.press(letter, asked_round.asked[position].shown)
    return _submit(ctx, asked_round, position, question, given)


@router.action(reads=True, form=True)
def form(ctx: Context, round: int, position: int) -> Reply:
    """Open the form of a question that needs more than a letter."""
    asked_round, question = _admitted(ctx, round, position)
    given = _given(ctx, asked_round, position)
    if given is not None:
        return Reply(private=already_card(ctx, asked_round, given))
    inputs = question.kind.inputs(asked_round.asked[position].shown)
    if not inputs:
        raise QuizError("This question is answered by its letters. Press one of them.")
    return Reply(form=Form(question.kind.action, inputs, Call.of("play.submit", round, position), "Answer"))


@router.action()
def submit(ctx: Context, round: int, position: int) -> Reply:
    """Take the form that `form` opened."""
    asked_round, question = _admitted(ctx, round, position)
    given = question.kind.read(ctx.values, asked_round.asked[position].shown)
    return _submit(ctx, asked_round, position, question, given)


@router.action(reads=True)
def why(ctx: Context, round: int, position: int) -> Reply:
    """Explain the answer of a question that has closed."""
    asked_round = _round(ctx, round)
    if asked_round.open_at(ctx.now) or not 0 <= position < len(asked_round.asked):
        raise QuizError("This question is still open. Answer it first.")
    asked = asked_round.asked[position]
    question = cards.recall(ctx, asked_round, asked)
    answer = Text(Md(question.kind.answer(asked.shown)))
    return Reply(private=Card("The answer", (Text(Md(question.stem)), answer, *cards.teaching(question))))


@router.action(reads=True)
def verdict(ctx: Context, round: int, position: int) -> Reply:
    """Show the verdict on an answer given before."""
    asked_round = _round(ctx, round)
    given = _given(ctx, asked_round, position)
    if given is None:
        raise QuizError("You have not answered this question. Press one of its buttons first.")
    if asked_round.open_at(ctx.now) and asked_round.reveal == "at close":
        return Reply(private=_accepted_card(ctx, asked_round))
    question = cards.recall(ctx, asked_round, asked_round.asked[position])
    # The glossary may have changed since: what the answer was worth then holds.
    note = question.kind.grade(given.given, cards.known_terms(ctx, asked_round)).note
    grade = Grade(given.right, note if given.right else "")
    return Reply(private=_verdict(ctx, asked_round, question, given, grade, ctx.player.streak))


@router.action(reads=True)
def result(ctx: Context, round: int) -> Reply:
    """Show the result of a solo round."""
    asked_round = _round(ctx, round)
    if asked_round.player != ctx.player.id:
        raise QuizError("This is not a quiz of yours. Start one with /quiz quiz.")
    return Reply(private=_result_card(ctx, asked_round, ctx.uow.rounds.mine(round, ctx.player.id)))


@router.action(reads=True, form=True)
def report(ctx: Context, question: str, revision: str) -> Reply:
    """Open the form that says what is wrong with a question."""
    wrong = LongText("text", "What is wrong?", hint="The key, a source, the wording …", max_length=500)
    return Reply(form=Form("About this question", (wrong,), Call.of("play.file", question, revision)))


@router.action()
def file(ctx: Context, question: str, revision: str) -> Reply:
    """Keep what somebody says is wrong with a question."""
    text = " ".join("".join(ctx.values.get("text", ())).split())[:500]
    if not text:
        raise FormError({"text": "Say in a few words what is wrong."})
    if ctx.uow.rounds.kept(question, revision) is None:
        raise QuizError("I don't know this question any more. Report it from a newer message.")
    ctx.uow.rounds.report(Report(ctx.space.id, ctx.player.id, question, revision, text, ctx.now))
    return Reply(private=cards.say("Thank you", "Your remark is kept with the question; the admins here see it."))


def already_card(ctx: Context, round: Round, given: Submission) -> Card:
    """The kind refusal of a second answer."""
    question = cards.recall(ctx, round, round.asked[given.position])
    lines: list[Element] = [
        Text(
            "Your answer is in since ",
            When(given.at, "time"),
            ": ",
            _spoken(question, given),
            ". One answer each; the first counts.",
        )
    ]
    if round.reveal == "at once" or not round.open_at(ctx.now):
        show_it = Button("Show my verdict", Call.of("play.verdict", round.id, given.position))
        lines.append(Buttons(show_it))
    elif round.closes:
        lines.append(Text("The answer is shown when it closes, ", When(round.closes, "relative"), "."))
    return Card("You have answered this one", tuple(lines))


def _start(ctx: Context, topic: str, count: int) -> Card:
    """Open a solo round and show its first question."""
    pack, wanted = find_anywhere(ctx.bank, topic) if topic else (ctx.bank.default, None)
    chosen = _pick(ctx, pack, wanted.id if wanted else "", count)
    asked = tuple(keep(ctx, question) for question in chosen)
    kind: RoundKind = "ask" if count == 1 else "quiz"
    draft = Round(
        0, ctx.space.id, kind, pack.id, asked, ctx.now, player=ctx.player.id, topic=wanted.id if wanted else ""
    )
    opened = ctx.uow.rounds.open(draft)
    assert opened is not None, "only dailies are unique"
    return _solo_card(ctx, opened, 0)


def keep(scope: Scope, question: Question) -> Asked:
    """Remember a question as it stands now, in an order of its own."""
    scope.uow.rounds.keep(question.id, question.revision, scope.bank.archive(question))
    return Asked(question.id, question.revision, question.kind.shuffle(scope.chance))


def _pick(ctx: Context, pack: Pack, topic: str, count: int) -> list[Question]:
    """Questions this person has not met, then the longest unseen; never one that is open as a daily."""
    dailies = open_as_daily(ctx, ctx.space.id)
    every = pack.active(*[topic] if topic else [])
    pool = [question for question in every if question.id not in dailies]
    if not pool and every:
        raise QuizError("The only question on this topic is open as a daily now. Answer it with /quiz daily.")
    if not pool:
        raise QuizError("There is no question on this topic yet. See /quiz topics for those that have some.")
    met = sorted(ctx.uow.rounds.seen(ctx.player.id), key=lambda seen: seen.last)
    seen = {item.question: item.last.timestamp() for item in met}
    return picker.pick(pool, seen, [item.question for item in met], ctx.chance, count)


def open_as_daily(scope: Scope, space: int) -> set[str]:
    """Questions that are open as a daily somewhere in the space: their answer must not be told elsewhere."""
    return {asked.question for round in scope.uow.rounds.open_dailies(space) for asked in round.asked}


def _admitted(ctx: Context, id: int, position: int) -> tuple[Round, Question]:
    """A round and the question of it that this person may answer now."""
    round = _round(ctx, id)
    if not round.open_at(ctx.now) and 0 <= position < len(round.asked):
        raise _closed(ctx, round, position)
    asked = round.admit(ctx.player.id, position, ctx.now)
    if round.kind != "daily" and asked.question in open_as_daily(ctx, ctx.space.id):
        raise QuizError(
            "This question is open as a daily now. Answer it there; it comes back to practice when it has closed.",
            Button("Today's question", Call("daily")),
            _onward(round, position),
        )
    return round, cards.recall(ctx, round, asked)


def _closed(ctx: Context, round: Round, position: int) -> QuizError:
    asked = round.asked[position]
    key = cards.recall(ctx, round, asked).kind.key(asked.shown)
    return QuizError(
        f"This button belongs to a question that has closed. The answer was {key}.",
        Button("Why", Call.of("play.why", round.id, position)),
    )


def _round(ctx: Context, id: int) -> Round:
    found = ctx.uow.rounds.get(id)
    if found is None or found.space != ctx.space.id:
        raise QuizError("I don't know this question any more. Get a new one with /quiz ask.")
    return found


def _given(ctx: Context, round: Round, position: int) -> Submission | None:
    mine = ctx.uow.rounds.mine(round.id, ctx.player.id)
    return next((one for one in mine if one.position == position), None)


def _submit(ctx: Context, round: Round, position: int, question: Question, given: str) -> Reply:
    """Mark an answer, keep it, and say what it was worth."""
    grade = question.kind.grade(given, cards.known_terms(ctx, round))
    submission = _submission(ctx, round, position, given, grade.right)
    at_close = round.kind == "daily" and round.reveal == "at close"
    if not ctx.uow.rounds.record(submission, () if at_close else board_periods(ctx, submission)):
        earlier = _given(ctx, round, position)
        assert earlier is not None
        return Reply(private=already_card(ctx, round, earlier))
    if round.kind != "daily":
        return _solo_reply(ctx, round, position, question, submission, grade)
    streak = _count_daily(ctx, round, submission)
    if at_close:
        return Reply(private=_offering_zone(ctx, _accepted_card(ctx, round)))
    return Reply(private=_offering_zone(ctx, _verdict(ctx, round, question, submission, grade, streak)))


def _offering_zone(ctx: Context, card: Card) -> Card:
    """Somebody's first daily is when to ask for the zone their days are counted in, where their platform tells none."""
    if ctx.player.zone or ctx.player.streak.last is not None:
        return card
    return Card(card.title, (*card.body, Buttons(Button("Set my time zone", Call("settings")))), card.accent)


def _submission(ctx: Context, round: Round, position: int, given: str, right: bool) -> Submission:
    asked = round.asked[position]
    first = ctx.uow.rounds.meet(ctx.player.id, asked.question)
    zone = ctx.player.zone_at(ctx.now, ctx.space)
    return Submission(
        round=round.id,
        position=position,
        space=ctx.space.id,
        player=ctx.player.id,
        team=ctx.player.team,
        kind=round.kind,
        question=asked.question,
        revision=asked.revision,
        shown=asked.shown,
        given=given,
        right=right,
        points=points(round.kind, right, first),
        at=ctx.now,
        day=calendar.learner_day(ctx.now, calendar.zone(zone)),
        zone=zone,
        first=first,
    )


def board_periods(ctx: Context, submission: Submission) -> tuple[str, ...]:
    where = calendar.zone(ctx.space.zone)
    return tuple(calendar.periods(submission.at, where, ctx.space.season).values())


def _count_daily(ctx: Context, round: Round, submission: Submission) -> Streak:
    """What an answer to a daily brings besides points: the streak, and a fresh number on the card."""
    pause = REDRAW_OLD if ctx.now - round.opened > FRESH else REDRAW
    ctx.uow.due.put("daily.redraw", str(round.id), ctx.now + pause)
    streak = ctx.player.streak
    if streak.counted(submission.day):
        return streak
    skipped = streak.last is not None and submission.day - streak.last > timedelta(days=1)
    missed: list[date] = []
    if skipped and streak.last:
        missed = ctx.uow.rounds.missed_days(ctx.space.id, ctx.player.id, streak.last, submission.day)
    grown = streak.answered(submission.day, submission.at, submission.zone, missed)
    ctx.uow.rounds.extend_streak(ctx.player.id, grown)
    return grown


def _solo_card(ctx: Context, round: Round, position: int) -> Card:
    question = _admitted(ctx, round.id, position)[1]
    asked = round.asked[position]
    body = cards.asked_body(ctx, round, question, asked)
    return Card(_solo_title(round, position), (*body, *cards.answer_rows(round, position, question, asked)), "question")


def _solo_reply(
    ctx: Context, round: Round, position: int, question: Question, submission: Submission, grade: Grade
) -> Reply:
    """The question without its buttons, and the verdict with what comes next."""
    asked = round.asked[position]
    answered = Text("You answered: ", _spoken(question, submission))
    spent = Card(_solo_title(round, position), (*cards.asked_body(ctx, round, question, asked), answered), "question")
    return Reply(update=spent, private=_verdict(ctx, round, question, submission, grade, ctx.player.streak))


def _solo_title(round: Round, position: int) -> str:
    return "A question for you" if round.kind == "ask" else f"Question {position + 1} of {len(round.asked)}"


def _verdict(ctx: Context, round: Round, question: Question, given: Submission, grade: Grade, streak: Streak) -> Card:
    pack = ctx.bank.packs.get(round.pack)
    report, more = cards.follow_up(pack, question)
    after = more if round.kind != "quiz" else _onward(round, given.position)
    footer = _footer(ctx, streak) if round.kind == "daily" else _points_line(given)
    return cards.verdict_card(question, round.asked[given.position], given.given, grade, footer, (report, after))


def _onward(round: Round, position: int) -> Button:
    if position + 1 < len(round.asked):
        return Button("Next question", Call.of("play.show", round.id, position + 1), "primary")
    return Button("See the result", Call.of("play.result", round.id), "primary")


def _points_line(given: Submission) -> str:
    if given.points:
        return f"{cards.counted(given.points, 'point')} for a question you had not met before"
    return "Practice: no points" + (", you have met this question before" if given.right and not given.first else "")


def _footer(ctx: Context, streak: Streak) -> str:
    """Streak and the month so far."""
    month = calendar.periods(ctx.now, calendar.zone(ctx.space.zone), ctx.space.season)["month"]
    tally = ctx.uow.boards.tally(ctx.space.id, month, ctx.player.id)
    freeze = f" (a freeze was used on {streak.frozen:%A})" if streak.frozen else ""
    month_line = f" · {tally.right} of {tally.answered} right this month" if tally else ""
    return f"Streak {cards.counted(streak.days, 'day')}{freeze}{month_line}"


def _accepted_card(ctx: Context, round: Round) -> Card:
    """The answer is in; right or wrong is told when the question closes."""
    given = _given(ctx, round, 0)
    assert given is not None
    question = cards.recall(ctx, round, round.asked[0])
    count = cards.counted(ctx.uow.rounds.answered(round.id), "answer")
    reveal: list[Element] = (
        [Text("The answer is shown when it closes, ", When(round.closes, "relative"), ".")] if round.closes else []
    )
    return Card(
        "Your answer is in", (Text("You answered: ", _spoken(question, given)), Text(f"{count} so far."), *reveal)
    )


def _spoken(question: Question, given: Submission) -> str:
    """An answer as its author would say it: letters as shown, or what was typed."""
    if not given.shown:
        return clip(given.given, 80)
    if "," in given.given or question.kind.presses(given.shown):
        return " and ".join(sorted(LETTERS[given.shown.index(place)] for place in given.given.split(",")))
    return "".join(LETTERS[given.shown.index(place)] for place in given.given)


def _result_card(ctx: Context, round: Round, mine: list[Submission]) -> Card:
    pack = ctx.bank.packs.get(round.pack)
    total, right = Counter[str](), Counter[str]()
    for one in mine:
        title = cards.topic_title(pack, cards.recall(ctx, round, round.asked[one.position]))
        total[title] += 1
        right[title] += one.right
    weakest = sorted(total, key=lambda title: (right[title] / total[title], title))
    rows = tuple((clip(title, 40), f"{right[title]} of {total[title]}") for title in weakest)
    again = Button("Another one", Call.of("quiz", round.topic, len(round.asked)), "primary")
    scored = sum(one.points for one in mine)
    lines = (
        Table(("Topic", "Right"), rows, (1,)),
        Text(f"{cards.counted(scored, 'point')} for questions you had not met before", small=True),
        Buttons(again, Button("Leaderboard", Call("leaderboard"))),
    )
    unanswered = len(round.asked) - len(mine)
    title = f"Your quiz: {right.total()} of {len(round.asked)} right"
    return Card(title + (f", {unanswered} not answered" if unanswered else ""), lines)
