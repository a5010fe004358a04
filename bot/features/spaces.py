"""What becomes of a space the bot was taken out of: its questions stop, and after a while it is forgotten."""

from dataclasses import replace
from datetime import timedelta

from bot.features.opening import halt, plan
from bot.ports import Scope
from bot.routing import Router

router = Router()

KEPT = timedelta(days=30)
LEFT = "I was taken out of this space."


@router.due(name="space.left")
def left(scope: Scope, space: int) -> None:
    """Stop what would be posted to a space, and keep what it has for a while."""
    for schedule in scope.uow.schedules.of_space(space):
        if schedule.active or schedule.why:
            halt(scope, schedule, LEFT)
    _keep(scope, space)
    scope.uow.due.put("space.erase", str(space), scope.now + KEPT)


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
    for player in scope.uow.people.players(space, "", limit=1_000_000):
        scope.uow.due.drop("settings.remind", str(player.id))
    scope.uow.spaces.erase(space)
