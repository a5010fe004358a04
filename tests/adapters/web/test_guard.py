"""What is let through, and what every response carries."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.adapters.web import guard
from bot.adapters.web.adapter import Web
from bot.adapters.web.guard import Rate, Refused
from tests.adapters.web.world import NOON, Visitor, World

SIXTY_FIVE_KIB = b'{"line": "' + b"x" * 65 * 1024 + b'"}'


async def test_the_page_allows_nothing_from_outside(world: World) -> None:
    response = await world.visitor().client.get("/")
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"


async def test_the_page_has_no_inline_script_or_style(ann: Visitor) -> None:
    page = await ann.page()
    assert page.count("<script") == 1
    assert '<script type="module" src="/static/' in page
    assert "style=" not in page
    assert "<style" not in page


async def test_assets_are_kept_for_ever_under_a_name_that_changes_with_them(ann: Visitor) -> None:
    page = await ann.page()
    address = page.split('<script type="module" src="')[1].split('"')[0]
    response = await ann.client.get(address)
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/javascript")
    outdated = await ann.client.get("/static/0000/page.js")
    assert (outdated.status_code, outdated.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-site"},
        {"Origin": ""},
    ],
)
async def test_what_another_site_sends_is_refused(ann: Visitor, headers: dict[str, str]) -> None:
    ann.client.headers.update(headers)
    response = await ann.say("hello")
    assert response.status_code == 403
    assert response.json()["problem"].endswith("Open the page itself and try there.")
    assert response.headers["content-security-policy"]


async def test_a_post_that_does_not_say_where_it_comes_from_is_refused(ann: Visitor) -> None:
    del ann.client.headers["Origin"]
    assert (await ann.say("hello")).status_code == 403


async def test_other_sites_cannot_read_along_but_may_link_here(ann: Visitor) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await ann.client.get("/me", headers=cross)).status_code == 403
    assert (await ann.client.get("/", headers=cross | {"Sec-Fetch-Mode": "navigate"})).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("quiz.localhost:8080", 200),
        ("[::1]:8080", 200),
        ("quiz.example", 200),
        ("QUIZ.example:443", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
        ("192.168.1.5", 400),
        ("quiz.example@evil.example", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
async def test_the_page_answers_only_to_its_own_names(world: World, host: str, status: int) -> None:
    web = Web(world.app, world.store, lambda: NOON, "secret", "UTC", hosts=["127.0.0.1", "quiz.example"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web.asgi), base_url="http://x") as client:
        response = await client.get("/", headers={"Host": host})
    assert response.status_code == status
    if status == 400:
        assert "Open it under the address the bot printed" in response.text


async def test_where_all_addresses_are_listened_on_any_of_them_may_be_used(world: World) -> None:
    web = Web(world.app, world.store, lambda: NOON, "secret", "UTC", hosts=["0.0.0.0"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web.asgi), base_url="http://x") as client:
        assert (await client.get("/", headers={"Host": "192.168.1.5:8080"})).status_code == 200
        assert (await client.get("/", headers={"Host": "evil.example"})).status_code == 400


async def test_a_body_that_is_too_long_is_refused(ann: Visitor) -> None:
    response = await ann.client.post("/type", content=SIXTY_FIVE_KIB)
    assert response.status_code == 413
    assert response.json()["problem"] == "That is too much at once. Send less than 64 KiB."


async def test_a_body_in_chunks_that_does_not_say_how_long_it_is_is_refused_too(ann: Visitor) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for n in range(0, len(SIXTY_FIVE_KIB), 8192):
            yield SIXTY_FIVE_KIB[n : n + 8192]

    response = await ann.client.post("/type", content=chunks())
    assert response.status_code == 413


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '"text"', "{}", '{"act": 1}', '{"act": "test-act-1", "channel": "daily", "line": ["x"]}'],
)
async def test_a_body_nobody_can_read_is_refused(ann: Visitor, body: str) -> None:
    response = await ann.client.post("/type", content=body)
    assert response.status_code == 422
    assert response.json()["problem"].startswith("I can't read what the page sent.")


async def test_too_many_acts_of_one_person_are_refused_with_the_time_to_wait(ann: Visitor, bo: Visitor) -> None:
    for _ in range(guard.ACTS):
        assert (await ann.client.post("/type", content="{}")).status_code == 422
    response = await ann.say("one too many")
    assert response.status_code == 429
    assert 1 <= int(response.headers["retry-after"]) <= 11
    assert response.json()["problem"].startswith("That was quick. Wait ")
    assert (await bo.say("hello")).status_code == 200


async def test_too_many_acts_of_one_address_are_refused(world: World) -> None:
    strangers = world.visitor()
    for _ in range(guard.ACTS_OF_ADDRESS):
        assert (await strangers.client.post("/join", content="{}")).status_code == 422
    assert (await world.visitor().join("Ann")).status_code == 429


def test_a_rate_lets_go_on_after_its_time() -> None:
    now = [0.0]
    rate = Rate(2, 10, lambda: now[0])
    rate.count("ann")
    now[0] = 4
    rate.count("ann")
    with pytest.raises(Refused, match="Wait 6 s"):
        rate.count("ann")
    rate.count("bo")
    now[0] = 10.5
    rate.count("ann")


def test_a_rate_forgets_who_has_left() -> None:
    now = [0.0]
    rate = Rate(2, 10, lambda: now[0])
    for n in range(10_000):
        rate.count(f"{n}")
    now[0] = 100
    rate.count("ann")
    assert len(rate._done) == 1


async def test_an_address_that_does_not_exist_says_where_to_go(ann: Visitor) -> None:
    response = await ann.client.get("/nowhere")
    assert (response.status_code, response.text) == (
        404,
        "There is nothing at this address. Go back to the start page, /.",
    )
    assert (await ann.client.get("/c/secret")).status_code == 404
    assert "#daily, #quiz, #general" in (await ann.client.get("/c/secret")).text


async def test_a_fault_is_told_kindly_and_without_details(world: World, ann: Visitor) -> None:
    async def broken(request: object) -> None:
        raise RuntimeError("a detail nobody outside should see")

    world.app.handle = broken  # type: ignore[assignment, method-assign]
    response = await ann.say("/quiz help")
    assert response.status_code == 500
    assert "detail" not in response.text
    assert response.json()["problem"].endswith("please try again.")


async def test_a_store_that_is_away_says_so(world: World, ann: Visitor) -> None:
    await world.store.close()
    response = await ann.say("hello")
    assert response.status_code == 503
    assert response.json()["problem"] == "The bot is stopping; nothing was saved. Try again when it is back."


async def test_the_process_can_be_watched_over(world: World) -> None:
    client = world.visitor().client
    assert (await client.get("/health")).text == "ok"
    await world.store.close()
    assert (await client.get("/health")).status_code == 503
