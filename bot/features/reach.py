"""Which daily questions somebody may be shown: a channel may be one that they cannot see, and its name a secret."""

from bot.engine.round import Round
from bot.ports import Context, Player, Schedule, Scope


def schedules(ctx: Context) -> list[Schedule]:
    """The schedule of the channel somebody is in; where there is none, those of which they have answered a question."""
    channel = ctx.uow.people.channel_named(ctx.space.id, ctx.place.external) if ctx.place else None
    here = ctx.uow.schedules.of_channel(channel.id) if channel else None
    if here:
        return [here]
    followed = ctx.uow.rounds.followed(ctx.space.id, ctx.player.id)
    return [schedule for schedule in ctx.uow.schedules.of_space(ctx.space.id) if schedule.id in followed]


def dailies(ctx: Context) -> list[Round]:
    """The open dailies of these schedules, newest first."""
    return _of(ctx, ctx.space.id, {schedule.id for schedule in schedules(ctx)})


def followed_dailies(scope: Scope, player: Player) -> list[Round]:
    """The open dailies of schedules of which somebody has answered a question, newest first."""
    return _of(scope, player.space, scope.uow.rounds.followed(player.space, player.id))


def _of(scope: Scope, space: int, schedules: set[int]) -> list[Round]:
    return [round for round in scope.uow.rounds.open_dailies(space) if round.schedule in schedules]
