"""`quizbot content check`: what it reads, what it compares across a pack, and how it answers."""

from pathlib import Path

import pytest
import yaml

from bot.bank.load import content_folder, packs_in
from tests.content.conftest import FILES, PackOnDisk, Raw, options, problems, run, sound


def said(pack: PackOnDisk, text: str) -> list[str]:
    return [line for line in problems(pack.check()) if text in line]


# ---- files


def test_broken_yaml_is_named_with_its_line(pack: PackOnDisk) -> None:
    pack.write(sound()).put("questions/storage.yaml", "- id: one\n  stem: a: b\n")
    (named,) = said(pack, "not YAML: mapping values are not allowed")
    assert named.startswith("storage.yaml:2: ")
    assert named.endswith("; mind the indent, and quote text with ': ' or ' #'")


def test_a_key_that_stands_twice_is_named(pack: PackOnDisk) -> None:
    pack.write(sound()).put("cases.yaml", "- id: a\n  title: A\n  text: One.\n  text: Two.\n")
    assert said(pack, "twice") == ["cases.yaml:4: 'text' stands here twice; keep one"]


@pytest.mark.parametrize("text", ["", "just: one\n", "5\n"])
def test_a_question_file_that_is_no_list_is_refused(pack: PackOnDisk, text: str) -> None:
    pack.write(sound()).put("questions/storage.yaml", text)
    assert said(pack, "expected a list")


def test_a_file_that_is_no_text_is_refused(pack: PackOnDisk) -> None:
    pack.write(sound())
    (pack.folder / "questions/storage.yaml").write_bytes(b"- id: \xff\xfe\n")
    assert said(pack, "not YAML")


def test_an_id_that_is_taken_is_named_with_the_place_of_the_other(pack: PackOnDisk) -> None:
    pack.write(sound(), sound("number", id="storage-choice"))
    (named,) = said(pack, "is taken in storage.yaml:1; choose another")
    assert not named.startswith("storage.yaml:1:")


# ---- the command


def test_one_file_is_checked_alone_but_against_the_whole_pack(pack: PackOnDisk) -> None:
    pack.write(sound(enemies=["storage-number"]))
    pack.put("questions/other.yaml", yaml.safe_dump([sound("number"), {"id": "broken"}], sort_keys=False))
    result = run("check", str(pack.folder / "questions/storage.yaml"))
    assert result.output == "1 question, 0 problems, 0 pieces of advice\n"
    assert run("check", str(pack.folder / "questions/other.yaml")).exit_code == 1


def test_a_folder_of_packs_is_checked_pack_by_pack(pack: PackOnDisk) -> None:
    pack.write(sound())
    PackOnDisk(pack.folder.parent / "second").write(sound(), sound("number"))
    assert run("check", str(pack.folder.parent)).output == "3 questions, 0 problems, 0 pieces of advice\n"


def test_advice_fails_the_check_only_where_it_is_asked_to(pack: PackOnDisk) -> None:
    pack.write(sound(stem="Which class costs LEAST for a shop that reads seldom?"))
    assert (pack.check().exit_code, pack.check("--strict").exit_code) == (0, 1)
    assert pack.check().output.endswith("1 question, 0 problems, 1 piece of advice\n")


def test_a_path_without_a_pack_is_refused(tmp_path: Path) -> None:
    result = run("check", str(tmp_path))
    assert result.exit_code == 2
    assert "neither a pack" in " ".join(result.output.replace("│", " ").split())


def test_without_a_path_the_content_of_the_checkout_is_meant() -> None:
    assert [folder.name for folder in packs_in(content_folder())] == ["aws-ml"]


# ---- questions side by side

NEAR = "A shop reads its old invoices two times a year. Each read must start at once. Which class costs LEAST?"


def test_nearly_equal_stems_are_refused(pack: PackOnDisk) -> None:
    pack.write(sound(), sound(id="storage-again", stem=NEAR))
    (named,) = said(pack, "nearly the stem of storage-choice (storage.yaml:1)")
    assert named.startswith(f"storage.yaml:{pack.line('questions/storage.yaml', 'stem:', after='storage-again')}:")


@pytest.mark.parametrize("who", ["storage-choice", "storage-again"])
def test_enemies_may_repeat_each_other_whoever_declares_it(pack: PackOnDisk, who: str) -> None:
    pair = [sound(), sound(id="storage-again", stem=NEAR)]
    other = {"storage-choice": "storage-again", "storage-again": "storage-choice"}[who]
    pack.write(*(raw | {"enemies": [other]} if raw["id"] == who else raw for raw in pair))
    assert said(pack, "nearly the stem") == []


def test_orderings_with_the_same_short_stem_are_different_questions(pack: PackOnDisk) -> None:
    other = [{"text": text, "why": "So."} for text in ("Crawl the bucket", "Write a table", "Query by SQL")]
    pack.write(sound("order"), sound("order", id="storage-other", items=other))
    assert said(pack, "nearly the stem") == []


def test_a_key_that_another_stem_spells_out_is_advice(pack: PackOnDisk) -> None:
    betrayer = sound("number", stem="Instant Retrieval keeps 8 of 10 files. What share is that in %?")
    pack.write(sound(), betrayer)
    (named,) = said(pack, "its answer (instant retrieval) stands in the stem of storage-number")
    assert named.startswith("storage.yaml:1: advice: ")
    pack.write(sound(enemies=["storage-number"]), betrayer)
    assert said(pack, "its answer") == []


# ---- the other files


def test_a_topic_that_is_planned_but_not_written_is_named_once(pack: PackOnDisk) -> None:
    pack.write(sound(), sound("number"), blueprints=None)
    (pack.folder / "syllabus/storage.yaml").unlink()
    (named,) = said(pack, "no topic 'storage'; write syllabus/storage.yaml")
    assert named.startswith(f"storage.yaml:{pack.line('questions/storage.yaml', 'topics:')}:")


@pytest.mark.parametrize(("facts", "count"), [([], 0), (["instant-class", "instant-class"], 2)])
def test_a_fact_belongs_to_exactly_one_objective(pack: PackOnDisk, facts: list[str], count: int) -> None:
    objectives = [{"text": "Choose", "facts": ["old-news", *facts]}]
    pack.write(sound(), storage=FILES["syllabus/storage.yaml"] | {"objectives": objectives})
    assert said(pack, f"fact 'instant-class' stands in {count} objectives")


def test_a_name_in_the_glossary_belongs_to_one_term(pack: PackOnDisk) -> None:
    pack.write(sound(), glossary=[{"term": "Recall", "aliases": ["TPR"]}, {"term": "Hit rate", "aliases": ["tpr"]}])
    (named,) = said(pack, "'tpr' already means 'Recall'")
    assert named.startswith("glossary.yaml:4:")


def test_weights_of_an_exam_add_up_to_one(pack: PackOnDisk) -> None:
    exam = FILES["blueprints/exam.yaml"]
    pack.write(sound(), exam=exam | {"domains": [exam["domains"][0] | {"weight": 0.5}]})
    (named,) = said(pack, "the weights add up to 0.5")
    assert named.startswith(f"exam.yaml:{pack.line('blueprints/exam.yaml', 'domains:')}:")


def test_an_exam_maps_to_topics_that_exist(pack: PackOnDisk) -> None:
    exam = FILES["blueprints/exam.yaml"]
    domain = {"id": "1", "title": "All", "weight": 1.0, "tasks": [{"id": "1.1", "title": "Keep", "topics": ["tapes"]}]}
    pack.write(sound(), exam=exam | {"domains": [domain]})
    assert said(pack, "no topic 'tapes'")


@pytest.mark.parametrize(("changes", "says"), [
    ({"status": "retired"}, "the default exam 'exam' is retired"), ({"id": "other"}, "no blueprint 'exam'"),
])  # fmt: skip
def test_the_default_exam_can_be_sat(pack: PackOnDisk, changes: Raw, says: str) -> None:
    pack.write(sound(), exam=FILES["blueprints/exam.yaml"] | changes)
    (named,) = said(pack, says)
    assert named.startswith(f"pack.yaml:{pack.line('pack.yaml', 'blueprint:')}:")


# ---- the whole bank


def bank(count: int, key: int, long_key: bool = False) -> list[Raw]:
    """Choices on different matters, the key in one place."""
    names = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "junco")
    rows = []
    for n in range(count):
        texts = [f"{names[(n * 7 + m * 3) % 10]} {names[(n + m) % 10]}{n}" for m in range(4)]
        if long_key:
            texts[key] += " wider"
        stem = f"On day {n} the {names[n % 10]} meets {names[n // 10]}{n * n}, and what follows {n * 31} then?"
        rows.append(sound(id=f"storage-n{n}", scenario=False, stem=stem, options=options(*texts, key=(key + n) % 4)))
        if long_key:
            rows[-1]["options"] = options(*texts, key=key)
    return rows


def test_keys_always_in_one_place_fail_the_bank(pack: PackOnDisk) -> None:
    rows = bank(60, 0)
    for row in rows:
        row["options"] = options(*(option["text"] for option in row["options"]), key=0)
    pack.write(*rows)
    (named,) = said(pack, "key position: 100%/0%/0%/0%")
    assert named.startswith("pack.yaml:1: key position")


def test_keys_always_longest_fail_the_bank(pack: PackOnDisk) -> None:
    pack.write(*bank(60, 2, long_key=True))
    assert said(pack, "key longest: 100.0% of 60")
    assert said(pack, "options-only guesser: ")


def test_a_bank_without_habits_passes(pack: PackOnDisk) -> None:
    pack.write(*bank(60, 0))
    assert [line for line in problems(pack.check()) if line.startswith("pack.yaml")] == []
