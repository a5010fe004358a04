"""What Discord refuses and discord.py does not: the limits of messages, dialogs and commands."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import discord

TEXT, GALLERY = 10, 12
NAME = re.compile(r"[-_'\w]{1,32}")


def of_message(view: discord.ui.LayoutView, files: list[discord.File]) -> list[str]:
    """What is wrong with a message."""
    parts = list(_walk(parts_of(view)))
    texts = [part["content"] for part in parts if part["type"] == TEXT]
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    shown = {item["media"]["url"] for part in parts if part["type"] == GALLERY for item in part["items"]}
    found = [problem for part in parts for problem in _part(part)]
    found += _most("parts", len(parts), 40) + _most("characters", sum(map(len, texts)), 4000)
    found += ["an id twice"] if len(set(ids)) < len(ids) else []
    found += [f"not shown: {file.filename}" for file in files if f"attachment://{file.filename}" not in shown]
    missing = {url for url in shown if url.startswith("attachment:")} - {f"attachment://{f.filename}" for f in files}
    return found + [f"no such file: {url}" for url in missing]


def parts_of(view: Any) -> list[Any]:
    """What Discord is told of a message."""
    return list(view.to_components())


def of_dialog(modal: discord.ui.Modal) -> list[str]:
    """What is wrong with a dialog."""
    data = modal.to_dict()
    parts = list(_walk(data["components"]))
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    return [
        *_most("title", len(data["title"]), 45),
        *_between("id", len(data["custom_id"]), 1, 100),
        *_between("inputs", len(data["components"]), 1, 5),
        *(["an id twice"] if len(set(ids)) < len(ids) else []),
        *(problem for part in parts for problem in _part(part)),
    ]


def of_commands(payload: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a tree of commands."""
    found = [problem for command in payload for problem in _command(command)]
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        found += _most(f"commands of type {kind}", sum(command.get("type", 1) == kind for command in payload), most)
    return found


def _part(part: Mapping[str, Any]) -> Iterator[str]:
    if "custom_id" in part:
        yield from _between("id", len(part["custom_id"]), 1, 100)
    options = part.get("options", ())
    for option in options:
        yield from _between("option label", len(option["label"]), 1, 100)
        yield from _between("option value", len(option["value"]), 1, 100)
    match part["type"]:
        case 1:
            yield from _between("row", len(part["components"]), 1, 5)
        case 2:
            yield from _between("button label", len(part["label"]), 1, 80)
        case 3:
            yield from _between("menu options", len(options), 1, 25)
            yield from _most("placeholder", len(part.get("placeholder") or ""), 150)
            yield from _between("least of a menu", part["min_values"], 0, len(options))
            yield from _between("most of a menu", part["max_values"], 1, len(options))
        case 4:
            yield from _between("longest input", part["max_length"], 1, 4000)
            yield from _most("value of an input", len(part.get("value") or ""), part["max_length"])
        case 10:
            yield from _between("text", len(part["content"]), 1, 4000)
        case 12:
            yield from _between("pictures", len(part["items"]), 1, 10)
            for item in part["items"]:
                yield from _most("description of a picture", len(item.get("description") or ""), 1024)
        case 11:
            yield from _most("description of a picture", len(part.get("description") or ""), 1024)
        case 18:
            yield from _between("label", len(part["label"]), 1, 45)
            yield from _most("hint", len(part.get("description") or ""), 100)
        case 21:
            yield from _between("radio options", len(options), 2, 10)
        case 22:
            yield from _between("boxes", len(options), 1, 10)


def _command(command: Mapping[str, Any]) -> Iterator[str]:
    if command.get("type", 1) == 1:
        yield from _most(f"characters of {command['name']}", _size(command), 8000)
        yield from _option(command)
    else:
        yield from _between("name", len(command["name"]), 1, 32)


def _option(option: Mapping[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(option["name"]) or option["name"] != option["name"].lower():
        yield f"name {option['name']}"
    yield from _between(f"description of {option['name']}", len(option["description"]), 1, 100)
    yield from _most(f"options of {option['name']}", len(option.get("options", ())), 25)
    yield from _most(f"choices of {option['name']}", len(option.get("choices", ())), 25)
    needed = [inner.get("required", False) for inner in option.get("options", ())]
    if needed != sorted(needed, reverse=True):
        yield f"{option['name']}: what is needed comes first"
    for inner in option.get("options", ()):
        yield from _option(inner)


def _size(option: Mapping[str, Any]) -> int:
    choices = sum(len(choice["name"]) + len(str(choice["value"])) for choice in option.get("choices", ()))
    return len(option["name"]) + len(option["description"]) + choices + sum(map(_size, option.get("options", ())))


def _walk(parts: Any) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        yield part
        yield from _walk(part.get("components", ()))
        yield from _walk([part[inner] for inner in ("component", "accessory") if inner in part])


def _most(what: str, is_: int, most: int) -> list[str]:
    return _between(what, is_, 0, most)


def _between(what: str, is_: int, least: int, most: int) -> list[str]:
    return [] if least <= is_ <= most else [f"{what}: {is_}, not {least} to {most}"]
