"""Every lint names a flawed question with its file and line; without the flaw there is nothing to say."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.content.conftest import SOUND, TODAY, PackOnDisk, options, problems, sound


@dataclass(frozen=True)
class Flaw:
    """A change that spoils a sound question, the text on the line that is named, and what is said."""

    name: str
    changes: dict[str, Any]
    at: str
    says: str
    kind: str = "choice"
    advice: bool = False


def with_text(n: int, text: str, kind: str = "choice") -> dict[str, Any]:
    """The kind's options with one text replaced."""
    return {"options": [o | {"text": text} if m == n else o for m, o in enumerate(SOUND[kind]["options"])]}


def with_why(n: int, why: str) -> dict[str, Any]:
    return {"options": [o | {"why": why} if m == n else o for m, o in enumerate(SOUND["choice"]["options"])]}


STEM = "A shop reads its old invoices twice a year. Each read must start at once. "
FLAWS = [
    Flaw("an option of 161 characters", with_text(1, "x" * 161), "text: xxx", "161 characters; shorten to 160"),
    Flaw("an option of 71 with several keys", with_text(3, "x" * 71, "several"), "text: xxx", "to 70", "several"),
    Flaw("a reason of 251 characters", with_why(1, "x" * 250 + "."), "why: xxx", "shorten to 250"),
    Flaw("a long stem under a case", {"case": "the-shop", "stem": "Why? " * 120}, "stem:", "shorten to 500"),
    Flaw("a stem of 701 characters", {"stem": "x" * 701}, "stem:", "stem: String should have at most 700"),
    Flaw("a short explanation", {"explanation": "Because."}, "explanation:", "at least 40 characters"),
    Flaw("a long line to remember", {"remember": "x" * 141}, "remember:", "at most 140 characters"),
    Flaw("an empty reason", with_why(1, ""), "why: ''", "`why` is empty"),
    Flaw("a reason without a full stop", with_why(1, "It needs hours"), "why: It needs hours", "full stop"),
    Flaw("an ordering without reasons", {"items": [{"text": t} for t in ("Train", "Deploy", "Ask")]}, "kind:",
         "no part has a `why`", "order", advice=True),
    Flaw("an open backtick", {"explanation": "Use `code wherever a name of a setting stands in a text."},
         "explanation:", "a backtick is not closed"),
    Flaw("an open asterisk", {"explanation": "Use **bold wherever a word of a text shall be seen first."},
         "explanation:", "an asterisk is not closed"),
    Flaw("a link", with_why(1, "See [this](https://example.org)."), "why: See", "links are not shown"),
    Flaw("an HTML tag", with_why(1, "It is <b>slow</b>."), "why: It is <b>", "looks like HTML"),
    Flaw("underscores", with_why(1, "It is _slow_."), "why: It is _slow", "underscores are no markup"),
    Flaw("several keys unsaid", {"stem": "Which two classes keep files in a vault far away?"}, "stem:",
         "end the stem with '(Choose two.)'", "several"),
    Flaw("one key and a stem for two", {"stem": STEM + "Which cost LEAST? (Choose two.)"}, "stem:", "there is one key"),
    Flaw("a letter in a reason", with_why(1, "It is slower than option A."), "why: It is slower", "points at a place"),
    Flaw("a place in an explanation", {"explanation": "The first option is right because it alone answers at once."},
         "explanation:", "points at a place"),
    Flaw("all of the above", with_text(3, "All of the above"), "text: All of", "no option of its own"),
    Flaw("a key far longer", with_text(0, "Instant Retrieval with all that belongs to it"), "options:",
         "make them alike", advice=True),
    Flaw("full stops on some options", with_text(1, "Deep Archive."), "options:", "full stop", advice=True),
    Flaw("a key of another form", with_text(0, "By Instant Retrieval"), "options:", "grammatical form", advice=True),
    Flaw("an absolute word in a wrong option", with_text(1, "Always Deep Archive"), "options:", "always", advice=True),
    Flaw("a key that repeats the stem", with_text(0, "Instant invoices"), "options:", "only the key repeats words",
         advice=True),
    Flaw("an option within another", with_text(1, "Instant Retrieval in two zones"), "text: Instant Retrieval in",
         "contains the whole of another option"),
    Flaw("two equal options", with_text(1, "instant retrieval"), "id:", "two options are the same"),
    Flaw("an article that fits some", {"stem": STEM + "The cheapest is called an"}, "text: Deep", "does not follow"),
    Flaw("an unmarked negative", {"stem": STEM + "Which class is not cheap?"}, "stem:", "is negative", advice=True),
    Flaw("numbers shuffled", {"options": options("10", "20", "30")}, "options:", "add `fixed: true`", advice=True),
    Flaw("numbers out of order", {"options": options("10", "30", "20"), "fixed": True}, "options:", "sort them",
         advice=True),
    Flaw("true and false shuffled", {"options": options("True", "False")}, "options:", "True and False", advice=True),
    Flaw("a scenario of one sentence", {"stem": "Which class costs LEAST for a shop that reads seldom?"}, "stem:",
         "a scenario of 1 sentence", advice=True),
    Flaw("a stale question", {"verified": TODAY - timedelta(days=181)}, "verified:", "check the key", advice=True),
    Flaw("a date to come", {"verified": TODAY + timedelta(days=9)}, "verified:", "lies in the future"),
    Flaw("a mistake that is right", {"wrong": [{"value": 80, "why": "So it is."}]}, "- value: 80", "counts as right",
         "number"),
    Flaw("a mistake that is accepted", {"wrong": [{"text": "rekognition", "why": "So it is."}]}, "text: rekognition",
         "is accepted too", "text"),
    Flaw("no source", {"sources": []}, "sources:", "at least 1 item"),
    Flaw("a field misspelt", {"explaination": "Because."}, "explaination:", "no such field"),
    Flaw("a part's field misspelt", {"items": [{"text": "Train"}, {"text": "Ask", "wy": "So."}, {"text": "End"}]},
         "wy:", "items.1.wy: no such field", "order"),
    Flaw("a number where text belongs", with_text(1, 7), "text: 7", "options.1.text: 7 is not text"),  # type: ignore[arg-type]
    Flaw("an unknown kind", {"kind": "essay"}, "id:", "must be one of choice, match"),
    Flaw("an unknown topic", {"topics": ["nowhere"]}, "topics:", "no topic 'nowhere'"),
    Flaw("an unknown fact", {"facts": ["hearsay"]}, "facts:", "no fact 'hearsay'"),
    Flaw("no fact", {"facts": []}, "id:", "names no fact"),
    Flaw("a fact that no key may rest on", {"facts": ["old-news"]}, "facts:", "move it to `mentions`"),
    Flaw("an unknown enemy", {"enemies": ["nobody"]}, "enemies:", "no question 'nobody'"),
    Flaw("itself as an enemy", {"enemies": ["storage-choice"]}, "enemies:", "names itself"),
    Flaw("an unknown case", {"case": "the-bank"}, "case:", "no case 'the-bank'"),
    Flaw("a key that has ended", with_text(0, "Old Vault"), "id:", "the key names Old Vault, which ended"),
    Flaw("a key closed to new customers", with_text(0, "Late Vault"), "stem:", "takes no new customers", advice=True),
    Flaw("a key under its old name", with_text(0, "Fire Hose"), "id:", "is called Amazon Data Hose today", advice=True),
]  # fmt: skip


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_question_of_every_kind_has_no_problem(pack: PackOnDisk, kind: str) -> None:
    result = pack.write(sound(kind)).check("--strict")
    assert result.output == "1 question, 0 problems, 0 pieces of advice\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
def test_a_flaw_is_named_with_its_file_and_line(pack: PackOnDisk, flaw: Flaw) -> None:
    result = pack.write(sound(flaw.kind, **flaw.changes)).check()
    (named,) = [line for line in problems(result) if flaw.says in line]
    mark = "advice: " if flaw.advice else ""
    assert named.startswith(f"storage.yaml:{pack.line('questions/storage.yaml', flaw.at)}: {mark}")
    assert result.exit_code == (0 if all("advice: " in line for line in problems(result)) else 1)


@pytest.mark.parametrize("stem", [
    "A shop already uses Late Vault. Each read must start at once. Which class costs LEAST?",
    "Late Vault was closed. Each read must start at once. Which class had cost LEAST?",
])  # fmt: skip
def test_a_product_closed_to_new_customers_is_right_for_those_who_have_it(pack: PackOnDisk, stem: str) -> None:
    pack.write(sound(stem=stem, **with_text(0, "Late Vault")))
    assert not any("new customers" in line for line in problems(pack.check()))


def test_a_historical_question_may_name_what_has_ended(pack: PackOnDisk) -> None:
    pack.write(sound(status="historical", **with_text(0, "Old Vault")))
    assert not any("which ended" in line for line in problems(pack.check()))


@pytest.mark.parametrize("why", [
    "It is a class of its own.", "Vitamin A is good for the eyes.", "It was the first choice of many.",
    "It multiplies `2 * 3` for **you** and *me*.", "It costs 3 × 4 dollars.", "It keeps `__label__` in front.",
])  # fmt: skip
def test_ordinary_prose_is_no_flaw(pack: PackOnDisk, why: str) -> None:
    assert problems(pack.write(sound(**with_why(1, why))).check()) == []


def test_a_case_is_advice_while_the_pack_has_no_cases_file(pack: PackOnDisk) -> None:
    result = pack.write(sound(case="the-shop"), cases=None).check()
    assert [line for line in problems(result) if "advice: no case 'the-shop'" in line]
    assert result.exit_code == 0
