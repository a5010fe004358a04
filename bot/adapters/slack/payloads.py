"""What Slack sends, as requests: texts, controls, and where they were used."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.slack import ids
from bot.adapters.slack.answers import Origin
from bot.ports import Person, Place
from bot.ui import Call, LimitError

_LINKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_NAMELESS = ("directmessage", "privategroup")
"""What the payload of a command calls channels whose name it keeps to itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line, and the channels and people it names."""

    text: str
    named: tuple[Place, ...] = ()
    people: tuple[Person, ...] = ()


def line(text: str) -> Line:
    """What was typed after a command, as our router reads it: people, channels and groups by their ids.

    Source: https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
    """
    linked = [(sign, id, html.unescape(name)) for sign, id, name in _LINKED.findall(text)]
    return Line(
        html.unescape(_LINKED.sub(_plain, text)),
        tuple(Place(id, name) for sign, id, name in linked if sign == "#"),
        tuple(Person(id, name) for sign, id, name in linked if sign == "@"),
    )


def _plain(found: re.Match[str]) -> str:
    sign, id, label = found[1], found[2], found[3] or ""
    if sign == "!":
        return id.removeprefix("subteam^") if id.startswith("subteam^") else f"@{id}"
    return id if sign else (label or id)


_ADDRESSED = re.compile(r"/(?:actions|app|commands)/(T[A-Z0-9]+)/")
"""How a response URL names the workspace in which it answers."""


def team_of(body: Mapping[str, Any]) -> str:
    """The workspace in which something was done; empty where Slack names none.

    Where an organization installed the bot, and in channels shared with other workspaces, Slack tells which workspace
    somebody comes from besides: that comes last. What a dialog is about is known from what it was opened by.
    """
    view, message, team, user = (_part(body, name) for name in ("view", "message", "team", "user"))
    ours = message if message.get("app_id") == body.get("api_app_id") else {}
    addressed = _ADDRESSED.search(body.get("response_url") or "")
    authorized = (body.get("authorizations") or [{}])[0]
    named = (
        _opened_in(view),
        addressed and addressed[1],
        ours.get("team"),
        view.get("app_installed_team_id"),
        team.get("id"),
        authorized.get("team_id"),
        body.get("team_id"),
        view.get("team_id"),
        user.get("team_id"),
    )
    return next((team for team in named if team and team.startswith("T")), "")


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _opened_in(view: Mapping[str, Any]) -> str:
    """The workspace that a dialog of ours belongs to."""
    written = view.get("private_metadata")
    try:
        return Origin.read(written).team if written else ""
    except LimitError:
        return ""


def called(body: Mapping[str, Any]) -> str:
    """What Slack calls whoever did something: their handle, which it always tells."""
    user = _part(body, "user")
    return body.get("user_name") or user.get("name") or user.get("username") or ""


def of_command(body: Mapping[str, Any]) -> Origin:
    """Where a command was typed."""
    name = body.get("channel_name", "")
    return Origin(
        team_of(body),
        body["user_id"],
        body["channel_id"],
        "" if name in _NAMELESS or name.startswith("mpdm-") else name,
        url=body["response_url"],
    )


def of_control(body: Mapping[str, Any], about: str = "") -> Origin:
    """Where a button or menu was used, or a shortcut of a message; `about` is what the control says of that."""
    channel, message, container = (body.get(part) or {} for part in ("channel", "message", "container"))
    name = channel.get("name", "")
    return Origin(
        team_of(body),
        body["user"]["id"],
        channel.get("id", ""),
        "" if name in _NAMELESS or name.startswith("mpdm-") else name,
        about,
        body.get("response_url", ""),
        _thread(container, message),
        replaces=container.get("type") == "message",
    )


def _thread(container: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """The thread that a message is an answer in. The message that a thread begins with stands in the channel."""
    thread = container.get("thread_ts") or message.get("thread_ts") or ""
    return "" if thread == (container.get("message_ts") or message.get("ts")) else thread


def workspace(body: Mapping[str, Any], team: str) -> Place:
    """The workspace as a space. Where somebody comes from another one, Slack names that."""
    theirs = _part(body, "team")
    named = {body.get("team_id"): body.get("team_domain"), theirs.get("id"): theirs.get("domain")}
    return Place(team, named.get(team) or "")


def call_of(action: Mapping[str, Any]) -> ids.Parsed:
    """What a button or menu calls. Raises `LimitError` if it is none of ours."""
    parsed = ids.parse(action["action_id"])
    chosen = (action.get("selected_option") or {}).get("value")
    if chosen is None:
        return parsed
    return ids.Parsed(Call(parsed.call.route, (*parsed.call.args, chosen)), parsed.about)


def calls_in(blocks: Any) -> Iterator[Call]:
    """The calls of all controls of a message, in order; those of others are passed over."""
    for block in blocks or ():
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            try:
                yield ids.parse(element.get("action_id", "")).call
            except LimitError:
                continue
