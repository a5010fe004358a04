"""When the daily question comes: what admins set, channel by channel."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from bot.engine import calendar
from bot.engine.errors import FormError, QuizError
from bot.engine.round import Reveal
from bot.features import cards
from bot.features.opening import DAY, ask_today, halt, plan, upcoming
from bot.features.topics import find_topic
from bot.ports import Context, Place, Reply, Schedule
from bot.routing import About, ChannelName, Like, PackName, Range, Router, TopicName, ZoneName
from bot.ui import Call, Card, Element, Fields, Form, Number, OneOf, Option, ShortText, Text, When, clip

router = Router()

SHORTEST, LONGEST = 5, 7 * DAY
"""Minutes a daily may stay open."""

Verdict = Literal["once", "close", "same"]


@router.command("Give this channel a daily question, or change its time", name="admin daily schedule", form=True)
def schedule(
    ctx: Context,
    time: Annotated[str, Like(calendar.CLOCK), About("Local time, such as 09:00")] = "",
    zone: Annotated[ZoneName, About("Time zone, such as Europe/Berlin")] = "",
    weekdays: Annotated[str, Like(calendar.DAYS), About("daily, mon-fri, or mon,wed,fri")] = "",
    minutes: Annotated[int, Range(SHORTEST, LONGEST), About("Minutes it stays open")] = 0,
    verdict: Annotated[Verdict, About("Tell right or wrong at once, or when it closes")] = "same",
    topics: Annotated[TopicName, About("Only these topics, with commas between, or all")] = "",
    pack: Annotated[PackName, About("Pack of questions")] = "",
    channel: Annotated[ChannelName, About("Another channel than this one")] = "",
) -> Reply:
    if not time:
        return Reply(form=_schedule_form(ctx))
    place = _place(ctx, channel)
    earlier = _of(ctx, place)
    zone, weekdays = zone or (earlier.zone if earlier else ""), weekdays or _days(earlier)
    minutes = minutes or (earlier.minutes if earlier else DAY)
    wanted = _read_schedule(ctx, place, time, zone, weekdays, minutes, _reveal(verdict, earlier))
    return Reply(private=_set(ctx, replace(wanted, **_content(ctx, pack, topics, earlier))))


@router.action(name="daily.set", admin=True)
def set_schedule(ctx: Context) -> Reply:
    """Take the form that `schedule` opened."""
    value = {name: "".join(values) for name, values in ctx.values.items()}
    wanted = _read_schedule(
        ctx,
        _place(ctx, ""),
        value.get("time", ""),
        value.get("zone", ""),
        value.get("weekdays", ""),
        _minutes(value.get("minutes", "")),
        _reveal("close" if value.get("verdict") == "close" else "once", None),
    )
    return Reply(private=_set(ctx, replace(wanted, **_content(ctx, "", "", _of_place(ctx)))))


@router.command("Stop the daily question here until resumed", name="admin daily pause")
def pause(ctx: Context) -> Reply:
    found = _here(ctx)
    halt(ctx, found)
    return Reply(private=_status_card(ctx, replace(found, active=False), "Paused"))


@router.command("Let the daily question here come again", name="admin daily resume")
def resume(ctx: Context) -> Reply:
    found = replace(_here(ctx), active=True, why="")
    ctx.uow.schedules.change(found)
    plan(ctx, found)
    return Reply(private=_status_card(ctx, found, "Resumed"))


@router.command("Leave the next daily question here out", name="admin daily skip")
def skip(ctx: Context) -> Reply:
    found = _active(ctx)
    day, _ = upcoming(ctx, found)
    found = replace(found, skip=day)
    ctx.uow.schedules.change(found)
    return Reply(private=_status_card(ctx, found, f"The question of {cards.spoken_date(day)} is left out"))


@router.command("Open a thread for discussion under each daily question here, or stop that", name="admin daily thread")
def thread(ctx: Context, on: Annotated[bool, About("Open threads, yes or no")]) -> Reply:
    found = replace(_here(ctx), thread=on)
    ctx.uow.schedules.change(found)
    title = "Each question gets a thread, where the platform has threads" if on else "No more threads are opened"
    return Reply(private=_status_card(ctx, found, title))


@router.command("Ask today's question now", name="admin daily now")
def now(ctx: Context) -> Reply:
    found = replace(_active(ctx), skip=None)
    today = calendar.local_day(ctx.now, calendar.zone(found.zone))
    if any(round.day == today for round in ctx.uow.rounds.dailies(found.id, 1)):
        raise QuizError("Today's question is out already. See it with /quiz daily; the next one comes by itself.")
    if ask_today(ctx, found) is None:
        raise QuizError("There is no question on the chosen topics. Choose others with /quiz admin daily schedule.")
    ctx.uow.schedules.change(found)
    return Reply(private=_status_card(ctx, found, "Today's question is on its way"))


@router.command("See when the daily question comes, and what was missed", name="admin daily status", reads=True)
def status(ctx: Context) -> Reply:
    found = ctx.uow.schedules.of_space(ctx.space.id)
    if not found:
        raise QuizError("No channel has a daily question yet. Set one up with /quiz admin daily schedule.")
    here = _of_place(ctx) or found[0]
    return Reply(private=_status_card(ctx, here, "Daily question", [one for one in found if one.id != here.id]))


@router.suggests("zone")
def suggest_zones(ctx: Context, typed: str) -> list[str]:
    return calendar.zone_names(typed)


@router.suggests("channel")
def suggest_channels(ctx: Context, typed: str) -> list[str]:
    return [one.name for one in ctx.uow.people.channels(ctx.space.id) if typed.casefold() in one.name.casefold()][:25]


@router.suggests("pack")
def suggest_packs(ctx: Context, typed: str) -> list[str]:
    return [pack for pack in ctx.bank.packs if typed.casefold() in pack]


def _schedule_form(ctx: Context) -> Form:
    found = _of_place(ctx)
    verdict = (Option("At once, privately", "once"), Option("When the question closes", "close"))
    return Form(
        "Daily question",
        (
            ShortText("time", "Local time", "Such as 09:00", f"{found.at:%H:%M}" if found else "09:00", max_length=10),
            ShortText(
                "zone", "Time zone", "Such as Europe/Berlin", found.zone if found else ctx.space.zone, max_length=40
            ),
            ShortText("weekdays", "Weekdays", "daily, mon-fri, or mon,wed,fri", _days(found), max_length=40),
            Number("minutes", "Minutes it stays open", "A day has 1440", str(found.minutes if found else DAY)),
            OneOf(
                "verdict",
                "Right or wrong is told",
                verdict,
                "close" if found and found.reveal == "at close" else "once",
            ),
        ),
        Call("daily.set"),
        "Save",
    )


def _days(schedule: Schedule | None) -> str:
    if schedule is None or schedule.weekdays == "0123456":
        return "daily"
    return ",".join(calendar.WEEKDAYS[int(digit)] for digit in schedule.weekdays)


def _minutes(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not SHORTEST <= int(text) <= LONGEST:
        raise FormError({"minutes": f"Write a whole number of minutes from {SHORTEST} to {LONGEST} (a week)."})
    return int(text)


def _place(ctx: Context, channel: str) -> Place:
    """The channel meant by its name or the platform's id, or the one this was typed in."""
    if channel:
        return _named_place(ctx, channel)
    if ctx.place is None:
        raise QuizError("Type this in the channel that shall get the question.")
    return ctx.place


def _named_place(ctx: Context, channel: str) -> Place:
    """One that the platform's picker named, which may be new to us, or one that is stored."""
    for place in ctx.named:
        if place.external == channel:
            return place
    wanted = channel.removeprefix("#").casefold()
    for one in ctx.uow.people.channels(ctx.space.id):
        if wanted in (one.external.casefold(), one.name.casefold()):
            return Place(one.external, one.name)
    raise QuizError(f"I don't know a channel “{clip(channel, 40)}”. Type this in the channel itself.")


def _read_schedule(
    ctx: Context, place: Place, time: str, zone: str, weekdays: str, minutes: int, reveal: Reveal
) -> Schedule:
    """The schedule of a channel as wished; what is wrong is said by input."""
    problems: dict[str, str] = {}
    at = _try(problems, "time", calendar.clock, time)
    where = _try(problems, "zone", calendar.zone, zone or ctx.space.zone)
    days = _try(problems, "weekdays", calendar.weekdays, weekdays or "daily")
    if at is None or where is None or days is None:
        raise FormError(problems)
    channel = ctx.uow.people.channel(ctx.space.id, place)
    pack = ctx.bank.default.id
    return Schedule(0, ctx.space.id, channel.id, pack, (), at, where.key, days, minutes, reveal, set_by=ctx.player.id)


Value = TypeVar("Value")


def _try(problems: dict[str, str], name: str, read: Callable[[str], Value], text: str) -> Value | None:
    try:
        return read(text)
    except QuizError as problem:
        problems[name] = str(problem)
        return None


def _content(ctx: Context, pack: str, topics: str, earlier: Schedule | None) -> dict[str, Any]:
    """Pack and topics of a schedule by what was typed; as they were where nothing was."""
    if not pack and not topics and earlier:
        return {"pack": earlier.pack, "topics": earlier.topics}
    if pack and pack not in ctx.bank.packs:
        raise QuizError(f"There is no pack “{clip(pack, 40)}”. There is {cards.listed(list(ctx.bank.packs))}.")
    chosen = ctx.bank.packs[pack] if pack else ctx.bank.default
    asked = [one for one in topics.split(",") if one.strip()] if topics.casefold() != "all" else []
    names = tuple(find_topic(chosen, one).id for one in asked)
    if not chosen.active(*names):
        raise QuizError("There is no question on these topics yet. See /quiz topics for those that have some.")
    return {"pack": chosen.id, "topics": names}


def _set(ctx: Context, wanted: Schedule) -> Card:
    earlier = ctx.uow.schedules.of_channel(wanted.channel)
    saved = ctx.uow.schedules.add(replace(wanted, thread=earlier.thread) if earlier else wanted)
    plan(ctx, saved)
    return _status_card(ctx, saved, "The daily question is set")


def _of_place(ctx: Context) -> Schedule | None:
    return _of(ctx, ctx.place) if ctx.place else None


def _of(ctx: Context, place: Place) -> Schedule | None:
    channel = ctx.uow.people.channel_named(ctx.space.id, place.external)
    return ctx.uow.schedules.of_channel(channel.id) if channel else None


def _reveal(verdict: Verdict, earlier: Schedule | None) -> Reveal:
    if verdict == "same":
        return earlier.reveal if earlier else "at once"
    return "at close" if verdict == "close" else "at once"


def _here(ctx: Context) -> Schedule:
    """The schedule of this channel, or the space's only one; refuses where it is not clear which is meant."""
    found = _of_place(ctx)
    every = ctx.uow.schedules.of_space(ctx.space.id)
    if found is None and len(every) == 1:
        return every[0]
    if found is None:
        raise QuizError(
            "This channel has no daily question. Type this where it is posted, or set one up with "
            "/quiz admin daily schedule."
        )
    return found


def _active(ctx: Context) -> Schedule:
    found = _here(ctx)
    if not found.active:
        raise QuizError("The daily question here is paused. Resume it first with /quiz admin daily resume.")
    return found


def _status_card(ctx: Context, schedule: Schedule, title: str, others: Sequence[Schedule] = ()) -> Card:
    channel = ctx.uow.people.channel_by_id(schedule.channel)
    pairs = (
        ("Channel", f"#{channel.name}"),
        ("Time", f"{schedule.at:%H:%M}, {calendar.say_weekdays(schedule.weekdays)} ({schedule.zone})"),
        ("Open for", _span(schedule.minutes)),
        ("Verdict", schedule.reveal),
        ("Questions", f"{schedule.pack}{': ' + cards.listed(schedule.topics) if schedule.topics else ', all topics'}"),
    )
    threads = (("Thread", "one under each question"),) if schedule.thread else ()
    body: list[Element] = [Fields((*pairs, *threads)), _next_line(ctx, schedule)]
    for miss in ctx.uow.schedules.misses(schedule.id, 3):
        body.append(Text(f"Missed {cards.spoken_date(miss.day)}: {miss.why}", small=True))
    if others:
        names = cards.listed([f"#{ctx.uow.people.channel_by_id(one.channel).name}" for one in others])
        body.append(Text(f"Also with a daily question: {clip(names, 300)}. Ask for their status there.", small=True))
    return Card(clip(title, 150), tuple(body))


def _span(minutes: int) -> str:
    return cards.counted(minutes // 60, "hour") if minutes % 60 == 0 else cards.counted(minutes, "minute")


def _next_line(ctx: Context, schedule: Schedule) -> Text:
    if not schedule.active:
        return Text(f"Paused. {schedule.why}".strip(), " Resume it with /quiz admin daily resume.")
    return Text("Next: ", When(upcoming(ctx, schedule)[1], "datetime"))
