"""Managers: people who look after the bot here without being admins of the space."""

from typing import Annotated

from bot.engine.errors import QuizError
from bot.features import cards
from bot.features.teams import find_player, meet_player
from bot.ports import Context, Reply
from bot.routing import About, PlayerName, Router
from bot.ui import Card, Text, clip

router = Router()

APerson = Annotated[PlayerName, About("Who; quote a name of several words")]


@router.command("Let somebody manage the quiz here without being an admin", name="admin manager add")
def add(ctx: Context, player: APerson) -> Reply:
    person = meet_player(ctx, player)
    if person.may_manage:
        why = "is an admin of this space" if person.admin else "is a manager already"
        raise QuizError(f"{clip(person.name, 80)} {why}. See who manages the quiz here with /quiz admin manager list.")
    ctx.uow.people.change_manager(person.id, True)
    return Reply(
        private=cards.say(
            clip(f"{person.name} manages the quiz here now", 150),
            "All /quiz admin commands are theirs too: the daily question, teams, seasons, settings and reports.",
            "If they are not offered these commands (Discord hides them from members without Manage Server), allow "
            "them for this person or their role in the server's settings, under Integrations.",
            "Take it back with /quiz admin manager remove.",
        )
    )


@router.command("Let somebody manage the quiz here no longer", name="admin manager remove")
def remove(ctx: Context, player: APerson) -> Reply:
    person = find_player(ctx, player)
    if not person.manager:
        but = "an admin of this space, which only the platform can change" if person.admin else "no manager"
        raise QuizError(f"{clip(person.name, 60)} is {but}. See who is a manager with /quiz admin manager list.")
    ctx.uow.people.change_manager(person.id, False)
    still = "As an admin of this space they may still do it all." if person.admin else "They can play on as before."
    return Reply(private=cards.say(clip(f"{person.name} is no manager any more", 150), still))


@router.command("See who manages the quiz here", name="admin manager list", reads=True)
def list_managers(ctx: Context) -> Reply:
    names = [clip(person.name, 80) for person in ctx.uow.people.managers(ctx.space.id)]
    who = cards.listed(names) if names else "Nobody yet. Add somebody with /quiz admin manager add."
    admins = Text("Admins of this space manage the quiz as well; who they are is up to the platform.", small=True)
    return Reply(private=Card("Managers", (Text(who), admins)))
