"""The web server, which ends the page's open streams before it waits for the rest to finish."""

import socket
from collections.abc import Mapping
from types import MappingProxyType

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from bot.adapters.web.adapter import Web

PATIENCE = 2
"""Seconds that what is running gets at the end."""
ALONE: Mapping[str, ASGIApp] = MappingProxyType({})


class Server(uvicorn.Server):
    """Serves the page until it is told to stop (Ctrl+C, SIGTERM or `should_exit`), and other sites beside it, each
    under a path of its own. Those have no guard but their own."""

    def __init__(self, web: Web, beside: Mapping[str, ASGIApp] = ALONE) -> None:
        mounts = [Mount(path, app=site) for path, site in beside.items()]
        app = Starlette(routes=[*mounts, Mount("/", app=web.asgi)]) if mounts else web.asgi
        super().__init__(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=PATIENCE, server_header=False))
        self._web = web

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._web.stop()
        await super().shutdown(sockets)
