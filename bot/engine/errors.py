"""Refusals: what a person may do wrong, in words that say what to do next."""

from collections.abc import Mapping

from bot.ui import Button


class QuizError(Exception):
    """An expected refusal. Its text is what the person reads: what is wrong, then what to do next. `ways` are buttons
    that do it."""

    def __init__(self, text: str, *ways: Button) -> None:
        super().__init__(text)
        self.ways = ways


class FormError(QuizError):
    """A form came back with mistakes; `problems` maps the name of an input to its sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)
