"""What Slack sends, as requests: texts, controls, and where they were used."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.slack import ids
from bot.adapters.slack.answers import Origin
from bot.ports import Place
from bot.ui import Call, LimitError

_LINKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_NAMELESS = ("directmessage", "privategroup")
"""What the payload of a command calls channels whose name it keeps to itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line, and the channels it names."""

    text: str
    named: tuple[Place, ...] = ()


def line(text: str) -> Line:
    """What was typed after a command, as our router reads it: people, channels and groups by their ids.

    Source: https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
    """
    named = tuple(Place(id, html.unescape(name)) for sign, id, name in _LINKED.findall(text) if sign == "#")
    return Line(html.unescape(_LINKED.sub(_plain, text)), named)


def _plain(found: re.Match[str]) -> str:
    sign, id, label = found[1], found[2], found[3] or ""
    if sign == "!":
        return id.removeprefix("subteam^") if id.startswith("subteam^") else f"@{id}"
    return id if sign else (label or id)


def of_command(body: Mapping[str, Any]) -> Origin:
    """Where a command was typed."""
    name = body.get("channel_name", "")
    return Origin(
        body["team_id"],
        body["user_id"],
        body["channel_id"],
        "" if name in _NAMELESS or name.startswith("mpdm-") else name,
        url=body["response_url"],
    )


def of_control(body: Mapping[str, Any], team: str, about: str = "") -> Origin:
    """Where a button or menu was used, or a shortcut of a message; `about` is what the control says of that."""
    channel, message, container = (body.get(part) or {} for part in ("channel", "message", "container"))
    name = channel.get("name", "")
    return Origin(
        team,
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
    """The workspace as a space."""
    return Place(team, body.get("team_domain") or (body.get("team") or {}).get("domain", ""))


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
