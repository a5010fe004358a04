"""`quizbot play` as a person at a terminal meets it: lines in, cards out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "QUIZBOT_DATABASE": f"sqlite:///{tmp_path}/quiz.sqlite3",
        "QUIZBOT_CONTENT": str(ROOT / "tests" / "packs"),
        "QUIZBOT_ZONE": "UTC",
    }


def play(environment: dict[str, str], *lines: str) -> str:
    """What is shown to somebody who types `lines`, then nothing more."""
    command = [sys.executable, "-m", "bot", "play", "--name", "Ann"]
    done = subprocess.run(command, input="\n".join(lines), env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_question_is_answered_by_number_and_the_answer_is_there_next_time(environment: dict[str, str]) -> None:
    first = play(environment, "/quiz ask storage", "2", "/quiz leaderboard", "quit")
    assert "Daily question ·" in first
    assert "✓ Right: B" in first
    assert "1 of 1" in first
    again = play(environment, "/quiz profile", "quit")
    assert "rank 1 with 1 point" in again


def test_forms_are_asked_input_by_input_and_can_be_left(environment: dict[str, str]) -> None:
    shown = play(environment, "/quiz ask numbers", "Type the number", "many", "cancel", "/quiz settings", "quit")
    assert "Your answer (A number)" in shown
    assert "Type a number, such as 0.8 or 1,200." in shown
    assert "Your settings" in shown


def test_what_is_no_command_is_answered_with_what_to_do(environment: dict[str, str]) -> None:
    assert "Type /quiz help for all of them." in play(environment, "xyzzy")


def test_a_second_process_on_the_same_file_is_refused_in_a_sentence(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot", "play"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        assert "Type the number of a button" in running.stdout.readline()
        second = subprocess.run(command, env=environment, input="", capture_output=True, text=True, timeout=60)
        running.stdin.close()
    assert second.returncode == 1
    assert "is in use by another quizbot process. Stop that one first" in second.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("QUIZBOT_DATABASE", "mysql://x", "QUIZBOT_DATABASE: must begin with sqlite:/// or postgresql://"),
        ("QUIZBOT_PORT", "99999", "QUIZBOT_PORT: "),
        ("QUIZBOT_ZONE", "Mars/Base", "QUIZBOT_ZONE: must be a time zone such as Europe/Berlin"),
        ("QUIZBOT_CONTENT", "/nowhere", "no pack here"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    environment: dict[str, str], name: str, value: str, sentence: str
) -> None:
    command = [sys.executable, "-m", "bot", "play"]
    done = subprocess.run(
        command, input="", env=environment | {name: value}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("QUIZBOT_ZONE", "EST"), ("TZ", "CET"), ("TZ", "Japan"), ("TZ", "Mars/Base"), ("TZ", "EST5EDT")]
)
def test_every_zone_a_machine_may_have_lets_the_bot_start(environment: dict[str, str], name: str, value: str) -> None:
    unset = {key: text for key, text in environment.items() if key != "QUIZBOT_ZONE"}
    assert "Daily question" in play(unset | {name: value}, "/quiz daily", "quit")


def test_a_port_that_cannot_be_is_refused_on_the_command_line_as_well(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot", "run", "--port", "99999"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "PORT: Input should be less than or equal to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_odd_digits_are_no_number_of_a_button(environment: dict[str, str]) -> None:
    assert "There is no command “²”" in play(environment, "²", "quit")


def test_a_broken_question_file_is_named_with_its_line(environment: dict[str, str], tmp_path: Path) -> None:

    shutil.copytree(ROOT / "tests" / "packs" / "demo", tmp_path / "packs" / "demo")
    file = tmp_path / "packs" / "demo" / "questions" / "terms.yaml"
    file.write_text(file.read_text().replace("difficulty: recall", "difficulty: hard"))
    done = subprocess.run(
        [sys.executable, "-m", "bot", "play"],
        input="",
        env=environment | {"QUIZBOT_CONTENT": str(tmp_path / "packs")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "terms.yaml:4: difficulty:" in done.stderr


def test_the_database_is_looked_after_from_the_command_line(environment: dict[str, str], tmp_path: Path) -> None:
    def quizbot(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    assert "The tables are at revision" in quizbot("db", "upgrade").stdout
    play(environment, "/quiz ask storage", "2")
    assert "Every total agrees" in quizbot("db", "check").stdout
    assert "worked out again" in quizbot("db", "rebuild").stdout
    assert quizbot("db", "backup", str(tmp_path / "copy.sqlite3")).returncode == 0
    twice = quizbot("db", "backup", str(tmp_path / "copy.sqlite3"))
    assert twice.returncode == 1
    assert "exists already" in twice.stderr
