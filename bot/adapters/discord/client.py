"""The connections to Discord: one that hears what people do, and one that only sends."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.adapters.discord import commands
from bot.adapters.discord.front import Front
from bot.ports import Store
from bot.routing import Router

log = structlog.get_logger()

# A quiz has no voice, so what voice would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

NOTE = "discord.commands"
"""The note that says which commands Discord was told."""
TELL_AGAIN = 60.0
"""Seconds until Discord is told our commands once more where that failed."""
WAIT = 1.0
"""Seconds of a rate limit that are sat out. The outbox is told of longer ones, so that nobody else need wait."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Which shards of how many this process runs."""

    ids: tuple[int, ...]
    count: int


class Sender(discord.Client):
    """A client that never connects to the gateway: it sends, whatever becomes of the connection."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none())
        self.http.max_ratelimit_timeout = WAIT


class Gateway(discord.AutoShardedClient):
    """Hears commands, clicks and dialogs. `words` are names of commands in other languages.

    It asks for the servers alone and keeps neither messages nor members. When the commands have changed since Discord
    was last told, it is told.
    """

    def __init__(
        self,
        router: Router,
        front: Front,
        store: Store,
        shards: Shards | None = None,
        words: Mapping[discord.Locale, Mapping[str, str]] | None = None,
    ) -> None:
        split: dict[str, Any] = {"shard_ids": list(shards.ids), "shard_count": shards.count} if shards else {}
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            **split,
        )
        self.http.max_ratelimit_timeout = WAIT
        self.tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        commands.grow(self.tree, router, front)
        self._front = front
        self._store = store
        self._words = words
        self._telling: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        if self._words:
            await self.tree.set_translator(commands.Translations(self._words))
        if not await self._told():
            self._telling = asyncio.create_task(self._tell_later())

    async def close(self) -> None:
        if self._telling:
            self._telling.cancel()
        await super().close()

    async def on_shard_connect(self, shard: int) -> None:
        log.info("listening", shard=shard)

    async def on_interaction(self, interaction: commands.Interaction) -> None:
        await self._front.heard(interaction)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._front.left(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        await self._front.joined(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._front.joined(guild)

    async def on_ready(self) -> None:
        # So that a server that invited us back while we were away is not erased later.
        for guild in self.guilds:
            await self._front.joined(guild)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("fault", event=event_method)

    async def _told(self) -> bool:
        """Whether Discord knows our commands, after an attempt to tell it."""
        try:
            await self._tell()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as trouble:
            log.warning("commands not told", trouble=repr(trouble))
            return False
        return True

    async def _tell_later(self) -> None:
        """Tell them again until it works; without them nobody can type anything."""
        await asyncio.sleep(TELL_AGAIN)
        while not await self._told():
            await asyncio.sleep(TELL_AGAIN)

    async def _tell(self) -> None:
        """Tell Discord our commands, unless it knows them."""
        now = await commands.fingerprint(self.tree)
        if await self._store.read(lambda uow: uow.notes.get(NOTE)) == now:
            return
        await self.tree.sync()
        await self._store.run(lambda uow: uow.notes.put(NOTE, now))
