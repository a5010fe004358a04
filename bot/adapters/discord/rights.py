"""What the bot may do in a channel, asked of Discord: a client that only sends knows no roles."""

import discord


async def rights(client: discord.Client, space: int, channel: int) -> discord.Permissions:
    """The permissions of `client` in a channel of a server. Raises what discord.py raises."""
    assert client.user is not None, "logged in"
    guild = await client.fetch_guild(space, with_counts=False)
    me = await guild.fetch_member(client.user.id)
    return (await guild.fetch_channel(channel)).permissions_for(me)
