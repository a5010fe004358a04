"""A poster on a small Slack."""

import socket
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.grants import OneWorkspace, connecting
from bot.adapters.slack.posting import Poster
from bot.ports import Post
from bot.ui import Button, Buttons, Call, Card, Text
from tests.adapters.slack import workspaces
from tests.adapters.slack.loopback import Loopback

CARD = Card("Daily <question>", (Text("Which?"), Buttons(Button("A", Call.of("play.answer", 1, 0, "A")))))
POST = Post("daily:1", "slack", "T1", "C1", CARD)
SEND, EDIT, HISTORY = "chat.postMessage", "chat.update", "conversations.history"


@dataclass
class Wire:
    """A poster on a small Slack. Seconds pass only where a test says so."""

    slack: Loopback
    session: aiohttp.ClientSession
    now: float = 0.0
    api: str = ""
    """Another address than Slack's."""
    poster: Poster = field(init=False)

    def __post_init__(self) -> None:
        def connect(token: str) -> Any:
            return connecting(self.session, self.api or self.slack.api)(token)

        grants = OneWorkspace(self.slack.workspaces["T1"].token, connect)
        self.poster = Poster(grants, connect, Charts(pauses=(0, 0)), clock=lambda: self.now)

    async def send(self, post: Post = POST) -> str:
        """Send, later than all before."""
        self.now += 1
        return await self.poster.send(post)

    def with_history(self) -> None:
        """Let the bot read what was said."""
        self.slack.tokens[self.slack.workspaces["T1"].token].scopes.update(workspaces.HISTORY)

    def without(self, scope: str) -> None:
        """Take a scope away."""
        self.slack.tokens[self.slack.workspaces["T1"].token].scopes.discard(scope)

    def unreachable(self) -> None:
        """From now on nobody is at the address of Slack."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.api = f"http://127.0.0.1:{free.getsockname()[1]}/api/"
