"""The daily question as people see it: the command, and the card in the channel from opening to reveal."""

import hashlib
from collections import Counter
from dataclasses import replace

from bot.engine.errors import FormError, QuizError
from bot.engine.leaderboard import TeamTally, rank_teams
from bot.engine.question import Question
from bot.engine.round import Asked, Round, Submission
from bot.features import cards, reach
from bot.features.leaderboard import period_key, team_standings
from bot.features.play import already_card
from bot.ports import Context, Post, Reply, Scope, Space
from bot.routing import Router
from bot.ui import Button, Buttons, Call, Card, Element, Form, LongText, Md, Span, Text, When, clip, fit

router = Router()

FIRST_RIGHT = 3


# ---- what people see


@router.command("See today's question, answer it, or see how it went", reads=True, solo=True)
def daily(ctx: Context) -> Reply:
    found = _current(ctx)
    return Reply(private=_card(ctx, found) if found else _nothing_card(ctx))


@router.action(reads=True)
def show(ctx: Context, round: int) -> Reply:
    """Show a certain daily, as `daily` does."""
    found = ctx.uow.rounds.get(round)
    if found is None or found.space != ctx.space.id or found.kind != "daily":
        raise QuizError("I don't know this question any more. See today's with /quiz daily.")
    return Reply(private=_card(ctx, found))


@router.action(reads=True, form=True)
def discuss(ctx: Context, round: int) -> Reply:
    """Open the form for a thought about a closed question."""
    thought = LongText("text", "Your thought", hint="Everybody in the channel sees it", max_length=800)
    return Reply(form=Form("Discuss", (thought,), Call.of("daily.say", round), "Post"))


@router.action(name="daily.say")
def say_thought(ctx: Context, round: int) -> Reply:
    """Post a thought about a question in its channel, wherever it was written. The same thought twice is one."""
    found = ctx.uow.rounds.get(round)
    text = fit("".join(ctx.values.get("text", ())).strip(), 2500)
    if found is None or found.space != ctx.space.id or found.channel is None or not text:
        raise FormError({"text": "Write a thought first."})
    day = cards.spoken_date(found.day) if found.day else "earlier"
    card = Card(clip(f"{ctx.player.name} on the question of {day}", 150), (Text(text),))
    channel = ctx.uow.people.channel_by_id(found.channel)
    key = f"thought:{round}:{ctx.player.id}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    ctx.uow.outbox.post(Post(key, ctx.space.platform, ctx.space.external, channel.external, card), ctx.now)
    return Reply(private=cards.say(f"Your thought is on its way to #{clip(channel.name, 60)}"))


def _card(ctx: Context, found: Round) -> Card:
    """A daily as this person sees it: open, answered or closed."""
    if not found.open_at(ctx.now):
        return closed_card(ctx, found)
    mine = ctx.uow.rounds.mine(found.id, ctx.player.id)
    if not mine:
        return open_card(ctx, found)
    return _statistics(ctx, found, already_card(ctx, found, mine[0]))


def _statistics(ctx: Context, round: Round, card: Card) -> Card:
    """An answered daily with what may be told before it closes."""
    told = f"{_people(ctx.uow.rounds.answered(round.id))} answered"
    if round.reveal == "at once":
        told += f", {ctx.uow.rounds.right(round.id, 0)[1]:,} of them right"
    return Card(card.title, (*card.body, _told(told, round)), card.accent)


def _told(told: str, round: Round) -> Text:
    closes: tuple[Span, ...] = (" · closes ", When(round.closes, "datetime")) if round.closes else ()
    return Text(told, *closes, small=True)


def _current(ctx: Context) -> Round | None:
    """The newest daily that this person may be shown: one that is open, or else the last that was."""
    newest = [found for one in reach.schedules(ctx) for found in ctx.uow.rounds.dailies(one.id, 1)]
    return next(iter(reach.dailies(ctx)), None) or max(newest, key=lambda found: found.opened, default=None)


def elsewhere(ctx: Context) -> str:
    """How somebody gets to a daily question where none may be shown; names no channel, as they may not see it."""
    if ctx.uow.schedules.of_space(ctx.space.id):
        return "The daily question comes in channels. Type /quiz daily in the one where you see it."
    who = "Set one up" if ctx.player.may_manage else "An admin sets one up"
    return f"No channel here has a daily question yet. {who} with /quiz admin daily schedule."


def _nothing_card(ctx: Context) -> Card:
    first = "The first daily question has not come yet. /quiz ask gives you one now."
    line = first if reach.schedules(ctx) else elsewhere(ctx)
    return cards.say("No daily question yet", line, buttons=[Button("Practise", Call("ask"))])


# ---- the message in the channel


def open_card(scope: Scope, round: Round) -> Card:
    """The question with its buttons and how many have answered."""
    asked = round.asked[0]
    question = cards.recall(scope, round, asked)
    told = f"{_people(scope.uow.rounds.answered(round.id))} answered"
    body = (
        *cards.asked_body(scope, round, question, asked),
        *cards.answer_rows(round, 0, question, asked),
        _told(told, round),
    )
    return Card(_title(round), body, "question")


def closed_card(scope: Scope, round: Round, moved: str = "") -> Card:
    """The answer, how the answers were spread, who was right, and, at the close, what `moved` on the boards."""
    asked = round.asked[0]
    question = cards.recall(scope, round, asked)
    counts = scope.uow.rounds.counts(round.id)
    body: list[Element] = [*cards.asked_body(scope, round, question, asked)]
    body.append(Text(Md(f"**Answer:** {question.kind.answer(asked.shown)}")))
    body += _turnout(scope, round, question, asked, counts)
    body += [Text(moved)] if moved else []
    body.append(Text(Md(question.explanation)))
    pack = scope.bank.packs.get(round.pack)
    body.append(Buttons(Button("Discuss", Call.of("daily.discuss", round.id)), cards.more_on(pack, question)))
    return Card(f"{_title(round)} · closed", tuple(body), "neutral")


def _turnout(scope: Scope, round: Round, question: Question, asked: Asked, counts: dict[str, int]) -> list[Element]:
    total = sum(counts.values())
    if not total:
        return [Text("Nobody answered this one.")]
    names, right = scope.uow.rounds.right(round.id, FIRST_RIGHT)
    first = (
        f" First: {', '.join(names)}{f' and {right - len(names):,} more' if right > len(names) else ''}."
        if names
        else ""
    )
    told = Text(f"{right:,} of {total:,} {'was' if total == 1 else 'were'} right.{first}")
    return [cards.chart_of(question, asked, counts), told]


def _title(round: Round) -> str:
    return f"Daily question · {cards.spoken_date(round.day)}" if round.day else "Daily question"


def _people(count: int) -> str:
    return "Nobody has" if not count else "1 has" if count == 1 else f"{count:,} have"


def moved(scope: Scope, round: Round) -> str:
    """What the round changed on this season's boards: a team that passed another, or a new leader."""
    space = scope.uow.people.space(round.space)
    if round.opened < space.season_since:
        return ""
    key = period_key(space, scope, "season")
    gained = scope.uow.rounds.of_round(round.id)
    return _teams_moved(scope, space, key, gained) or _lead_moved(scope, space, key, gained)


def _teams_moved(scope: Scope, space: Space, key: str, gained: list[Submission]) -> str:
    now = team_standings(scope, space.id, key)
    players, total = scope.uow.boards.totals(space.id, key)
    average = (total - sum(one.points for one in gained)) / players if players else 0.0
    earlier = [_before(place.tally, gained) for place in now]
    was = {place.tally.team: place.rank for place in rank_teams([team for team in earlier if team.points], average)}
    for place in now:
        ahead = was.get(place.tally.team, 0)
        passed = [other for other in now if other.rank > place.rank and 0 < was.get(other.tally.team, 0) < ahead]
        if passed:
            return f"{place.tally.name} passes {passed[0].tally.name} for {_ordinal(place.rank)} place."
    return ""


def _before(team: TeamTally, gained: list[Submission]) -> TeamTally:
    """A team without what it gained."""
    own = [one for one in gained if one.team == team.team]
    points, right = sum(one.points for one in own), sum(one.right for one in own)
    return replace(team, points=team.points - points, right=team.right - right, answered=team.answered - len(own))


def _lead_moved(scope: Scope, space: Space, key: str, gained: list[Submission]) -> str:
    now = scope.uow.boards.players(space.id, key, 10, 0)
    points = Counter({one.player: one.points for one in gained})
    before = sorted(now, key=lambda tally: -(tally.points - points[tally.subject]))
    had = before[0].points - points[before[0].subject] if before else 0
    moved = bool(now) and had > 0 and before[0].subject != now[0].subject and now[0].points > before[0].points
    return f"{now[0].name} takes the lead." if moved else ""


def _ordinal(rank: int) -> str:
    words = {1: "first", 2: "second", 3: "third"}
    return words.get(rank, f"{rank}th")
