"""The web server, which ends the page's open streams before it waits for the rest to finish."""

import socket

import uvicorn

from bot.adapters.web.adapter import Web

PATIENCE = 2
"""Seconds that what is running gets at the end."""


class Server(uvicorn.Server):
    """Serves the page until it is told to stop (Ctrl+C, SIGTERM or `should_exit`)."""

    def __init__(self, web: Web) -> None:
        super().__init__(
            uvicorn.Config(web.asgi, log_config=None, timeout_graceful_shutdown=PATIENCE, server_header=False)
        )
        self._web = web

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._web.stop()
        await super().shutdown(sockets)
