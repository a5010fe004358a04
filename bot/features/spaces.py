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
        if schedule.active:
            halt(scope, schedule, LEFT)
    scope.uow.due.put("space.erase", str(space), scope.now + KEPT)


@router.due(name="space.joined")
def joined(scope: Scope, space: int) -> None:
    """Go on where a space left off: it is kept, and what stopped because of that comes again."""
    scope.uow.due.drop("space.erase", str(space))
    for schedule in scope.uow.schedules.of_space(space):
        if schedule.why == LEFT:
            again = replace(schedule, active=True, why="")
            scope.uow.schedules.change(again)
            plan(scope, again)


@router.due(name="space.erase")
def erase(scope: Scope, space: int) -> None:
    """Forget a space, and everybody and everything in it."""
    for player in scope.uow.people.players(space, "", limit=1_000_000):
        scope.uow.due.drop("settings.remind", str(player.id))
    scope.uow.spaces.erase(space)
