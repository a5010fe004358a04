"""Words of a text, as the checks compare them."""

import re
from functools import lru_cache

_COMMON_WORDS = """
a about after all also an and any are as at be because been before best but by can choose could did do does each few for
from had has have how if in into is it its less least like many may might more most much must need needs new no not now
of off on one only or other over own per same should since so some still such team than that the their them then there
these they this those three to too two under up use used uses using very want wants was were what when where which while
who why will with within without would you your amazon aws
"""
_ABSOLUTE_WORDS = """
always never only all none every must entirely completely impossible exclusively invariably guarantees guaranteed
"""
_HEDGING_WORDS = "can could may might often usually generally mostly sometimes typically likely about some"
_LONGEST_FIRST = "ations ation ities ments ings ions ity ment ing ion ies ers es ed er ly s e"

ABSOLUTE = frozenset(_ABSOLUTE_WORDS.split())
HEDGES = frozenset(_HEDGING_WORDS.split())
_COMMON = frozenset(_COMMON_WORDS.split())
_ENDINGS = tuple(_LONGEST_FIRST.split())
_WORD = re.compile(r"[a-z0-9]+(?:[.'+#-][a-z0-9]+)*[+#]*")
_SHORTENED = re.compile(r"\b(?:e\.g|i\.e|vs|etc|approx|no|a\.m|p\.m)\.(?=\s)", re.IGNORECASE)
_COUNT = re.compile(r"\(Choose \w+\.\)")
_END = re.compile(r"(?<=[.?!])[\"')`*]*\s+(?=[\"'(`*]*[A-Z0-9])")


def words(text: str) -> list[str]:
    """The words in order, in lower case, without punctuation around them."""
    return _WORD.findall(text.casefold().replace("’", "'"))


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """A word without its ending, so that `training` meets `trained`; a crude cut, never shorter than four letters."""
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 4), "")
    return word.removesuffix(ending)


def content(text: str) -> frozenset[str]:
    """The roots of the words that carry meaning."""
    return frozenset(root(word) for word in words(text) if word not in _COMMON and (len(word) > 1 or word.isdigit()))


def sentences(text: str) -> list[str]:
    """The sentences, without a closing "(Choose two.)"."""
    return [part for part in _END.split(_SHORTENED.sub("", _COUNT.sub("", text)).strip()) if part]


def contains(text: list[str], part: list[str]) -> bool:
    """Whether the words of `part` stand together in `text`."""
    return bool(part) and any(text[n : n + len(part)] == part for n in range(len(text) - len(part) + 1))
