"""Spaces, channels, players and teams."""

from dataclasses import replace
from datetime import time

import pytest

from bot.ports import Person, Place, Request, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, arrive, later, request


async def test_nobody_is_found_before_they_arrive(store: SqlStore) -> None:
    assert await store.read(lambda uow: uow.people.find(request())) is None


async def test_who_has_arrived_is_found_as_they_are(store: SqlStore) -> None:
    space, player = await store.run(arrive)
    assert (space.zone, space.season, space.season_since, space.resend) == ("Europe/Berlin", 1, NOW, "at-most-once")
    assert (player.name, player.zone, player.team, player.streak.days) == ("Ann", "", None, 0)
    assert await store.read(lambda uow: uow.people.find(request())) == (space, player)
    assert await store.run(lambda uow: uow.people.find(request())) == (space, player)


async def test_arriving_twice_changes_nothing(store: SqlStore) -> None:
    first = await store.run(arrive)
    assert await store.run(lambda uow: uow.people.arrive(request(), "Asia/Tokyo", later(days=1))) == first


async def test_whoever_comes_first_is_the_admin_where_the_platform_has_none(store: SqlStore) -> None:
    _, ann = await store.run(arrive)
    _, bob = await store.run(lambda uow: arrive(uow, "bob"))
    assert (ann.admin, bob.admin) == (True, False)


async def test_the_platform_says_who_is_an_admin(store: SqlStore) -> None:
    _, ann = await store.run(lambda uow: arrive(uow, admin=False))
    _, bob = await store.run(lambda uow: arrive(uow, "bob", admin=True))
    assert (ann.admin, bob.admin) == (False, True)


@pytest.mark.parametrize(
    "changed",
    [request(name="Anna"), request(admin=True), request(zone="Asia/Tokyo")],
    ids=["name", "admin", "zone"],
)
async def test_somebody_who_has_changed_is_stored_again(store: SqlStore, changed: Request) -> None:
    _, before = await store.run(lambda uow: arrive(uow, admin=False))
    assert await store.read(lambda uow: uow.people.find(changed)) is None
    found = await store.run(lambda uow: uow.people.arrive(changed, "UTC", NOW))
    assert found[1].id == before.id
    assert await store.read(lambda uow: uow.people.find(changed)) == found


async def test_a_platform_that_does_not_know_a_name_changes_none(store: SqlStore) -> None:
    space, player = await store.run(arrive)
    nameless = replace(request(name=""), space=Place("home", ""))
    assert await store.read(lambda uow: uow.people.find(nameless)) == (space, player)


async def test_somebody_who_was_only_named_is_stored_without_rights_and_keeps_what_is_known(store: SqlStore) -> None:
    space, ann = await store.run(arrive)
    zed = await store.run(lambda uow: uow.people.welcome(space.id, Person("zed", "Zed")))
    assert (zed.name, zed.admin, zed.may_manage) == ("Zed", False, False)
    assert await store.run(lambda uow: uow.people.welcome(space.id, Person("zed", ""))) == zed
    assert await store.run(lambda uow: uow.people.welcome(space.id, Person("ann", "Ann"))) == ann
    assert (await store.run(lambda uow: arrive(uow, "zed")))[1] == zed


async def test_a_zone_that_was_chosen_is_not_replaced_by_the_platforms(store: SqlStore) -> None:
    _, player = await store.run(lambda uow: arrive(uow, zone="Asia/Tokyo"))
    assert player.zone == "Asia/Tokyo"
    _, again = await store.run(lambda uow: arrive(uow, zone="Europe/Paris"))
    assert again.zone == "Asia/Tokyo"


async def test_a_renamed_space_is_renamed(store: SqlStore) -> None:
    await store.run(arrive)
    moved = replace(request(), space=Place("home", "The new house"))
    assert await store.read(lambda uow: uow.people.find(moved)) is None
    space, _ = await store.run(lambda uow: uow.people.arrive(moved, "UTC", NOW))
    assert (space.name, space.zone) == ("The new house", "Europe/Berlin")


async def test_a_space_is_settled_once(store: SqlStore) -> None:
    first = await store.run(lambda uow: uow.people.settle("web", Place("home", "Home"), "Asia/Tokyo", NOW))
    again = await store.run(lambda uow: uow.people.settle("web", Place("home", "Home"), "UTC", later(days=1)))
    assert first == again
    assert first.zone == "Asia/Tokyo"
    assert await store.read(lambda uow: uow.people.space_of("web", "home")) == first
    assert await store.read(lambda uow: uow.people.space_of("slack", "home")) is None


async def test_a_channel_is_stored_once_and_keeps_its_latest_name(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    first = await store.run(lambda uow: uow.people.channel(space.id, Place("C1", "daily")))
    renamed = await store.run(lambda uow: uow.people.channel(space.id, Place("C1", "questions")))
    assert renamed == replace(first, name="questions")
    assert await store.read(lambda uow: uow.people.channel_by_id(first.id)) == renamed
    assert await store.read(lambda uow: uow.people.channel_named(space.id, "C1")) == renamed
    assert await store.read(lambda uow: uow.people.channel_named(space.id, "C2")) is None


async def test_a_channel_that_is_stored_can_be_named_while_reading(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    first = await store.run(lambda uow: uow.people.channel(space.id, Place("C1", "daily")))
    assert await store.read(lambda uow: uow.people.channel(space.id, Place("C1", "daily"))) == first


async def test_what_a_player_sets_is_kept(store: SqlStore) -> None:
    _, ann = await store.run(arrive)
    changed = replace(ann, zone="Asia/Tokyo", next_zone="UTC", next_from=later(days=1), reminder=time(18, 30))
    await store.run(lambda uow: uow.people.change_player(changed))
    assert await store.read(lambda uow: uow.people.player(ann.id)) == changed


async def test_what_a_player_sets_does_not_undo_a_change_of_team(store: SqlStore) -> None:
    space, ann = await store.run(arrive)
    team = await store.run(lambda uow: uow.people.create_team(space.id, "Reds", NOW))
    assert team is not None
    await store.run(lambda uow: uow.people.change_team(ann.id, team.id))
    await store.run(lambda uow: uow.people.change_player(replace(ann, zone="UTC", admin=False)))
    assert await store.read(lambda uow: uow.people.player(ann.id)) == replace(ann, zone="UTC", team=team.id)
    await store.run(lambda uow: uow.people.change_team(ann.id, None))
    assert await store.read(lambda uow: uow.people.player(ann.id)) == replace(ann, zone="UTC")


async def test_what_a_space_sets_is_kept(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    changed = replace(space, zone="UTC", resend="at-least-once")
    await store.run(lambda uow: uow.people.change_space(changed))
    assert await store.read(lambda uow: uow.people.space(space.id)) == changed


async def test_a_season_follows_the_one_that_was_read_and_settings_do_not_bring_that_back(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    spring = replace(space, season=2, season_name="Spring", season_since=later(days=3))
    assert await store.run(lambda uow: uow.people.change_season(replace(spring, zone="Asia/Tokyo"), 1))
    assert not await store.run(lambda uow: uow.people.change_season(replace(spring, season_name="Autumn"), 1))
    assert await store.read(lambda uow: uow.people.space(space.id)) == spring
    await store.run(lambda uow: uow.people.change_space(replace(space, zone="UTC")))
    assert await store.read(lambda uow: uow.people.space(space.id)) == replace(spring, zone="UTC")


async def test_what_is_not_there_is_a_lookup_error(store: SqlStore) -> None:
    with pytest.raises(LookupError, match="there is no player 99"):
        await store.read(lambda uow: uow.people.player(99))
    with pytest.raises(LookupError, match="there is no space 99"):
        await store.read(lambda uow: uow.people.space(99))
    with pytest.raises(LookupError, match="there is no channel 99"):
        await store.read(lambda uow: uow.people.channel_by_id(99))


async def test_players_are_found_by_the_beginning_of_their_name_in_any_case(store: SqlStore) -> None:
    space, _ = await store.run(arrive)

    def come(uow: UnitOfWork) -> None:
        for name in ("Anna-Lena", "ANNE", "Bob", "Änne", "an%"):
            arrive(uow, name.casefold() + "-id", name=name)

    await store.run(come)

    async def names(typed: str, limit: int = 25) -> list[str]:
        return [player.name for player in await store.read(lambda uow: uow.people.players(space.id, typed, limit))]

    assert await names("ann") == ["Ann", "Anna-Lena", "ANNE"]
    assert await names("@AN", 2) == ["an%", "Ann"]
    assert await names("an%") == ["an%"]
    assert await names("bob-id") == ["Bob"]
    assert await names("ÄNN") == ["Änne"]
    assert len(await names("")) == 6


async def test_players_of_another_space_are_not_found(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    await store.run(lambda uow: arrive(uow, "anders", "elsewhere"))
    assert [player.name for player in await store.read(lambda uow: uow.people.players(space.id, "an"))] == ["Ann"]


async def test_a_picture_is_noticed_when_it_changes_and_kept_where_none_is_told(store: SqlStore) -> None:
    await store.run(arrive)
    for told, kept in (("https://a/1", "https://a/1"), ("https://a/2", "https://a/2"), ("", "https://a/2")):
        wanted = request(avatar=told)
        found = await store.read(lambda uow, wanted=wanted: uow.people.find(wanted))  # type: ignore[misc]
        assert (found is None) == bool(told)
        _, player = await store.run(lambda uow, told=told: arrive(uow, avatar=told))  # type: ignore[misc]
        assert player.avatar == kept


async def test_managers_are_those_made_so_by_name_and_keep_what_else_they_are(store: SqlStore) -> None:
    space, ann = await store.run(arrive)
    _, zed = await store.run(lambda uow: arrive(uow, "zed", admin=False))
    _, bob = await store.run(lambda uow: arrive(uow, "bob", admin=False))
    await store.run(lambda uow: arrive(uow, "eve", "elsewhere"))
    for person in (zed, bob):
        assert not person.may_manage
        await store.run(lambda uow, person=person: uow.people.change_manager(person.id, True))  # type: ignore[misc]
    assert [one.name for one in await store.read(lambda uow: uow.people.managers(space.id))] == ["Bob", "Zed"]
    await store.run(lambda uow: uow.people.change_manager(zed.id, False))
    assert await store.read(lambda uow: uow.people.managers(space.id)) == [replace(bob, manager=True)]
    _, renamed = await store.run(lambda uow: arrive(uow, "bob", name="Bobby", admin=False))
    assert (renamed.name, renamed.manager, renamed.may_manage) == ("Bobby", True, True)
    assert (ann.manager, ann.may_manage) == (False, True)


async def test_the_spaces_of_a_platform_are_listed(store: SqlStore) -> None:
    for name in ("home", "away"):
        await store.run(lambda uow, name=name: arrive(uow, "ann", name))  # type: ignore[misc]
    assert [space.external for space in await store.read(lambda uow: uow.people.spaces("web"))] == ["home", "away"]
    assert await store.read(lambda uow: uow.people.spaces("slack")) == []


async def test_a_team_name_is_taken_in_any_case(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    team = await store.run(lambda uow: uow.people.create_team(space.id, "Red  Foxes", NOW))
    assert team is not None
    assert await store.run(lambda uow: uow.people.create_team(space.id, "red foxes ", NOW)) is None
    assert await store.read(lambda uow: uow.people.team_named(space.id, " RED foxes")) == team
    assert await store.read(lambda uow: uow.people.team_named(space.id, "blue")) is None


async def test_the_same_team_name_may_be_used_in_another_space(store: SqlStore) -> None:
    home, _ = await store.run(arrive)
    away, _ = await store.run(lambda uow: arrive(uow, "ann", "away"))
    assert await store.run(lambda uow: uow.people.create_team(home.id, "Reds", NOW))
    assert await store.run(lambda uow: uow.people.create_team(away.id, "Reds", NOW))


async def test_a_team_is_renamed_unless_another_has_the_name(store: SqlStore) -> None:
    space, _ = await store.run(arrive)
    reds = await store.run(lambda uow: uow.people.create_team(space.id, "Reds", NOW))
    await store.run(lambda uow: uow.people.create_team(space.id, "Blues", NOW))
    assert reds is not None
    assert not await store.run(lambda uow: uow.people.rename_team(reds.id, "BLUES"))
    assert await store.run(lambda uow: uow.people.rename_team(reds.id, "REDS"))
    found = await store.read(lambda uow: uow.people.team(reds.id))
    assert found is not None
    assert found.name == "REDS"


async def test_teams_come_by_name_with_their_members(store: SqlStore) -> None:
    space, ann = await store.run(arrive)
    _, bob = await store.run(lambda uow: arrive(uow, "bob"))
    reds = await store.run(lambda uow: uow.people.create_team(space.id, "reds", NOW))
    await store.run(lambda uow: uow.people.create_team(space.id, "Blues", NOW))
    assert reds is not None
    await store.run(lambda uow: uow.people.change_team(bob.id, reds.id))
    await store.run(lambda uow: uow.people.change_team(ann.id, reds.id))
    teams = await store.read(lambda uow: uow.people.teams(space.id))
    assert [(team.name, team.members) for team in teams] == [("Blues", 0), ("reds", 2)]
    assert [player.name for player in await store.read(lambda uow: uow.people.members(reds.id))] == ["Ann", "Bob"]
    assert await store.read(lambda uow: uow.people.team(99)) is None


async def test_the_channels_of_a_space_come_by_name(store: SqlStore) -> None:
    space, _ = await store.run(arrive)

    def fill(uow: UnitOfWork) -> None:
        away, _ = arrive(uow, "ann", "away")
        for external, name in (("C1", "quiz"), ("C2", "daily")):
            uow.people.channel(space.id, Place(external, name))
        uow.people.channel(away.id, Place("C3", "elsewhere"))

    await store.run(fill)
    assert [one.name for one in await store.read(lambda uow: uow.people.channels(space.id))] == ["daily", "quiz"]
