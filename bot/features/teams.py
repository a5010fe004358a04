"""Teams: making, joining and leaving them, and who is in which."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from bot.engine.errors import QuizError
from bot.features import cards
from bot.features.leaderboard import period_key
from bot.ports import Context, Person, Player, Reply, Team
from bot.routing import About, PlayerName, Router, TeamName
from bot.ui import Button, Buttons, Call, Card, Option, Select, Table, Text, clip

router = Router()

NAME_LENGTH = 40

NewName = Annotated[str, About("A name of up to 40 characters")]
ATeam = Annotated[TeamName, About("Name of the team")]


@router.command("Make a team and join it", name="team create")
def create(ctx: Context, name: NewName) -> Reply:
    team = ctx.uow.people.create_team(ctx.space.id, _name(name), ctx.now)
    if team is None:
        raise QuizError(f"There is a team called “{_name(name)}” already. Join it with /quiz team join {_name(name)}.")
    title = clip(f"{ctx.player.name} made the team {team.name}", 150)
    return Reply(public=cards.say(title, _join_own(ctx, team), buttons=[_join_button(team)]))


def _join_own(ctx: Context, team: Team) -> str:
    """Put who made a team into it, unless a group keeps them where they are; what to say about that."""
    left = _team_of(ctx, ctx.player)
    if left and _is_bound(ctx, left):
        return f"{ctx.player.name} stays in {left.name}, which comes with a role. Whoever joins earns points for it."
    ctx.uow.people.change_team(ctx.player.id, team.id)
    was = f"{ctx.player.name} has left {left.name} for it. " if left else ""
    return f"{was}Points earned from now on count for it."


@router.command("Join a team; points you earn from now on count for it", name="team join")
def join(ctx: Context, name: ATeam) -> Reply:
    return _enter(ctx, find_team(ctx, name))


@router.action(name="teams.enter")
def enter(ctx: Context, team: int) -> Reply:
    """Join the team of a button, whatever it is called by now."""
    found = ctx.uow.people.team(team)
    if found is None or found.space != ctx.space.id:
        raise QuizError("This team is not there any more. See them all with /quiz team list.")
    return _enter(ctx, found)


def _enter(ctx: Context, team: Team) -> Reply:
    if ctx.player.team == team.id:
        raise QuizError(f"You are in {team.name} already. See it with /quiz team show.")
    left = _team_of(ctx, ctx.player)
    if _is_bound(ctx, team):
        _admit(ctx, team)
    elif left:
        _free(ctx, left)
    ctx.uow.people.change_team(ctx.player.id, team.id)
    was = f"You have left {left.name}; what you earned there stays there. " if left else ""
    return Reply(
        private=cards.say(f"You are in {team.name}", f"{was}Points you earn from now on count for {team.name}.")
    )


@router.command("Leave your team; what you earned stays with it", name="team leave")
def leave(ctx: Context) -> Reply:
    team = _team_of(ctx, ctx.player)
    if team is None:
        raise QuizError("You are in no team. Join one with /quiz team join, or make one with /quiz team create.")
    _free(ctx, team)
    ctx.uow.people.change_team(ctx.player.id, None)
    return Reply(private=cards.say(f"You have left {team.name}", "What you earned for it stays there."))


@router.command("Give your team another name", name="team rename")
def rename(ctx: Context, name: NewName) -> Reply:
    team = _team_of(ctx, ctx.player)
    if team is None:
        raise QuizError("You are in no team. Join one first with /quiz team join.")
    if not ctx.uow.people.rename_team(team.id, _name(name)):
        raise QuizError(f"There is another team called “{_name(name)}”. Choose a different name.")
    return Reply(
        public=cards.say(clip(f"{team.name} is now called {_name(name)}", 150), f"{ctx.player.name} changed it.")
    )


@router.command("See a team and its members", name="team show", reads=True)
def show(ctx: Context, name: ATeam = "") -> Reply:
    team = find_team(ctx, name) if name else _team_of(ctx, ctx.player)
    if team is None:
        raise QuizError("You are in no team. See them all with /quiz team list.")
    return Reply(private=_team_card(ctx, team))


@router.command("See all teams", name="team list", reads=True)
def list_teams(ctx: Context) -> Reply:
    teams = ctx.uow.people.teams(ctx.space.id)
    if not teams:
        return Reply(private=cards.say("No teams yet", "Make the first one with /quiz team create NAME."))
    shown = sorted(teams, key=lambda team: (-team.members, team.name.casefold()))[: cards.LISTED]
    rows = tuple((clip(team.name, 40), str(team.members)) for team in shown)
    body = [Table(("Team", "Members"), rows, (1,))]
    options = tuple(Option(clip(team.name, 75), str(team.id)) for team in shown)
    more = [Text(f"and {len(teams) - len(shown)} more", small=True)] if len(teams) > len(shown) else []
    return Reply(
        private=Card("Teams", (*body, *more, Select(Call("teams.enter"), "Join …", options), Buttons(_board_button())))
    )


@router.command("Put somebody into a team", name="admin team move")
def move(
    ctx: Context,
    player: Annotated[PlayerName, About("Who; quote a name of several words")],
    team: ATeam,
) -> Reply:
    person, wanted = meet_player(ctx, player), find_team(ctx, team)
    for one in (wanted, _team_of(ctx, person)):
        if one and _is_bound(ctx, one):
            raise QuizError(
                f"{one.name} comes with a role: who has it is in the team, and nobody else. Give or take the role "
                "instead, or free the team with /quiz admin team unbind."
            )
    ctx.uow.people.change_team(person.id, wanted.id)
    lines = ["What was earned before stays with the team it was earned for."]
    if ctx.uow.bindings.of_space(ctx.space.id):
        lines.append("If a role of theirs is bound to another team, that one takes them back.")
    return Reply(private=cards.say(clip(f"{person.name} is in {wanted.name} now", 150), *lines))


@router.suggests("team")
def suggest_teams(ctx: Context, typed: str) -> list[str]:
    wanted = typed.casefold()
    return [team.name for team in ctx.uow.people.teams(ctx.space.id) if wanted in team.name.casefold()][:25]


@router.suggests("player")
def suggest_players(ctx: Context, typed: str) -> list[str]:
    return _told_apart(ctx.uow.people.players(ctx.space.id, typed))


def find_player(ctx: Context, typed: str) -> Player:
    """The person meant by an id, the beginning of a name, or both as completion offers them; refuses if nobody or
    several could be."""
    found = _people_called(ctx, typed.strip())
    if len(found) == 1:
        return found[0]
    if not found:
        newcomer = _newcomer(ctx, typed)
        who = f"{clip(newcomer.name, 40) or 'Whom you mean'} has not played here yet" if newcomer else ""
        raise QuizError(
            f"{who or f'I know nobody called “{clip(typed, 40)}” here'}. People appear once they have used a command."
        )
    raise QuizError(
        f"“{clip(typed, 40)}” could be {cards.listed(_told_apart(found))}. "
        "Write one of these in full, in quotes if it has blanks, or choose one as you type."
    )


def meet_player(ctx: Context, typed: str) -> Player:
    """The same; somebody new is let in where the platform's own picker named them."""
    newcomer = _newcomer(ctx, typed)
    return ctx.uow.people.welcome(ctx.space.id, newcomer) if newcomer else find_player(ctx, typed)


def _newcomer(ctx: Context, typed: str) -> Person | None:
    """Whom the platform's own picker named, if they have not been here before."""
    named = next((one for one in ctx.people if one.external == typed.strip()), None)
    return named if named and not _people_called(ctx, typed.strip()) else None


def _people_called(ctx: Context, typed: str) -> list[Player]:
    """Those who may be meant; who is named exactly leaves out the rest."""
    id = typed.rpartition("(")[2].removesuffix(")")
    meant = [one for one in ctx.uow.people.players(ctx.space.id, id, 1) if typed in (one.external, _with_id(one))]
    found = ctx.uow.people.players(ctx.space.id, typed, 5)
    exact = [one for one in found if one.name.casefold() == typed.removeprefix("@").casefold()]
    return meant or exact or found


def _told_apart(people: Sequence[Player]) -> list[str]:
    """Their names, with the id where several are called the same."""
    count = Counter(one.name.casefold() for one in people)
    return [_with_id(one) if count[one.name.casefold()] > 1 else one.name for one in people]


def _with_id(player: Player) -> str:
    return f"{player.name} ({player.external})"


def find_team(ctx: Context, name: str) -> Team:
    team = ctx.uow.people.team_named(ctx.space.id, name)
    if team is None:
        names = [team.name for team in ctx.uow.people.teams(ctx.space.id)]
        there = f"There is {cards.listed(names)}." if names else "Make it with /quiz team create."
        raise QuizError(f"There is no team “{clip(name, 40)}”. {there}")
    return team


def _is_bound(ctx: Context, team: Team) -> bool:
    """Whether a team comes with a group: then whoever has the group is in it, and nobody else."""
    return team.id in ctx.uow.bindings.of_space(ctx.space.id).values()


def _admit(ctx: Context, team: Team) -> None:
    """Refuse who has no group that a bound team comes with."""
    if ctx.groups is None:
        raise QuizError(f"{team.name} comes with a role, and which roles you have I cannot tell now. Try again later.")
    bound = ctx.uow.bindings.of_space(ctx.space.id)
    if not any(bound.get(group) == team.id for group in ctx.groups):
        raise QuizError(
            f"{team.name} comes with a role that you do not have. Ask whoever gives out roles here for it; with it you "
            "are in the team."
        )


def _free(ctx: Context, team: Team) -> None:
    """Refuse where a group of this person keeps them in their team."""
    if _is_bound(ctx, team):
        raise QuizError(
            f"{team.name} comes with a role that you have. Ask whoever gives out roles here to take it from you, or an "
            "admin to free the team with /quiz admin team unbind."
        )


def _team_of(ctx: Context, player: Player) -> Team | None:
    return ctx.uow.people.team(player.team) if player.team else None


def _name(text: str) -> str:
    seen = (
        character for character in text if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")
    )
    name = " ".join("".join(seen).split())
    if not 2 <= len(name) <= NAME_LENGTH or not any(map(str.isalnum, name)):
        raise QuizError(f"A team's name has 2 to {NAME_LENGTH} characters, letters or digits among them.")
    return name


def _team_card(ctx: Context, team: Team) -> Card:
    members = [member.name for member in ctx.uow.people.members(team.id)]
    key = period_key(ctx.space, ctx, "season")
    tally = next((one for one in ctx.uow.boards.teams(ctx.space.id, key) if one.team == team.id), None)
    earned = (
        f"{cards.counted(tally.points, 'point')} this season, {tally.right} of {tally.answered} right."
        if tally
        else "No points this season yet."
    )
    open_ = ctx.player.team != team.id and not _is_bound(ctx, team)
    buttons = [_join_button(team), _board_button()] if open_ else [_board_button()]
    who = cards.listed(members) if members else "Nobody is in it now"
    return cards.say(clip(team.name, 150), f"{cards.counted(len(members), 'member')}: {who}", earned, buttons=buttons)


def _join_button(team: Team) -> Button:
    return Button("Join", Call.of("teams.enter", team.id))


def _board_button() -> Button:
    return Button("Team board", Call.of("leaderboard", "season", "teams"))
