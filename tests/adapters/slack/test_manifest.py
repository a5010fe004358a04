"""The manifest, and printing it from the command line."""

import ast
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.adapters import slack
from bot.adapters.slack.manifest import EXPLAIN, QUIZ_ME, SCOPES, manifest
from bot.features import build_router

SITE = "https://quiz.example.org"
ROUTER = build_router()
LIMITS = {
    "display_information.name": (1, 35),
    "display_information.description": (1, 140),
    "display_information.long_description": (175, 4000),
    "features.bot_user.display_name": (1, 80),
    "features.shortcuts": (1, 10),
    "features.shortcuts.name": (1, 24),
    "features.shortcuts.callback_id": (1, 255),
    "features.shortcuts.description": (1, 150),
    "features.slash_commands": (1, 50),
    "features.slash_commands.command": (2, 32),
    "features.slash_commands.url": (1, 3000),
    "features.slash_commands.description": (1, 2000),
    "features.slash_commands.usage_hint": (1, 1000),
    "oauth_config.redirect_urls": (0, 1000),
    "oauth_config.scopes.bot": (0, 255),
    "settings.event_subscriptions.bot_events": (0, 100),
}
"""Least and most characters or items: https://github.com/slackapi/manifest-schema, version 2."""
NEEDED = {
    "apps_connections_open": (),
    "auth_test": (),
    "chat_postEphemeral": ("chat:write",),
    "chat_postMessage": ("chat:write", "chat:write.public"),
    "chat_update": ("chat:write",),
    "conversations_history": (),  # works only where an admin has added a scope, and need not
    "conversations_open": ("im:write",),
    "files_upload_v2": ("files:write",),
    "oauth_v2_access": (),
    "usergroups_list": ("usergroups:read",),
    "users_info": ("users:read",),
    "views_open": (),
    "views_publish": (),
    "views_push": (),
    "views_update": (),
}
"""The scopes of each method that is called: https://docs.slack.dev/reference/methods."""

Json = dict[str, Any]


def read(http: str = "", command: str = "/quiz") -> Json:
    found: Json = yaml.safe_load(manifest(ROUTER, http, command))
    return found


def named(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a value with its dotted name; items of a list have the list's."""
    yield name, value
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from named(inner, f"{name}.{key}".removeprefix("."))
    for inner in value if isinstance(value, list) else ():
        yield from (found for found in named(inner, name) if isinstance(inner, dict))


def called() -> set[str]:
    """The methods of the Web API that stand in the adapter's code."""
    files = (Path(folder) for folder in slack.__path__)
    trees = (ast.parse(file.read_text()) for folder in files for file in folder.glob("*.py"))
    found = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {name for name in found if name[0] != "_" and iscoroutinefunction(getattr(AsyncWebClient, name, None))}


def printed(*words: str) -> Result:
    return CliRunner().invoke(app, ["slack", "manifest", *words])


@pytest.mark.parametrize("http", ["", SITE])
def test_every_limit_is_kept(http: str) -> None:
    seen = set()
    for name, value in named(read(http)):
        if name in LIMITS and not isinstance(value, dict):
            least, most = LIMITS[name]
            assert least <= len(value) <= most, name
            seen.add(name)
    assert seen >= {name for name in LIMITS if http or not name.endswith(("url", "redirect_urls"))}


def test_over_socket_mode_there_is_no_address_and_the_token_stays() -> None:
    found = read()
    settings = found["settings"]
    assert "http" not in manifest(ROUTER)
    assert (settings["socket_mode_enabled"], settings["token_rotation_enabled"]) == (True, False)
    assert settings["interactivity"] == {"is_enabled": True}
    assert not settings["org_deploy_enabled"]


def test_over_http_everything_goes_to_one_address_and_tokens_are_rotated() -> None:
    found = read(SITE)
    settings = found["settings"]
    events = f"{SITE}/slack/events"
    assert settings["event_subscriptions"]["request_url"] == events
    assert settings["interactivity"]["request_url"] == events
    assert found["features"]["slash_commands"][0]["url"] == events
    assert found["oauth_config"]["redirect_urls"] == [f"{SITE}/slack/oauth_redirect"]
    assert (settings["socket_mode_enabled"], settings["token_rotation_enabled"]) == (False, True)
    assert settings["org_deploy_enabled"]


def test_the_bot_hears_of_home_and_of_coming_and_going() -> None:
    events = {"app_home_opened", "app_uninstalled", "tokens_revoked"}
    assert set(read()["settings"]["event_subscriptions"]["bot_events"]) == events
    organizations = {"team_access_granted", "team_access_revoked"}
    assert set(read(SITE)["settings"]["event_subscriptions"]["bot_events"]) == events | organizations


def test_a_slash_after_the_host_makes_no_difference() -> None:
    assert read(f"{SITE}/") == read(SITE)


@pytest.mark.parametrize(
    "http",
    [
        "http://quiz.example.org",
        "quiz.example.org",
        f"{SITE}/bot",
        f"{SITE}?a=1",
        "https://me@quiz.example.org",
        "https://",
    ],
)
def test_another_address_is_refused(http: str) -> None:
    with pytest.raises(ValueError, match="Give one that begins with https://"):
        manifest(ROUTER, http)


def test_every_scope_is_needed_and_none_is_missing() -> None:
    needed = {scope for method in called() for scope in NEEDED[method]}
    assert needed | {"commands"} == set(SCOPES) == set(read()["oauth_config"]["scopes"]["bot"])
    assert len(set(SCOPES)) == len(SCOPES)


def test_the_hint_shows_commands_that_can_be_typed() -> None:
    command = read()["features"]["slash_commands"][0]
    usages = command["usage_hint"].split(" · ")
    assert len(usages) > 3
    for usage in usages:
        name = usage.partition(" [")[0]
        assert ROUTER.parse(f"/quiz {name}") == (ROUTER.routes[name], {})
        assert ROUTER.routes[name].usage == f"/quiz {usage}"


def test_the_command_may_have_another_name_and_gets_people_and_channels_as_ids() -> None:
    command = read(command="/trivia")["features"]["slash_commands"][0]
    assert (command["command"], command["should_escape"]) == ("/trivia", True)


def test_the_shortcuts_call_back_as_the_adapter_expects() -> None:
    shortcuts = {one["callback_id"]: one["type"] for one in read()["features"]["shortcuts"]}
    assert shortcuts == {EXPLAIN: "message", QUIZ_ME: "global"}


def test_people_can_type_to_the_bot_alone() -> None:
    home = read()["features"]["app_home"]
    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_the_command_line_prints_nothing_but_the_manifest() -> None:
    said = printed("--http", SITE)
    assert (said.exit_code, said.stdout) == (0, manifest(ROUTER, SITE))
    assert printed().stdout == manifest(ROUTER)


def test_the_command_line_names_the_command_that_the_bot_listens_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZBOT_SLACK_COMMAND", "/trivia")
    assert yaml.safe_load(printed().stdout) == read(command="/trivia")


def test_the_command_line_says_what_is_wrong_with_an_address() -> None:
    said = printed("--http", "http://quiz.example.org")
    assert (said.exit_code, said.stdout) == (2, "")
    assert "no address that Slack takes" in " ".join(said.stderr.replace("│", "").split())
