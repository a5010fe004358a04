"""Prints every figure beside its floor; name parts of the bench to run those alone."""

import asyncio
import inspect
import os
import platform
import sys

import structlog

from tests.bench import answers, boards, content, discord, due, history, memory, slack, start
from tests.bench.lines import HEAD

PARTS = {
    "answers": answers,
    "boards": boards,
    "content": content,
    "discord": discord,
    "due": due,
    "history": history,
    "memory": memory,
    "slack": slack,
    "start": start,
}


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    wanted = sys.argv[1:] or list(PARTS)
    print(f"{platform.platform()} · Python {platform.python_version()} · {os.cpu_count()} processors")
    print(HEAD)
    for name in wanted:
        made = PARTS[name].lines()
        for line in asyncio.run(made) if inspect.iscoroutine(made) else made:
            print(line, flush=True)


if __name__ == "__main__":
    main()
