"""One declaration, many ways in: typed lines, ids and completion all read the same signature."""

from contextlib import suppress
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features import build_router
from bot.routing import About, Range, Router, TopicName, UsageError
from bot.ui import Call, LimitError

router = Router()


@router.command("Show who is ahead", reads=True)
def leaderboard(
    ctx: object,
    period: Literal["today", "week", "month"] = "week",
    of: Literal["players", "teams"] = "players",
    page: Annotated[int, Range(1, 100), About("Page")] = 1,
) -> None: ...


@router.command("Take a quiz")
def quiz(ctx: object, topic: TopicName = "", count: Annotated[int, Range(1, 20)] = 5) -> None: ...


@router.command("Make a team", name="team create")
def create(ctx: object, name: str) -> None: ...


@router.command("Move somebody", name="admin team move")
def move(ctx: object, player: str, team: str) -> None: ...


@router.command("Help")
def help(ctx: object) -> None: ...


@router.action()
def press(ctx: object, round: int, letter: str) -> None: ...


@router.due()
def tick(scope: object, key: str) -> None: ...


def names(source: str, prefix: str) -> list[str]:
    return [name for name in ("kinesis", "kendra", "glue") if prefix in name]


@pytest.mark.parametrize(
    ("typed", "args"),
    [
        ("/quiz leaderboard", {}),
        ("/quiz leaderboard week", {"period": "week"}),
        ("leaderboard teams", {"period": "week", "of": "teams"}),
        ("leaderboard teams month 3", {"period": "month", "of": "teams", "page": 3}),
        ("leaderboard page=2", {"period": "week", "of": "players", "page": 2}),
        ("leaderboard m", {"period": "month"}),
        ("/quiz quiz kinesis 7", {"topic": "kinesis", "count": 7}),
        ("/quiz quiz 7", {"topic": "", "count": 7}),
        ("/quiz quiz data pipeline", {"topic": "data pipeline"}),
        ("/quiz team create Blue Whales", {"name": "Blue Whales"}),
        ("/quiz team create “Blue Whales”", {"name": "Blue Whales"}),
        ("/quiz admin team move 'Ann Lee' Blue", {"player": "Ann Lee", "team": "Blue"}),
        ("/quiz TEAM Create it's", {"name": "it's"}),
        ("/quiz", {}),
    ],
)
def test_typed_words_find_their_parameters(typed: str, args: dict[str, object]) -> None:
    assert router.resolve(router.parse(typed))[1] == args


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/quiz leaderbord", "Did you mean /quiz leaderboard?"),
        ("/quiz xyzzy", "Type /quiz help"),
        ("/quiz quiz kinesis 70", "count is a whole number from 1 to 20"),
        ("/quiz leaderboard fortnight", "period is one of today, week, month"),
        ("/quiz team create", "name is missing. Usage: /quiz team create name"),
        ("/quiz help me", "“me” is one word too many"),
        ("/quiz team create " + "x" * 200, "too long"),
    ],
)
def test_a_mistake_is_answered_with_what_was_expected(typed: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        router.parse(typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "call",
    [
        Call("nowhere"),
        Call.of("test_routing.press"),
        Call.of("test_routing.press", "x", "A"),
        Call.of("test_routing.press", 1, "A", 3),
        Call.of("test_routing.tick", "k"),
    ],
)
def test_a_forged_or_outdated_id_is_refused(call: Call) -> None:
    with pytest.raises(UsageError):
        router.resolve(call)


@given(st.text(max_size=60))
def test_no_typed_line_whatever_does_more_than_be_refused(line: str) -> None:
    with suppress(UsageError):
        router.resolve(router.parse(line))


@given(st.text(max_size=60))
def test_no_id_whatever_does_more_than_be_refused(id: str) -> None:
    with suppress(UsageError, LimitError):
        router.resolve(Call.parse(id))


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("/quiz lea", ["/quiz leaderboard"]),
        ("/quiz team", ["/quiz team create"]),
        ("/quiz quiz ki", ["/quiz quiz kinesis"]),
        ("/quiz leaderboard week t", ["/quiz leaderboard week teams"]),
        ("/quiz leaderboard week ", ["/quiz leaderboard week players", "/quiz leaderboard week teams"]),
        ("/quiz nothing here", []),
    ],
)
def test_completion_offers_what_fits(typed: str, lines: list[str]) -> None:
    assert router.complete(typed, names) == lines


def test_admin_commands_are_offered_to_admins_only() -> None:
    assert router.complete("/quiz adm", names) == []
    assert router.complete("/quiz adm", names, admin=True) == ["/quiz admin team move"]


def test_a_name_can_be_declared_once_only() -> None:
    twice = Router()
    twice.include(router)
    with pytest.raises(ValueError, match=r"declared twice: .*leaderboard"):
        twice.include(router)


def test_every_feature_describes_its_commands_and_their_parameters() -> None:
    for route in build_router().routes.values():
        if route.trigger == "command":
            assert 10 <= len(route.description) <= 100, route.name
            assert not route.description.endswith("."), route.name
            assert all(param.about for param in route.params), route.name


def test_every_suggested_name_has_a_source() -> None:
    built = build_router()
    wanted = {param.suggest for route in built.routes.values() for param in route.params if param.suggest}
    assert wanted <= built.sources.keys()
