"""Any number of workspaces that installed the bot themselves, over OAuth: what they let us do, and tokens that end."""

import asyncio
import secrets as chance
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from itsdangerous import BadSignature, URLSafeTimedSerializer
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.adapters.slack import keeping
from bot.adapters.slack.grants import FRESH, REVOKED, Connect, Grant
from bot.adapters.slack.keeping import ORG, RENEWAL, Kept, Seal
from bot.adapters.slack.refusals import error_of
from bot.ports import Notes, Store, StoreError, UnitOfWork

log = structlog.get_logger()

AHEAD = timedelta(hours=2)
"""How long before its end a token is renewed. Tokens last 12 hours (docs.slack.dev, "Using token rotation"); two of
them remain in which a renewal may fail while the token still works. Bolt takes the same."""
SAVES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between attempts at saving a new token."""
LEASE = timedelta(seconds=45)
"""How long one process has for renewing a token: longer than a call (`grants.TIMEOUT`) and saving what came of it.
After a failure nobody tries again before."""
PATIENCE, PAUSE = 2.0, 0.1
"""Seconds to wait for somebody else's renewal of a token that has ended, and between looks."""
STATE_SECONDS = 600
STATE_SALT = "quizbot slack state"

NOT_RENEWED = REVOKED | {"invalid_refresh_token"}
"""How Slack says that a token will never be renewed."""


class Installs(AsyncInstallationStore):
    """Grants of the workspaces that installed the bot over OAuth, kept encrypted in the notes of `store`.

    The first of `secrets` encrypts; all decrypt, and what an old one encrypted is encrypted anew when it is read. Of
    several processes one renews the tokens that end.
    """

    def __init__(
        self,
        store: Store,
        secrets: Sequence[str],
        client_id: str,
        client_secret: str,
        connect: Connect,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._seal = Seal(secrets)
        self._client_id = client_id
        self._client_secret = client_secret
        self._connect = connect
        self._now = now
        self._grants: dict[tuple[str, str], tuple[datetime, Grant]] = {}
        """Grants with the instant until which they are used."""
        self._changes = 0
        self._unreadable: set[str] = set()
        """Notes that no secret decrypts."""
        self._final: set[str] = set()
        """Notes whose token Slack renews no more. It is good until it ends."""
        self._renewals: dict[str, asyncio.Task[None]] = {}

    async def async_save(self, installation: Installation) -> None:
        """Keep what bolt's OAuth flow brings. Raises `StoreError`."""
        enterprise, team, text = *_whose(installation), self._seal.closed(installation)
        await self._store.run(lambda uow: keeping.save(uow.notes, enterprise, team, text))
        self._changed()

    async def covered(self, installation: Installation) -> list[str]:
        """The workspaces that an installation lets us into, as far as they are known."""
        enterprise, team = _whose(installation)
        return [team] if team else await self._store.read(lambda uow: keeping.noted(uow.notes, enterprise))

    async def of(self, team: str, enterprise: str = "") -> Grant | None:
        until, grant = self._grants.get((team, enterprise), (None, None))
        if until and self._now() < until:
            return grant
        changes = self._changes
        found = await self._current(team, enterprise)
        if found is None:
            return None
        grant = found.grant(team)
        if changes == self._changes:
            self._grants[team, enterprise] = (min(self._now() + FRESH, found.end), grant)
        return grant

    async def leaving(self, team: str, enterprise: str, until: datetime) -> list[str]:
        return (await self._store.read(lambda uow: self._parting(uow, team, enterprise, until))).teams

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """See `Grants`. What no secret reads stays: the secret may come back."""

        def work(uow: UnitOfWork) -> list[str]:
            parting = self._parting(uow, team, enterprise, until)
            keeping.drop(uow, parting.names)
            return parting.teams

        gone = await self._store.run(work)
        self._changed()
        return gone

    async def dependent(self, teams: Sequence[str], enterprise: str) -> list[str]:
        return await self._store.read(lambda uow: keeping.without_own(uow.notes, teams, enterprise))

    def _parting(self, uow: UnitOfWork, team: str, enterprise: str, until: datetime) -> keeping.Parting:
        return keeping.parting(uow.notes, self._seal, team, enterprise, until)

    async def close(self) -> None:
        """Finish renewals under way, before the session of the clients is closed: what Slack gives is given once."""
        if self._renewals:
            await asyncio.wait(self._renewals.values())

    def _changed(self) -> None:
        """Use nothing any more that was read before."""
        self._changes += 1
        self._grants.clear()

    # ---- what the store has

    async def _found(self, team: str, enterprise: str) -> Kept | None:
        """The installation for a workspace that can be used."""
        known, texts = await self._store.read(lambda uow: keeping.texts_of(uow.notes, team, enterprise))
        found = next(filter(None, (self._opened(name, text) for name, text in texts.items())), None)
        if found and enterprise not in ("", known):
            await self._store.run(lambda uow: uow.notes.put(ORG + team, enterprise))
        if found and not self._seal.current(found.text):
            return await self._sealed_anew(found)
        return found

    def _opened(self, name: str, text: str) -> Kept | None:
        """None where no secret reads it, and where its token has ended for good."""
        if text in self._unreadable:
            return None
        installation = self._seal.opened(text)
        if installation is None:
            self._unreadable.add(text)
            log.warning("no key reads these tokens: add the old one to QUIZBOT_OLD_SECRET_KEYS, or install", of=name)
            return None
        kept = Kept(name, text, installation)
        return None if text in self._final and kept.end <= self._now() else kept

    async def _sealed_anew(self, found: Kept) -> Kept:
        """The same under the newest secret, unless the note is being changed by somebody else."""
        text, now = self._seal.closed(found.installation), self._now()

        def work(uow: UnitOfWork) -> bool:
            return uow.notes.lease(RENEWAL + found.name, now, now + LEASE) and keeping.swap(uow.notes, found, text)

        return replace(found, text=text) if await self._store.run(work) else found

    # ---- tokens that end

    async def _current(self, team: str, enterprise: str) -> Kept | None:
        """The installation, with a token that has not ended; one that soon will is renewed meanwhile."""
        found = await self._found(team, enterprise)
        if found is None or not self._to_renew(found):
            return found
        renewal = self._renewal(found.name)
        if found.end > self._now():
            return found
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait({renewal})
                while (found := await self._found(team, enterprise)) and found.end <= self._now():
                    await asyncio.sleep(PAUSE)
                return found
        except TimeoutError:
            raise ConnectionError(f"The token of workspace {team} has ended and is not renewed yet.") from None

    def _to_renew(self, found: Kept) -> bool:
        return found.end <= self._now() + AHEAD and found.text not in self._final

    def _renewal(self, name: str) -> asyncio.Task[None]:
        """A task of its own: whoever waits for it may be cancelled, but what Slack gives is given once."""
        if name not in self._renewals:
            self._renewals[name] = task = asyncio.create_task(self._renew(name))
            task.add_done_callback(lambda _: self._renewals.pop(name))
        return self._renewals[name]

    async def _renew(self, name: str) -> None:
        """Renew the token of an installation, if nobody else is about to."""
        try:
            found = await self._store.run(lambda uow: self._taken(uow.notes, name))
            if found:
                await self._exchange(found)
        except Exception as trouble:  # whatever it is, it is tried again
            log.warning("token not renewed", of=name, trouble=repr(trouble))
        self._changed()

    def _taken(self, notes: Notes, name: str) -> Kept | None:
        now = self._now()
        if not notes.lease(RENEWAL + name, now, now + LEASE):
            return None
        found = self._opened(name, notes.get(name))
        if found is None or not self._to_renew(found):  # gone, or renewed since it was read
            notes.drop(RENEWAL + name)
            return None
        return found

    async def _exchange(self, found: Kept) -> None:
        try:
            answer = await self._connect("").oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret,
                grant_type="refresh_token",
                refresh_token=found.installation.bot_refresh_token,
            )
        except SlackApiError as refusal:
            self._refused(found, error_of(refusal))
            return
        ends = int(self._now().timestamp()) + int(answer["expires_in"])
        await self._save(found, found.renewed(answer["access_token"], answer["refresh_token"], ends))

    def _refused(self, found: Kept, error: str) -> None:
        if error not in NOT_RENEWED:
            log.warning("Slack does not renew the token yet", of=found.name, error=error)
            return
        self._final.add(found.text)
        log.warning("Slack renews the token no more: install again before it ends", of=found.name, ends=str(found.end))

    async def _save(self, found: Kept, renewed: Installation) -> None:
        """Patiently: Slack takes the old refresh token no more."""
        text = self._seal.closed(renewed)
        for pause in SAVES:
            try:
                await self._store.run(lambda uow: keeping.swap(uow.notes, found, text))
                return
            except StoreError as trouble:
                log.warning("a new token is not saved yet", of=found.name, trouble=str(trouble))
            await asyncio.sleep(pause)
        await self._store.run(lambda uow: keeping.swap(uow.notes, found, text))


def _whose(installation: Installation) -> tuple[str, str]:
    """The organization and the workspace that were installed in; no workspace where it is the whole organization."""
    return installation.enterprise_id or "", "" if installation.is_enterprise_install else installation.team_id or ""


class States(AsyncOAuthStateStore):
    """Signed states of installations under way, good for ten minutes; the first of `secrets` signs, all are accepted.

    Nothing is stored: bolt compares the state with the browser's cookie, and the code Slack gives with it works once.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._signer = URLSafeTimedSerializer(list(reversed(secrets)), salt=STATE_SALT)

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        return str(self._signer.dumps(chance.token_urlsafe(16)))

    async def async_consume(self, state: str) -> bool:
        try:
            self._signer.loads(state, max_age=STATE_SECONDS)
        except BadSignature:
            return False
        return True
