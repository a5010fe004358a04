"""What workspaces let us do: one by its bot token, or any number that installed the bot themselves."""

import asyncio
import base64
import json
import secrets as chance
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, URLSafeTimedSerializer
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.drawing import told
from bot.ports import Notes, Store, StoreError, UnitOfWork

log = structlog.get_logger()

TIMEOUT = 30
"""Seconds after which a call is given up; whoever cannot wait that long says so itself."""
FRESH = timedelta(minutes=1)
"""How long a grant is used before the store is asked again: what another process saved or forgot is known by then."""
AHEAD = timedelta(hours=2)
"""How long before its end a token is renewed. Tokens last 12 hours (docs.slack.dev, "Using token rotation"); two of
them remain in which a renewal may fail while the token still works. Bolt takes the same."""
LEASE = timedelta(seconds=30)
"""How long one process has for renewing a token: longer than a call and saving what came of it. After a failure nobody
tries again before."""
PATIENCE, PAUSE = 2.0, 0.1
"""Seconds to wait for somebody else's renewal of a token that has ended, and between looks."""
SAVES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between attempts at saving a new token."""
STATE_SECONDS = 600
STATE_SALT = "quizbot slack state"
KEY_INFO = b"quizbot slack tokens"

REVOKED = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""How Slack says that a token is no good."""
NOT_RENEWED = REVOKED | {"invalid_refresh_token"}

INSTALL, ORG, RENEWAL = "slack.install:", "slack.org:", "slack.rotation:"
"""What notes begin with: of installations (`…E1/T1`, `…/T1` outside an organization, `…E1/` for all of one), of the
organization a workspace belongs to, of the lease on renewing the token of an installation."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a workspace lets us do: the token to act with, and who we are there."""

    token: str = field(repr=False)
    team: str
    bot: str
    """The bot's id, `B…`."""
    user: str
    """The bot's user id, `U…`."""
    enterprise: str = ""


class Grants(Protocol):
    async def of(self, team: str, enterprise: str = "") -> Grant | None:
        """What we may do in a workspace; None where the bot is not installed. Raises `ConnectionError` where that
        cannot be told now, and `StoreError`."""
        ...

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """Drop the installation that `of` finds, with its tokens, unless the app was installed anew after `until`; the
        workspaces that have none now."""
        ...


Connect = Callable[[str], AsyncWebClient]
"""A client that acts with a token."""


def open_session() -> aiohttp.ClientSession:
    """A session for all calls, which ends slow ones: slack_sdk itself does so only in sessions of its own."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))


def connecting(session: aiohttp.ClientSession, base_url: str = AsyncWebClient.BASE_URL) -> Connect:
    """Makes clients that share `session` and do nothing a second time by themselves (aiohttp may ask again)."""
    return lambda token: AsyncWebClient(token or None, base_url, TIMEOUT, session=session, retry_handlers=[])


class TokenRefused(ConnectionError):
    """Slack does not accept a token; the text says which, and what to do."""


class OneWorkspace:
    """Grants of one bot token: in its workspace, or, where an organization installed the app, in all of its."""

    def __init__(self, token: str, connect: Connect) -> None:
        self._token = token
        self._connect = connect
        self._asking = asyncio.Lock()
        self._grant: Grant | None = None
        self._orgwide = False

    async def entered(self) -> Grant:
        """Who we are, asked once. Raises `TokenRefused`, and `ConnectionError` where Slack cannot be reached."""
        async with self._asking:
            if self._grant is None:
                self._grant = await self._asked()
            return self._grant

    async def of(self, team: str, enterprise: str = "") -> Grant | None:
        try:
            grant = await self.entered()
        except TokenRefused as refusal:
            log.warning(str(refusal))
            return None
        return replace(grant, team=team) if self._serves(grant, team, enterprise) else None

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """Slack has withdrawn the token; should the app be installed again with the same one, it works again."""
        grant, self._grant = self._grant, None
        return [team] if grant and team and self._serves(grant, team, enterprise) else []

    def _serves(self, grant: Grant, team: str, enterprise: str) -> bool:
        """Posts know no organization; they are for workspaces that have been served before."""
        return enterprise in ("", grant.enterprise) if self._orgwide else team == grant.team

    async def _asked(self) -> Grant:
        try:
            me = await self._connect(self._token).auth_test()
        except SlackApiError as refusal:
            error = str(told(refusal).get("error", ""))
            if error in REVOKED:
                raise TokenRefused(refusal_of(error)) from None
            raise ConnectionError(f"Slack does not say whose token this is ({error}). Try again in a minute.") from None
        except (aiohttp.ClientError, OSError, AttributeError) as trouble:  # the last where no JSON object is answered
            raise ConnectionError("Slack cannot be reached. Check the connection to https://slack.com.") from trouble
        self._orgwide = bool(me.get("is_enterprise_install"))
        return Grant(self._token, me["team_id"], me.get("bot_id", ""), me["user_id"], me.get("enterprise_id") or "")


def refusal_of(error: str) -> str:
    """What to do about a bot token that Slack refuses with one of `REVOKED`."""
    if error == "token_expired":
        return (
            "SLACK_BOT_TOKEN has expired: with token rotation it lasts 12 hours. Set SLACK_CLIENT_ID and "
            "SLACK_CLIENT_SECRET instead, and install the app from its page /slack/install."
        )
    return (
        f"Slack does not accept SLACK_BOT_TOKEN ({error}). Copy the token anew: https://api.slack.com/apps, your app, "
        "“OAuth & Permissions”, “Bot User OAuth Token”."
    )


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
        self._seal = _Seal(secrets)
        self._client_id = client_id
        self._client_secret = client_secret
        self._connect = connect
        self._now = now
        self._grants: dict[tuple[str, str], tuple[datetime, Grant]] = {}
        """Grants with the instant until which they are used."""
        self._changes = 0
        self._useless: set[str] = set()
        """Notes that no secret decrypts, or whose token Slack renews no more."""
        self._renewals: dict[str, asyncio.Task[None]] = {}

    async def async_save(self, installation: Installation) -> None:
        """Keep what bolt's OAuth flow brings. Raises `BoltError`, for which bolt has a page."""
        enterprise, team = installation.enterprise_id or "", installation.team_id or ""
        text = self._seal.closed(installation)
        try:
            await self._store.run(
                lambda uow: _save(uow.notes, enterprise, "" if installation.is_enterprise_install else team, text)
            )
        except StoreError as trouble:
            raise BoltError(str(trouble)) from trouble
        self._changed()

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

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """See `Grants`. What no secret reads stays: the secret may come back."""
        gone = await self._store.run(lambda uow: _forget(uow.notes, self._seal, team, enterprise, until))
        self._changed()
        return gone

    async def close(self) -> None:
        """Finish renewals under way, before the session of the clients is closed: what Slack gives is given once."""
        if self._renewals:
            await asyncio.wait(self._renewals.values())

    def _changed(self) -> None:
        """Use nothing any more that was read before."""
        self._changes += 1
        self._grants.clear()

    # ---- what the store has

    async def _found(self, team: str, enterprise: str) -> "_Kept | None":
        """The installation for a workspace that can be used."""
        known, texts = await self._store.read(lambda uow: _texts(uow.notes, team, enterprise))
        found = next(filter(None, (self._opened(name, text) for name, text in texts.items())), None)
        if found and enterprise not in ("", known):
            await self._store.run(lambda uow: uow.notes.put(ORG + team, enterprise))
        if found and not self._seal.current(found.text):
            return await self._sealed_anew(found)
        return found

    def _opened(self, name: str, text: str) -> "_Kept | None":
        if text in self._useless:
            return None
        installation = self._seal.opened(text)
        if installation is None:
            self._useless.add(text)
            log.warning("no key reads these tokens: add the old one to QUIZBOT_OLD_SECRET_KEYS, or install", of=name)
            return None
        return _Kept(name, text, installation)

    async def _sealed_anew(self, found: "_Kept") -> "_Kept":
        """The same under the newest secret, unless the note is being changed by somebody else."""
        text, now = self._seal.closed(found.installation), self._now()

        def work(uow: UnitOfWork) -> bool:
            return uow.notes.lease(RENEWAL + found.name, now, now + LEASE) and _swap(uow.notes, found, text)

        return replace(found, text=text) if await self._store.run(work) else found

    # ---- tokens that end

    async def _current(self, team: str, enterprise: str) -> "_Kept | None":
        """The installation, with a token that has not ended; one that soon will is renewed meanwhile."""
        found = await self._found(team, enterprise)
        if found is None or found.end > self._now() + AHEAD:
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

    def _taken(self, notes: Notes, name: str) -> "_Kept | None":
        now = self._now()
        if not notes.lease(RENEWAL + name, now, now + LEASE):
            return None
        found = self._opened(name, notes.get(name))
        if found is None or found.end > now + AHEAD:  # gone, or renewed since it was read
            notes.drop(RENEWAL + name)
            return None
        return found

    async def _exchange(self, found: "_Kept") -> None:
        try:
            answer = await self._connect("").oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret,
                grant_type="refresh_token",
                refresh_token=found.installation.bot_refresh_token,
            )
        except SlackApiError as refusal:
            error = told(refusal).get("error", "")
            log.warning("Slack does not renew the token", of=found.name, error=error)
            if error in NOT_RENEWED:
                self._useless.add(found.text)
            return
        ends = int(self._now().timestamp()) + int(answer["expires_in"])
        await self._save(found, found.renewed(answer["access_token"], answer["refresh_token"], ends))

    async def _save(self, found: "_Kept", renewed: Installation) -> None:
        """Patiently: Slack takes the old refresh token no more."""
        text = self._seal.closed(renewed)
        for pause in SAVES:
            try:
                await self._store.run(lambda uow: _swap(uow.notes, found, text))
                return
            except StoreError as trouble:
                log.warning("a new token is not saved yet", of=found.name, trouble=str(trouble))
            await asyncio.sleep(pause)
        await self._store.run(lambda uow: _swap(uow.notes, found, text))


@dataclass(frozen=True, slots=True)
class _Kept:
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


class _Seal:
    """Installations as texts that only holders of a secret read."""

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


def _own(team: str, enterprise: str) -> list[str]:
    """Notes of installations of a workspace itself; it may have joined its organization later."""
    return list(dict.fromkeys(f"{INSTALL}{org}/{team}" for org in (enterprise, ""))) if team else []


def _texts(notes: Notes, team: str, enterprise: str) -> tuple[str, dict[str, str]]:
    """The organization noted for a workspace, and the texts of its installations by name: its own before that of the
    whole organization."""
    known = notes.get(ORG + team)
    org = enterprise or known
    names = [*_own(team, org), *([f"{INSTALL}{org}/"] if org else [])]
    return known, {name: text for name in names if (text := notes.get(name))}


def _drop(notes: Notes, name: str) -> None:
    """Forget an installation. The lease goes first: whoever is about to save a new token has it too, so one waits for
    the other."""
    notes.drop(RENEWAL + name)
    notes.drop(name)


def _save(notes: Notes, enterprise: str, team: str, text: str) -> None:
    name = f"{INSTALL}{enterprise}/{team}"
    for old in {name, *_own(team, enterprise)}:
        _drop(notes, old)
    notes.put(name, text)
    if enterprise and team:
        notes.put(ORG + team, enterprise)


def _swap(notes: Notes, found: _Kept, text: str) -> bool:
    """Write an installation in place of what was `found`, and give up the lease; False if it has changed meanwhile."""
    notes.drop(RENEWAL + found.name)
    same = notes.get(found.name) == found.text
    if same:
        notes.put(found.name, text)
    return same


def _forget(notes: Notes, seal: _Seal, team: str, enterprise: str, until: datetime) -> list[str]:
    """Drop the installation for a workspace, unless there is one made after `until`; the workspaces that have none
    now."""
    known, texts = _texts(notes, team, enterprise)
    org = enterprise or known
    found = {name: installed for name, text in texts.items() if (installed := seal.opened(text))}
    if any(one.installed_at > until.timestamp() for one in found.values()):
        return []
    own = [name for name in found if name in _own(team, org)]
    for name in own or found:
        _drop(notes, name)
    if own:
        gone = [team] if own == list(found) else []
    else:
        gone = _served(notes, org, team) if found else []
    for one in gone:
        notes.drop(ORG + one)
    return gone


def _served(notes: Notes, enterprise: str, team: str) -> list[str]:
    """Workspaces of an organization that have no installation of their own."""
    noted = {name.removeprefix(ORG) for name, org in notes.all(ORG).items() if org == enterprise}
    teams = noted | ({team} if team else set())
    return sorted(one for one in teams if not any(map(notes.get, _own(one, enterprise))))


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
