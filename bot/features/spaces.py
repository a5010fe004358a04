"""What becomes of a space the bot was taken out of: its questions stop, and after a while it is forgotten."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.features import cards
from bot.features.opening import halt, plan
from bot.ports import Post, Schedule, Scope
from bot.routing import Router
from bot.ui import clip

router = Router()

KEPT = timedelta(days=30)
LEFT = "I was taken out of this space."


@router.due(name="space.left")
def left(scope: Scope, space: int) -> None:
    """Stop what would be posted to a space, and keep what it has for a while."""
    schedules = scope.uow.schedules.of_space(space)
    for schedule in schedules:
        if schedule.active or schedule.why:
            halt(scope, schedule, LEFT)
    _tell(scope, space, [schedule for schedule in schedules if schedule.active])
    _keep(scope, space)
    scope.uow.due.put("space.erase", str(space), scope.now + KEPT)


def _tell(scope: Scope, space: int, stopped: Sequence[Schedule]) -> None:
    """Tell those who set schedules that stopped, each once."""
    where = scope.uow.people.space(space)
    for setter in dict.fromkeys(schedule.set_by for schedule in stopped if schedule.set_by):
        theirs = [scope.uow.people.channel_by_id(one.channel) for one in stopped if one.set_by == setter]
        names = clip(cards.listed([f"#{channel.name}" for channel in theirs]), 300)
        card = cards.say(
            clip(f"I was taken out of {where.name}", 150),
            f"The daily question has stopped in {names}.",
            f"Everything is kept for {KEPT.days} days. If I am invited again by then, it goes on as before.",
            accent="warning",
        )
        key, person = f"left:{space}:{setter}:{scope.now.date()}", scope.uow.people.player(setter).external
        post = Post(key, where.platform, where.external, theirs[0].external, card, person=person)
        scope.uow.outbox.post(post, scope.now)


@router.due(name="space.joined")
def joined(scope: Scope, space: int) -> None:
    """Go on where a space left off: it is kept, and what stopped because of that comes again."""
    _keep(scope, space)
    for schedule in scope.uow.schedules.of_space(space):
        if schedule.why == LEFT:
            again = replace(schedule, active=True, why="")
            scope.uow.schedules.change(again)
            plan(scope, again)


def _keep(scope: Scope, space: int) -> None:
    """Take back that a space will be forgotten."""
    scope.uow.due.drop("space.erase", str(space))
    scope.uow.due.drop("space.forget", str(space))


@router.due(name="space.erase")
def erase(scope: Scope, space: int) -> None:
    """The time is over. One more day lets a bot that was down hear first that it was invited back."""
    scope.uow.due.put("space.forget", str(space), scope.now + timedelta(days=1))


@router.due(name="space.forget")
def forget(scope: Scope, space: int) -> None:
    """Forget a space, and everybody and everything in it, unless it has been used since the bot was taken out."""
    used = scope.uow.rounds.last_opened(space)
    if used and used > scope.now - KEPT:
        return
    scope.uow.spaces.erase(space)
