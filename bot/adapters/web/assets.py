"""The files the page is made of besides its HTML, kept in memory under addresses that change with their content."""

from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: path.read_bytes() for path in sorted((Path(__file__).parent / "static").iterdir())}
VERSION = sha256(b"".join(_FILES.values())).hexdigest()[:16]


def address(name: str) -> str:
    """Where the page finds a file."""
    assert name in _FILES, name
    return f"/static/{VERSION}/{name}"


def response(version: str, name: str) -> Response | None:
    """A file for ever; None where there is none, or not of that version."""
    if version != VERSION or name not in _FILES:
        return None
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_FILES[name], media_type=_TYPES[Path(name).suffix], headers=headers)
