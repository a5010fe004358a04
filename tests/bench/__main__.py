"""Prints every figure beside its floor; name parts of the bench to run those alone."""

import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.bench.lines import HEAD
from tests.bench.parts import PARTS, measured


def main() -> None:
    """Each part has a process of its own, so that none measures what another left in memory."""
    print(f"{platform.platform()} · Python {platform.python_version()} · {os.cpu_count()} processors")
    print(HEAD, flush=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as apart:
        for lines in apart.map(measured, sys.argv[1:] or PARTS):
            print(*lines, sep="\n", flush=True)


if __name__ == "__main__":
    main()
