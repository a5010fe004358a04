"""The look back on a week, posted before the first daily of the next."""

from datetime import date

from bot.engine.round import Round
from bot.features import cards
from bot.features.leaderboard import team_standings
from bot.ports import Schedule, Scope
from bot.ui import Button, Buttons, Call, Card, Element, Md, Table, Text, clip


def ended_week(scope: Scope, schedule: Schedule, day: date) -> tuple[str, list[Round]] | None:
    """The week of the dailies before `day` with those dailies, if `day` is the first one after that week."""
    recent = scope.uow.rounds.dailies(schedule.id, 8)
    last = [(round.day, round) for round in recent if round.day and round.day < day and not round.open_at(scope.now)]
    if not last or _week(last[0][0]) == _week(day):
        return None
    return _week(last[0][0]), [round for when, round in last if _week(when) == _week(last[0][0])]


def _week(day: date) -> str:
    """The key of a week, as in `calendar.periods`."""
    year, week, _ = day.isocalendar()
    return f"w{year}-{week:02}"


def recap_card(scope: Scope, schedule: Schedule, key: str, rounds: list[Round]) -> Card:
    """Last week: who was ahead, which team, and the question that was hardest."""
    players = scope.uow.boards.players(schedule.space, key, 3, 0)
    if not players:
        return cards.say("Last week", "Nobody answered last week. Today's question is a good place to start.")
    rows = tuple(
        (str(n), clip(one.name, 30), f"{one.points:,}", f"{one.right} of {one.answered}")
        for n, one in enumerate(players, 1)
    )
    total = scope.uow.boards.totals(schedule.space, key)[0]
    body: list[Element] = [
        Table(("", "Player", "Points", "Right"), rows, (0, 2, 3)),
        Text(f"{cards.counted(total, 'person', 'people')} took part, over {cards.counted(len(rounds), 'question')}."),
    ]
    teams = team_standings(scope, schedule.space, key)
    if teams:
        body.append(Text(f"Best team: {teams[0].tally.name}, score {teams[0].score:.1f}."))
    body += _hardest(scope, rounds)
    body.append(
        Buttons(
            Button("Leaderboard", Call.of("leaderboard", "week")),
            Button("Teams", Call.of("leaderboard", "week", "teams")),
        )
    )
    return Card("Last week", tuple(body))


def _hardest(scope: Scope, rounds: list[Round]) -> list[Text]:
    shares = []
    for round in rounds:
        total = scope.uow.rounds.answered(round.id)
        if total:
            shares.append((scope.uow.rounds.right(round.id, 0)[1] / total, total, round))
    if not shares:
        return []
    share, total, round = min(shares, key=lambda item: item[0])
    question = cards.recall(scope, round, round.asked[0])
    return [Text(Md(f"Hardest: {clip(question.stem, 200)} ({share:.0%} of {total} right)"))]
