"""Who does something on Discord, and where."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.adapters.discord.commands import Interaction
from bot.adapters.recent import Recent
from bot.ports import Person, Place
from bot.ui import Card, Text

MEMBER_SECONDS, MEMBERS = 30, 1000
"""How long, and how many, members are remembered who use direct messages. Whoever may manage the server is not: that is
asked every time."""
PATIENCE = 10
"""Seconds after which Discord is not waited for any longer."""
AVATAR = 128
"""Pixels of a picture."""

STRANGER = Card(
    "This belongs to a server you are not in any more",
    (Text("Join it again, or play here with /quiz ask."),),
    "warning",
)
UNSURE = Card(
    "Discord does not tell me whether you are in that server",
    (Text("Try again in a minute, or do this in the server itself."),),
    "warning",
)

Whereabouts = tuple[Place, Place | None, Person]
"""Space, channel and person of a request."""


class Elsewhere(Exception):
    """What somebody pressed is about a server that they are not, or may not be, in; `card` tells them."""

    def __init__(self, card: Card) -> None:
        super().__init__(card.title)
        self.card = card


class People:
    """Tells who does something, and where."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._members: Recent[tuple[int, int], discord.Member] = Recent(MEMBER_SECONDS, MEMBERS, clock)

    async def whereabouts(self, interaction: Interaction, about: str = "") -> Whereabouts:
        """The server, the channel and the person. In a direct message those of the `SPACE/CHANNEL` it is `about`, if
        the person is a member there, and otherwise, as where only a person installed the bot, a space of their own.

        Raises `Elsewhere`.
        """
        space, _, channel = about.partition("/")
        if interaction.guild_id is None and space.isdigit():
            return await self._elsewhere(interaction, int(space), channel)
        if not _in_server(interaction):
            own = Place(f"@{interaction.user.id}", interaction.user.display_name)
            return own, None, _person(interaction.user)
        guild = interaction.guild
        space_ = Place(str(interaction.guild_id), guild.name if guild else "")
        return space_, _channel(interaction), _member(interaction.user, interaction.permissions)

    async def _elsewhere(self, interaction: Interaction, space: int, channel: str) -> Whereabouts:
        key = (space, interaction.user.id)
        member = self._members.get(key)
        if member is None:
            member = await _fetched(interaction.client, space, interaction.user.id)
            if not _manages(member.guild_permissions):
                self._members.put(key, member)
        return (
            Place(str(space), member.guild.name),
            _place(member.guild, channel),
            _member(member, member.guild_permissions),
        )


def _place(guild: discord.Guild, channel: str) -> Place | None:
    where = guild.get_channel(int(channel)) if channel.isdigit() else None
    return Place(channel, where.name if where else "") if channel else None


async def _fetched(client: discord.Client, space: int, user: int) -> discord.Member:
    """A member of a server, which may be one of another process; raises `Elsewhere`."""
    try:
        async with asyncio.timeout(PATIENCE):
            guild = client.get_guild(space) or await client.fetch_guild(space, with_counts=False)
            return await guild.fetch_member(user)
    except (discord.NotFound, discord.Forbidden):
        raise Elsewhere(STRANGER) from None
    except (discord.DiscordException, aiohttp.ClientError, OSError):
        raise Elsewhere(UNSURE) from None


def _member(user: discord.User | discord.Member, may: discord.Permissions) -> Person:
    """Somebody as the server knows them. Where not even the role that everybody has is known, no roles can be told."""
    roles = user.roles if isinstance(user, discord.Member) else ()
    groups = tuple(str(role.id) for role in roles if not role.is_default()) if roles else None
    return _person(user, admin=_manages(may), groups=groups)


def _manages(may: discord.Permissions) -> bool:
    return may.administrator or may.manage_guild


def _person(
    user: discord.User | discord.Member, admin: bool | None = False, groups: tuple[str, ...] | None = ()
) -> Person:
    return Person(str(user.id), user.display_name, admin, groups=groups, avatar=_avatar(user))


def _avatar(user: discord.User | discord.Member) -> str:
    """The address of a small still picture, which Discord makes of any. `Asset.replace` takes 15 times as long."""
    picture, _, _ = user.display_avatar.url.partition("?")[0].rpartition(".")
    return f"{picture}.png?size={AVATAR}"


@dataclass(frozen=True, slots=True)
class Named:
    """The channels and the people that were picked for a command."""

    channels: tuple[Place, ...] = ()
    people: tuple[Person, ...] = ()


NOBODY = Named()


def named(given: Iterable[Any]) -> Named:
    """Those among the options of a command. What people may do, and which roles they have, is not told of them."""
    options = list(given)
    channels = (Place(str(one.id), one.name) for one in options if isinstance(one, discord.TextChannel))
    people = (one for one in options if isinstance(one, discord.User | discord.Member))
    return Named(tuple(channels), tuple(_person(one, admin=None, groups=None) for one in people))


def in_forum(interaction: Interaction) -> bool:
    """Whether this happens in a post of a forum, whose channel takes no messages."""
    return isinstance(getattr(interaction.channel, "parent", None), discord.ForumChannel)


def _in_server(interaction: Interaction) -> bool:
    """Whether this happens in a server the bot was invited to."""
    only_person = interaction.is_user_integration() and not interaction.is_guild_integration()
    return interaction.guild_id is not None and not only_person


def _channel(interaction: Interaction) -> Place | None:
    """The channel; for a thread the channel it belongs to."""
    where: Any = interaction.channel
    if isinstance(where, discord.Thread):
        parent = where.parent
        return Place(str(where.parent_id), parent.name if parent else where.name)
    return Place(str(interaction.channel_id), getattr(where, "name", None) or "") if interaction.channel_id else None
