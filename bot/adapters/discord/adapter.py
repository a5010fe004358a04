"""Discord as a platform: sends over REST, and keeps a connection to the gateway alive."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.adapters.discord.client import Gateway, Sender, Shards
from bot.adapters.discord.front import Front
from bot.adapters.discord.posting import BROKEN, TOKEN_PAUSE, Poster
from bot.adapters.discord.words import Words
from bot.ports import Housed, Later, Post, Store
from bot.routing import Router

log = structlog.get_logger()

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds before the gateway is tried again after a failure, doubled with each one."""
STEADY = 600.0
"""Seconds after which a connection counts as one that works."""
RESERVE = 100
"""Identifications of a day that no new connection takes: Discord resets the token of a bot that has used up all, and
shards that lose their session identify by themselves."""
FAREWELL = 5.0
"""Seconds that a stop waits for those who have done something and wait for an answer."""


class TokenRefused(ConnectionError):
    """Discord does not know the token."""

    def __init__(self) -> None:
        super().__init__(
            "Discord does not accept DISCORD_TOKEN. Copy the token anew: https://discord.com/developers/applications, "
            "your application, “Bot”, “Reset Token”."
        )


class Discord:
    """Discord, for one bot. `words` are names of commands in other languages; `pause` is what waits between attempts at
    the gateway."""

    name = Poster.name

    def __init__(
        self,
        app: Housed,
        router: Router,
        store: Store,
        token: str,
        shards: Shards | None = None,
        words: Words | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._router = router
        self._store = store
        self._token = token
        self._shards = shards
        self._words = words
        self._pause = pause
        self._front = Front(app, router)
        self._sender: Sender | None = None
        self._entering = asyncio.Lock()
        self._serving: asyncio.Task[None] | None = None
        self.gateway: Gateway | None = None
        """The connection of the moment."""

    async def start(self) -> None:
        """Log in, and begin to listen. Raises `TokenRefused`; where Discord cannot be reached, it is tried on."""
        try:
            await self._entered()
        except Later:
            log.warning("Discord cannot be reached; trying on")
        self._serving = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """Answer those who wait, as far as that takes no longer than `FAREWELL`, and stop listening and sending."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._front.quiet(), FAREWELL)
        if self._serving:
            self._serving.cancel()
            await asyncio.wait({self._serving})
        if self._sender:
            await self._sender.close()

    # ---- the outbox

    async def send(self, post: Post) -> str:
        return await (await self._poster()).send(post)

    async def edit(self, post: Post) -> None:
        await (await self._poster()).edit(post)

    async def find(self, post: Post) -> str | None:
        return await (await self._poster()).find(post)

    async def _poster(self) -> Poster:
        """Somebody who can send; raises `Later`. A token that is refused may be mended, and nothing was sent."""
        try:
            return Poster(await self._entered())
        except TokenRefused as trouble:
            raise Later(TOKEN_PAUSE) from trouble

    async def _entered(self) -> Sender:
        """The client that sends, logged in; raises `TokenRefused` and `Later`."""
        async with self._entering:
            if self._sender is None:
                self._sender = await self._logged_in()
            return self._sender

    async def _logged_in(self) -> Sender:
        sender = Sender()
        try:
            await sender.login(self._token)
        except discord.LoginFailure:
            await sender.close()
            raise TokenRefused from None
        except BROKEN as trouble:
            await sender.close()
            raise Later(10) from trouble
        return sender

    # ---- the gateway

    async def _serve(self) -> None:
        """Keep a connection, made anew after whatever ends it: discord.py gives up where it cannot read a message. One
        that dies soon may die of the same message again, and takes an identification of each shard with it."""
        failures = 0
        while True:
            while wait := await self._spent():
                log.warning("too many connections today", wait=wait)
                await self._pause(wait)
            begun = asyncio.get_running_loop().time()
            await self._listen()
            steady = asyncio.get_running_loop().time() - begun > STEADY
            failures = 0 if steady else min(failures + 1, 16)
            await self._pause(min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**failures))

    async def _listen(self) -> None:
        """Connect, and listen for as long as that lasts."""
        self.gateway = Gateway(
            self._router, self._front, self._store, self._shards, words=self._words, pause=self._pause
        )
        try:
            async with self.gateway:
                await self.gateway.start(self._token)
        except Exception as trouble:
            log.warning("gateway lost", trouble=repr(trouble))

    async def _spent(self) -> float:
        """Seconds until this process may identify its shards; 0 if it may now, or Discord does not say."""
        try:
            count, _, limit = await (await self._entered()).http.get_bot_gateway()
        except (TokenRefused, Later, *BROKEN):
            return 0.0
        wanted = len(self._shards.ids) if self._shards else count
        return float(limit["reset_after"]) / 1000 if limit["remaining"] < wanted + RESERVE else 0.0
