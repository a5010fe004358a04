"""People of one workspace in a channel of another: of the same organization, or of a company it is shared with."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.answers import Origin
from bot.adapters.slack.payloads import team_of
from tests.adapters.slack.conftest import MANY_BY_HTTP, Visitor, World, install, living, text

pytestmark = pytest.mark.usefixtures("swift")


class Shared:
    """A channel of workspace `T9`, in which Ada, an admin, and Ben of workspace `T8` are, too."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.host = Visitor(world, "U9A", "C9")
        self.ada = Visitor(world, "U8A", "C9")
        self.ben = Visitor(world, "U8B", "C9")

    async def spaces(self) -> list[str]:
        """The workspaces in which Ada or Ben have done something."""
        found = await self.world.store.read(lambda uow: uow.people.spaces("slack"))
        return await self.world.store.read(
            lambda uow: sorted(
                one.external for one in found for who in ("U8A", "U8B") if uow.people.players(one.id, who)
            )
        )


@pytest.fixture(params=["organization", "companies"])
async def shared(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
    """Both have the bot: from their organization, or each from itself."""
    enterprise = "E1" if request.param == "organization" else ""
    async with living(tmp_path, MANY_BY_HTTP) as made:
        home, host = (
            made.wire.workspace(team, f"Team {team}", enterprise, orgwide=bool(enterprise)) for team in ("T8", "T9")
        )
        for user in ("U8A", "U8B"):
            host.visitor(home.users[user], home)
        for team in ("T8", "T9"):
            await install(made, team)
        yield Shared(made)
    assert made.troubles == []


async def test_a_daily_is_answered_in_the_workspace_where_it_was_asked(shared: Shared) -> None:
    await shared.host.types("/quiz admin daily schedule 09:00 UTC topics=storage")
    await shared.world.later(hours=1)
    assert "✓ Right" in await shared.ben.uses("B", shared.world.wire.messages("C9")[-1])
    assert await shared.spaces() == ["T9"]


async def test_a_form_from_a_channel_belongs_to_its_workspace(shared: Shared) -> None:
    await shared.ben.types("/quiz settings")
    await shared.ben.uses("Change")
    await shared.ben.sends(zone="Europe/Paris", reminder="off")
    assert "Europe/Paris" in text(shared.ben.told[-1])
    assert await shared.spaces() == ["T9"]


async def test_an_admin_of_the_one_workspace_is_none_in_the_other(shared: Shared) -> None:
    assert "is for admins of this space" in await shared.ada.types("/quiz admin settings")
    shared.ada.channel = "C8"
    assert "is for admins of this space" not in await shared.ada.types("/quiz admin settings")


async def test_a_workspace_keeps_its_name_whoever_comes_to_it(shared: Shared) -> None:
    await shared.host.types("/quiz help")
    await shared.ben.types("/quiz help")
    found = await shared.world.store.read(lambda uow: uow.people.space_of("slack", "T9"))
    assert found
    assert found.name == "team-t9"


THEIRS: dict[str, Any] = {"api_app_id": "A1", "team": None, "user": {"id": "U8B", "team_id": "T8"}}
"""What is said of somebody who comes from `T8`."""


@pytest.mark.parametrize(
    ("there", "team"),
    [
        ({"view": {"team_id": "T8", "private_metadata": Origin("T9", "U8B").stamp}}, "T9"),
        ({"view": {"team_id": "T8", "private_metadata": Origin("T9", "U8B", url="https://x/").written()}}, "T9"),
        ({"view": {"team_id": "T9", "app_installed_team_id": "E1", "private_metadata": ""}}, "T9"),
        ({"view": {"team_id": "T9", "private_metadata": "of somebody else"}}, "T9"),
        ({"response_url": "https://hooks.slack.com/actions/T9/123/abc"}, "T9"),
        (
            {"response_url": "https://hooks.slack.com/actions/E1/123/abc", "message": {"app_id": "A1", "team": "T9"}},
            "T9",
        ),
        ({"message": {"app_id": "A2", "team": "T9"}}, "T8"),
        ({"authorizations": [{"team_id": "T9"}], "team_id": "T8"}, "T9"),
        ({"authorizations": [{"team_id": None}], "team_id": "T9"}, "T9"),
        ({"user": {"id": "U8B"}}, ""),
    ],
)
def test_what_belongs_to_a_workspace_is_told_before_where_somebody_comes_from(there: Any, team: str) -> None:
    assert team_of(THEIRS | there) == team
