"""Seasons: starting and ending them, and the tables that stay."""

from dataclasses import replace
from typing import Annotated

from bot.engine import calendar
from bot.engine.errors import QuizError
from bot.engine.leaderboard import rank
from bot.features import cards
from bot.features.leaderboard import PAGE, Of, OfArg, PageArg, period_key, team_standings
from bot.ports import Archived, Context, Reply, Space
from bot.routing import About, Range, Router
from bot.ui import Button, Call, Card, Table, Text, clip

router = Router()

ARCHIVED = 1000
"""How many places of a final table are kept."""


@router.command("See the final tables of seasons that have ended", reads=True)
def seasons(
    ctx: Context,
    number: Annotated[int, Range(0, 10_000), About("Number of the season; the last one if left out")] = 0,
    of: OfArg = "players",
    page: PageArg = 1,
) -> Reply:
    ended = ctx.uow.boards.seasons(ctx.space.id)
    if not ended:
        return Reply(
            private=cards.say(
                "No season has ended yet",
                f"{ctx.space.season_name} is running.",
                buttons=[Button("This season", Call.of("leaderboard", "season"))],
            )
        )
    wanted = next((season for season in ended if season[0] == number), ended[0])
    rows = ctx.uow.boards.archived(ctx.space.id, wanted[0], of, PAGE, (page - 1) * PAGE)
    table = _final_table(rows, of)
    others = cards.listed([f"{season[0]} ({season[1]})" for season in ended if season != wanted])
    more = [Text(f"Others: {others}. Show one with /quiz seasons NUMBER.", small=True)] if others else []
    span = f"{cards.spoken_date(wanted[2].date())} to {cards.spoken_date(wanted[3].date())} {wanted[3].year}"
    return Reply(private=Card(clip(f"{wanted[1]} · final table", 150), (Text(span, small=True), table, *more)))


@router.command("Begin a new season with a name; the running one ends", name="admin season start")
def start(ctx: Context, name: Annotated[str, About("What the season is called")] = "") -> Reply:
    begun = _end(ctx, name) if _points(ctx) else _begin(ctx, ctx.space.season, name)
    return Reply(
        public=cards.say(
            f"{begun.season_name} begins",
            "Everybody starts at zero. Points come from the daily question and from practice.",
        )
    )


@router.command("End the season: keep the final table, and start at zero", name="admin season end")
def end(ctx: Context) -> Reply:
    after = _end(ctx)
    rows = ctx.uow.boards.archived(ctx.space.id, ctx.space.season, "players", PAGE, 0)
    begins = Text(f"{after.season_name} starts now, at zero. See any season with /quiz seasons.")
    title = clip(f"{ctx.space.season_name} has ended", 150)
    return Reply(public=Card(title, (_final_table(rows, "players"), begins)))


def _final_table(rows: list[Archived], of: Of) -> Table:
    cells = tuple(
        (str(row.rank), clip(row.name, 30), f"{row.score:,.1f}".removesuffix(".0"), f"{row.right} of {row.answered}")
        for row in rows
    )
    return Table(("", "Name", "Score" if of == "teams" else "Points", "Right"), cells, (0, 2, 3))


def _points(ctx: Context) -> int:
    """What has been scored in the running season."""
    return ctx.uow.boards.totals(ctx.space.id, period_key(ctx.space, ctx, "season"))[1]


def _begin(ctx: Context, number: int, name: str) -> Space:
    begun = replace(ctx.space, season=number, season_name=clip(name, 60) or f"Season {number}", season_since=ctx.now)
    if not ctx.uow.people.change_season(begun, ctx.space.season):
        raise QuizError("Somebody else has just begun another season. See it with /quiz leaderboard season.")
    return begun


def _end(ctx: Context, name: str = "") -> Space:
    """Begin the next season, then archive both tables of the one that ran: nobody can score in it any more."""
    begun = _begin(ctx, ctx.space.season + 1, name)
    _refuse_early(ctx)
    _archive(ctx)
    return begun


def _refuse_early(ctx: Context) -> None:
    """Refuse to end a season whose final table would be empty, or without points that come later."""
    open_ = [round.closes for round in ctx.uow.rounds.open_dailies(ctx.space.id) if round.reveal == "at close"]
    if open_:
        last = max(at or ctx.now for at in open_).astimezone(calendar.zone(ctx.space.zone))
        raise QuizError(
            "A daily whose verdict comes at its close is still open until "
            f"{cards.spoken_date(last.date())} at {last:%H:%M} ({ctx.space.zone}). End the season after that. "
            "If the next one opens at once, stop it first with /quiz admin daily pause."
        )
    if not _points(ctx):
        raise QuizError(f"Nobody has scored in {ctx.space.season_name} yet; there is nothing to keep.")


def _archive(ctx: Context) -> None:
    """Keep both final tables of the season that ran."""
    key = period_key(ctx.space, ctx, "season")
    players = rank(ctx.uow.boards.players(ctx.space.id, key, ARCHIVED, 0))
    teams = team_standings(ctx, ctx.space.id, key)
    ctx.uow.boards.end_season(
        ctx.space,
        [
            Archived(p.rank, p.tally.name, p.tally.points, p.tally.right, p.tally.answered, p.tally.points)
            for p in players
        ],
        [Archived(t.rank, t.tally.name, t.tally.points, t.tally.right, t.tally.answered, t.score) for t in teams],
        ctx.now,
    )
