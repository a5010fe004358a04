"""The app as Slack keeps it: its command, shortcuts, scopes and settings, written out as a manifest.

Limits: https://docs.slack.dev/reference/app-manifest and https://github.com/slackapi/manifest-schema.
"""

import re
from typing import Any

import yaml

from bot.routing import Router

SCOPES = (
    "commands",  # the slash command and the shortcuts
    "chat:write",
    "chat:write.public",  # in public channels without being invited
    "users:read",  # names, time zones, and who is an admin
    "im:write",  # reminders
    "files:write",  # charts, where a workspace draws none
    "usergroups:read",  # teams bound to user groups
)
"""All that the bot may do. Reading the history of channels is not among it: whether a post arrived whose outcome is
unknown can then not be looked up, and the outbox does without."""

EXPLAIN, QUIZ_ME = "explain", "quiz_me"
"""Callback ids of the shortcuts: of a message, and of everywhere."""

USUAL = ("daily", "ask", "quiz", "leaderboard", "topics", "profile", "help")
"""Commands that the hint beside the slash command names."""

ORGANIZATIONS = ("team_access_granted", "team_access_revoked")
"""Events of organizations, which let the bot into some of their workspaces and out again."""

_SITE = re.compile(r"(https://[A-Za-z0-9.-]+(:[0-9]+)?)/?")
_DESCRIPTION = "Daily questions, practice, boards of players and teams"
_LONG_DESCRIPTION = (
    "A quiz for teams that study together. A question comes to the channel every day and is answered in private; when "
    "it closes, everybody sees the answer, the reasons and how the answers were spread. Practise alone whenever you "
    "like, collect points for yourself and your team, keep a streak, and see who is ahead this week, this month or "
    "this season."
)


def manifest(router: Router, http: str = "", command: str = "/quiz") -> str:
    """The manifest as YAML. `http` is where Slack reaches the bot, such as `https://quiz.example.org`: then any number
    of workspaces and organizations may install it, with tokens that are rotated. Left out, it is Socket Mode for the
    workspace that the app is made in, whose bot token stays as it is. Raises `ValueError` for any other address."""
    site = _site(http) if http else ""
    about = {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Quizbot",
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1d2330",
        },
        "features": _features(router, site, command),
        "oauth_config": _redirect(site) | {"scopes": {"bot": list(SCOPES)}},
        "settings": _settings(site),
    }
    return yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=120)


def _site(http: str) -> str:
    found = _SITE.fullmatch(http)
    if not found:
        raise ValueError(
            f"{http} is no address that Slack takes. Give one that begins with https:// and has nothing after the "
            "name of the host, such as https://quiz.example.org."
        )
    return found[1]


def _features(router: Router, site: str, command: str) -> dict[str, Any]:
    """Commands are typed in the bot's own conversation too, so that is not read-only."""
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Quizbot", "always_online": True},
        "shortcuts": [
            _shortcut("Explain this question", "message", EXPLAIN, "Why the answer to this question is what it is"),
            _shortcut("Quiz me", "global", QUIZ_ME, "One question for you alone"),
        ],
        "slash_commands": [
            {
                "command": command,
                **_at(site, "url"),
                "description": _DESCRIPTION,
                "usage_hint": _hint(router),
                "should_escape": True,
            }
        ],
    }


def _shortcut(name: str, type: str, callback: str, description: str) -> dict[str, str]:
    return {"name": name, "type": type, "callback_id": callback, "description": description}


def _hint(router: Router) -> str:
    return " · ".join(router.routes[name].usage.removeprefix("/quiz ") for name in USUAL)


def _redirect(site: str) -> dict[str, Any]:
    return {"redirect_urls": [f"{site}/slack/oauth_redirect"]} if site else {}


def _settings(site: str) -> dict[str, Any]:
    return {
        "event_subscriptions": {
            **_at(site, "request_url"),
            "bot_events": ["app_home_opened", "app_uninstalled", "tokens_revoked", *(ORGANIZATIONS if site else ())],
        },
        "interactivity": {"is_enabled": True, **_at(site, "request_url")},
        "org_deploy_enabled": bool(site),
        "socket_mode_enabled": not site,
        "token_rotation_enabled": bool(site),
    }


def _at(site: str, name: str) -> dict[str, str]:
    """Where Slack sends everything over HTTP, under the `name` a setting has for it; nothing in Socket Mode."""
    return {name: f"{site}/slack/events"} if site else {}
