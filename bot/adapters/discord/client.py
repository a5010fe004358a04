"""The connections to Discord: one that hears what people do, and one that only sends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.state import AutoShardedConnectionState

from bot.adapters.discord import commands
from bot.adapters.discord.front import Front
from bot.adapters.discord.news import News
from bot.adapters.discord.words import Words
from bot.ports import Store
from bot.routing import Router

log = structlog.get_logger()

# A quiz has no voice, so what voice would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

NOTE = "discord.commands"
"""The note that says which commands Discord was told."""
APPLICATION = "discord.application"
"""The note that says as which application the bot came to its servers."""
ANOTHER = (
    "DISCORD_TOKEN is of another application than this database was used with, so servers that are missing count as "
    "served by that one and keep their schedules. Give each application a database of its own."
)
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


class _State(AutoShardedConnectionState[Any]):
    """What is known of servers. A shard that begins anew says which it has; discord.py by itself forgets those it had
    before only where there is a single shard without a count."""

    def parse_ready(self, data: Any) -> None:
        for guild in list(self.guilds):
            if guild.shard_id == data["shard"][0]:
                self._remove_guild(guild)
        super().parse_ready(data)


class Gateway(discord.AutoShardedClient):
    """Hears commands, clicks and dialogs. `words` are names of commands in other languages; `pause` is what waits.

    It asks for the servers alone and keeps neither messages nor members. When the commands have changed since Discord
    was last told, it is told; and the application is told which servers the bot is in.
    """

    def __init__(
        self,
        router: Router,
        front: Front,
        store: Store,
        shards: Shards | None = None,
        words: Words | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
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
        self._news = News(pause)

    def _get_state(self, **options: Any) -> _State:
        return _State(dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options)

    async def setup_hook(self) -> None:
        if self._words:
            await self.tree.set_translator(commands.Translations(self._words))
        self._news.tell("commands", self._tell)

    async def close(self) -> None:
        self._news.stop()
        await super().close()

    async def on_shard_connect(self, shard: int) -> None:
        log.info("listening", shard=shard)

    async def on_interaction(self, interaction: commands.Interaction) -> None:
        await self._front.heard(interaction)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._news.tell(str(guild.id), partial(self._front.app.left, "discord", str(guild.id)))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._news.tell(str(guild.id), partial(self._front.app.joined, "discord", str(guild.id)))

    async def on_ready(self) -> None:
        # All shards have said which servers they have, those that are out of order included.
        self._news.tell("servers", self._present)

    async def on_shard_ready(self, shard: int) -> None:
        # Of several shards one that had to begin anew says so here alone, and may have lost servers meanwhile.
        if self.is_ready():
            self._news.tell("servers", self._present)

    async def _present(self) -> None:
        """Tell which servers there are: some may have come or gone while nobody listened."""
        if not await self._same_application():
            log.warning(ANOTHER)
            return
        count, ours = self.shard_count or 1, set(self.shards)
        spaces = {str(guild.id) for guild in self.guilds}
        # Spaces of single people have ids that are no numbers.
        await self._front.app.present(
            "discord", spaces, lambda space: space.isdigit() and (int(space) >> 22) % count in ours
        )

    async def _same_application(self) -> bool:
        """Whether the database was used with this application, or with none so far."""
        now = str(self.application_id)
        noted = await self._store.read(lambda uow: uow.notes.get(APPLICATION))
        if not noted:
            await self._store.run(lambda uow: uow.notes.put(APPLICATION, now))
        return noted in ("", now)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("fault", event=event_method)

    async def _tell(self) -> None:
        """Tell Discord our commands, unless it knows them. Those it does not take are told again by the next connection
        alone: by themselves they become no better."""
        now = await commands.fingerprint(self.tree)
        if await self._store.read(lambda uow: uow.notes.get(NOTE)) == now:
            return
        try:
            await self.tree.sync()
        except discord.HTTPException as trouble:
            if trouble.status != 400:
                raise
            log.error("commands refused", trouble=str(trouble))
            return
        await self._store.run(lambda uow: uow.notes.put(NOTE, now))
