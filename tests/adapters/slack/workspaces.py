"""What there is in a small Slack: workspaces with their people and channels, messages, views, files, tokens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any

from bot.adapters.slack.manifest import SCOPES

APP, CLIENT, SECRET, APP_TOKEN = "A1", "1.1", "client-secret", "xapp-1-A1"
HISTORY = ("channels:history", "groups:history", "im:history")
"""What an app may have besides, to read what was said."""
TRIGGER_SECONDS, URL_SECONDS, URL_USES, TOKEN_SECONDS = 3, 30 * 60, 5, 12 * 3600

Json = dict[str, Any]


class Refused(Exception):
    """Slack's `ok: false`: the error, and what else its answer says."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


@dataclass
class User:
    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    is_admin: bool = False
    is_owner: bool = False
    deleted: bool = False
    image: str = ""
    home: str = ""
    """The workspace they come from, where it is another one."""
    guest: bool = False


@dataclass
class Channel:
    """A channel; `user` is whom a direct one is with. The bot is in it where its user is a member."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    archived: bool = False
    user: str = ""


@dataclass
class Group:
    id: str
    handle: str
    users: list[str]


@dataclass
class Token:
    """A bot token: for which workspaces (several: all of an organisation), and what is wrong with it, if anything."""

    teams: tuple[str, ...]
    scopes: set[str]
    trouble: str = ""
    expires: float = inf


@dataclass
class Trigger:
    user: str
    born: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an interaction may be answered. `source` is the message it came from, if any."""

    team: str
    channel: str
    user: str
    command: bool
    born: float
    source: str = ""
    uses: int = 0


@dataclass
class File:
    """An uploaded file. `pending` is how often it is looked at before it is ready to be shown."""

    id: str
    team: str
    name: str
    title: str = ""
    data: bytes = b""
    complete: bool = False
    pending: int = 0


@dataclass
class Workspace:
    """A workspace that has installed the app. With `orgwide`, its organisation has, and one token is for all of it."""

    team: str
    name: str
    enterprise: str = ""
    orgwide: bool = False
    native_charts: bool = True
    channels: dict[str, Channel] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    @property
    def installed(self) -> str:
        """Who installed the app: the workspace or its organisation."""
        return self.enterprise if self.orgwide else self.team

    @property
    def bot(self) -> str:
        """The bot's id."""
        return f"B{self.installed}"

    @property
    def bot_user(self) -> str:
        """The bot's user id."""
        return f"U{self.installed}"

    @property
    def token(self) -> str:
        """The bot token it was made with."""
        return f"xoxb-{self.installed}"

    @property
    def domain(self) -> str:
        return self.name.lower().replace(" ", "-")

    def channel(self, id: str, name: str, *, bot: bool = True, private: bool = False) -> Channel:
        """A new channel with everybody in it."""
        members = set(self.users) - ({self.bot_user} if not bot else set())
        self.channels[id] = made = Channel(id, name, members, private)
        return made

    def user(self, id: str, name: str, **more: Any) -> User:
        """A new member, in all channels there are."""
        self.users[id] = made = User(**{"id": id, "name": name, "real_name": name.title(), **more})
        for channel in self.channels.values():
            if not channel.user:
                channel.members.add(id)
        return made

    def visitor(self, user: User, home: "Workspace") -> User:
        """Somebody of another workspace, in all channels there are, as they are shared."""
        return self.user(**vars(user) | {"home": home.team})

    def group(self, id: str, handle: str, *users: str) -> Group:
        self.groups[id] = made = Group(id, handle, list(users))
        return made

    def direct(self, user: str) -> Channel:
        """The bot's direct channel with somebody: `D1B` with `U1B`."""
        id = f"D{user[1:]}"
        return self.channels.setdefault(id, Channel(id, "", {user, self.bot_user}, user=user))


class Slack:
    """Everything there is. Time stands still until `advance`; it begins at the real one."""

    def __init__(self) -> None:
        self.now = time.time()
        self.workspaces: dict[str, Workspace] = {}
        self.tokens: dict[str, Token] = {}
        self.rotating = False
        """Whether tokens that are handed out expire."""
        self.codes: dict[str, tuple[str, ...]] = {}
        """OAuth codes not exchanged yet, with the workspaces they are for."""
        self.refreshes: dict[str, tuple[str, ...]] = {}
        self.history: dict[str, list[Json]] = {}
        """Messages by channel, oldest first."""
        self.whispers: dict[str, list[Json]] = {}
        """Ephemeral messages by who sees them."""
        self.views: dict[str, list[Json]] = {}
        """The modals somebody has open, the one they see last."""
        self.homes: dict[tuple[str, str], Json] = {}
        self.files: dict[str, File] = {}
        self.slow_files = 0
        """How often a new file is looked at before it is ready."""
        self.triggers: dict[str, Trigger] = {}
        self.urls: dict[str, ResponseUrl] = {}
        self.base = ""
        """Where it is reached."""
        self.tickets: set[str] = set()
        """Addresses for sockets that nobody has connected to yet."""
        self.validate: Callable[[list[Json]], list[str]] | None = None
        """What is wrong with the blocks of a message, beyond what is checked here; the same for a whole view."""
        self.validate_view: Callable[[Json], list[str]] | None = None
        self.counter = count(1)

    def workspace(self, team: str = "T1", name: str = "Acme", enterprise: str = "", orgwide: bool = False) -> Workspace:
        """A new workspace with an admin `U1A` (Ada), a member `U1B` (Ben), and `C1` (`#study`) with the bot in it; for
        `T2` they are `U2A`, `U2B` and `C2`."""
        self.workspaces[team] = made = Workspace(team, name, enterprise, orgwide)
        number = team[1:]
        made.users[made.bot_user] = User(made.bot_user, "quizbot", "Quizbot")
        made.user(f"U{number}A", "ada", is_admin=True)
        made.user(f"U{number}B", "ben")
        made.channel(f"C{number}", "study")
        known = self.tokens.setdefault(made.token, Token((), set(SCOPES)))
        known.teams += (team,)
        return made

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def messages(self, channel: str) -> list[Json]:
        """What stands in a channel or direct channel, oldest first."""
        return self.history.setdefault(channel, [])

    def ephemeral(self, user: str) -> list[Json]:
        """What only this person sees, oldest first."""
        return self.whispers.setdefault(user, [])

    def home(self, user: str) -> Json | None:
        """The Home tab of somebody, if it was published."""
        return next((view for (_, whose), view in self.homes.items() if whose == user), None)

    def of_user(self, user: str) -> Workspace:
        """The (first) workspace of a person."""
        return next(one for one in self.workspaces.values() if user in one.users)

    def of_channel(self, channel: str) -> Workspace:
        return next(one for one in self.workspaces.values() if channel in one.channels)

    def where(self, message: Json) -> str:
        """The channel of a message, ephemeral or not."""
        return message.get("channel") or next(id for id, kept in self.history.items() if message in kept)

    def next_id(self, letter: str) -> str:
        return f"{letter}{next(self.counter):08d}"

    def ts(self) -> str:
        """A timestamp later than all before."""
        return f"{int(self.now)}.{next(self.counter):06d}"

    def trigger(self, user: str) -> str:
        id = f"{next(self.counter)}.{user}.trigger"
        self.triggers[id] = Trigger(user, self.now)
        return id

    def pull(self, id: str) -> Trigger:
        """Exchange a trigger. Raises `Refused`."""
        trigger = self.triggers.get(id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.now - trigger.born > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def revoke(self, token: str, trouble: str = "token_revoked") -> None:
        """Make a token useless; `account_inactive` is what an uninstalled bot hears."""
        self.tokens[token].trouble = trouble

    def authorized(self, token: str) -> Token:
        """Raises `Refused` where the token is no good."""
        known = self.tokens.get(token)
        if not token:
            raise Refused("not_authed")
        if known is None:
            raise Refused("invalid_auth")
        if known.trouble:
            raise Refused(known.trouble)
        if self.now >= known.expires:
            raise Refused("token_expired")
        return known

    def code(self, team: str) -> str:
        """The OAuth code somebody brings back who has allowed the app in a workspace."""
        made = f"code-{next(self.counter)}"
        self.codes[made] = self.tokens[self.workspaces[team].token].teams
        return made

    def say(self, workspace: Workspace, channel: str, body: Json) -> Json:
        """A message of the bot's, put into a channel."""
        message = self.message(workspace, body)
        self.messages(channel).append(message)
        return message

    def whisper(self, workspace: Workspace, channel: str, user: str, body: Json) -> Json:
        """An ephemeral message of the bot's."""
        message = self.message(workspace, body) | {"channel": channel, "is_ephemeral": True}
        self.ephemeral(user).append(message)
        return message

    def message(self, workspace: Workspace, body: Json) -> Json:
        kept = {key: body[key] for key in ("thread_ts", "metadata") if body.get(key)}
        return {
            "type": "message", "ts": self.ts(), "text": body.get("text") or "",
            "user": workspace.bot_user, "bot_id": workspace.bot, "app_id": APP, "team": workspace.team,
            "blocks": self.identified(body.get("blocks") or []), **kept,
        }  # fmt: skip

    def identified(self, blocks: list[Json]) -> list[Json]:
        """Blocks as Slack gives them back: each with an id."""
        return [block if block.get("block_id") else block | {"block_id": self.next_id("b")} for block in blocks]

    def view(self, workspace: Workspace, body: Json) -> Json:
        """A view as Slack gives it back."""
        id = self.next_id("V")
        return {
            "id": id, "team_id": workspace.team, "private_metadata": "", "callback_id": "", "external_id": "",
            "state": {"values": {}}, "title": None, "submit": None, "close": None, "clear_on_close": False,
            "notify_on_close": False, "previous_view_id": None, "root_view_id": id, "app_id": APP,
            "app_installed_team_id": workspace.installed, "bot_id": workspace.bot, **self.content(body),
        }  # fmt: skip

    def content(self, body: Json) -> Json:
        """What a view's author says of it, with a fresh hash."""
        return body | {"blocks": self.identified(body["blocks"]), "hash": self.ts()}
