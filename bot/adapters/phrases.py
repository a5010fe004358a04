"""Cards that every chat platform says in the same words."""

from collections.abc import Mapping

from bot.ui import Button, Buttons, Call, Card, Text

ONE_MOMENT = Card("One moment", (Text("This takes a little longer than usual."),))
STRANGE = Card("This button is not one of mine", (Text("Type /quiz help to start afresh."),), "warning")
NO_QUESTION = Card(
    "This message asks no question of mine",
    (Text("Use it on a question I posted, or type /quiz explain."),),
    "warning",
)


def mistakes(problems: Mapping[str, str], opener: Call) -> Card:
    """What is wrong with a form that is closed already, by input; a button opens it again."""
    lines = [Text(f"{name.capitalize()}: {problem}") for name, problem in problems.items()]
    return Card("This can't be taken yet", (*lines, Buttons(again(opener))), "warning")


def again(opener: Call) -> Button:
    """What opens a form again."""
    return Button("Open the form again", opener, "primary")
