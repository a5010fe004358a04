"""Typed answers in a pack: names and typos are accepted, other terms are not."""

import pytest

from bot.bank.typed import variants
from bot.engine.kinds.text import Mistake, TypedTerm
from tests.content.conftest import PackOnDisk, problems, sound

KNOWN = frozenset(
    {"glue", "batch", "random cut forest", "random forest", "supervised learning", "unsupervised learning"}
)


def test_a_name_of_the_answer_that_is_refused_is_named(pack: PackOnDisk) -> None:
    names = [{"term": "Random Cut Forest", "aliases": ["RCF", "Robust Random Cut"]}]
    pack.write(sound("text", accept=["Random Cut Forest"], wrong=[]), glossary=names)
    assert [line.partition(": ")[2] for line in problems(pack.check())] == [
        f"storage-text: {name!r} means the same but is refused; add it to `accept`, or to `wrong` with the reason"
        for name in ("RCF", "Robust Random Cut")
    ]


def test_a_name_that_the_stem_gives_or_that_is_listed_as_wrong_may_be_refused(pack: PackOnDisk) -> None:
    names = [{"term": "Random Cut Forest", "aliases": ["RCF", "Robust Random Cut"]}]
    wrong = [{"text": "Robust Random Cut", "why": "That is the paper."}]
    stem = "What do the letters RCF stand for? Type it in full."
    pack.write(sound("text", stem=stem, accept=["Random Cut Forest"], wrong=wrong), glossary=names)
    assert problems(pack.check()) == []


def test_another_term_that_would_be_marked_right_is_named(pack: PackOnDisk) -> None:
    names = [{"term": "Shard"}, {"term": "Sha Rd", "aliases": ["SR"]}]
    (named,) = problems(pack.write(sound("text", accept=["Shard"], wrong=[]), glossary=names).check())
    assert named.startswith(f"storage.yaml:{pack.line('questions/storage.yaml', 'accept:')}: storage-text: 'Sha Rd'")
    assert "is another term but would be marked right" in named


def test_a_misspelling_that_is_refused_is_advice(pack: PackOnDisk) -> None:
    names = [{"term": "Rekognition", "misspellings": ["Recon"]}]
    (named,) = problems(pack.write(sound("text", accept=["Rekognition"], wrong=[]), glossary=names).check())
    assert "advice: storage-text: 'Recon' is refused" in named


@pytest.mark.parametrize("answer", [
    "AWS Glue", "Amazon SageMaker Neo", "inference", "unsupervised learning", "Random Cut Forest", "F1 score",
    "k-means", "anti-affinity", "S3 Standard-IA",
])  # fmt: skip
def test_every_variant_with_one_typo_is_accepted(answer: str) -> None:
    kind = TypedTerm((answer,))
    assert [text for text in variants(answer, KNOWN) if not kind.grade(text, KNOWN).right] == []


def test_variants_leave_digits_short_answers_and_other_terms_alone() -> None:
    assert list(variants("RCF", frozenset())) == []
    assert all("1" in text for text in variants("F1 score", frozenset()))
    assert "Bach" not in set(variants("Batch", frozenset({"bach"})))


@pytest.mark.parametrize(("answer", "given"), [
    ("AWS Glue", "AWSGlue"), ("AWS Glue", "the aws glue"), ("k-means", "K Means"),
    ("active learning", "Active-Learning"), ("Amazon SageMaker Neo", "amazn sagemaker neo"),
])  # fmt: skip
def test_spaces_hyphens_and_a_misspelt_vendor_do_not_matter(answer: str, given: str) -> None:
    assert TypedTerm((answer,)).grade(given, KNOWN).right


@pytest.mark.parametrize(("answer", "given"), [
    ("supervised learning", "unsupervised learning"), ("supervised learning", "unsupervized learning"),
    ("Random Cut Forest", "random forest"), ("Random Cut Forest", "random forests"), ("AWS Glue", "AWS Batch"),
    ("S3 Standard", "S3 Standard-IA"), ("Random Cut Forest", "random cut forest or random forest"),
])  # fmt: skip
def test_another_term_is_not_a_typo(answer: str, given: str) -> None:
    known = KNOWN | {"s3 standardia"}
    assert not TypedTerm((answer,)).grade(given, known).right


def test_a_listed_mistake_is_wrong_however_near_it_is() -> None:
    kind = TypedTerm(("S3 Standard",), wrong=(Mistake("S3 Standard-IA", "It is for rare reads."),))
    assert not kind.grade("S3 Standard-IA", frozenset()).right
