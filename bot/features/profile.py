"""How somebody is doing: season, streak, and topic by topic."""

from typing import Annotated

from bot.features import cards
from bot.features.leaderboard import period_key, shown_streak
from bot.features.teams import find_player
from bot.features.topics import results
from bot.ports import Context, Player, Reply
from bot.routing import About, PlayerName, Router
from bot.ui import Button, Buttons, Call, Card, Element, Fields, Image, Table, Text, clip

router = Router()

ENOUGH = 10
"""Answers on a topic below which a share says little (about half a logit of error; Rasch model)."""


@router.command("See how you, or somebody else, are doing", reads=True, solo=True)
def profile(ctx: Context, player: Annotated[PlayerName, About("Who; you if left out")] = "") -> Reply:
    return Reply(private=_card(ctx, find_player(ctx, player) if player else ctx.player))


def _card(ctx: Context, person: Player) -> Card:
    own = person.id == ctx.player.id
    body: list[Element] = [Fields(_figures(ctx, person))]
    mine = results(ctx, person.id)
    if not mine:
        body.append(Text("No answers yet." + (" Today's question is a good start." if own else "")))
    elif own:
        body += _topics(ctx, mine)
    if own:
        body.append(
            Buttons(
                Button("Today's question", Call("daily")),
                Button("Practise", Call("ask")),
                Button("Settings", Call("settings")),
            )
        )
    portrait = Image(person.avatar, f"Picture of {clip(person.name, 100)}") if person.avatar else None
    return Card(clip(person.name, 150), tuple(body), portrait=portrait)


def _figures(ctx: Context, person: Player) -> tuple[tuple[str, str], ...]:
    place = ctx.uow.boards.place(ctx.space.id, period_key(ctx.space, ctx, "season"), person.id)
    every = ctx.uow.boards.tally(ctx.space.id, "all", person.id)
    team = ctx.uow.people.team(person.team) if person.team else None
    streak = person.streak
    return (
        (
            ctx.space.season_name,
            f"rank {place.rank:,} with {cards.counted(place.tally.points, 'point')}" if place else "no points yet",
        ),
        ("All time", f"{every.right:,} of {every.answered:,} right" if every else "no answers yet"),
        ("Streak", f"{cards.counted(shown_streak(ctx, person.id), 'day')}, best {streak.best}"),
        ("Freezes", f"{streak.freezes} of 2; one is earned for every seven days"),
        ("Team", clip(team.name, 40) if team else "none"),
    )


def _topics(ctx: Context, mine: dict[str, tuple[int, int]]) -> list[Element]:
    """The topics answered most, weakest first, with a word of care where there are few answers."""
    titles = ctx.bank.default.topics
    busiest = sorted(mine, key=lambda topic: -mine[topic][1])[: cards.LISTED]
    weakest = sorted(busiest, key=lambda topic: (mine[topic][0] / mine[topic][1], topic))
    rows = tuple(
        (
            clip(titles[topic].title, 40),
            f"{mine[topic][0]} of {mine[topic][1]}",
            "" if mine[topic][1] >= ENOUGH else "few answers",
        )
        for topic in weakest
        if topic in titles
    )
    more = f"and {len(mine) - len(busiest)} more topics; see /quiz topics" if len(mine) > len(busiest) else ""
    return [Table(("Topic", "Right", ""), rows, (1,)), *([Text(more, small=True)] if more else [])]
