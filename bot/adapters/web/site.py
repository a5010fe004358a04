"""The page's addresses: each reads a request, lets the room do the work, and answers."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import structlog
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.adapters.web import assets, entrance, guard, render
from bot.adapters.web.guard import Guard, Rate, Refused
from bot.adapters.web.room import CHANNELS, PAGE, Outcome, Room, place
from bot.adapters.web.stream import Streams
from bot.ports import Person, Place, StoreError

log = structlog.get_logger()

ABOUT = {
    "daily": "One question a day for everybody",
    "quiz": "Practise, and see who is ahead",
    "general": "Talk about anything",
}
LINE = 2000

Act = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
"""The page's own name for a thing done, so that sending it again changes nothing."""


class Joining(BaseModel):
    """A name, and the time zone of the browser."""

    name: Annotated[str, Field(max_length=400)]
    zone: Annotated[str, Field(max_length=64)] = ""


class Typing(BaseModel):
    """A line typed in a channel."""

    act: Act
    channel: Annotated[str, Field(max_length=40)]
    line: str


class Pressing(BaseModel):
    """A control used: its message, its call, and what was chosen where it is a menu."""

    act: Act
    message: Annotated[str, Field(max_length=100)]
    call: Annotated[str, Field(max_length=100)]
    value: Annotated[str, Field(max_length=100)] = ""


class Submitting(BaseModel):
    """A form sent."""

    act: Act
    form: Annotated[str, Field(max_length=4000)]
    values: dict[str, list[str]]


Body = TypeVar("Body", bound=BaseModel)


class Site:
    """The page over HTTP. `asgi` is the whole of it, guard and all."""

    def __init__(self, room: Room, streams: Streams, secret: entrance.Secret, hosts: Sequence[str]) -> None:
        self._room = room
        self._streams = streams
        self._badges = entrance.Badges(secret)
        self._acts = Rate(guard.ACTS)
        self._acts_of_address = Rate(guard.ACTS_OF_ADDRESS)
        self._looks = Rate(guard.LOOKS)
        self.asgi = Guard(Starlette(routes=self._routes(), exception_handlers=_HANDLERS), hosts)

    def _routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/c/{channel}", self.page),
            Route("/me", self.me),
            Route("/join", self.join, methods=["POST"]),
            Route("/name", self.rename, methods=["POST"]),
            Route("/type", self.say, methods=["POST"]),
            Route("/press", self.press, methods=["POST"]),
            Route("/submit", self.submit, methods=["POST"]),
            Route("/complete", self.complete),
            Route("/earlier", self.earlier),
            Route("/events", self.events),
            Route("/health", self.health),
            Route("/static/{version}/{name}", self.asset),
        ]

    # ---- looking

    async def page(self, request: Request) -> Response:
        """The page with everything said lately; who has no name yet sees a dialog that asks for one."""
        here = place(request.path_params.get("channel", CHANNELS[0].external))
        person = self._badge(request)
        if person and not await self._room.recognise(person):
            person = None
        view = await self._room.view(person)
        html = render.page(
            "page.html",
            asset=assets.address,
            person=person,
            hue=render.hue(person.name) if person else 0,
            initials=render.initials(person.name) if person else "",
            here=here,
            channels=[(channel, ABOUT[channel.external], view.channels[channel.external]) for channel in CHANNELS],
            version=view.version,
            full=PAGE,
            line=LINE,
            longest=entrance.LONGEST,
        )
        return HTMLResponse(html)

    async def me(self, request: Request) -> Response:
        """Whether this browser is known: a page opened by a link on another site comes without its cookie, and asks."""
        person = self._badge(request)
        return JSONResponse({"known": bool(person and await self._room.recognise(person))})

    async def health(self, request: Request) -> Response:
        """For whoever watches over the process: it answers, and its store does."""
        await self._room.store.read(lambda uow: uow.messages.version())
        return PlainTextResponse("ok")

    async def complete(self, request: Request) -> Response:
        person = self._looking(request)
        line = request.query_params.get("line", "")[:LINE]
        return JSONResponse({"lines": await self._room.complete(person, self._channel(request), line)})

    async def earlier(self, request: Request) -> Response:
        person = self._looking(request)
        before, have = _number(request, "before"), _number(request, "have")
        shown = await self._room.earlier(person, self._channel(request), before, have)
        return JSONResponse({"messages": [one.told for one in shown]})

    async def events(self, request: Request) -> Response:
        """The stream of changes since `Last-Event-ID`, or since `after`."""
        person = self._looking(request)
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isdecimal() and len(last) < 19 else _number(request, "after")
        events = self._streams.events(person, after)
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def asset(self, request: Request) -> Response:
        found = assets.response(request.path_params["version"], request.path_params["name"])
        if found is None:
            raise Refused("This file is of another version. Load the page again.", 404)
        return found

    # ---- doing

    async def join(self, request: Request) -> Response:
        """Come in under a name. Somebody known already keeps who they are and takes the name."""
        body = await self._read(request, Joining)
        known = self._badge(request)
        fresh = entrance.newcomer(body.name, body.zone)
        return await self._named(request, Person(known.external, fresh.name, zone=fresh.zone) if known else fresh)

    async def rename(self, request: Request) -> Response:
        body, person = await self._read(request, Joining), self._person(request)
        return await self._named(request, Person(person.external, entrance.clean(body.name), zone=person.zone))

    async def say(self, request: Request) -> Response:
        body, person = await self._read(request, Typing), self._person(request)
        line = " ".join(body.line.split())
        if not line:
            raise Refused("There is nothing to send yet. Type a line first.", 422)
        if len(line) > LINE:
            raise Refused(f"That is longer than {LINE:,} characters. Send it in parts.", 422)
        return _told(await self._room.say(person, place(body.channel), line, body.act))

    async def press(self, request: Request) -> Response:
        body, person = await self._read(request, Pressing), self._person(request)
        return _told(await self._room.press(person, body.message, body.call, body.value, body.act))

    async def submit(self, request: Request) -> Response:
        body, person = await self._read(request, Submitting), self._person(request)
        values = {name: tuple(given) for name, given in body.values.items()}
        return _told(await self._room.submit(person, body.form, values, body.act))

    # ---- reading requests

    def _badge(self, request: Request) -> Person | None:
        return self._badges.read(request.cookies.get(entrance.COOKIE, ""))

    def _person(self, request: Request) -> Person:
        person = self._badge(request)
        if person is None:
            raise Refused("I don't know you yet. Load the page again and say your name.", 401)
        return person

    def _looking(self, request: Request) -> Person:
        person = self._person(request)
        self._looks.count(person.external)
        return person

    async def _read(self, request: Request, kind: type[Body]) -> Body:
        """The body of an act, counted, bounded and checked."""
        self._acts_of_address.count(request.client.host if request.client else "")
        person = self._badge(request)
        if person:
            self._acts.count(person.external)
        try:
            return kind.model_validate_json(await guard.read_body(request))
        except ValidationError:
            raise Refused("I can't read what the page sent. Load it again and try once more.", 422) from None

    def _channel(self, request: Request) -> Place:
        return place(request.query_params.get("channel", CHANNELS[0].external))

    async def _named(self, request: Request, person: Person) -> Response:
        """Let somebody in under a name and remember it in their browser."""
        await self._room.enter(person)
        response = JSONResponse({"name": person.name})
        response.set_cookie(
            entrance.COOKIE,
            self._badges.write(person),
            max_age=entrance.YEAR,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response


def _number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "0")
    if not given.isdecimal() or len(given) > 18:
        raise Refused("I can't read what the page asked for. Load it again.", 422)
    return int(given)


def _told(outcome: Outcome) -> Response:
    messages = [shown.told for shown in outcome.messages]
    return JSONResponse({"messages": messages, "form": outcome.form, "errors": outcome.errors or {}})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return guard.refusal(error, plain=request.method == "GET")


async def _name_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, entrance.NameRefused)
    return JSONResponse({"problem": str(error), "suggestion": error.suggestion}, 409)


async def _store_away(request: Request, error: Exception) -> Response:
    return guard.refusal(Refused(str(error), 503), plain=request.method == "GET")


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "There is nothing at this address. Go back to the start page, /."
    return guard.refusal(Refused(text, error.status_code), plain=request.method == "GET")


async def _fault(request: Request, error: Exception) -> Response:
    log.error("page", path=request.url.path, error=repr(error))
    text = "Something went wrong on my side. Nothing you did is lost; please try again."
    return guard.refusal(Refused(text, 500), plain=request.method == "GET")


_HANDLERS = {
    Refused: _refused,
    entrance.NameRefused: _name_refused,
    StoreError: _store_away,
    HTTPException: _not_here,
    Exception: _fault,
}
