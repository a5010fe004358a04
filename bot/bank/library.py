"""Everything loaded from content/, ready to be asked from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.bank.load import ContentError, Problem, archive, packs_in, read_pack, revive
from bot.engine.question import Pack, Question


@dataclass(frozen=True, slots=True)
class Library:
    """Packs by id; the first one read is used where none was chosen."""

    packs: Mapping[str, Pack]

    @property
    def default(self) -> Pack:
        return next(iter(self.packs.values()))

    def archive(self, question: Question) -> str:
        return archive(question)

    def revive(self, text: str) -> Question:
        return revive(text)


def load_library(folder: Path) -> Library:
    """All packs in `folder`; raises `ContentError` with every problem in any of them."""
    problems: list[Problem] = []
    packs: dict[str, Pack] = {}
    for path in packs_in(folder):
        try:
            pack = read_pack(path).result()
            packs[pack.id] = pack
        except ContentError as error:
            problems += error.problems
    if not packs and not problems:
        problems.append(Problem(folder, 1, "no pack here; a pack is a folder with a pack.yaml"))
    if problems:
        raise ContentError(problems)
    return Library(packs)
