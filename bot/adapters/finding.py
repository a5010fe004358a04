"""What a platform's checkup finds, for `quizbot doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence on how things are; a problem says how to mend it."""

    good: bool
    text: str
