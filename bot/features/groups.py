"""Teams that are groups of the platform, such as the roles of a server: whoever has the group is in the team."""

from typing import Annotated

from bot.engine.errors import QuizError
from bot.features import cards
from bot.features.teams import find_team
from bot.ports import Context, Reply
from bot.routing import About, GroupName, Router, TeamName
from bot.ui import clip

router = Router()

ATeam = Annotated[TeamName, About("Name of the team")]


@router.command("Put everybody with a role into a team", name="admin team bind")
def bind(ctx: Context, team: ATeam, role: Annotated[GroupName, About("The role, or the group")]) -> Reply:
    wanted = find_team(ctx, team)
    if not role:
        raise QuizError("Name the role as well.")
    if role == ctx.space.external:  # so Discord calls the role that everybody has
        raise QuizError("Everybody has this role, so all would be in one team. Choose another role.")
    ctx.uow.bindings.bind(ctx.space.id, role, wanted.id)
    return Reply(
        private=cards.say(
            clip(f"{wanted.name} is bound to a role", 150),
            f"Whoever has the role is in {wanted.name} from the next thing they do here on, and who has it not leaves.",
            "What they earned before stays with the team it was earned for.",
            "Undo it with /quiz admin team unbind.",
        )
    )


@router.command("Let a team be free of its roles again", name="admin team unbind")
def unbind(ctx: Context, team: ATeam) -> Reply:
    wanted = find_team(ctx, team)
    if not ctx.uow.bindings.unbind(wanted.id):
        raise QuizError(f"{wanted.name} is bound to no role. Bind it with /quiz admin team bind.")
    return Reply(private=cards.say(clip(f"{wanted.name} is free of roles", 150), "Everybody stays where they are now."))


@router.suggests("group")
def suggest_groups(ctx: Context, typed: str) -> list[str]:
    """Groups that are bound; platforms with a picker for groups offer all of them."""
    return [group for group in ctx.uow.bindings.of_space(ctx.space.id) if typed in group][:25]
