"""Settings from the environment, read once."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_SHARDS = re.compile(r"(\d+)-(\d+)/(\d+)")


class SettingsError(Exception):
    """Settings that cannot be used; the text names every problem, a line each."""


class Settings(BaseSettings):
    """Every setting is an environment variable `QUIZBOT_…`, or a line of a `.env` file in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="QUIZBOT_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    database: str = "sqlite:///var/quizbot.sqlite3"
    """`sqlite:///path` or `postgresql://user:password@host/name`."""
    host: str = "127.0.0.1"
    """Address the page listens on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port of the page."""
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Names the page may be reached by besides the loopback ones, as a JSON list."""
    content: Path | None = None
    """Folder of packs; the shipped ones if left out."""
    secret_key: SecretStr | None = None
    """Signs the page's cookies; made and kept beside the SQLite file if left out."""
    zone: str = ""
    """Time zone given to new spaces; the machine's if left out."""
    log: Literal["text", "json"] = "text"
    """How log lines look."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    old_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Former values of `secret_key` that are still accepted, as a JSON list."""

    discord_token: SecretStr | None = Field(default=None, validation_alias="DISCORD_TOKEN")
    """Token of the Discord bot (`DISCORD_TOKEN`, without a prefix); Discord is off if left out."""
    discord_shards: str = ""
    """Which of Discord's shards this process runs, such as `0-3/16`; all of them if left out."""
    discord_words: Path | None = None
    """YAML file `{locale: {ours: theirs}}` with names and descriptions of Discord's commands in other languages."""

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    """Token of the Slack bot of one workspace, `xoxb-…`; Slack is off if this and `slack_client_id` are left out."""
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    """Token for Socket Mode, `xapp-…`: Slack needs no address of ours."""
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    """What Slack signs its HTTP requests with."""
    slack_client_id: SecretStr | None = Field(default=None, validation_alias="SLACK_CLIENT_ID")
    """The app's id where any workspace may install it."""
    slack_client_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_CLIENT_SECRET")
    """Goes with `slack_client_id`."""
    slack_command: str = "/quiz"
    """The slash command on Slack, as in the app's manifest."""

    @property
    def slack(self) -> bool:
        """Whether there are tokens for Slack."""
        return bool(self.slack_bot_token or self.slack_client_id)

    @field_validator("hosts", "old_secret_keys", mode="before")
    @classmethod
    def _json_list(cls, value: Any) -> Any:
        """What was written as a JSON list."""
        if not isinstance(value, str):
            return value
        try:
            found = json.loads(value or "[]")
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ValueError('must be a JSON list of texts, such as ["one", "two"]')
        return found

    @field_validator("slack_command")
    @classmethod
    def _known_command(cls, value: str) -> str:
        if not _COMMAND.fullmatch(value):
            raise ValueError("must look like /quiz: a slash, then 1 to 31 of a-z, 0-9, - and _")
        return value

    @model_validator(mode="after")
    def _slack_fits(self) -> "Settings":
        problems = list(_slack_problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @field_validator("discord_shards")
    @classmethod
    def _known_shards(cls, value: str) -> str:
        found = _SHARDS.fullmatch(value)
        if value and not (found and int(found[1]) <= int(found[2]) < int(found[3])):
            raise ValueError("must look like 0-3/16: first and last of the shards here, and how many there are")
        return value

    @property
    def shards(self) -> tuple[tuple[int, ...], int] | None:
        """Ids of the shards to run here and how many there are; None for all."""
        found = _SHARDS.fullmatch(self.discord_shards)
        return (tuple(range(int(found[1]), int(found[2]) + 1)), int(found[3])) if found else None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError("must be a time zone such as Europe/Berlin, America/New_York or UTC")
        return value

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        path = self.database.removeprefix("sqlite:///")
        return Path(path) if path != self.database else None


def _slack_problems(settings: Settings) -> Iterator[str]:
    """What does not go together of what Slack needs."""
    bot, app = _revealed(settings.slack_bot_token), _revealed(settings.slack_app_token)
    client, signed = bool(settings.slack_client_id), bool(settings.slack_signing_secret)
    if bot and not bot.startswith(("xoxb-", "xoxe.xoxb-")):
        swapped = "; this is the app token, for SLACK_APP_TOKEN" if bot.startswith("xapp-") else ""
        yield f"SLACK_BOT_TOKEN: must begin with xoxb-{swapped}"
    if app and not app.startswith("xapp-"):
        swapped = "; this is the bot token, for SLACK_BOT_TOKEN" if "xoxb-" in app else ""
        yield f"SLACK_APP_TOKEN: must begin with xapp-{swapped}"
    if app and not bot and not client:
        yield "SLACK_BOT_TOKEN: is missing; SLACK_APP_TOKEN only listens. For many workspaces set SLACK_CLIENT_ID"
    if bot and client:
        yield "SLACK_BOT_TOKEN: is of no use beside SLACK_CLIENT_ID, which gets one for each workspace; leave one out"
    if client and not settings.secret_key and settings.sqlite_file is None:
        yield "QUIZBOT_SECRET_KEY: is missing; it encrypts the tokens of workspaces. Set any long random text"
    if client and not settings.slack_client_secret:
        yield "SLACK_CLIENT_SECRET: is missing; SLACK_CLIENT_ID needs it"
    if settings.slack_client_secret and not client:
        yield "SLACK_CLIENT_ID: is missing; SLACK_CLIENT_SECRET needs it"
    if (bot or client) and not app and not signed:
        yield "SLACK_APP_TOKEN: is missing. Set it for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def read_settings(**given: Any) -> Settings:
    """The settings of this process, those given coming first; raises `SettingsError`."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(map(_line, error.errors()))) from None


def _line(detail: ErrorDetails) -> str:
    """A problem under the name of its variable. What concerns several names it itself."""
    text = detail["msg"].removeprefix("Value error, ")
    name = str(detail["loc"][0]) if detail["loc"] else ""
    if name in Settings.model_fields:
        name = f"QUIZBOT_{name.upper()}"
    return f"{name}: {text}" if name else text
