"""The router's commands as Discord's."""

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.adapters.discord import commands
from bot.adapters.discord.client import Sender
from bot.adapters.discord.front import Front
from bot.features import build_router
from bot.routing import Router
from tests.adapters.discord import limits

ROUTER = build_router()
MANAGE_SERVER = str(discord.Permissions(manage_guild=True).value)


def tree(router: Router = ROUTER) -> app_commands.CommandTree[Any]:
    app: Any = None
    made: app_commands.CommandTree[Any] = app_commands.CommandTree(Sender())
    commands.grow(made, router, Front(app, router))
    return made


async def told(router: Router = ROUTER) -> dict[str, Any]:
    return {one["name"]: one for one in await commands.payload(tree(router))}


def option(command: dict[str, Any], *path: str) -> dict[str, Any]:
    for name in path:
        command = next(one for one in command["options"] if one["name"] == name)
    return command


async def test_the_commands_are_within_discords_limits() -> None:
    assert limits.of_commands(list((await told()).values())) == []


async def test_every_command_is_there_with_every_option() -> None:
    found = await told()
    for route in [*ROUTER.commands(), *ROUTER.commands(admin=True)]:
        root = found["quiz-admin" if route.admin else "quiz"]
        command = option(root, *route.name.removeprefix("admin ").split())
        assert command["description"] == route.description
        assert {one["name"] for one in command["options"]} == {param.name for param in route.params}


async def test_admin_commands_need_manage_server_and_a_server() -> None:
    admin, quiz = (await told())["quiz-admin"], (await told())["quiz"]
    assert str(admin["default_member_permissions"]) == MANAGE_SERVER
    assert (admin["contexts"], admin["integration_types"]) == ([0], [0])
    assert quiz["default_member_permissions"] is None
    assert (sorted(quiz["contexts"]), sorted(quiz["integration_types"])) == ([0, 1, 2], [0, 1])


async def test_options_have_choices_ranges_pickers_and_completion() -> None:
    found = await told()
    period = option(found["quiz"], "leaderboard", "period")
    assert [one["value"] for one in period["choices"]] == ["today", "week", "month", "season", "all"]
    count = option(found["quiz"], "quiz", "count")
    assert (count["type"], count["min_value"], count["max_value"]) == (4, 1, 20)
    assert option(found["quiz"], "ask", "topic")["autocomplete"]
    assert option(found["quiz"], "profile", "player")["type"] == 6
    channel = option(found["quiz-admin"], "daily", "schedule", "channel")
    assert (channel["type"], channel["channel_types"]) == (7, [0, 5])
    assert option(found["quiz-admin"], "team", "move", "player")["required"]


async def test_names_can_be_said_in_other_languages() -> None:
    made = tree()
    await made.set_translator(commands.Translations({discord.Locale.german: {"leaderboard": "rangliste"}}))
    quiz = next(one for one in await commands.payload(made) if one["name"] == "quiz")
    assert option(quiz, "leaderboard")["name_localizations"] == {"de": "rangliste"}


async def test_the_fingerprint_stays_until_a_command_changes() -> None:
    def other() -> Router:
        router = build_router()

        @router.command("Something new")
        def new(ctx: object) -> None: ...

        return router

    assert await commands.fingerprint(tree()) == await commands.fingerprint(tree())
    assert await commands.fingerprint(tree()) != await commands.fingerprint(tree(other()))


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("help", {}, "/quiz help"),
        ("quiz", {"topic": 'it\'s "s3" & more', "count": 7}, """/quiz quiz 'topic=it'"'"'s "s3" & more' count=7"""),
        ("profile", {"player": discord.Object(42)}, "/quiz profile player=42"),
        ("ask", {"topic": None}, "/quiz ask"),
    ],
)
def test_options_are_the_typed_line_they_stand_for(name: str, given: dict[str, Any], line: str) -> None:
    assert commands.line(ROUTER.routes[name], given) == line


def test_any_text_of_an_option_arrives_as_it_was_typed() -> None:
    for text in ("“quoted”", "it's “so”", "a=b", "count=3", "", "-", "line\nbreak", "\\", "'", '"', "/quiz help"):
        route, given = ROUTER.parse(commands.line(ROUTER.routes["team create"], {"name": text}))
        assert (route.name, given) == ("team create", {"name": text})
