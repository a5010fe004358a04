"""Names and descriptions of commands in other languages, as whoever runs the bot wrote them down."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import discord
import yaml

LONGEST = 100
"""Characters of a description, the longest there is."""

Words = Mapping[discord.Locale, Mapping[str, str]]
"""What each of our own words and sentences is in a locale."""


class BadWords(OSError):
    """A file of words that cannot be used; the text names every problem, a line each."""


def read_words(file: Path) -> Words:
    """The words of a YAML file `{locale: {ours: theirs}}`, locales being Discord's, such as `de` and `pt-BR`. Whether a
    name may be one is for Discord to say. Raises `BadWords`."""
    try:
        # The base loader makes texts and nothing else: `no` is Norwegian, and not false.
        found = yaml.load(file.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506
    except OSError as trouble:
        raise BadWords(f"QUIZBOT_DISCORD_WORDS: {file} cannot be read ({trouble.strerror}). Mend the path.") from None
    except (yaml.YAMLError, UnicodeError) as trouble:
        raise BadWords(f"QUIZBOT_DISCORD_WORDS: {file} is no YAML. Mend this: {trouble}") from None
    problems = list(_problems(found))
    if problems:
        raise BadWords("\n".join(f"QUIZBOT_DISCORD_WORDS: {file}: {problem}" for problem in problems))
    return {discord.Locale(locale): words for locale, words in found.items()}


def _problems(found: Any) -> Iterator[str]:
    if not isinstance(found, dict):
        yield "holds no words. Write a locale such as `de:`, and under it lines such as `ask: frag`."
        return
    for locale, words in found.items():
        if locale not in {one.value for one in discord.Locale}:
            yield f"Discord has no locale “{locale}”. Choose of {', '.join(one.value for one in discord.Locale)}."
        elif not isinstance(words, dict):
            yield f"“{locale}” holds no words. Write lines such as `ask: frag` under it."
        else:
            yield from (f"“{locale}”: {problem}" for problem in _unusable(words))


def _unusable(words: Mapping[Any, Any]) -> Iterator[str]:
    for ours, theirs in words.items():
        if not isinstance(theirs, str) or not 0 < len(theirs) <= LONGEST:
            yield f"what stands for “{ours}” must be a text of 1 to {LONGEST} characters."
