"""Where somebody stands, on one card: what is open for them, how they are doing, and what there is to do."""

from bot.engine.round import Round
from bot.features import cards, reach
from bot.features.daily import elsewhere
from bot.features.leaderboard import period_key, shown_streak
from bot.features.opening import upcoming
from bot.ports import Context, Reply
from bot.routing import Router
from bot.ui import Button, Buttons, Call, Card, Fields, Span, Text, When, clip

router = Router()


@router.command("Show where you stand, and what there is to do", reads=True, solo=True)
def home(ctx: Context) -> Reply:
    dailies = [round for round in reach.dailies(ctx) if round.open_at(ctx.now)]
    waiting = [round for round in dailies if not ctx.uow.rounds.mine(round.id, ctx.player.id)]
    today = Button("Today's question", Call("daily"))
    if waiting:
        line = _waiting_line(ctx, waiting)
        today = Button("Answer it", Call.of("daily.show", waiting[0].id), "primary")
    elif dailies:
        line = Text("You have answered today's question. It closes ", _closing(ctx, dailies[0]), ".")
    else:
        line = _next_line(ctx)
    return Reply(private=Card("Where you stand", (line, Fields(_figures(ctx)), *_buttons(today))))


def _waiting_line(ctx: Context, waiting: list[Round]) -> Text:
    """The newest question this person has not answered, and how many more there are."""
    more = f" {cards.counted(len(waiting) - 1, 'more question')} will follow." if len(waiting) > 1 else ""
    return Text("Today's question waits for your answer until ", _closing(ctx, waiting[0]), f".{more}")


def _closing(ctx: Context, round: Round) -> Span:
    return When(round.closes or ctx.now)


def _next_line(ctx: Context) -> Text:
    """When there will be a question, or why there will be none."""
    schedules = reach.schedules(ctx)
    coming = [upcoming(ctx, schedule)[1] for schedule in schedules if schedule.active]
    if coming:
        return Text("No daily question is open now. The next one comes ", When(min(coming)), ".")
    if schedules:
        return Text("The daily question is paused here. Practise meanwhile; that brings points too.")
    return Text(elsewhere(ctx))


def _figures(ctx: Context) -> tuple[tuple[str, str], ...]:
    days, best = shown_streak(ctx, ctx.player.id), ctx.player.streak.best
    streak = f"{cards.counted(days, 'day')}, best {best}" if best else "none yet; a daily question starts it"
    team = ctx.uow.people.team(ctx.player.team) if ctx.player.team else None
    reminder = ctx.player.reminder
    return (
        ("Streak", streak),
        ("This week", _standing(ctx)),
        ("Team", clip(team.name, 40) if team else "none yet; see /quiz team list"),
        *((("Reminder", f"{reminder:%H:%M}, when a question is still open"),) if reminder else ()),
    )


def _standing(ctx: Context) -> str:
    key = period_key(ctx.space, ctx, "week")
    place = ctx.uow.boards.place(ctx.space.id, key, ctx.player.id)
    if place is None:
        return "no points yet"
    players, _ = ctx.uow.boards.totals(ctx.space.id, key)
    return f"rank {place.rank:,} of {players:,} with {cards.counted(place.tally.points, 'point')}"


def _buttons(today: Button) -> tuple[Buttons, Buttons]:
    return (
        Buttons(today, Button("One question", Call("ask")), Button("Leaderboard", Call("leaderboard"))),
        Buttons(
            Button("Topics", Call("topics")), Button("Profile", Call("profile")), Button("Settings", Call("settings"))
        ),
    )
