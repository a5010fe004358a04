"""Who somebody is: the signed cookie that remembers them, and the names they may take."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from secrets import token_urlsafe
from zoneinfo import available_timezones

from itsdangerous import BadSignature, URLSafeSerializer

from bot.ports import Person

COOKIE = "quizbot"
YEAR = 365 * 24 * 3600
LONGEST = 40
RESERVED = frozenset({"quizbot", "you"})
"""Names the bot itself goes by on cards."""

Secret = str | Sequence[str]
"""What signs; of several the last does, and all are accepted."""


class NameRefused(Exception):
    """A name nobody can have here; the text says why and what to do. `suggestion` is one that can be had, or empty."""

    def __init__(self, text: str, suggestion: str = "") -> None:
        super().__init__(text)
        self.suggestion = suggestion


class Badges:
    """Writes and reads the cookie that says who somebody is."""

    def __init__(self, secret: Secret) -> None:
        self._sealed = URLSafeSerializer(secret, salt="quizbot.person")

    def write(self, person: Person) -> str:
        return str(self._sealed.dumps([person.external, person.name, person.zone]))

    def read(self, cookie: str) -> Person | None:
        """The person of a cookie; None if we have not written it."""
        try:
            external, name, zone = self._sealed.loads(cookie)
        except (BadSignature, ValueError):
            return None
        return Person(external, name, zone=zone)


def newcomer(name: str, zone: str) -> Person:
    """Somebody never seen before."""
    return Person(token_urlsafe(12), clean(name), zone=known_zone(zone))


def clean(name: str) -> str:
    """`name` without what cannot be seen, its blanks folded; refuses one that is empty, too long or the bot's own."""
    seen = "".join(char for char in unicodedata.normalize("NFC", name) if _visible(char))
    folded = " ".join(seen.split()).removeprefix("@").strip()
    if not folded:
        raise NameRefused("Your name is empty. Type what your team calls you.")
    if len(folded) > LONGEST:
        raise NameRefused(f"That is longer than {LONGEST} characters. Type a shorter name.", folded[:LONGEST].strip())
    if folded.casefold() in RESERVED:
        raise NameRefused(f"The bot itself goes by “{folded}”. Type another name.")
    return folded


def same(one: str, other: str) -> bool:
    """Whether two names would be taken for each other."""
    return _compared(one) == _compared(other)


def free(name: str, taken: Callable[[str], bool]) -> str:
    """`name` with the first number that makes it free."""
    tries = (f"{name[: LONGEST - 3]} {n}" for n in range(2, 100))
    return next((tried for tried in tries if not taken(tried)), "")


def known_zone(zone: str) -> str:
    """`zone` where it is an IANA zone, otherwise empty: then the space's own is used."""
    return zone if zone in _zones() else ""


def _visible(char: str) -> bool:
    return char.isspace() or not unicodedata.category(char).startswith("C")


def _compared(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
