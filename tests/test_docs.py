"""What the README and the recipes name is there."""

import re
from pathlib import Path

import pytest
import typer.main

from bot.__main__ import app
from bot.config import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
BOTH = README + GUIDE


def exists(words: list[str]) -> bool:
    """Whether the command line knows these words, up to the first argument."""
    found = typer.main.get_command(app)
    for word in words:
        inner = getattr(found, "commands", None)
        if inner is None:
            return True
        if word not in inner:
            return False
        found = inner[word]
    return True


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(r"quizbot ((?:run|play|content|db|discord|slack|doctor)[ a-z]*)", BOTH)))
)
def test_every_command_named_exists(line: str) -> None:
    assert exists(line.split())


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)\b", BOTH, re.MULTILINE))))
def test_every_make_target_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    documented = set(re.findall(r"`QUIZBOT_([A-Z_]+)`", README))
    fields = {name.upper() for name in Settings.model_fields}
    assert documented <= fields
    assert {"HOST", "PORT", "DATABASE", "SECRET_KEY", "ZONE", "CONTENT"} <= documented


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_link_to_a_file_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bot|tests|content|migrations|docs)/[\w./-]*)`", BOTH))))
def test_every_path_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_decisions_are_all_listed() -> None:
    listed = set(re.findall(r"\]\((\d{4}[\w-]+\.md)\)", (ROOT / "docs" / "decisions" / "README.md").read_text()))
    assert listed == {file.name for file in (ROOT / "docs" / "decisions").glob("0*.md")}
