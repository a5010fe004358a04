"""What people and admins can set, and the reminder that saves a streak."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from bot.engine import calendar
from bot.engine.errors import FormError, QuizError
from bot.features import cards
from bot.features.reach import followed_dailies
from bot.ports import Context, Player, Post, Reply, Scope, Space
from bot.routing import About, Like, Router, ZoneName
from bot.ui import Button, Buttons, Call, Card, Fields, Form, OneOf, Option, ShortText, Text, When, fit

router = Router()

STALE = timedelta(hours=1)
"""How late a reminder may be before it is better left out."""


@router.command("Set your time zone and your streak reminder", solo=True)
def settings(
    ctx: Context,
    zone: Annotated[ZoneName, About("Your time zone, such as Europe/Berlin")] = "",
    reminder: Annotated[str, Like(rf"{calendar.CLOCK}|off"), About("A time such as 20:00, or off")] = "",
) -> Reply:
    player = _with(ctx, ctx.player, zone, reminder)
    if player != ctx.player:
        _save(ctx, player)
    return Reply(private=_card(ctx, player))


@router.action(reads=True, form=True)
def edit(ctx: Context) -> Reply:
    """Open the form of a person's settings."""
    zone = ctx.player.next_zone or ctx.player.zone or ctx.space.zone
    reminder = f"{ctx.player.reminder:%H:%M}" if ctx.player.reminder else "off"
    inputs = (
        ShortText("zone", "Your time zone", "Such as Europe/Berlin", zone, max_length=40),
        ShortText("reminder", "Streak reminder", "A time such as 20:00, or off", reminder, max_length=10),
    )
    return Reply(form=Form("Your settings", inputs, Call("settings.save"), "Save"))


@router.action()
def save(ctx: Context) -> Reply:
    """Take the form that `edit` opened."""
    value = {name: "".join(values).strip() for name, values in ctx.values.items()}
    player = _with(ctx, ctx.player, value.get("zone", ""), value.get("reminder", ""))
    _save(ctx, player)
    return Reply(update=_card(ctx, player))


@router.command("Set this space's time zone, and what happens when a post's outcome is unknown", name="admin settings")
def admin(ctx: Context, zone: Annotated[ZoneName, About("Decides when a board's day begins")] = "") -> Reply:
    space = ctx.space
    if zone:
        space = replace(space, zone=calendar.zone(zone).key)
        ctx.uow.people.change_space(space)
    return Reply(private=_space_card(space))


@router.action(reads=True, form=True, admin=True)
def edit_space(ctx: Context) -> Reply:
    """Open the form of a space's settings."""
    resend = (
        Option("Leave it: better missed than twice", "at-most-once"),
        Option("Send again: better twice than missed", "at-least-once"),
    )
    inputs = (
        ShortText("zone", "Time zone of the boards", "Such as Europe/Berlin", ctx.space.zone, max_length=40),
        OneOf("resend", "If a post's outcome is unknown", resend, ctx.space.resend),
    )
    return Reply(form=Form("Settings of this space", inputs, Call("settings.save_space"), "Save"))


@router.action(admin=True)
def save_space(ctx: Context) -> Reply:
    """Take the form that `edit_space` opened."""
    resend = "".join(ctx.values.get("resend", ()))
    try:
        zone = calendar.zone("".join(ctx.values.get("zone", ()))).key
    except QuizError as problem:
        raise FormError({"zone": str(problem)}) from None
    if resend not in ("at-most-once", "at-least-once"):
        raise FormError({"resend": "Choose one of the two."})
    space = replace(ctx.space, zone=zone, resend=resend)  # type: ignore[arg-type]
    ctx.uow.people.change_space(space)
    return Reply(update=_space_card(space))


@router.command("See what people say is wrong with questions", name="admin reports", reads=True)
def reports(ctx: Context) -> Reply:
    found = ctx.uow.rounds.reports(ctx.space.id, cards.LISTED)
    if not found:
        return Reply(private=cards.say("No reports", "Nobody has said that a question is wrong."))
    return Reply(
        private=Card(
            "Reports",
            tuple(Text(f"{report.question} (revision {report.revision}): {fit(report.text, 350)}") for report in found),
        )
    )


@router.due()
def remind(scope: Scope, player: int) -> None:
    """Tell somebody whose streak would end tonight, and set the next reminder; none for who was forgotten meanwhile."""
    try:
        person = scope.uow.people.player(player)
    except LookupError:
        return
    if person.reminder is None:
        return
    space = scope.uow.people.space(person.space)
    scope.uow.due.put("settings.remind", str(player), _next_reminder(scope.now, person, space))
    late = scope.now - _reminders(scope.now, person, space).latest(scope.now)[1]
    open_ = [round for round in followed_dailies(scope, person) if not scope.uow.rounds.mine(round.id, player)]
    today = calendar.learner_day(scope.now, calendar.zone(person.zone_at(scope.now, space)))
    if late > STALE or not open_ or person.streak.counted(today) or person.streak.last is None:
        return
    missed = scope.uow.rounds.missed_days(space.id, player, person.streak.last, today)
    days = person.streak.alive(len(missed))
    if days:
        title = f"Your streak of {cards.counted(days, 'day')} waits for today's answer"
        card = cards.say(
            title,
            "One answer keeps it, right or wrong.",
            buttons=[Button("Show the question", Call("daily"), "primary")],
        )
        channel = scope.uow.people.channel_by_id(open_[0].channel or 0)
        key = f"remind:{player}:{today.isoformat()}"
        scope.uow.outbox.post(
            Post(key, space.platform, space.external, channel.external, card, person=person.external), scope.now
        )


def _with(ctx: Context, player: Player, zone: str, reminder: str) -> Player:
    """`player` with what was typed, an empty text leaving it as it is; mistakes are said by input."""
    problems: dict[str, str] = {}
    try:
        player = _rezoned(ctx, player, calendar.zone(zone).key) if zone else player
    except QuizError as problem:
        problems["zone"] = str(problem)
    try:
        if reminder:
            player = replace(player, reminder=None if reminder.casefold() == "off" else calendar.clock(reminder))
    except QuizError:
        problems["reminder"] = "Write a time such as 20:00, or off."
    if problems:
        raise FormError(problems)
    return player


def _rezoned(ctx: Context, player: Player, zone: str) -> Player:
    """The first zone holds at once; a change waits for the end of the day, so that none is lost or doubled."""
    now = player.zone_at(ctx.now, ctx.space)
    if player.streak.last is None or zone == now:
        return replace(player, zone=zone, next_zone="", next_from=None)
    where = calendar.zone(now)
    tomorrow = calendar.learner_day(ctx.now, where) + timedelta(days=1)
    begins = calendar.instant(tomorrow, calendar.clock("4:00"), where)
    return replace(player, zone=now, next_zone=zone, next_from=begins)


def _save(ctx: Context, player: Player) -> None:
    ctx.uow.people.change_player(player)
    ctx.uow.due.drop("settings.remind", str(player.id))
    if player.reminder:
        ctx.uow.due.put("settings.remind", str(player.id), _next_reminder(ctx.now, player, ctx.space))


def _next_reminder(now: datetime, player: Player, space: Space) -> datetime:
    return _reminders(now, player, space).after(now)[1]


def _reminders(now: datetime, player: Player, space: Space) -> calendar.Recurrence:
    assert player.reminder is not None
    return calendar.Recurrence(player.reminder, calendar.zone(player.zone_at(now, space)))


def _card(ctx: Context, player: Player) -> Card:
    zone = player.zone_at(ctx.now, ctx.space)
    reminder = f"{player.reminder:%H:%M}, when a question is still open" if player.reminder else "off"
    body = [
        Fields((("Your time zone", zone if player.zone else f"{zone} (of this space)"), ("Streak reminder", reminder)))
    ]
    later = (
        [Text(f"{player.next_zone} holds from ", When(player.next_from), " on.", small=True)]
        if player.next_from and ctx.now < player.next_from
        else []
    )
    return Card("Your settings", (*body, *later, Buttons(Button("Change", Call("settings.edit")))))


def _space_card(space: Space) -> Card:
    resend = (
        "left, rather missed than twice" if space.resend == "at-most-once" else "sent again, rather twice than missed"
    )
    fields = Fields((("Time zone of the boards", space.zone), ("Post of unknown outcome", resend)))
    return Card("Settings of this space", (fields, Buttons(Button("Change", Call("settings.edit_space")))))
