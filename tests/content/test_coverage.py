"""`quizbot content coverage`, `stats` and `schema`."""

import json

import pytest

from bot.bank.load import content_folder
from bot.bank.schema import question_schema
from tests.content.conftest import FILES, PackOnDisk, run, sound


def coverage(pack: PackOnDisk, *options: str) -> tuple[int, str]:
    result = run("coverage", str(pack.folder), *options)
    return result.exit_code, result.output


def facts(**changes: object) -> list[object]:
    """The facts of the small pack, the first changed."""
    return [FILES["facts.yaml"][0] | changes, FILES["facts.yaml"][1]]


def test_a_pack_that_tests_every_fact_of_the_notes_is_complete(pack: PackOnDisk) -> None:
    code, text = coverage(pack.write(sound()))
    assert code == 0
    assert "1 of 1 facts of the notes have a question" in text


def test_a_fact_of_the_notes_without_a_question_fails(pack: PackOnDisk) -> None:
    code, text = coverage(pack.write())
    assert code == 1
    assert "no question: instant-class (storage, lines 1-2 of the notes)" in text


@pytest.mark.parametrize(("status", "code"), [("historical", 0), ("draft", 1)])
def test_a_historical_question_covers_and_a_draft_does_not(pack: PackOnDisk, status: str, code: int) -> None:
    assert coverage(pack.write(sound(status=status)))[0] == code


def test_a_mention_covers_only_what_no_key_may_rest_on(pack: PackOnDisk) -> None:
    asked = sound(facts=["old-news"], mentions=["instant-class"])
    assert coverage(pack.write(asked))[0] == 1
    assert coverage(pack.write(asked, facts=facts(key="never")))[0] == 0


def test_a_fact_that_says_the_same_as_a_tested_one_is_covered(pack: PackOnDisk) -> None:
    twin = FILES["facts.yaml"][0] | {"id": "twin", "same_as": "instant-class"}
    assert coverage(pack.write(sound(), facts=[*facts(), twin]))[0] == 0
    assert coverage(pack.write(facts=[*facts(notes=None), twin]))[0] == 1


def test_an_error_of_the_notes_that_no_explanation_corrects_is_advice(pack: PackOnDisk) -> None:
    code, text = coverage(pack.write(sound(), facts=facts(verdict="wrong")))
    assert code == 0
    assert "advice: instant-class: the notes are wrong" in text
    said = "Older study notes say that it is slow; it answers at once, whatever it costs to keep."
    assert "advice" not in coverage(pack.write(sound(explanation=said), facts=facts(verdict="wrong")))[1]


def test_a_blueprint_shows_what_an_exam_asks_and_the_pack_lacks(pack: PackOnDisk) -> None:
    questions = [sound(id=f"storage-{n}") for n in range(12)]
    code, text = coverage(pack.write(*questions), "--blueprint", "exam")
    assert code == 0
    assert "Tasks with 12 questions or more: 60% of the exam" in text
    assert "- Everything about tapes." in text
    assert "0% of the exam" in coverage(pack.write(*questions[:11]), "--blueprint", "exam")[1]


def test_a_historical_question_is_not_counted_for_an_exam(pack: PackOnDisk) -> None:
    questions = [sound(id=f"storage-{n}", status="historical") for n in range(12)]
    assert ": 0% of the exam" in coverage(pack.write(*questions), "--blueprint", "exam")[1]


def test_an_unknown_blueprint_is_refused_with_those_there_are(pack: PackOnDisk) -> None:
    code, text = coverage(pack.write(sound()), "--blueprint", "moon")
    assert code == 2
    assert "no blueprint 'moon'; there are exam" in text


def test_stats_put_figures_beside_what_is_wanted(pack: PackOnDisk) -> None:
    result = run("stats", str(pack.write(sound(), sound("order"), sound("text")).folder))
    rows = {line.split("  ")[0].strip(): " ".join(line.split()) for line in result.output.splitlines()}
    assert result.exit_code == 0
    assert rows["scenarios"] == "scenarios 33.3% at least 45% ✗"
    assert rows["order and match"] == "order and match 33.3% at least 8% ✓"
    assert rows["Storage"] == "Storage 3"


def test_the_schema_of_question_files_is_current() -> None:
    stored = (content_folder() / "question.schema.json").read_text("utf-8")
    assert json.loads(stored) == question_schema(), "run: quizbot content schema --write content/question.schema.json"
    assert run("schema").output == stored


def test_the_schema_describes_each_field() -> None:
    choice = question_schema()["$defs"]["ChoiceEntry"]
    assert choice["properties"]["remember"]["description"] == "The line to keep."
    assert choice["additionalProperties"] is False
