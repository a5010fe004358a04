"""Teams, boards, seasons and settings."""

from bot.adapters.terminal.adapter import Seat
from tests.features.conftest import World


async def score(seat: Seat, times: int = 1) -> None:
    for _ in range(times):
        await seat.say("/quiz ask storage")
        await seat.press("B")


async def test_a_team_is_made_joined_renamed_shown_and_left(ann: Seat, bo: Seat) -> None:
    assert "Ann made the team Blue Whales" in await ann.say("/quiz team create Blue Whales")
    assert "You are in Blue Whales" in await bo.press("Join")
    assert "2 members: Ann and Bo" in await ann.say("/quiz team show")
    assert "is now called Green" in await bo.say("/quiz team rename Green")
    assert "Green  " in await ann.say("/quiz team list")
    assert "You have left Green" in await ann.say("/quiz team leave")
    assert "1 member: Bo" in await ann.say("/quiz team show green")


async def test_team_names_are_unique_in_any_case_and_sensible(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Blue")
    assert "There is a team called “blue” already" in await bo.say("/quiz team create blue")
    assert "2 to 40 characters" in await bo.say("/quiz team create !")
    assert "There is no team “Red”" in await bo.say("/quiz team join Red")
    assert "You are in no team" in await bo.say("/quiz team leave")


async def test_a_name_of_any_script_and_length_fits_its_button(ann: Seat, bo: Seat) -> None:
    name = "Ж" * 40
    await ann.say(f"/quiz team create {name}")
    assert f"You are in {name}" in await bo.press("Join")


async def test_points_stay_with_the_team_they_were_earned_for(ann: Seat) -> None:
    await ann.say("/quiz team create Blue")
    await score(ann, 3)
    await ann.say("/quiz team leave")
    await ann.say("/quiz team create Green")
    await score(ann, 2)
    board = await ann.say("/quiz leaderboard season teams")
    assert [line.split()[1] for line in board.splitlines() if line[:1].isdigit() or line[:2].strip().isdigit()][:2]
    assert "Blue" in board
    assert "Green (yours)" in board
    assert "3 points this season" in await ann.say("/quiz team show Blue")
    assert "2 points this season" in await ann.say("/quiz team show Green")


async def test_an_admin_moves_somebody_to_another_team(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Blue")
    await bo.say("/quiz team create Green")
    assert "Bo is in Blue now" in await ann.say("/quiz admin team move bo Blue")
    assert "is for admins" in await bo.say("/quiz admin team move ann Green")


async def test_the_board_orders_players_and_turns_its_pages(world: World) -> None:
    people = [world.person(f"P{n:02}") for n in range(13)]
    for n, seat in enumerate(people):
        await world.later(seconds=1)
        await score(seat, 2 + n % 4 if n != 11 else 1)
    heard = await people[11].say("/quiz leaderboard week")
    rows = [line.split() for line in heard.splitlines() if line.strip()[:1].isdigit()]
    points = [int(row[2]) for row in rows[:10]]
    assert points == sorted(points[:10], reverse=True)
    assert "You" in heard
    assert "to the top ten" in heard
    second = await people[11].press("Next")
    assert second.count("\n") < heard.count("\n")
    assert "# No team has scored this week" in await people[11].press("Teams")


async def test_an_empty_board_says_what_to_do(ann: Seat, world: World) -> None:
    assert "practice brings points too" in await ann.say("/quiz leaderboard today")
    await world.begin()
    assert "[Show it]" in await ann.say("/quiz leaderboard today")


async def test_a_season_ends_with_a_table_that_stays_and_starts_at_zero(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Blue")
    await score(ann, 2)
    await score(bo, 1)
    ended = await ann.say("/quiz admin season end")
    assert "# Season 1 has ended" in ended
    assert "1  Ann" in ended
    assert "Nobody has scored this season" in await bo.say("/quiz leaderboard season")
    await score(bo, 1)
    final = await bo.say("/quiz seasons 1")
    assert "# Season 1 · final table" in final
    assert "1  Ann" in final
    assert "2  Bo" in final
    assert "Blue" in await bo.say("/quiz seasons 1 teams")


async def test_a_named_season_begins_and_shows_on_the_board(ann: Seat) -> None:
    assert "Autumn begins" in await ann.say("/quiz admin season start Autumn")
    await score(ann)
    assert "this season · Autumn" in await ann.say("/quiz leaderboard season")


async def test_the_first_zone_holds_at_once_and_a_change_from_the_next_day_on(world: World, ann: Seat) -> None:
    await world.begin()
    assert "Asia/Tokyo" in await ann.say("/quiz settings zone=tokyo")
    await world.app.work()
    await ann.say("/quiz daily")
    heard = await ann.say("/quiz settings zone=Mars")
    assert "I don't know the zone “Mars”" in heard


async def test_settings_are_changed_in_a_form(ann: Seat) -> None:
    await ann.say("/quiz settings")
    await ann.press("Change")
    assert "reminder: Write a time" in await ann.submit(zone="Europe/Paris", reminder="soon")
    saved = await ann.submit(zone="Europe/Paris", reminder="20:15")
    assert "Europe/Paris" in saved
    assert "20:15" in saved


async def test_admins_set_the_zone_of_the_boards(ann: Seat, bo: Seat) -> None:
    assert "Asia/Tokyo" in await ann.say("/quiz admin settings tokyo")
    await ann.press("Change")
    assert "sent again" in await ann.submit(zone="UTC", resend="at-least-once")
    await bo.say("/quiz help")
    from bot.ui import Call

    assert "Only an admin" in await bo.call(Call("settings.edit_space"))


async def test_help_shows_admin_commands_to_admins_only(ann: Seat, bo: Seat) -> None:
    assert "/quiz admin daily schedule" in await ann.say("/quiz")
    heard = await bo.say("/quiz help")
    assert "/quiz leaderboard [today|week|month|season|all]" in heard
    assert "admin" not in heard


async def test_names_are_shown_as_they_are_and_never_as_markup(world: World) -> None:
    seat = world.person("**@everyone** <b>")
    await score(seat)
    other = world.person("Bo")
    assert "**@everyone** <b>" in await other.say("/quiz leaderboard")
