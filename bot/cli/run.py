"""Running the bot: `quizbot run` (the page, and every platform there is a token for) and `quizbot play`."""

import asyncio
import contextlib
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from pydantic import SecretStr
from starlette.types import ASGIApp
from tzlocal import get_localzone_name

from bot.adapters.terminal.adapter import Terminal
from bot.adapters.terminal.play import play_at
from bot.adapters.web.adapter import Web
from bot.adapters.web.server import Server
from bot.app import App
from bot.bank.library import Library, load_library
from bot.bank.load import ContentError, content_folder
from bot.config import Settings, SettingsError, read_settings
from bot.engine import calendar
from bot.features import build_router
from bot.features.opening import replan, set_going
from bot.ports import Place, Scope, StoreError
from bot.scheduler import Scheduler
from bot.store.engine import SqlStore, open_store
from bot.store.migrate import upgrade

if TYPE_CHECKING:
    from bot.adapters.slack.adapter import Keys


def run(
    host: Annotated[str | None, typer.Option(help="Address the page listens on; 127.0.0.1 if left out.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page; 8080 if left out.")] = None,
) -> None:
    """Run the bot: the scheduler and the page in the browser."""
    settings = settings_of(host=host, port=port)
    _log(settings)
    with explained():
        asyncio.run(_serve(settings, _library(settings)))


def play(
    name: Annotated[str, typer.Option(help="What you are called.")] = "You",
) -> None:
    """Play in this terminal."""
    settings = settings_of()
    _log(settings.model_copy(update={"log_level": "error"}))
    with explained():
        asyncio.run(_play(settings, _library(settings), name))


async def _serve(settings: Settings, library: Library) -> None:
    listener = _listen(settings)
    async with _opened(settings, library) as (app, store):
        zone = _zone(settings)
        web = Web(
            app, store, clock=_now, secret=_secrets(settings)[::-1], zone=zone, hosts=(settings.host, *settings.hosts)
        )
        app.connect(web)
        await app.run(lambda scope: _begin(scope, web.name, web.space, web.channels[0], zone))
        async with _discord(app, store, settings), _slack(app, store, settings) as beside, _scheduled(app):
            host, port = listener.getsockname()[:2]
            typer.echo(f"Quizbot is ready: http://{f'[{host}]' if ':' in host else host}:{port}   (stop with Ctrl+C)")
            await Server(web, beside).serve(sockets=[listener])


async def _play(settings: Settings, library: Library, name: str) -> None:
    async with _opened(settings, library) as (app, store):
        zone = _zone(settings)
        room = Terminal(app, store, _now, zone)
        app.connect(room)
        await app.run(lambda scope: _begin(scope, room.name, room.space, room.channel, zone))
        await app.work()
        async with _scheduled(app):
            await play_at(room, name)


@contextlib.asynccontextmanager
async def _opened(settings: Settings, library: Library) -> AsyncIterator[tuple[App, SqlStore]]:
    """The application over an up-to-date store, which is closed at the end."""
    upgrade(settings.database)
    store = open_store(settings.database)
    try:
        app = App(store, build_router(), library, zone=_zone(settings))
        await app.run(replan)
        yield app, store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _discord(app: App, store: SqlStore, settings: Settings) -> AsyncIterator[None]:
    """Discord beside the page, where there is a token for it."""
    if not settings.discord_token:
        yield
        return
    # Imported here because discord.py takes half a second, and a start without a token does without.
    from bot.adapters.discord.adapter import Discord
    from bot.adapters.discord.client import Shards
    from bot.adapters.discord.words import read_words

    shards = Shards(*settings.shards) if settings.shards else None
    words = read_words(settings.discord_words) if settings.discord_words else None
    platform = Discord(app, app.router, store, settings.discord_token.get_secret_value(), shards, words)
    await platform.start()
    app.connect(platform)
    try:
        yield
    finally:
        await platform.stop()


@contextlib.asynccontextmanager
async def _slack(app: App, store: SqlStore, settings: Settings) -> AsyncIterator[Mapping[str, ASGIApp]]:
    """Slack beside the page, where there are tokens for it; yields what it serves over HTTP, by path."""
    if not settings.slack:
        yield {}
        return
    # Imported here because slack_sdk takes a while, and a start without tokens does without.
    from bot.adapters.slack.adapter import Slack

    slack = Slack(app, app.router, store, slack_keys(settings, _secrets(settings)))
    app.connect(slack)
    try:
        await slack.start()
        site = slack.asgi
        yield {"/slack": site} if site else {}
    finally:
        await slack.stop()


def slack_keys(settings: Settings, secrets: Sequence[str] = ()) -> "Keys":
    """What Slack knows us by; `secrets` encrypt and sign, and are needed to run alone."""
    from bot.adapters.slack.adapter import Keys

    return Keys(
        bot_token=_plain(settings.slack_bot_token),
        app_token=_plain(settings.slack_app_token),
        signing_secret=_plain(settings.slack_signing_secret),
        client_id=_plain(settings.slack_client_id),
        client_secret=_plain(settings.slack_client_secret),
        secrets=secrets,
        command=settings.slack_command,
    )


@contextlib.asynccontextmanager
async def _scheduled(app: App) -> AsyncIterator[None]:
    scheduler = Scheduler(app.wake)
    scheduler.start()
    try:
        yield
    finally:
        await scheduler.stop()
        await app.stop()


def _begin(scope: Scope, platform: str, space: Place, channel: Place, zone: str) -> None:
    """Let a playground have its daily question from the first start on."""
    set_going(scope, scope.uow.people.settle(platform, space, zone, scope.now), channel)


def _library(settings: Settings) -> Library:
    return load_library(settings.content or content_folder())


def settings_of(**given: object) -> Settings:
    """Settings of this process; what was given on the command line comes first."""
    try:
        return read_settings(**{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        raise _fail(f"These settings cannot be used:\n{error}") from None


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn what keeps the bot from starting into a sentence and exit status 1."""
    try:
        yield
    except ContentError as error:
        raise _fail(f"The content cannot be used; mend these lines:\n{error}") from None
    except (StoreError, OSError) as error:
        raise _fail(str(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fail(text: str) -> typer.Exit:
    typer.echo(text, err=True)
    return typer.Exit(1)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise OSError(
            f"The page cannot listen on {settings.host} port {settings.port} ({error.strerror}). "
            "Choose another with --port or QUIZBOT_PORT."
        ) from None


def _zone(settings: Settings) -> str:
    return settings.zone or calendar.known_zone(get_localzone_name() or "") or "UTC"


def _secrets(settings: Settings) -> tuple[str, ...]:
    """The secret key, and former ones that are still accepted."""
    return (_secret(settings), *map(_plain, settings.old_secret_keys))


def _secret(settings: Settings) -> str:
    """The key that signs cookies: the setting, or one made and kept beside the SQLite file."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    if settings.sqlite_file is None:
        raise StoreError("Set QUIZBOT_SECRET_KEY (any long random text): all replicas on one PostgreSQL need the same.")
    file = settings.sqlite_file.with_suffix(".secret")
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text()


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _now() -> datetime:
    return datetime.now(UTC)


def _log(settings: Settings) -> None:
    """One event a line on standard error, as text or JSON."""
    shown = (
        structlog.processors.JSONRenderer()
        if settings.log == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING)
