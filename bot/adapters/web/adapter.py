"""The browser as a platform."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.adapters.web import room
from bot.adapters.web.entrance import Secret
from bot.adapters.web.room import Room
from bot.adapters.web.site import Site
from bot.adapters.web.stream import Streams
from bot.ports import Application, Post, Store, UnitOfWork


class Web:
    """The page and the playground behind it.

    `secret` signs cookies and must stay the same over restarts; of several the last signs and all are accepted, so
    that one can be replaced. `zone` is given to the playground when it is new.
    `hosts` are names the page may go by besides those of this machine.
    """

    name = room.NAME
    space = room.SPACE
    channels = room.CHANNELS

    def __init__(
        self,
        app: Application,
        store: Store,
        clock: Callable[[], datetime],
        secret: Secret,
        zone: str,
        hosts: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._room = Room(app, store, clock, secret, zone, changed=self._changed)
        self._streams = Streams(self._room)
        self.asgi = Site(self._room, self._streams, secret, hosts).asgi

    async def send(self, post: Post) -> str:
        def say(uow: UnitOfWork) -> int:
            return uow.messages.say(
                self._room.space(uow), post.channel, self._clock(), card=post.card, viewer=post.person, key=post.key
            )

        receipt = await self._store.run(say)
        self._changed()
        return str(receipt)

    async def edit(self, post: Post) -> None:
        await self._store.run(lambda uow: uow.messages.replace(int(post.receipt), post.card))
        self._changed()

    async def find(self, post: Post) -> str | None:
        found = await self._store.read(lambda uow: uow.messages.found(post.key))
        return None if found is None else str(found)

    def stop(self) -> None:
        """End the open streams, so that the server need not wait for them."""
        self._streams.stop()

    def _changed(self) -> None:
        self._streams.beat()
