"""Names and the cookie that remembers who somebody is."""

import re

import pytest

from bot.adapters.web import entrance
from bot.adapters.web.entrance import Badges, NameRefused, clean
from bot.ports import Person, Place, Reply, Request, UnitOfWork
from bot.ui import Card
from tests.adapters.web.world import Visitor, World


async def test_a_first_visit_is_asked_for_a_name(world: World) -> None:
    page = await world.visitor().page()
    assert 'data-joined="no"' in page
    assert 'id="naming"' in page


async def test_joining_is_remembered_in_a_signed_cookie_only_the_server_reads(world: World) -> None:
    visitor = world.visitor()
    cookie = (await visitor.join("Ann")).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    page = await visitor.page()
    assert 'data-joined="yes"' in page
    assert "<strong>Ann</strong>" in page


async def test_over_https_the_cookie_stays_there(world: World) -> None:
    cookie = (await world.visitor("https://127.0.0.1").join("Ann")).headers["set-cookie"]
    assert "Secure" in cookie


async def test_a_tampered_cookie_is_asked_for_a_name_again(ann: Visitor) -> None:
    signed = ann.client.cookies[entrance.COOKIE]
    ann.client.cookies.clear()
    ann.client.cookies.set(entrance.COOKIE, signed[:-3] + "abc")
    assert 'data-joined="no"' in await ann.page()


def test_a_badge_of_a_former_secret_is_somebody_while_that_is_being_replaced() -> None:
    ann = Person("ann", "Ann")
    assert Badges(["old", "new"]).read(Badges("old").write(ann)) == ann
    assert Badges("new").read(Badges(["old", "new"]).write(ann)) == ann


def test_a_badge_of_another_secret_is_nobody() -> None:
    written = Badges("one").write(Person("id", "Ann", zone="UTC"))
    assert Badges("one").read(written) == Person("id", "Ann", zone="UTC")
    assert Badges("two").read(written) is None
    assert Badges("one").read("") is None


async def test_the_application_hears_who_it_was_with_their_zone(world: World, ann: Visitor) -> None:
    await ann.say("/quiz help", channel="quiz")
    heard = world.app.heard[-1]
    assert (heard.platform, heard.space.external, heard.channel) == ("web", "playground", Place("quiz", "quiz"))
    assert (heard.person.name, heard.person.zone, heard.person.admin) == ("Ann", "Europe/Berlin", None)


async def test_an_unknown_zone_is_left_to_the_space(world: World) -> None:
    visitor = world.visitor()
    await visitor.join("Ann", zone="../../etc/passwd")
    await visitor.say("/quiz help")
    assert world.app.heard[-1].person.zone == ""


async def test_who_comes_first_is_the_admin_of_the_playground(world: World, ann: Visitor, bo: Visitor) -> None:
    await ann.say("/quiz help")
    await bo.say("/quiz help")
    first, second = world.app.heard[-2:]

    def admins(uow: UnitOfWork) -> list[bool]:
        found = (uow.people.find(request) for request in (first, second))
        return [pair[1].admin for pair in found if pair]

    assert await world.store.read(admins) == [True, False]


async def test_two_people_cannot_have_the_same_name(world: World, ann: Visitor) -> None:
    response = await world.visitor().join("  aNN ")
    assert response.status_code == 409
    assert response.json() == {"problem": "aNN is here already. How about aNN 2?", "suggestion": "aNN 2"}
    assert (await world.visitor().join("aNN 2")).status_code == 200


async def test_a_refused_name_leaves_nobody_behind(world: World, ann: Visitor) -> None:
    await world.visitor().join("Ann")
    space = await world.store.read(lambda uow: uow.people.space_of("web", "playground"))
    assert space
    assert len(await world.store.read(lambda uow: uow.people.players(space.id, "Ann"))) == 1


async def test_a_changed_name_keeps_the_person(world: World, ann: Visitor) -> None:
    await ann.say("/quiz help")
    response = await ann.client.post("/name", json={"name": "Anna"})
    assert response.json() == {"name": "Anna"}
    await ann.say("/quiz help")
    before, after = world.app.heard[-2:]
    assert before.person.external == after.person.external
    assert after.person.name == "Anna"


async def test_joining_twice_in_one_browser_is_one_person(world: World, ann: Visitor) -> None:
    await ann.say("/quiz help")
    await ann.join("Anna")
    await ann.say("/quiz help")
    assert world.app.heard[-1].person.external == world.app.heard[-2].person.external


async def test_somebody_without_a_name_can_look_but_not_act(world: World) -> None:
    await world.post(Card("For everybody"))
    stranger = world.visitor()
    assert "For everybody" in await stranger.page()
    response = await stranger.say("hello")
    assert response.status_code == 401
    assert response.json()["problem"] == "I don't know you yet. Load the page again and say your name."
    assert (await stranger.client.get("/events")).status_code == 401


async def test_a_browser_that_is_older_than_the_database_is_let_in_again(world: World, ann: Visitor) -> None:
    stranger = world.visitor()
    stranger.client.cookies.set(entrance.COOKIE, Badges("a secret of tests").write(Person("far-away", "Cy")))
    assert 'data-joined="yes"' in await stranger.page()
    twin = world.visitor()
    twin.client.cookies.set(entrance.COOKIE, Badges("a secret of tests").write(Person("elsewhere", "Ann")))
    assert 'data-joined="no"' in await twin.page()
    assert (await twin.client.get("/me")).json() == {"known": False}
    assert (await stranger.client.get("/me")).json() == {"known": True}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann", "Ann"),
        ("  Ann   Lee ", "Ann Lee"),
        ("An\u200bn\u202e\x07", "Ann"),
        ("Line\nbreak", "Line break"),
        ("@everyone", "everyone"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Zoë", "Zoë"),
        ("x" * 40, "x" * 40),
    ],
)
def test_a_name_is_kept_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u2060", "x" * 41, "quizbot", "YOU", "@"])
def test_a_name_nobody_can_have_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(NameRefused, match=r"Type "):
        clean(typed)


async def test_a_name_is_never_markup(world: World) -> None:
    visitor = await world.joined("<script>alert(1)</script>")
    await visitor.say("**bold** @everyone <img src=x onerror=alert(1)>")
    page = await visitor.page()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "**bold** @everyone &lt;img src=x onerror=alert(1)&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r"<[^>]+\son\w+=", page)


async def test_a_name_in_a_reply_is_never_markup(world: World, ann: Visitor) -> None:
    def greet(request: Request) -> Reply:
        return Reply(public=Card("<b>Hello</b> & welcome"))

    world.app.replies["/quiz hello"] = greet
    await ann.say("/quiz hello")
    assert "&lt;b&gt;Hello&lt;/b&gt; &amp; welcome" in await ann.page()
