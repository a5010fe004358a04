"""The packs that are shipped."""

from datetime import date

import pytest

from bot.bank.load import Reading, archive, content_folder, packs_in, read_pack, revive
from tests.content.conftest import run

READINGS = [read_pack(folder, authoring=True) for folder in packs_in(content_folder())]


def test_every_shipped_question_is_sound() -> None:
    result = run("check", str(content_folder()))
    wrong = [line for line in result.output.splitlines() if ": advice: " not in line]
    assert result.exit_code == 0, "\n".join(wrong)


def test_every_fact_of_the_notes_has_a_question() -> None:
    result = run("coverage", str(content_folder()))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.folder.name)
def test_every_shipped_question_comes_back_from_its_archive_unchanged(reading: Reading) -> None:
    assert reading.items
    for item in reading.items:
        assert revive(archive(item.question)) == item.question


def test_the_exams_of_the_first_pack_have_the_weights_and_states_of_late_2026() -> None:
    (pack,) = (reading for reading in READINGS if reading.folder.name == "aws-ml")
    states = {name: exam.status for name, exam in pack.blueprints.items()}
    assert states == {"mls-c01": "retired", "mla-c01": "ended", "mla-c02": "beta", "aif-c01": "active"}
    assert [domain.weight for domain in pack.blueprints["mls-c01"].domains] == [0.20, 0.24, 0.36, 0.20]
    assert pack.blueprints["mls-c01"].until == date(2026, 3, 31)


def test_every_topic_of_the_first_pack_is_asked_by_an_exam() -> None:
    (pack,) = (reading for reading in READINGS if reading.folder.name == "aws-ml")
    mapped = {
        topic
        for exam in pack.blueprints.values()
        for domain in exam.domains
        for task in domain.tasks
        for topic in task.topics
    }
    assert mapped == set(pack.topics)
