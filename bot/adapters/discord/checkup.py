"""Inviting the bot, and what may be missing for it to work."""

from collections.abc import AsyncIterator

import discord
from discord import utils

from bot.adapters.discord.adapter import RESERVE, TokenRefused
from bot.adapters.discord.client import Sender
from bot.adapters.discord.posting import BROKEN
from bot.adapters.discord.rights import rights
from bot.adapters.finding import Finding

PERMISSIONS = discord.Permissions(
    view_channel=True, send_messages=True, attach_files=True, read_message_history=True, create_public_threads=True
)
SAID = {name: name.replace("_", " ").title() for name, needed in PERMISSIONS if needed}
"""What a channel calls each of `PERMISSIONS`."""
SCOPES = ("bot", "applications.commands")
UNREACHABLE = "Discord cannot be reached from here. Check the connection of this machine, then try again."


def invitation(application: int) -> str:
    """The link that invites the bot to a server, with the permissions it needs and no others."""
    return utils.oauth_url(application, permissions=PERMISSIONS, scopes=SCOPES)


async def application_of(token: str) -> int:
    """The id of the application a token belongs to. Raises `TokenRefused`, and `ConnectionError` without Discord."""
    async with Sender() as sender:
        try:
            await sender.login(token)
        except discord.LoginFailure:
            raise TokenRefused from None
        except BROKEN:
            raise ConnectionError(UNREACHABLE) from None
        assert sender.application_id is not None, "a bot that is logged in has an application"
        return sender.application_id


async def findings(token: str, channel: int | None = None) -> AsyncIterator[Finding]:
    """How things are with the token, the application, the gateway and, where it is given, a channel."""
    async with Sender() as sender:
        try:
            await sender.login(token)
        except discord.LoginFailure:
            yield Finding(False, str(TokenRefused()))
            return
        except BROKEN:
            yield Finding(False, UNREACHABLE)
            return
        yield Finding(True, f"Discord accepts the token; the bot is called {sender.user}.")
        yield _application(sender)
        yield await _gateway(sender)
        if channel is not None:
            yield await _channel(sender, channel)


def _application(sender: Sender) -> Finding:
    """Discord sends interactions to a web address or over the gateway, never both."""
    about = sender.application
    if about and about.interactions_endpoint_url:
        return Finding(
            False,
            "The application sends interactions to a web address, so none arrive here. Empty “Interactions Endpoint "
            "URL” under “General Information” in the developer portal.",
        )
    return Finding(True, "Interactions come over the gateway; no privileged intent is needed.")


async def _gateway(sender: Sender) -> Finding:
    try:
        shards, _, limit = await sender.http.get_bot_gateway()
    except BROKEN:
        return Finding(False, "Discord does not say where its gateway is. Try again in a minute.")
    if limit["remaining"] < shards + RESERVE:
        hours = limit["reset_after"] / 3_600_000
        return Finding(
            False, f"The bot has connected too often today. Wait {hours:.1f} hours before you start it again."
        )
    return Finding(True, f"Discord suggests {shards} shard{'s' if shards != 1 else ''}.")


async def _channel(sender: Sender, id: int) -> Finding:
    """Whether the bot may do in a channel what it has to."""
    try:
        found = await sender.fetch_channel(id)
        if not isinstance(found, discord.TextChannel):
            return Finding(False, f"{found} is no text channel. Choose one for the daily question.")
        may = await rights(sender, found.guild.id, id)
    except (discord.NotFound, discord.Forbidden):
        return Finding(False, f"I can't see a channel {id}. Invite me to its server, and give me “View Channel” there.")
    except BROKEN:
        return Finding(False, f"Discord does not tell what I may do in the channel {id}. Try again in a minute.")
    missing = [said for name, said in SAID.items() if not getattr(may, name)]
    if missing:
        named = ", ".join(f"“{said}”" for said in missing)
        return Finding(False, f"In #{found.name} I lack {named}. Give that to my role in the channel's permissions.")
    return Finding(True, f"In #{found.name} I may do all I have to.")
