"""Installations as they lie in the store: sealed, in notes, and which workspaces each of them serves."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from slack_sdk.oauth.installation_store import Installation

from bot.adapters.slack import NAME
from bot.adapters.slack.grants import Grant
from bot.ports import Notes, UnitOfWork

KEY_INFO = b"quizbot slack tokens"
INSTALL, ORG, RENEWAL = "slack.install:", "slack.org:", "slack.rotation:"
"""What notes begin with: of installations (`…E1/T1`, `…/T1` outside an organization, `…E1/` for all of one), of the
organization a workspace belongs to, of the lease on renewing the token of an installation."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An installation with the note it was read from."""

    name: str
    text: str
    installation: Installation

    @property
    def end(self) -> datetime:
        """When the token ends; far away if it does not."""
        ends = self.installation.bot_token_expires_at
        return datetime.max.replace(tzinfo=UTC) if ends is None else datetime.fromtimestamp(ends, UTC)

    def grant(self, team: str) -> Grant:
        one = self.installation
        return Grant(one.bot_token or "", team, one.bot_id or "", one.bot_user_id or "", one.enterprise_id or "")

    def renewed(self, token: str, refresh: str, ends: int) -> Installation:
        changes = {"bot_token": token, "bot_refresh_token": refresh, "bot_token_expires_at": ends}
        return Installation(**vars(self.installation) | changes)


class Seal:
    """Installations as texts that only holders of a secret read. The first one closes, all of them open."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [Fernet(_key(secret)) for secret in secrets]
        self._first, self._all = keys[0], MultiFernet(keys)

    def closed(self, installation: Installation) -> str:
        return self._first.encrypt(json.dumps(vars(installation)).encode()).decode()

    def opened(self, text: str) -> Installation | None:
        """None if no secret reads it."""
        try:
            return Installation(**json.loads(self._all.decrypt(text)))
        except InvalidToken:
            return None

    def current(self, text: str) -> bool:
        """Whether the first secret reads it."""
        try:
            self._first.decrypt(text)
        except InvalidToken:
            return False
        return True


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=KEY_INFO).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


# ---- finding


def texts_of(notes: Notes, team: str, enterprise: str) -> tuple[str, dict[str, str]]:
    """The organization noted for a workspace, and the texts of its installations by name: its own before that of the
    whole organization."""
    known = notes.get(ORG + team)
    org = enterprise or known
    names = [*_own(team, org), *([f"{INSTALL}{org}/"] if org else [])]
    return known, {name: text for name in names if (text := notes.get(name))}


def noted(notes: Notes, enterprise: str) -> list[str]:
    """The workspaces that were seen in an organization, in order."""
    return sorted(name.removeprefix(ORG) for name, org in notes.all(ORG).items() if org == enterprise)


def without_own(notes: Notes, teams: Sequence[str], enterprise: str) -> list[str]:
    """Those of the workspaces of an organization that have no installation of their own."""
    return [team for team in teams if not any(map(notes.get, _own(team, enterprise)))]


def _own(team: str, enterprise: str) -> list[str]:
    """Notes of installations of a workspace itself; it may have joined its organization later."""
    return list(dict.fromkeys(f"{INSTALL}{org}/{team}" for org in (enterprise, ""))) if team else []


# ---- changing


def save(notes: Notes, enterprise: str, team: str, text: str) -> None:
    """Keep an installation, of a whole organization where there is no `team`."""
    name = f"{INSTALL}{enterprise}/{team}"
    for old in {name, *_own(team, enterprise)}:
        _drop(notes, old)
    notes.put(name, text)
    if enterprise and team:
        notes.put(ORG + team, enterprise)


def swap(notes: Notes, found: Kept, text: str) -> bool:
    """Write an installation in place of what was `found`, and give up the lease; False if it has changed meanwhile."""
    notes.drop(RENEWAL + found.name)
    same = notes.get(found.name) == found.text
    if same:
        notes.put(found.name, text)
    return same


@dataclass(frozen=True, slots=True)
class Parting:
    """Installations that end, by the names of their notes, and the workspaces that have none then."""

    names: list[str]
    teams: list[str]


def parting(notes: Notes, seal: Seal, team: str, enterprise: str, until: datetime) -> Parting:
    """What ends where the bot was removed at `until`: the installation of the workspace itself, otherwise that of its
    organization. Nothing, if that was made later or no secret reads it. What has ended before ends again, so that
    whoever was interrupted can start over."""
    known, texts = texts_of(notes, team, enterprise)
    org = enterprise or known
    own = [name for name in _own(team, org) if name in texts]
    ending = own or list(texts)
    opened = [seal.opened(texts[name]) for name in ending]
    if any(one is None or one.installed_at > until.timestamp() for one in opened):
        return Parting([], [])
    if own or (team and not texts):
        return Parting(own, [team] if own == list(texts) else [])
    served = without_own(notes, noted(notes, org), org) if org else []
    return Parting(ending, sorted({*served, *([team] if team else [])}))


def drop(uow: UnitOfWork, names: Sequence[str]) -> None:
    """Forget installations, and the organizations of workspaces of which nothing is stored any more. The others come
    back with their organization."""
    notes = uow.notes
    for name in names:
        _drop(notes, name)
    for name, org in notes.all(ORG).items():
        team = name.removeprefix(ORG)
        if not texts_of(notes, team, org)[1] and uow.people.space_of(NAME, team) is None:
            notes.drop(name)


def _drop(notes: Notes, name: str) -> None:
    """Forget an installation. The lease goes first: whoever is about to save a new token has it too, so one waits for
    the other."""
    notes.drop(RENEWAL + name)
    notes.drop(name)
