"""Who is ahead: players and teams, by period, and the tables of seasons that have ended."""

from typing import Annotated, Literal

from bot.engine import calendar
from bot.engine.leaderboard import Standing, TeamStanding, rank, rank_teams
from bot.features import cards, reach
from bot.ports import Context, Reply, Scope, Space
from bot.routing import About, Range, Router
from bot.ui import Button, Buttons, Call, Card, Element, Option, Select, Table, Text, When, clip

router = Router()

PAGE = 10
Period = Literal["today", "week", "month", "season", "all"]
Of = Literal["players", "teams"]
SAID = {"today": "today", "week": "this week", "month": "this month", "season": "this season", "all": "all time"}

PeriodArg = Annotated[Period, About("Which stretch of time")]
OfArg = Annotated[Of, About("Players, or teams")]
PageArg = Annotated[int, Range(1, 100_000), About("Page of the board")]


@router.command("Show who is ahead", reads=True, solo=True)
def leaderboard(ctx: Context, period: PeriodArg = "week", of: OfArg = "players", page: PageArg = 1) -> Reply:
    return Reply(private=board_card(ctx, period, of, page))


@router.action(reads=True)
def turn(ctx: Context, of: Of, page: int, period: Period) -> Reply:
    """Show another board or page in place."""
    return Reply(update=board_card(ctx, period, of, max(1, page)))


@router.action(reads=True)
def how(ctx: Context) -> Reply:
    """Say how teams are ranked."""
    return Reply(
        private=cards.say(
            "How teams are ranked",
            "A sum would always crown the biggest team, and a plain mean the smallest, where one lucky member decides.",
            "So each team is counted as if five average players of this space played along: its points and theirs are "
            "added and divided by all of them. The more members play, the less those five weigh.",
            "At least half of a team's members are counted, so that leaving members on the bench does not pay.",
        )
    )


def period_key(space: Space, scope: Scope, period: Period) -> str:
    return calendar.periods(scope.now, calendar.zone(space.zone), space.season)[period]


def board_card(ctx: Context, period: Period, of: Of, page: int) -> Card:
    """The board as `ctx.player` sees it."""
    key = period_key(ctx.space, ctx, period)
    name = f" · {ctx.space.season_name}" if period == "season" else ""
    pages = _pages(ctx, key, of)
    page = min(page, pages)
    body = _players(ctx, key, page) if of == "players" else _teams(ctx, key, page)
    if not body:
        return _no_teams(period) if of == "teams" else _empty(ctx, period)
    title = f"{'Teams' if of == 'teams' else 'Leaderboard'} · {SAID[period]}{name}"
    return Card(clip(title, 150), (*body, *_switches(period, of, page, pages)))


def _players(ctx: Context, key: str, page: int) -> list[Element]:
    rows = ctx.uow.boards.players(ctx.space.id, key, PAGE, (page - 1) * PAGE)
    if not rows:
        return []
    places = rank(rows, ctx.uow.boards.ahead(ctx.space.id, key, rows[0]))
    table = [_player_row(ctx, place) for place in places]
    mine = ctx.uow.boards.place(ctx.space.id, key, ctx.player.id)
    notes: list[Element] = []
    if mine and all(place.tally.subject != ctx.player.id for place in places):
        table.append(_player_row(ctx, mine))
        notes = _distance(ctx, key, mine)
    return [Table(("", "Player", "Points", "Right", "Streak"), tuple(table), (0, 2, 3, 4)), *notes]


def _player_row(ctx: Context, place: Standing) -> tuple[str, ...]:
    tally = place.tally
    name = "You" if tally.subject == ctx.player.id else clip(tally.name, 24)
    streak = shown_streak(ctx, tally.subject)
    return (
        f"{place.rank:,}",
        name,
        f"{tally.points:,}",
        f"{tally.right} of {tally.answered}",
        str(streak) if streak else "–",
    )


def _distance(ctx: Context, key: str, mine: Standing) -> list[Element]:
    """How far the top page is."""
    last = ctx.uow.boards.players(ctx.space.id, key, 1, PAGE - 1)
    missing = last[0].points - mine.tally.points if last else 0
    return [Text(f"{cards.counted(missing, 'point')} to the top ten", small=True)] if missing > 0 else []


def shown_streak(ctx: Context, player: int) -> int:
    """The days of somebody's streak, 0 once it is broken."""
    person = ctx.player if player == ctx.player.id else ctx.uow.people.player(player)
    streak = person.streak
    if streak.last is None:
        return 0
    today = calendar.learner_day(ctx.now, calendar.zone(person.zone_at(ctx.now, ctx.space)))
    return streak.alive(len(ctx.uow.rounds.missed_days(ctx.space.id, person.id, streak.last, today)))


def team_standings(scope: Scope, space: int, key: str) -> list[TeamStanding]:
    players, points = scope.uow.boards.totals(space, key)
    return rank_teams(scope.uow.boards.teams(space, key), points / players if players else 0.0)


def _teams(ctx: Context, key: str, page: int) -> list[Element]:
    standings = team_standings(ctx, ctx.space.id, key)[(page - 1) * PAGE : page * PAGE]
    if not standings:
        return []
    rows = tuple(
        (
            str(place.rank),
            clip(place.tally.name, 24) + (" (yours)" if place.tally.team == ctx.player.team else ""),
            f"{place.score:.1f}",
            f"{place.tally.played} of {max(place.tally.played, place.tally.enrolled)}",
            f"{place.tally.points:,}",
            f"{place.tally.mean:.1f}",
        )
        for place in standings
    )
    head = ("", "Team", "Score", "Played", "Points", "Mean")
    fair = Text("Score is a mean that is fair to small and large teams alike.", small=True)
    return [Table(head, rows, (0, 2, 3, 4, 5)), fair]


def _pages(ctx: Context, key: str, of: Of) -> int:
    total = (
        ctx.uow.boards.totals(ctx.space.id, key)[0] if of == "players" else len(ctx.uow.boards.teams(ctx.space.id, key))
    )
    return max(1, -(-total // PAGE))


def _switches(period: Period, of: Of, page: int, pages: int) -> list[Element]:
    other: Of = "teams" if of == "players" else "players"
    buttons = [Button(other.capitalize(), Call.of("leaderboard.turn", other, 1, period))]
    if page > 1:
        buttons.append(Button("Previous", Call.of("leaderboard.turn", of, page - 1, period)))
    if page < pages:
        buttons.append(Button("Next", Call.of("leaderboard.turn", of, page + 1, period)))
    if of == "teams":
        buttons.append(Button("How?", Call("leaderboard.how")))
    options = tuple(Option(said.capitalize(), key) for key, said in SAID.items())
    return [Buttons(*buttons), Select(Call.of("leaderboard.turn", of, 1), f"Period: {SAID[period]}", options)]


def _no_teams(period: Period) -> Card:
    said = SAID[period] if period != "all" else "yet"
    return cards.say(
        f"No team has scored {said}",
        "Points count for a team from the moment somebody joins it. Make one with /quiz team create NAME.",
        buttons=[
            Button("Teams", Call("team list")),
            Button("Players", Call.of("leaderboard.turn", "players", 1, period)),
        ],
    )


def _empty(ctx: Context, period: Period) -> Card:
    open_ = reach.dailies(ctx)
    said = SAID[period] if period != "all" else "yet"
    if open_:
        until = Text("A daily question is open until ", When(open_[0].closes or ctx.now, "datetime"), ".")
        return Card(f"Nobody has scored {said}", (until, Buttons(Button("Show it", Call("daily")))))
    practise = Button("Practise", Call("ask"))
    return cards.say(
        f"Nobody has scored {said}", "No daily question is open now; practice brings points too.", buttons=[practise]
    )
