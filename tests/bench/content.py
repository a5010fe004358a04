"""Loading 10,000 questions; floor: PyYAML parsing the same files."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.bank.library import load_library
from tests.bench.lines import Line, timed

DEMO = Path(__file__).parents[1] / "packs" / "demo"
COUNT = 10_000


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "large"
        _write(pack)
        files = sorted(pack.rglob("*.yaml"))
        figure = timed(lambda: load_library(Path(folder)), 3)
        floor = timed(lambda: [yaml.load(file.read_bytes(), yaml.CSafeLoader) for file in files], 3)
        size = sum(file.stat().st_size for file in files) / 1e6
        yield Line(f"loading {COUNT:,} questions ({size:.0f} MB of YAML)", figure, floor, "s")


def _write(pack: Path) -> None:
    """A pack of many questions like one of the demonstration's, in files of a hundred."""
    (pack / "questions").mkdir(parents=True)
    (pack / "syllabus").mkdir()
    (pack / "pack.yaml").write_text((DEMO / "pack.yaml").read_text())
    (pack / "syllabus" / "storage.yaml").write_text((DEMO / "syllabus" / "storage.yaml").read_text())
    one = (DEMO / "questions" / "storage.yaml").read_text().partition("\n- id: storage-2")[0]
    for file in range(COUNT // 100):
        texts = (one.replace("storage-1", f"storage-{file * 100 + n + 1}") for n in range(100))
        (pack / "questions" / f"part-{file}.yaml").write_text("\n".join(texts) + "\n")
