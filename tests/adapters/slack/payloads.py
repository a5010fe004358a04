"""What Slack tells an app, shaped like the real thing: commands, controls used, views, shortcuts, events.

Shapes: docs.slack.dev/reference/interaction-payloads, and the payloads in the tests of slack-bolt and slack_sdk.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.adapters.slack.workspaces import APP, Channel, Json, ResponseUrl, Slack, Workspace

Chosen = str | Sequence[str] | None
"""What somebody chose or typed: a text, an option's value, an id; several for some-of inputs; None for nothing."""


def command(slack: Slack, line: str, user: str, channel: str) -> Json:
    """Somebody typed `/name and more`. Form fields: all of them are texts."""
    workspace, place = around(slack, user, channel)
    theirs = at_home(slack, workspace, user)
    word, _, text = line.partition(" ")
    organisation = {"enterprise_id": workspace.enterprise, "enterprise_name": f"{workspace.enterprise} Inc"}
    return {
        "token": "verification", "team_id": theirs.team, "team_domain": theirs.domain, "channel_id": place.id,
        "channel_name": shown_name(place), "user_id": user, "user_name": workspace.users[user].name, "command": word,
        "text": text, "api_app_id": APP, "is_enterprise_install": str(workspace.orgwide).lower(),
        **(organisation if workspace.enterprise else {}),
        "response_url": response_url(slack, workspace, place.id, user, kind="commands"),
        "trigger_id": slack.trigger(user),
    }  # fmt: skip


def used(slack: Slack, what: str, user: str, message: Json, channel: str, chosen: Chosen = None) -> Json:
    """Somebody used a control of a message, be it ephemeral or not: the one with this action id or label."""
    workspace, place = around(slack, user, channel)
    hidden = bool(message.get("is_ephemeral"))
    body = interaction(slack, "block_actions", workspace, user) | {
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": place.id, "is_ephemeral": hidden}
        | ({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
        "channel": {"id": place.id, "name": shown_name(place)},
        "state": {"values": {}},
        "response_url": response_url(slack, workspace, place.id, user, source=message["ts"]),
        "actions": [action(slack, message["blocks"], what, chosen)],
    }
    return body if hidden else body | {"message": message}


def used_in_view(slack: Slack, what: str, user: str, view: Json, chosen: Chosen = None) -> Json:
    """Somebody used a control of a modal or of the Home tab. There is no response URL."""
    return interaction(slack, "block_actions", slack.workspaces[view["team_id"]], user) | {
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [action(slack, view["blocks"], what, chosen)],
    }


def submission(slack: Slack, user: str, view: Json, values: Mapping[str, Chosen]) -> Json:
    """Somebody submits a modal; `values` by block id, the others are as they were shown."""
    assert view["type"] == "modal"
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert set(values) <= set(inputs), f"no such inputs: {set(values) - set(inputs)}, only {set(inputs)}"
    state = {
        block: {element["action_id"]: filled(element, values[block] if block in values else initial(element))}
        for block, element in inputs.items()
    }
    asked = [block["block_id"] for block in view["blocks"] if block["type"] == "input" and not block.get("optional")]
    empty = [one for one in asked if not any(held for held in state[one].values() if any(list(held.values())[1:]))]
    assert not empty, f"Slack lets nobody leave these empty: {empty}"
    return interaction(slack, "view_submission", slack.workspaces[view["team_id"]], user) | {
        "view": view | {"state": {"values": state}},
        "response_urls": [],
    }


def closed(slack: Slack, user: str, view: Json, cleared: bool = False) -> Json:
    """Somebody closes a modal, or all of them."""
    body = interaction(slack, "view_closed", slack.workspaces[view["team_id"]], user)
    del body["trigger_id"]
    return body | {"view": view, "is_cleared": cleared, "response_urls": []}


def shortcut(slack: Slack, callback: str, user: str) -> Json:
    """Somebody chose a global shortcut."""
    return interaction(slack, "shortcut", slack.of_user(user), user) | {
        "callback_id": callback,
        "action_ts": slack.ts(),
    }


def message_shortcut(slack: Slack, callback: str, user: str, message: Json, channel: str) -> Json:
    """Somebody chose a shortcut in the menu of a message."""
    workspace, place = around(slack, user, channel)
    return interaction(slack, "message_action", workspace, user) | {
        "callback_id": callback,
        "action_ts": slack.ts(),
        "channel": {"id": place.id, "name": shown_name(place)},
        "message_ts": message["ts"],
        "message": message,
        "response_url": response_url(slack, workspace, place.id, user, kind="app"),
    }


def event(slack: Slack, workspace: Workspace, told: Json) -> Json:
    """An event, wrapped. What happens to a whole organisation's installation names no workspace."""
    alone = not (workspace.orgwide and told["type"] in ("app_uninstalled", "tokens_revoked"))
    organisation = {"enterprise_id": workspace.enterprise} if workspace.enterprise else {}
    authorization = {
        "enterprise_id": workspace.enterprise or None, "team_id": None if workspace.orgwide else workspace.team,
        "user_id": workspace.bot_user, "is_bot": True, "is_enterprise_install": workspace.orgwide,
    }  # fmt: skip
    return {
        "token": "verification", **({"team_id": workspace.team} if alone else {}), **organisation, "api_app_id": APP,
        "event": told | {"event_ts": slack.ts()}, "type": "event_callback", "event_id": slack.next_id("Ev"),
        "event_time": int(slack.now), "authorizations": [authorization], "is_ext_shared_channel": False,
    }  # fmt: skip


def home_opened(slack: Slack, user: str, tab: str = "home") -> Json:
    """Somebody looks at the Home or Messages tab of the app."""
    workspace = slack.of_user(user)
    told = {"type": "app_home_opened", "user": user, "channel": workspace.direct(user).id, "tab": tab}
    known = slack.homes.get((workspace.team, user)) if tab == "home" else None
    return event(slack, workspace, told | ({"view": known} if known else {}))


def uninstalled(slack: Slack, workspace: Workspace) -> Json:
    return event(slack, workspace, {"type": "app_uninstalled"})


def tokens_revoked(slack: Slack, workspace: Workspace) -> Json:
    """Tokens are named by whose they were."""
    return event(slack, workspace, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot_user]}})


def ssl_check() -> Json:
    """What Slack sends now and then to see whether the certificate is good."""
    return {"ssl_check": "1", "token": "verification"}


# ---- parts


def interaction(slack: Slack, type: str, workspace: Workspace, user: str) -> Json:
    """What all interactions have. The team is missing where a whole organisation installed the app. Of whoever comes
    from another workspace it is theirs: the worst that Slack may do, as its documentation does not say."""
    organisation = {"id": workspace.enterprise, "name": f"{workspace.enterprise} Inc"} if workspace.enterprise else None
    theirs = at_home(slack, workspace, user)
    team = {"id": theirs.team, "domain": theirs.domain}
    if organisation:
        team |= {"enterprise_id": organisation["id"], "enterprise_name": organisation["name"]}
    name = workspace.users[user].name
    return {
        "type": type, "token": "verification", "api_app_id": APP, "trigger_id": slack.trigger(user),
        "team": None if workspace.orgwide else team, "enterprise": organisation,
        "is_enterprise_install": workspace.orgwide,
        "user": {"id": user, "username": name, "name": name, "team_id": theirs.team},
    }  # fmt: skip


def at_home(slack: Slack, workspace: Workspace, user: str) -> Workspace:
    """The workspace that somebody who is in this one comes from."""
    return slack.workspaces[workspace.users[user].home or workspace.team]


def around(slack: Slack, user: str, channel: str) -> tuple[Workspace, Channel]:
    """The workspace and the channel somebody is in."""
    workspace = slack.of_channel(channel)
    assert user in workspace.users, f"{user} is not in {workspace.team}"
    return workspace, workspace.channels[channel]


def shown_name(channel: Channel) -> str:
    """A channel's name as payloads tell it: some they keep to themselves."""
    return "directmessage" if channel.user else "privategroup" if channel.private else channel.name


def response_url(
    slack: Slack, workspace: Workspace, channel: str, user: str, kind: str = "actions", source: str = ""
) -> str:
    address = f"{slack.base}/{kind}/{workspace.team}/{next(slack.counter)}/secret"
    slack.urls[address] = ResponseUrl(workspace.team, channel, user, kind == "commands", slack.now, source)
    return address


def controls(part: Any, block: str = "") -> Iterator[tuple[str, Json]]:
    """Everything that can be used in blocks, with the id of its block."""
    if isinstance(part, list):
        for one in part:
            yield from controls(one, block)
    elif isinstance(part, dict):
        block = part.get("block_id", block)
        if "action_id" in part:
            yield block, part
        for one in part.values():
            yield from controls(one, block)


def label(element: Json) -> str:
    """What a control says."""
    return str((element.get("text") or element.get("placeholder") or {}).get("text", ""))


def action(slack: Slack, blocks: list[Json], what: str, chosen: Chosen) -> Json:
    """One control used, found by its action id or its label."""
    there = list(controls(blocks))
    for block, element in there:
        if what in (element["action_id"], label(element)):
            kept = {key: element[key] for key in ("text", "value", "style", "placeholder") if key in element}
            picked = {} if element["type"] == "button" else filled(element, chosen)
            found = {"action_id": element["action_id"], "block_id": block, "type": element["type"]}
            return found | kept | picked | {"action_ts": slack.ts()}
    raise AssertionError(f"no control {what!r}, only {[(one['action_id'], label(one)) for _, one in there]}")


SELECTED = {
    "users_select": "selected_user", "channels_select": "selected_channel", "datepicker": "selected_date",
    "conversations_select": "selected_conversation", "timepicker": "selected_time", "radio_buttons": "selected_option",
    "static_select": "selected_option", "overflow": "selected_option", "checkboxes": "selected_options",
    "multi_static_select": "selected_options", "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels", "multi_conversations_select": "selected_conversations",
}  # fmt: skip
"""Where each element says what was chosen; the others do as `value`."""


def filled(element: Json, chosen: Chosen) -> Json:
    """The state of an element in which `chosen` was chosen or typed."""
    place = SELECTED.get(element["type"], "value")
    if place not in ("selected_option", "selected_options"):
        given = None if chosen in ("", None) else chosen
        return {"type": element["type"], place: list(chosen or ()) if place.endswith("s") else given}
    options = {one["value"]: one for one in every_option(element)}
    picked = [options[one] for one in ([chosen] if isinstance(chosen, str) else chosen or ())]
    return {"type": element["type"], place: picked if place == "selected_options" else next(iter(picked), None)}


def every_option(element: Json) -> list[Json]:
    grouped = [one for group in element.get("option_groups", ()) for one in group["options"]]
    return [*element.get("options", ()), *grouped]


def initial(element: Json) -> Chosen:
    """What an element holds before anybody touches it."""
    for key, value in element.items():
        if key.startswith("initial_"):
            if isinstance(value, dict):
                return str(value["value"])
            return (
                [one["value"] if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value
            )
    return None
