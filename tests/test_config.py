"""Settings from the environment: what is wrong is said under the name of its variable."""

from pathlib import Path

import pytest

from bot.config import SettingsError, read_settings

BOT, APP = "xoxb-1-bot", "xapp-1-app"
MANY = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "s"}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` file, and no setting of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"SLACK_{name}", raising=False)


def problems(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    """The lines of the error these variables lead to; none if they can be used."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        read_settings()
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "", "SLACK_CLIENT_ID": ""},
        {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP},
        {"SLACK_BOT_TOKEN": f"xoxe.{BOT}", "SLACK_SIGNING_SECRET": "s"},
        MANY,
        {**MANY, "QUIZBOT_DATABASE": "postgresql://me@here/quiz", "QUIZBOT_SECRET_KEY": "k"},
        {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_APP_TOKEN": APP},
    ],
)
def test_every_way_to_run_slack_is_taken(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    assert problems(monkeypatch, **environment) == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SLACK_APP_TOKEN": APP}, "SLACK_BOT_TOKEN: is missing"),
        ({"SLACK_BOT_TOKEN": BOT}, "SLACK_APP_TOKEN: is missing. Set it for Socket Mode, or SLACK_SIGNING_SECRET for"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_SIGNING_SECRET": "s"}, "SLACK_CLIENT_SECRET: is missing"),
        ({"SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID: is missing"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "SLACK_APP_TOKEN: is missing"),
        ({"SLACK_BOT_TOKEN": "secret", "SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN: must begin with xoxb-"),
        ({**MANY, "SLACK_BOT_TOKEN": BOT}, "SLACK_BOT_TOKEN: is of no use beside SLACK_CLIENT_ID"),
        ({**MANY, "QUIZBOT_DATABASE": "postgresql://me@here/quiz"}, "QUIZBOT_SECRET_KEY: is missing; it encrypts"),
    ],
)
def test_what_slack_lacks_is_said_with_what_to_set(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    (line,) = problems(monkeypatch, **environment)
    assert line.startswith(expected)


def test_tokens_in_each_others_place_are_told_apart_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, SLACK_BOT_TOKEN=APP, SLACK_APP_TOKEN=f"xoxe.{BOT}") == [
        "SLACK_BOT_TOKEN: must begin with xoxb-; this is the app token, for SLACK_APP_TOKEN",
        "SLACK_APP_TOKEN: must begin with xapp-; this is the bot token, for SLACK_BOT_TOKEN",
    ]


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, SLACK_BOT_TOKEN=BOT, SLACK_APP_TOKEN=APP, QUIZBOT_OLD_SECRET_KEYS='["former"]') == []
    settings = read_settings()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == BOT
    assert [key.get_secret_value() for key in settings.old_secret_keys] == ["former"]
    for secret in (BOT, APP, "former"):
        assert secret not in repr(settings)


@pytest.mark.parametrize("command", ["/quiz", "/team-quiz_2", "/" + "q" * 31])
def test_a_command_slack_takes_is_taken(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    assert problems(monkeypatch, QUIZBOT_SLACK_COMMAND=command) == []
    assert read_settings().slack_command == command


@pytest.mark.parametrize("command", ["quiz", "/", "/Quiz", "/my quiz", "/" + "q" * 32])
def test_a_command_slack_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    assert problems(monkeypatch, QUIZBOT_SLACK_COMMAND=command) == [
        "QUIZBOT_SLACK_COMMAND: must look like /quiz: a slash, then 1 to 31 of a-z, 0-9, - and _"
    ]


@pytest.mark.parametrize("variable", ["QUIZBOT_HOSTS", "QUIZBOT_OLD_SECRET_KEYS"])
@pytest.mark.parametrize("written", ["former", '["former"', '"former"', "[1]", '{"a": "b"}'])
def test_what_is_no_list_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, written: str
) -> None:
    assert problems(monkeypatch, **{variable: written}) == [
        f'{variable}: must be a JSON list of texts, such as ["one", "two"]'
    ]


def test_an_empty_list_may_be_left_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, QUIZBOT_OLD_SECRET_KEYS="") == []
    assert read_settings().old_secret_keys == ()


def test_hosts_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, QUIZBOT_HOSTS='["quiz.example"]') == []
    assert read_settings().hosts == ("quiz.example",)


def test_problems_are_named_after_their_variables() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(DISCORD_TOKEN=7, port=-1)
    names = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert sorted(names) == ["DISCORD_TOKEN", "QUIZBOT_PORT"]


def test_the_example_of_an_environment_can_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    example = Path(__file__).parents[1] / ".env.example"
    (tmp_path / ".env").write_text(example.read_text())
    monkeypatch.delenv("QUIZBOT_ZONE", raising=False)
    settings = read_settings()
    assert settings.zone == "Europe/Berlin"
    assert not settings.slack_bot_token
    assert not settings.slack_client_id
