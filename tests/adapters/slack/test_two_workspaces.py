"""Two workspaces that use the same bot never see anything of each other's."""

from typing import Any

import pytest

from bot.adapters.slack.manifest import EXPLAIN
from tests.adapters.slack.conftest import Visitor, World, text
from tests.adapters.slack.payloads import controls

SECRETS = ("Bertha", "Reds", "wrong with it", "Why so?", "study-one")


@pytest.fixture
def ben(two: World) -> Visitor:
    """A member of the first workspace, with a name and a channel that the second must not learn."""
    acme = two.wire.workspaces["T1"]
    acme.users["U1B"].display_name = "Bertha"
    acme.channels["C1"].name = "study-one"
    return Visitor(two, "U1B")


@pytest.fixture
def cy(two: World) -> Visitor:
    """An admin of the second workspace."""
    return Visitor(two, "U2A", "C2")


async def lived_in(world: World, ben: Visitor) -> None:
    """Give the first workspace a closed daily (the first round), an open one, a team, a report, a quiz and points."""
    await Visitor(world, "U1A").types("/quiz admin daily schedule 09:00 UTC topics=storage")
    await ben.types("/quiz team create Reds")
    for hours in (1, 24):
        await world.later(hours=hours)
        await ben.uses("B", world.wire.messages("C1")[-1])
        await ben.uses("Something wrong with this question?")
        await ben.sends(text="wrong with it")
        await ben.uses("A", world.wire.messages("C1")[-1])
    await ben.types("/quiz quiz streams 2")
    await ben.uses("B")
    await ben.uses("Next question")
    await ben.types("/quiz ask matches")
    await ben.types("/quiz topics")
    await ben.types("/quiz team list")
    await ben.types("/quiz leaderboard week teams")
    await ben.types("/quiz settings")
    await Visitor(world, "U1A").types("/quiz admin settings")


def learnt(visitor: Visitor) -> list[str]:
    """Which secrets somebody has been shown, wherever it was."""
    wire = visitor.wire
    shown = [*visitor.told, *wire.messages(visitor.channel), *wire.views.get(visitor.user, ()), visitor.home]
    said = "\n".join(text(one) for one in shown if one)
    return [secret for secret in SECRETS if secret in said]


async def test_the_other_workspace_begins_with_nothing(two: World, ben: Visitor, cy: Visitor) -> None:
    await lived_in(two, ben)
    assert "No channel here has a daily question yet" in await cy.opens_home()
    assert "Nobody has scored this week" in await cy.types("/quiz leaderboard")
    assert "No teams yet" in await cy.types("/quiz team list")
    assert "There is no team “Reds”" in await cy.types("/quiz team join Reds")
    assert "ben has not played here yet" in await cy.types("/quiz profile <@U1B|ben>")
    assert "I know nobody called “Bertha”" in await cy.types("/quiz profile Bertha")
    assert "No daily question yet" in await cy.types("/quiz daily")
    assert "No channel has a daily question yet" in await cy.types("/quiz admin daily status")
    assert "No reports" in await cy.types("/quiz admin reports")
    assert "Nobody yet" in await cy.types("/quiz admin manager list")
    assert "No season has ended yet" in await cy.types("/quiz seasons")


async def test_a_manager_of_one_workspace_is_none_in_the_other(two: World, ben: Visitor, cy: Visitor) -> None:
    await ben.types("/quiz help")
    await Visitor(two, "U1A").types("/quiz admin manager add <@U1B|ben>")
    other = Visitor(two, "U2B", "C2")
    await other.types("/quiz help")
    assert "is for admins of this space" in await other.types("/quiz admin settings")
    assert "is for admins of this space" not in await ben.types("/quiz admin settings")


async def test_each_posts_and_answers_with_its_own_token(two: World, ben: Visitor, cy: Visitor) -> None:
    for admin in (Visitor(two, "U1A"), cy):
        await admin.types("/quiz admin daily schedule 09:00 UTC topics=storage")
    await two.later(hours=1)
    assert "✓ Right" in await ben.uses("B", two.wire.messages("C1")[-1])
    assert "✗ Not quite" in await cy.uses("A", two.wire.messages("C2")[-1])
    await two.later(seconds=5)
    for channel, team in (("C1", "T1"), ("C2", "T2")):
        assert "1 has answered" in text(two.wire.messages(channel)[-1])
        used = {token for _, args, token in two.wire.seen if args.get("channel") == channel}
        assert [two.wire.tokens[token].teams for token in used] == [(team,)]
    assert "Bertha" not in await cy.types("/quiz leaderboard")


async def test_buttons_of_one_workspace_do_nothing_in_the_other(two: World, ben: Visitor, cy: Visitor) -> None:
    """As if somebody forged what their Slack sends: every control that the first workspace was shown."""
    await lived_in(two, ben)
    ada = Visitor(two, "U1A")
    before = await answers(two)
    stolen = {
        (control["action_id"], option)
        for shown in (*ben.told, *ada.told, *two.wire.messages("C1"))
        for _, control in controls(shown["blocks"])
        for option in [one["value"] for one in control.get("options", ())] or [None]
    }
    assert {id.partition(":")[0] for id, _ in stolen} >= {
        "play.answer", "play.form", "play.show", "play.verdict", "play.report",
        "daily.discuss", "teams.enter", "leaderboard.turn", "settings.edit_space",
    }  # fmt: skip
    for id, chosen in stolen | {(f"{id}%@C1", chosen) for id, chosen in stolen}:
        await cy.uses(id, forged(id, chosen))
    assert learnt(ben) != []
    assert learnt(cy) == []
    assert await answers(two) == before == [(1, 1), (1, 1)]
    assert (await ben.types("/quiz team show")).startswith("Reds\n1 member: Bertha\n")


async def test_a_form_of_one_workspace_does_nothing_in_the_other(two: World, ben: Visitor, cy: Visitor) -> None:
    await lived_in(two, ben)
    await cy.uses("x", forged("daily.discuss:1%@C1"))
    assert await cy.sends(text="I was here") == ""
    assert cy.ack.answer["response_action"] == "errors"
    assert "I was here" not in "".join(map(text, [*two.wire.messages("C1"), *two.wire.messages("C2")]))


async def test_messages_of_one_workspace_are_not_explained_in_the_other(two: World, ben: Visitor, cy: Visitor) -> None:
    await lived_in(two, ben)
    for message in list(two.wire.messages("C1")):
        two.wire.messages("C2").append(copied := message | {"ts": two.wire.ts()})
        said = await cy.calls(EXPLAIN, copied)
        assert "I don't know this question any more" in said or "asks no question of mine" in said


async def test_who_leaves_one_workspace_alone_is_forgotten(two: World, ben: Visitor, cy: Visitor) -> None:
    for admin in (Visitor(two, "U1A"), cy):
        await admin.types("/quiz admin daily schedule 09:00 UTC topics=storage")
    acks = await two.wire.uninstall(two.wire.workspaces["T1"])
    assert [ack.status for ack in acks] == [200, 200]
    await two.later(hours=1)
    assert two.wire.messages("C1") == []
    assert "Daily question" in text(two.wire.messages("C2")[-1])
    assert "✓ Right" in await cy.uses("B", two.wire.messages("C2")[-1])


def forged(id: str, chosen: str | None = None) -> Any:
    """A message in the second workspace with a control of the first one's."""
    label = {"type": "plain_text", "text": "x"}
    options = [{"text": label, "value": chosen}]
    button = {"type": "button", "action_id": id, "text": label}
    menu = {"type": "static_select", "action_id": id, "options": options}
    blocks = [{"type": "actions", "block_id": "b", "elements": [menu if chosen else button]}]
    return {"type": "message", "channel": "C2", "ts": "1.000001", "blocks": blocks}


async def answers(world: World) -> list[tuple[int, int]]:
    """How many have answered each daily of the first workspace, and how many of them right."""
    return await world.store.read(
        lambda uow: [(uow.rounds.answered(id), uow.rounds.right(id, 0)[1]) for id in (1, 2) if uow.rounds.get(id)]
    )
