"""The parts of the bench, by name."""

import asyncio
import inspect

import structlog

from tests.bench import answers, boards, content, discord, due, history, memory, slack, start

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


def measured(name: str) -> list[str]:
    """The lines of a part."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    made = PARTS[name].lines()
    return [str(line) for line in (asyncio.run(made) if inspect.iscoroutine(made) else made)]
