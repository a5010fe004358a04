"""One declaration, many ways in: typed lines, ids and completion all read the same signature."""

import shlex
from contextlib import suppress
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features import build_router
from bot.routing import About, Like, PlayerName, Range, Router, TeamName, TopicName, UsageError
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
def move(ctx: object, player: PlayerName, team: TeamName) -> None: ...


@router.command("Set things", name="set up")
def set_up(
    ctx: object,
    zone: Annotated[str, Like(r"\w+(/\w+)+")] = "",
    time: Annotated[str, Like(r"\d{1,2}(:\d{2})?")] = "",
    minutes: Annotated[int, Range(5, 90)] = 5,
    topics: TopicName = "",
) -> None: ...


@router.command("Help")
def help(ctx: object) -> None: ...


@router.action()
def press(ctx: object, round: int, letter: str) -> None: ...


@router.due()
def tick(scope: object, key: str) -> None: ...


NAMES = {"topic": ("kinesis", "kendra", "glue"), "player": ("Ann Lee", "Bo"), "team": ("Blue", 'The "A" team')}


def names(source: str, prefix: str) -> list[str]:
    return [name for name in NAMES[source] if prefix.casefold() in name.casefold()]


@pytest.mark.parametrize(
    ("typed", "args"),
    [
        ("/quiz leaderboard", {}),
        ("/quiz leaderboard week", {"period": "week"}),
        ("leaderboard teams", {"of": "teams"}),
        ("leaderboard teams month 3", {"period": "month", "of": "teams", "page": 3}),
        ("leaderboard page=2", {"page": 2}),
        ("leaderboard m", {"period": "month"}),
        ("/quiz quiz kinesis 7", {"topic": "kinesis", "count": 7}),
        ("/quiz quiz 7", {"count": 7}),
        ("/quiz quiz data pipeline", {"topic": "data pipeline"}),
        ("/quiz team create Blue Whales", {"name": "Blue Whales"}),
        ("/quiz team create “Blue Whales”", {"name": "Blue Whales"}),
        ("/quiz admin team move 'Ann Lee' Blue", {"player": "Ann Lee", "team": "Blue"}),
        ("/quiz TEAM Create it's", {"name": "it's"}),
        ("/quiz team create Ann's and Bob's", {"name": "Ann's and Bob's"}),
        ("/quiz team create 'tis us", {"name": "'tis us"}),
        (r"/quiz team create A\B", {"name": r"A\B"}),
        ("/quiz admin team move player='Ann Lee' team=“Blue Whales”", {"player": "Ann Lee", "team": "Blue Whales"}),
        ("/quiz set up 20:00", {"time": "20:00"}),
        ("/quiz set up 9 Europe/Berlin 30", {"zone": "Europe/Berlin", "time": "9", "minutes": 30}),
        ("/quiz set up Berlin 9", {"zone": "Berlin", "time": "9"}),
        ("/quiz team create " + "x" * 5000, {"name": "x" * 5000}),
        ("/quiz", {}),
    ],
)
def test_typed_words_find_their_parameters(typed: str, args: dict[str, object]) -> None:
    assert router.parse(typed)[1] == args


def test_a_line_with_every_option_of_the_longest_command_is_read() -> None:
    given = {
        "time": "09:00",
        "zone": "America/Argentina/Buenos_Aires",
        "weekdays": "mon,wed,fri",
        "minutes": 1440,
        "verdict": "close",
        "topics": "sagemaker-training,feature-engineering",
        "pack": "aws-ml",
        "channel": "1234567890123456789",
    }
    typed = " ".join(f"{name}={value}" for name, value in given.items())
    route, args = build_router().parse(f"/quiz admin daily schedule {typed}")
    assert (route.name, args) == ("admin daily schedule", given)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/quiz admin", "/quiz admin goes on with team, manager, daily, season, settings or reports."),
        ("/quiz Admin Daily", "/quiz admin daily goes on with schedule, pause, resume, skip, thread, now or status."),
        ("/quiz admin xyzzy", "/quiz admin goes on with"),
        ("/quiz team", "/quiz team goes on with create, join, leave, rename, show or list. Type /quiz help to see"),
        ("/quiz admin dayly pause", "There is no command “admin dayly”. Did you mean /quiz admin daily?"),
        ("/quiz admin daily paus", "Did you mean /quiz admin daily pause?"),
    ],
)
def test_the_name_of_a_group_is_answered_with_what_it_goes_on_with(typed: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        build_router().parse(typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/quiz leaderbord", "Did you mean /quiz leaderboard?"),
        ("/quiz xyzzy", "Type /quiz help"),
        ("/quiz quiz kinesis 70", "count is a whole number from 1 to 20"),
        ("/quiz leaderboard page=²", "page is a whole number from 1 to 100"),
        ("/quiz leaderboard fortnight", "period is one of today, week, month"),
        ("/quiz team create", "name is missing. Usage: /quiz team create name"),
        ("/quiz help me", "“me” is one word too many"),
        ("/quiz help 'oh. " + "x" * 5000 + "'", "“oh. xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” is one word too many"),
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


@pytest.mark.parametrize("digits", ["99999999999999999999", str(2**63), "9" * 70, "²", "٣", "1_0", "+1", " 1"])
def test_a_number_that_no_database_keeps_or_that_has_odd_digits_is_refused(digits: str) -> None:
    with pytest.raises(UsageError, match=r"^I can't read this: round is a whole number. Type /quiz to start afresh.$"):
        router.resolve(Call.of("test_routing.press", digits, "A"))


@pytest.mark.parametrize("number", [2**63 - 1, 0, -5])
def test_every_number_a_database_keeps_is_read(number: int) -> None:
    assert router.resolve(Call.of("test_routing.press", number, "A"))[1]["round"] == number


@given(st.lists(st.text(max_size=12), max_size=4))
def test_words_quoted_as_a_shell_would_are_read_back(words: list[str]) -> None:
    line = " ".join(shlex.quote(f"name={word}") for word in words)
    assert router.parse(f"/quiz team create {line} name=last")[1] == {"name": "last"}
    if words:
        assert router.parse(f"/quiz team create {line}")[1] == {"name": words[-1]}


@given(st.text(max_size=60))
def test_no_typed_line_whatever_does_more_than_be_refused(line: str) -> None:
    with suppress(UsageError):
        router.parse(line)


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
        ("/quiz quiz topic=ki", ["/quiz quiz topic=kinesis"]),
        ("/quiz quiz kinesis ", []),
        ("/quiz quiz data ki", []),
        ("/quiz quiz count=70 ki", []),
        ("/quiz set up 20:00 ki", ["/quiz set up 20:00 topics=kinesis"]),
        ("/quiz set up Europe/Berlin ki", ["/quiz set up Europe/Berlin topics=kinesis"]),
        ("/quiz admin team move le", ['/quiz admin team move "Ann Lee"']),
        ('/quiz admin team move "ann l', ['/quiz admin team move "Ann Lee"']),
        ("/quiz admin team move bl", ["/quiz admin team move team=Blue"]),
        ("/quiz admin team move Bo the", ["/quiz admin team move Bo 'The \"A\" team'"]),
        ("/quiz admin team move Bo team=the", ["/quiz admin team move Bo team='The \"A\" team'"]),
        ("xyzzy", []),
    ],
)
def test_completion_offers_what_fits(typed: str, lines: list[str]) -> None:
    assert router.complete(typed, names, admin=True) == lines


def test_admin_commands_are_offered_to_admins_only() -> None:
    assert router.complete("/quiz adm", names) == []
    assert router.complete("/quiz adm", names, admin=True) == ["/quiz admin team move"]


def test_names_for_admin_commands_are_offered_to_admins_only() -> None:
    assert router.complete("/quiz admin team move ", names) == []
    assert router.complete("/quiz admin team move le", names, admin=True) == ['/quiz admin team move "Ann Lee"']


@given(st.text(max_size=30))
def test_every_value_offered_after_whatever_was_typed_is_read_back(typed: str) -> None:
    for line in router.complete(f"/quiz quiz {typed}", names):
        assert router.parse(line)[1]["topic"] in NAMES["topic"]


@pytest.mark.parametrize(
    "line", ["/quiz set up ", "/quiz set up 9 ", "/quiz quiz ", "/quiz admin team move ", "/quiz admin team move Bo "]
)
def test_every_line_offered_can_be_sent_or_goes_on(line: str) -> None:
    offered = router.complete(line, names, admin=True)
    assert offered
    for one in offered:
        with suppress(UsageError):
            args = router.parse(one)[1]
            assert any(name in str(args.values()) for known in NAMES.values() for name in known), one


def test_what_is_for_admins_is_told_by_the_name_or_declared() -> None:
    made = Router()
    made.command("Move somebody", name="admin move")(move)
    made.action(name="set", admin=True)(press)
    made.action(name="press")(press)
    assert [name for name, route in made.routes.items() if route.admin] == ["admin move", "set"]


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
