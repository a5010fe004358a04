"""The command under another name."""

from bot.adapters.slack.naming import renamed, renamed_reply
from bot.ports import Reply
from bot.ui import Button, Buttons, Call, Card, Fields, Form, Image, Md, Mention, OneOf, Option, ShortText, Text

SAID = Card(
    "Type /quiz help",
    (
        Text("Or /quiz, “/quiz team join Reds”, /quiz.", Mention("U1", "/quiz"), small=True),
        Text(Md("[/quiz](https://example.org/quiz/1) and `/quiz help`, see https://example.org/quiz, a/quiz")),
        Fields((("/quiz", "/quizzes"),)),
        Image("https://example.org/x?y=/quiz", "/quiz"),
        Buttons(Button("/quiz on", Call("team.say", ("/quiz",)))),
    ),
)


def test_everything_that_is_read_is_renamed_and_no_address_id_or_other_word() -> None:
    assert renamed(SAID, "/trivia") == Card(
        "Type /trivia help",
        (
            Text("Or /trivia, “/trivia team join Reds”, /trivia.", Mention("U1", "/quiz"), small=True),
            Text(Md("[/trivia](https://example.org/quiz/1) and `/trivia help`, see https://example.org/quiz, a/quiz")),
            Fields((("/trivia", "/quizzes"),)),
            Image("https://example.org/x?y=/quiz", "/trivia"),
            Buttons(Button("/trivia on", Call("team.say", ("/quiz",)))),
        ),
    )


def test_under_its_own_name_nothing_changes() -> None:
    assert renamed(SAID, "/quiz") is SAID


def test_a_card_without_room_for_a_longer_name_stays_as_it_is() -> None:
    full = Card("x" * 144 + " /quiz")
    assert renamed(full, "/quiz-of-the-day") == full


def test_every_card_of_a_reply_is_renamed() -> None:
    reply = renamed_reply(Reply(update=SAID, private=SAID, public=SAID), "/trivia")
    assert {reply.update, reply.private, reply.public} == {renamed(SAID, "/trivia")}


def test_forms_and_what_is_wrong_with_them_are_renamed_and_their_values_not() -> None:
    call = Call("team.say", ("/quiz",))
    inputs = (
        ShortText("/quiz", "Like /quiz", "As in /quiz", "/quiz"),
        OneOf("two", "Which", (Option("/quiz", "/quiz"), Option("b", "b")), "/quiz"),
    )
    wanted = (
        ShortText("/quiz", "Like /trivia", "As in /trivia", "/quiz"),
        OneOf("two", "Which", (Option("/trivia", "/quiz"), Option("b", "b")), "/quiz"),
    )
    reply = Reply(form=Form("Say", inputs, call), errors={"/quiz": "Type /quiz."})
    assert renamed_reply(reply, "/trivia") == Reply(form=Form("Say", wanted, call), errors={"/quiz": "Type /trivia."})
