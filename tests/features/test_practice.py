"""Questions and quizzes for one person alone."""

import pytest

from bot.adapters.terminal.adapter import Seat
from bot.ui import Call
from tests.features.conftest import World


async def test_a_question_comes_with_its_topic_and_is_judged_at_once(ann: Seat) -> None:
    assert "# A question for you\nStorage · recall" in await ann.say("/quiz ask storage")
    verdict = await ann.press("B")
    assert "You answered: B" in verdict
    assert "# ✓ Right: B" in verdict
    assert "1 point for a question you had not met before" in verdict


async def test_a_question_met_before_brings_no_points(ann: Seat) -> None:
    for _ in range(8):
        await ann.say("/quiz ask storage")
        await ann.press("B")
    await ann.say("/quiz ask storage")
    assert "Practice: no points, you have met this question before" in await ann.press("B")
    assert "8" in await ann.say("/quiz leaderboard")


async def test_a_quiz_runs_to_a_result_by_topic(ann: Seat) -> None:
    heard = await ann.say("/quiz quiz storage 3")
    for number in (1, 2, 3):
        assert f"# Question {number} of 3" in heard
        await ann.press("A" if number == 2 else "B")
        heard = await ann.press("Next question" if number < 3 else "See the result")
    assert "# Your quiz: 2 of 3 right" in heard
    assert "Storage  2 of 3" in heard
    assert "# Question 1 of 3" in await ann.press("Another one")


@pytest.mark.parametrize("topic", ["STORAGE", "s3", "Kinesis", "strea"])
def test_topics_are_found_by_id_title_alias_and_beginning(world: World, topic: str) -> None:
    from bot.features.topics import find_topic

    assert find_topic(world.app.bank.default, topic).id in ("storage", "streams")


async def test_an_unknown_topic_is_refused_with_the_nearest_as_a_button(ann: Seat) -> None:
    heard = await ann.say("/quiz ask storrage")
    assert "Topic “storrage” isn't in this pack" in heard
    assert "[Storage] [All topics]" in heard
    assert "# A question for you" in await ann.press("Storage")


async def test_a_question_asked_to_somebody_else_is_refused(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz ask storage")
    assert "This question was asked to somebody else" in await bo.call(Call.of("play.answer", 1, 0, "B"))


async def test_a_question_of_another_space_is_unknown(world: World, ann: Seat) -> None:
    await ann.say("/quiz ask storage")
    from bot.ports import Person, Place, Request

    stranger = Request(
        "terminal", Place("elsewhere", "E"), Place("c", "c"), Person("x", "X"), Call.of("play.verdict", 1, 0)
    )
    reply = await world.app.handle(stranger)
    assert reply.private is not None
    assert reply.private.title == "I don't know this question any more"


@pytest.mark.parametrize(
    "call",
    [
        Call.of("play.answer", 999, 0, "A"),
        Call.of("play.answer", 1, 7, "A"),
        Call.of("play.answer", 1, 0, "Z"),
        Call.of("play.answer", 1, 0, ""),
        Call.of("play.answer", "x", 0, "A"),
        Call.of("play.submit", 1, 0),
        Call.of("play.nothing"),
        Call.of("daily.open", 1, "2026-11-23"),
    ],
    ids=lambda call: call.id,
)
async def test_a_forged_press_gets_a_sentence_and_changes_nothing(world: World, ann: Seat, call: Call) -> None:
    await ann.say("/quiz ask storage")
    heard = await ann.call(call)
    assert "Something went wrong" not in heard
    assert heard
    assert "# ✓ Right: B" in await ann.press("B")


async def test_two_of_five_are_chosen_in_a_form(ann: Seat) -> None:
    await ann.say("/quiz ask pairs")
    assert "Choose two" in await ann.press("Choose two")
    assert "Choose exactly two; you chose 1." in await ann.submit(answer=["A"])
    assert "# ✓ Right: A and B" in await ann.submit(answer=["A", "B"])


async def test_a_number_is_typed_and_a_known_slip_explained(ann: Seat) -> None:
    await ann.say("/quiz ask numbers")
    await ann.press("Type the number")
    assert "Type a number" in await ann.submit(answer="most of it")
    assert "0.2: That is the rest." in await ann.submit(answer="20%")


async def test_pairs_are_matched_in_a_form(ann: Seat) -> None:
    await ann.say("/quiz ask matches")
    form = await ann.press("Match")
    letters = {line.split("  ")[-1]: line.split()[0] for line in form.splitlines() if line.startswith("  ")}
    verdict = await ann.submit(prompt0=letters["1"], prompt1=letters["3"], prompt2=letters["2"])
    assert "two: 2 (you chose 3). It is two." in verdict


async def test_what_is_wrong_with_a_question_can_be_reported_and_read_by_admins(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz ask storage")
    await ann.press("B")
    await ann.press("Something wrong")
    assert "Say in a few words" in await ann.submit(text="  ")
    assert "Thank you" in await ann.submit(text="The source is gone.")
    assert "The source is gone." in await ann.say("/quiz admin reports")


async def test_a_term_is_explained(ann: Seat) -> None:
    await ann.say("/quiz ask storage")
    await ann.press("Explain a term")
    assert "finds objects, faces and text" in await ann.submit(term="rekognition")
    assert "Did you mean Amazon Rekognition?" in await ann.say("/quiz explain recognition")


async def test_topics_show_how_one_is_doing_page_by_page(ann: Seat) -> None:
    await ann.say("/quiz ask storage")
    await ann.press("B")
    heard = await ann.say("/quiz topics")
    assert "Storage" in heard
    assert "1 of 1 right" in heard
    assert "none yet" in heard


async def test_a_profile_shows_place_streak_team_and_topics(ann: Seat, bo: Seat) -> None:
    await bo.say("/quiz ask storage")
    await bo.press("B")
    heard = await bo.say("/quiz profile")
    assert "rank 1 with 1 point" in heard
    assert "few answers" in heard
    assert "# Bo" in await ann.say("/quiz profile bo")
    assert "I know nobody called “Zed”" in await ann.say("/quiz profile Zed")
