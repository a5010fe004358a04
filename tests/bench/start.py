"""From `quizbot run` to the first page served, on a database that is there; floor: a bare uvicorn and Starlette."""

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.lines import Line

BARE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
import socket
s = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{s.getsockname()[1]} ", flush=True)
app = Starlette(routes=[Route("/health", lambda request: PlainTextResponse("ok"))])
uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[s])
"""


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        run = [sys.executable, "-m", "bot", "run", "--port", "0"]
        first = _ready(run, folder)
        figure = median(_ready(run, folder) for _ in range(5))
        floor = median(_ready([sys.executable, "-c", BARE], folder) for _ in range(5))
    yield Line("start to ready, second start", figure, floor, "s", f"first start {first:.2f} s; budget 2 s")


def _ready(command: list[str], folder: str) -> float:
    """Seconds until the health page answers."""
    environment = os.environ | {"QUIZBOT_DATABASE": f"sqlite:///{folder}/q.sqlite3", "QUIZBOT_LOG_LEVEL": "error"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    started = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as process:
        assert process.stdout is not None
        try:
            address = next(word for word in process.stdout.readline().split() if word.startswith("http"))
            urllib.request.urlopen(f"{address}/health", timeout=10).close()
            seconds = perf_counter() - started
        finally:
            process.kill()
    return seconds
