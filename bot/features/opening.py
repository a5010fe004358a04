"""The due work of the daily question: opening, redrawing and closing it, each of them harmless to repeat."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.engine import calendar, picker
from bot.engine.round import Round
from bot.features import cards
from bot.features.daily import closed_card, moved, open_card
from bot.features.play import keep, open_as_daily
from bot.features.recap import ended_week, recap_card
from bot.ports import Channel, Miss, Place, Post, Schedule, Scope, Space
from bot.routing import Router
from bot.ui import Card, clip

router = Router()

DAY = 24 * 60


def set_going(scope: Scope, space: Space, place: Place) -> None:
    """Give a new playground its daily: a schedule at nine, and the first question now."""
    channel = scope.uow.people.channel(space.id, place)
    if scope.uow.schedules.of_channel(channel.id):
        return
    nine = calendar.clock("9:00")
    draft = Schedule(0, space.id, channel.id, scope.bank.default.id, (), nine, space.zone, "0123456", DAY, "at once")
    schedule = scope.uow.schedules.add(draft)
    plan(scope, schedule)
    ask_today(scope, schedule)


def recurrence(schedule: Schedule) -> calendar.Recurrence:
    return calendar.Recurrence(schedule.at, calendar.zone(schedule.zone), schedule.weekdays)


def plan(scope: Scope, schedule: Schedule, after: datetime | None = None) -> datetime:
    """Make the next opening due (after now, or after an instant), instead of any that was; returns when."""
    day, at = recurrence(schedule).after(after or scope.now)
    scope.uow.due.drop("daily.open", str(schedule.id))
    scope.uow.due.put("daily.open", f"{schedule.id}:{day.isoformat()}", at)
    return at


def ask_today(scope: Scope, schedule: Schedule) -> Round | None:
    """Ask today's question now, whatever the time; None if it is out already."""
    today = calendar.local_day(scope.now, calendar.zone(schedule.zone))
    _, following = next(recurrence(schedule).occurrences(today + timedelta(days=1)))
    closes = following if schedule.minutes >= DAY else scope.now + timedelta(minutes=schedule.minutes)
    return _ask(scope, schedule, today, closes)


def upcoming(scope: Scope, schedule: Schedule) -> tuple[date, datetime]:
    """The next day that will get a question, and when: neither left out nor asked already."""
    newest = next(iter(scope.uow.rounds.dailies(schedule.id, 1)), None)
    asked = newest.day if newest else None
    later = recurrence(schedule).occurrences(calendar.local_day(scope.now, calendar.zone(schedule.zone)))
    return next(
        (day, at) for day, at in later if at > scope.now and day != schedule.skip and (asked is None or day > asked)
    )


def replan(scope: Scope) -> None:
    """Bring openings back that a wrong clock has put too far ahead."""
    for due in scope.uow.due.waiting("daily.open"):
        if due.at > scope.now + timedelta(days=8):
            found = scope.uow.schedules.get(int(due.key.partition(":")[0]))
            if found and found.active:
                plan(scope, found)


def halt(scope: Scope, schedule: Schedule, why: str = "") -> None:
    """Pause a schedule; `why` is told by its status where no person did it."""
    scope.uow.schedules.change(replace(schedule, active=False, why=why))
    scope.uow.due.drop("daily.open", str(schedule.id))


@router.due(name="daily.open")
def open_daily(scope: Scope, schedule: int, day: str) -> None:
    """Open the daily of a day, or record why not; then make the next one due."""
    found = scope.uow.schedules.get(schedule)
    if found is None or not found.active:
        return
    date_ = date.fromisoformat(day)
    at = calendar.instant(date_, found.at, calendar.zone(found.zone))
    scope.uow.due.put("daily.open", _next_key(found, at), recurrence(found).after(at)[1])
    closes = at + timedelta(minutes=found.minutes)
    if found.skip == date_:
        scope.uow.schedules.miss(Miss(found.id, date_, "left out by an admin"))
    elif scope.now > at + (closes - at) / 2:
        scope.uow.schedules.miss(Miss(found.id, date_, "the bot was not running, and half its time was over"))
    else:
        _look_back(scope, found, date_)
        _ask(scope, found, date_, closes)


def _next_key(schedule: Schedule, at: datetime) -> str:
    return f"{schedule.id}:{recurrence(schedule).after(at)[0].isoformat()}"


def _ask(scope: Scope, schedule: Schedule, day: date, closes: datetime) -> Round | None:
    pack = scope.bank.packs.get(schedule.pack, scope.bank.default)
    seen = scope.uow.rounds.asked(schedule.channel)
    recent = sorted(seen, key=lambda question: seen[question])
    elsewhere = open_as_daily(scope, schedule.space)
    pool = pack.active(*schedule.topics)
    free = [question for question in pool if question.id not in elsewhere]
    chosen = picker.pick(free or pool, seen, recent, scope.chance)
    if not chosen:
        scope.uow.schedules.miss(Miss(schedule.id, day, "the pack has no question on the chosen topics"))
        return None
    asked = (keep(scope, chosen[0]),)
    draft = Round(
        0, schedule.space, "daily", pack.id, asked, scope.now, closes,
        reveal=schedule.reveal, channel=schedule.channel, schedule=schedule.id, day=day,
    )  # fmt: skip
    opened = scope.uow.rounds.open(draft)
    if opened:
        scope.uow.due.put("daily.close", str(opened.id), closes)
        post_to(
            scope,
            f"daily:{opened.id}",
            schedule.space,
            scope.uow.people.channel_by_id(schedule.channel),
            open_card(scope, opened),
            thread=f"Discussion · {cards.spoken_date(day)}" if schedule.thread else "",
        )
    return opened


def post_to(scope: Scope, key: str, space: int, channel: Channel, card: Card, thread: str = "") -> None:
    where = scope.uow.people.space(space)
    scope.uow.outbox.post(Post(key, where.platform, where.external, channel.external, card, thread=thread), scope.now)


@router.due(name="daily.redraw")
def redraw(scope: Scope, round: int) -> None:
    """Bring the number on the card up to date."""
    found = scope.uow.rounds.get(round)
    if found and found.open_at(scope.now):
        scope.uow.outbox.edit(f"daily:{round}", open_card(scope, found), scope.now)


@router.due(name="daily.close")
def close(scope: Scope, round: int) -> None:
    """End a daily: credit what waited for the close, and show the answer."""
    found = scope.uow.rounds.get(round)
    if found is None or not scope.uow.rounds.close(round, scope.now):
        return
    if found.reveal == "at close":
        _credit(scope, found)
    ended = scope.uow.rounds.get(round)
    assert ended is not None
    scope.uow.outbox.edit(f"daily:{round}", closed_card(scope, ended, moved(scope, ended)), scope.now)


def _credit(scope: Scope, round: Round) -> None:
    space = scope.uow.people.space(round.space)
    where = calendar.zone(space.zone)
    for one in scope.uow.rounds.of_round(round.id):
        scope.uow.rounds.credit(one, tuple(calendar.periods(one.at, where, space.season).values()))


@router.due(name="post.gone")
def gone(scope: Scope, key: str) -> None:
    """A daily could not be posted: pause its schedule and tell the person who set it, once."""
    schedule = scope.uow.schedules.of_post(key)
    if schedule is None or not schedule.active:
        return
    why = scope.uow.outbox.failure(key) or "The channel is not there any more."
    halt(scope, schedule, why)
    _take_back(scope, schedule, key, why)
    channel = scope.uow.people.channel_by_id(schedule.channel)
    space = scope.uow.people.space(schedule.space)
    if schedule.set_by is None:
        return
    person = scope.uow.people.player(schedule.set_by)
    card = cards.say(
        f"The daily question in #{clip(channel.name, 60)} is paused", why,
        "When that is mended, type /quiz admin daily resume in the channel.", accent="warning",
    )  # fmt: skip
    scope.uow.outbox.post(
        Post(f"paused:{key}", space.platform, space.external, channel.external, card, person=person.external), scope.now
    )


@router.due(name="post.doubtful")
def doubtful(scope: Scope, key: str) -> None:
    """It is not known whether a daily was posted: put that on record, where admins see it."""
    schedule = scope.uow.schedules.of_post(key)
    if schedule:
        _take_back(scope, schedule, key, scope.uow.outbox.failure(key))


def _take_back(scope: Scope, schedule: Schedule, key: str, why: str) -> None:
    """A daily that nobody saw: on record as missed, no reason to lose a streak, and free to be asked again."""
    found = scope.uow.rounds.get(int(key.removeprefix("daily:")))
    if found and found.day and not scope.uow.rounds.answered(found.id):
        scope.uow.schedules.miss(Miss(schedule.id, found.day, why))
        scope.uow.rounds.void(found.id, scope.now)


def _look_back(scope: Scope, schedule: Schedule, day: date) -> None:
    ended = ended_week(scope, schedule, day)
    if ended:
        week, rounds = ended
        channel = scope.uow.people.channel_by_id(schedule.channel)
        post_to(
            scope, f"recap:{schedule.id}:{week}", schedule.space, channel, recap_card(scope, schedule, week, rounds)
        )
