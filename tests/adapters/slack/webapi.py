"""What a small Slack answers to calls of its Web API and to what is said at response URLs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.adapters.slack.workspaces import (
    APP,
    APP_TOKEN,
    CLIENT,
    SECRET,
    TOKEN_SECONDS,
    URL_SECONDS,
    URL_USES,
    Channel,
    File,
    Json,
    Refused,
    ResponseUrl,
    Slack,
    Token,
    User,
    Workspace,
)  # fmt: skip

NEEDED = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write",
    "conversations.open": "im:write", "users.info": "users:read", "usergroups.list": "usergroups:read",
    "files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
}  # fmt: skip
"""The scope each method needs; those that read channels need the one of the channel's kind."""
DEEPEST = 3
"""Modals that may lie on each other."""


@dataclass
class Call:
    """A call of a method with a token that is good."""

    slack: Slack
    args: Json
    token: Token

    @property
    def workspace(self) -> Workspace:
        """Whom the call is about; a token of a whole organisation has to say so."""
        teams = self.token.teams
        if len(teams) > 1 and "team_id" not in self.args:
            raise Refused("missing_argument", response_metadata=wrong("missing required field: team_id"))
        team = self.args.get("team_id", teams[0])
        if team not in teams:
            raise Refused("team_access_not_granted")
        return self.slack.workspaces[team]

    def need(self, *scopes: str) -> None:
        if not self.token.scopes.intersection(scopes):
            raise Refused("missing_scope", needed=scopes[0], provided=",".join(sorted(self.token.scopes)))

    def places(self) -> Iterator[Workspace]:
        return (self.slack.workspaces[team] for team in self.token.teams)

    def user(self, id: str) -> tuple[Workspace, User]:
        for workspace in self.places():
            if id in workspace.users:
                return workspace, workspace.users[id]
        raise Refused("user_not_found")

    def channel(self, *, seen: bool = True) -> tuple[Workspace, Channel]:
        """The channel named, unless it is private and the bot not in it. With `seen` False a person is one as well:
        their direct channel."""
        id = self.args.get("channel", "")
        for workspace in self.places():
            if not seen and id in workspace.users:
                return workspace, workspace.direct(id)
            channel = workspace.channels.get(id)
            if channel and (not channel.private or workspace.bot_user in channel.members):
                return workspace, channel
        raise Refused("channel_not_found")

    def blocks(self, workspace: Workspace) -> None:
        """Refuse blocks Slack would refuse."""
        problems = troubles(self.slack, self.args.get("blocks") or [], workspace)
        if problems:
            raise Refused("invalid_blocks", errors=problems, response_metadata=wrong(*problems))
        if not self.args.get("blocks") and not self.args.get("text"):
            raise Refused("no_text")


def checked(slack: Slack, view: Json) -> Json:
    """A view Slack would show. Raises `Refused` as Slack does, which calls blocks arguments here."""
    problems = slack.validate_view(view) if slack.validate_view else []
    problems = [*problems, *charts(view["blocks"]), *pictures(slack, view["blocks"])]
    if problems:
        raise Refused("invalid_arguments", response_metadata=wrong(*problems))
    return view


def wrong(*problems: str) -> Json:
    return {"messages": [f"[ERROR] {problem}" for problem in problems]}


def troubles(slack: Slack, blocks: list[Json], workspace: Workspace) -> list[str]:
    """What Slack does not take of the blocks of a message."""
    found = slack.validate(blocks) if slack.validate else []
    return [*found, *([] if workspace.native_charts else charts(blocks)), *pictures(slack, blocks)]


def pictures(slack: Slack, blocks: list[Json]) -> list[str]:
    """What is wrong with files that are to be shown. Looking at one brings it nearer to being ready."""
    return [
        f"invalid slack file [json-pointer:/blocks/{index}/slack_file]"
        for index, block in enumerate(blocks)
        if "slack_file" in block and not shown(slack, block["slack_file"].get("id", ""))
    ]


def charts(blocks: list[Json]) -> list[str]:
    return [
        f"unsupported type: data_visualization [json-pointer:/blocks/{index}/type]"
        for index, block in enumerate(blocks)
        if block["type"] == "data_visualization"
    ]


def shown(slack: Slack, id: str) -> bool:
    file = slack.files.get(id)
    if file is None or not file.complete:
        return False
    file.pending -= 1
    return file.pending < 0


# ---- who and where


def auth_test(call: Call) -> Json:
    one = next(call.places())
    team = {"team": one.name, "team_id": one.installed} | ({"enterprise_id": one.enterprise} if one.enterprise else {})
    return team | {
        "url": f"https://{one.domain}.slack.com/", "user": "quizbot", "user_id": one.bot_user, "bot_id": one.bot,
        "is_enterprise_install": one.orgwide,
    }  # fmt: skip


def users_info(call: Call) -> Json:
    workspace, user = call.user(call.args.get("user", ""))
    profile = {
        "real_name": user.real_name, "display_name": user.display_name, "team": user.home or workspace.team,
        "image_72": user.image or "https://secure.gravatar.com/avatar/0.jpg?s=72",
    }  # fmt: skip
    told = {
        "id": user.id, "team_id": user.home or workspace.team, "name": user.name, "real_name": user.real_name,
        "deleted": user.deleted, "tz": user.tz, "profile": profile, "is_admin": user.is_admin,
        "is_owner": user.is_owner, "is_primary_owner": False, "is_restricted": user.guest,
        "is_bot": user.id == workspace.bot_user,
    }  # fmt: skip
    return {"user": told | ({"locale": user.locale} if true(call.args.get("include_locale")) else {})}


def usergroups_list(call: Call) -> Json:
    workspace = call.workspace
    with_users = true(call.args.get("include_users"))
    listed = [
        {"id": one.id, "team_id": workspace.team, "is_usergroup": True, "name": one.handle, "handle": one.handle,
         "user_count": len(one.users)} | ({"users": one.users} if with_users else {})
        for one in workspace.groups.values()
    ]  # fmt: skip
    return {"usergroups": listed}


def conversations_open(call: Call) -> Json:
    workspace, user = call.user(call.args.get("users", ""))
    if user.deleted:
        raise Refused("user_disabled")
    return {"channel": {"id": workspace.direct(user.id).id}}


def conversations_info(call: Call) -> Json:
    workspace, channel = call.channel()
    call.need(f"{kind(channel)}:read")
    return {
        "channel": {
            "id": channel.id, "name": channel.name, "is_channel": not channel.user, "is_group": channel.private,
            "is_im": bool(channel.user), "is_private": channel.private or bool(channel.user),
            "is_archived": channel.archived, "is_member": workspace.bot_user in channel.members,
            "context_team_id": workspace.team,
        }
    }  # fmt: skip


def conversations_history(call: Call) -> Json:
    workspace, channel = call.channel()
    call.need(f"{kind(channel)}:history")
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    latest, oldest = call.args.get("cursor") or call.args.get("latest") or "9", call.args.get("oldest") or "0"
    found = [
        one for one in reversed(call.slack.messages(channel.id))
        if oldest < one["ts"] < latest and one.get("thread_ts", one["ts"]) == one["ts"]
    ]  # fmt: skip
    limit = int(call.args.get("limit", 100))
    if not true(call.args.get("include_all_metadata")):
        found = [{key: value for key, value in one.items() if key != "metadata"} for one in found]
    page = {"messages": found[:limit], "has_more": len(found) > limit}
    return page | ({"response_metadata": {"next_cursor": found[limit - 1]["ts"]}} if len(found) > limit else {})


def kind(channel: Channel) -> str:
    """The first word of the scopes that channels like this need."""
    return "im" if channel.user else "groups" if channel.private else "channels"


# ---- messages


def chat_post_message(call: Call) -> Json:
    workspace, channel = call.channel(seen=False)
    if channel.archived:
        raise Refused("is_archived")
    if workspace.bot_user not in channel.members and "chat:write.public" not in call.token.scopes:
        raise Refused("not_in_channel")
    call.blocks(workspace)
    message = call.slack.say(workspace, channel.id, call.args)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def chat_post_ephemeral(call: Call) -> Json:
    workspace, channel = call.channel()
    user = call.args.get("user", "")
    if channel.archived:
        raise Refused("is_archived")
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    call.blocks(workspace)
    return {"message_ts": call.slack.whisper(workspace, channel.id, user, call.args)["ts"]}


def chat_update(call: Call) -> Json:
    workspace, channel = call.channel()
    message = next((one for one in call.slack.messages(channel.id) if one["ts"] == call.args.get("ts")), None)
    if message is None:
        raise Refused("message_not_found")
    if message.get("bot_id") != workspace.bot:
        raise Refused("cant_update_message")
    if channel.archived:
        raise Refused("is_archived")
    call.blocks(workspace)
    replace(call.slack, message, call.args)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


def replace(slack: Slack, message: Json, body: Json) -> None:
    message["text"] = body.get("text") or ""
    message["blocks"] = slack.identified(body.get("blocks") or [])
    message["edited"] = {"user": message["user"], "ts": slack.ts()}
    if body.get("metadata"):
        message["metadata"] = body["metadata"]


# ---- views


def views_open(call: Call) -> Json:
    trigger = call.slack.pull(call.args.get("trigger_id", ""))
    made = call.slack.view(call.slack.of_user(trigger.user), checked(call.slack, call.args["view"]))
    call.slack.views[trigger.user] = [made]
    return {"view": made}


def views_push(call: Call) -> Json:
    trigger = call.slack.pull(call.args.get("trigger_id", ""))
    return {"view": push(call.slack, trigger.user, checked(call.slack, call.args["view"]))}


def push(slack: Slack, user: str, view: Json) -> Json:
    """Lay a view on those somebody has open."""
    stack = slack.views.get(user) or []
    if not stack:
        raise Refused("not_found")
    if len(stack) >= DEEPEST:
        raise Refused("push_limit_reached")
    before = {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
    stack.append(slack.view(slack.of_user(user), view) | before)
    return stack[-1]


def views_update(call: Call) -> Json:
    id, external = call.args.get("view_id"), call.args.get("external_id")
    for stack in call.slack.views.values():
        for view in stack:
            if view["id"] == id or (external and view["external_id"] == external):
                view.update(call.slack.content(checked(call.slack, call.args["view"])))
                return {"view": view}
    raise Refused("not_found")


def views_publish(call: Call) -> Json:
    workspace, user = call.user(call.args.get("user_id", ""))
    made = call.slack.view(workspace, checked(call.slack, call.args["view"]))
    earlier = call.slack.homes.get((workspace.team, user.id))
    if earlier:
        made |= {"id": earlier["id"], "root_view_id": earlier["id"]}
    call.slack.homes[workspace.team, user.id] = made
    return {"view": made}


# ---- files


def files_get_upload_url(call: Call) -> Json:
    id = call.slack.next_id("F")
    call.slack.files[id] = File(id, call.token.teams[0], call.args["filename"], pending=call.slack.slow_files)
    return {"file_id": id, "upload_url": f"{call.slack.base}/upload/v1/{id}"}


def files_complete_upload(call: Call) -> Json:
    for named in call.args["files"]:
        file = call.slack.files.get(named["id"])
        if file is None or not file.data:
            raise Refused("file_not_found")
        file.complete, file.title = True, named.get("title", file.name)
    return {"files": [told(call.slack, named["id"]) for named in call.args["files"]]}


def files_info(call: Call) -> Json:
    file = call.slack.files.get(call.args.get("file", ""))
    if file is None or not file.complete or file.team not in call.token.teams:
        raise Refused("file_not_found")
    file.pending -= 1
    return {"file": told(call.slack, file.id), "comments": []}


def told(slack: Slack, id: str) -> Json:
    file = slack.files[id]
    plain = {"id": id, "name": file.name, "title": file.title, "size": len(file.data), "mimetype": "", "filetype": ""}
    return plain | ({"mimetype": "image/png", "filetype": "png", "original_w": 640} if file.pending <= 0 else {})


# ---- who may what


def oauth_access(slack: Slack, args: Json, client: tuple[str, str]) -> Json:
    """Exchange a code, or a refresh token, for a bot token. Both can be used once."""
    if client[0] != CLIENT:
        raise Refused("invalid_client_id")
    if client[1] != SECRET:
        raise Refused("bad_client_secret")
    fresh = args.get("grant_type") == "refresh_token"
    known, key = (slack.refreshes, "refresh_token") if fresh else (slack.codes, "code")
    teams = known.pop(args.get(key, ""), None)
    if teams is None:
        raise Refused("invalid_refresh_token" if fresh else "invalid_code")
    return granted(slack, teams)


def granted(slack: Slack, teams: tuple[str, ...]) -> Json:
    workspace = slack.workspaces[teams[0]]
    token = f"{'xoxe.' if slack.rotating else ''}xoxb-{workspace.installed}-{next(slack.counter)}"
    made = slack.tokens[token] = Token(teams, set(slack.tokens[workspace.token].scopes))
    organisation = {"id": workspace.enterprise, "name": f"{workspace.enterprise} Inc"} if workspace.enterprise else None
    answer: Json = {
        "access_token": token, "token_type": "bot", "scope": ",".join(sorted(made.scopes)), "app_id": APP,
        "bot_user_id": workspace.bot_user, "enterprise": organisation, "is_enterprise_install": workspace.orgwide,
        "team": None if workspace.orgwide else {"id": workspace.team, "name": workspace.name},
        "authed_user": {"id": next(one.id for one in workspace.users.values() if one.is_admin)},
    }  # fmt: skip
    if slack.rotating:
        made.expires = slack.now + TOKEN_SECONDS
        answer |= {"refresh_token": f"xoxe-1-{next(slack.counter)}", "expires_in": TOKEN_SECONDS}
        slack.refreshes[answer["refresh_token"]] = teams
    return answer


METHODS: dict[str, Callable[[Call], Json]] = {
    "auth.test": auth_test, "users.info": users_info, "usergroups.list": usergroups_list,
    "conversations.open": conversations_open, "conversations.info": conversations_info,
    "conversations.history": conversations_history, "chat.postMessage": chat_post_message,
    "chat.postEphemeral": chat_post_ephemeral, "chat.update": chat_update, "views.open": views_open,
    "views.push": views_push, "views.update": views_update, "views.publish": views_publish,
    "files.getUploadURLExternal": files_get_upload_url, "files.completeUploadExternal": files_complete_upload,
    "files.info": files_info,
}  # fmt: skip


def answer(slack: Slack, method: str, args: Json, token: str, client: tuple[str, str]) -> Json:
    """What Slack answers to a call of a method."""
    try:
        return {"ok": True, **_answer(slack, method, args, token, client)}
    except Refused as refused:
        return refused.answer


def _answer(slack: Slack, method: str, args: Json, token: str, client: tuple[str, str]) -> Json:
    if method == "oauth.v2.access":
        return oauth_access(slack, args, client)
    if method == "apps.connections.open":
        if token != APP_TOKEN:
            raise Refused("not_allowed_token_type" if token in slack.tokens else "invalid_auth")
        slack.tickets.add(ticket := slack.next_id("ticket"))
        return {"url": f"{slack.base.replace('http', 'ws')}/link/?ticket={ticket}"}
    known = slack.authorized(token)
    if method not in METHODS:
        raise Refused("unknown_method", req_method=method)
    call = Call(slack, args, known)
    if method in NEEDED:
        call.need(NEEDED[method])
    return METHODS[method](call)


def respond(slack: Slack, address: str, body: Json) -> tuple[int, Any]:
    """What is answered at a response URL: status, and a text or JSON. Refused blocks are a 404 without details, see
    https://github.com/slackapi/java-slack-sdk/issues/1349."""
    url = slack.urls.get(address)
    if url is None or slack.now - url.born > URL_SECONDS:
        return 404, {"ok": False, "error": "expired_url"}
    if url.uses >= URL_USES:
        return 404, {"ok": False, "error": "used_url"}
    workspace = slack.workspaces[url.team]
    if troubles(slack, body.get("blocks") or [], workspace):
        return 404, {"ok": False, "error": "invalid_blocks"}
    if not (body.get("text") or body.get("blocks") or body.get("delete_original")):
        return 404, {"ok": False, "error": "no_text"}
    url.uses += 1
    hear(slack, workspace, url, body)
    return 200, "ok" if url.command else {"ok": True}


def hear(slack: Slack, workspace: Workspace, url: ResponseUrl, body: Json) -> None:
    """Do what was said. A command has no original, so that nothing it says replaces anything, see
    https://github.com/slackapi/bolt-js/issues/2287."""
    for kept in (slack.messages(url.channel), slack.ephemeral(url.user)):
        for message in [one for one in kept if url.source and one["ts"] == url.source]:
            if body.get("delete_original"):
                kept.remove(message)
                return
            if body.get("replace_original"):
                replace(slack, message, body)
                return
    if body.get("response_type") == "in_channel":
        slack.say(workspace, url.channel, body)
    elif not body.get("delete_original"):
        slack.whisper(workspace, url.channel, url.user, body)


def true(value: Any) -> bool:
    """Whether a flag is set, as forms and JSON say it."""
    return str(value).lower() in ("1", "true")
