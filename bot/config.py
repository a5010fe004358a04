"""Settings from the environment, read once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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


def read_settings() -> Settings:
    """The settings of this process; raises `SettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (
            f"QUIZBOT_{'_'.join(map(str, detail['loc'])).upper()}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors()
        )
        raise SettingsError("\n".join(lines)) from None
