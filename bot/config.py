"""Settings from the environment, read once."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    hosts: tuple[str, ...] = ()
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

    discord_token: SecretStr | None = Field(default=None, validation_alias="DISCORD_TOKEN")
    """Token of the Discord bot (`DISCORD_TOKEN`, without a prefix); Discord is off if left out."""
    discord_shards: str = ""
    """Which of Discord's shards this process runs, such as `0-3/16`; all of them if left out."""

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


def read_settings(**given: Any) -> Settings:
    """The settings of this process, those given coming first; raises `SettingsError`."""
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = (
            f"QUIZBOT_{'_'.join(map(str, detail['loc'])).upper()}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors()
        )
        raise SettingsError("\n".join(lines)) from None
