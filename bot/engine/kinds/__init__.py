"""Question kinds. Every file in this folder that defines a class with a `name` is one; the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

from bot.engine.question import Kind


def _kind(module: ModuleType) -> type[Kind]:
    found = [item for item in vars(module).values() if isinstance(item, type) and item.__dict__.get("name")]
    (kind,) = (item for item in found if item.__module__ == module.__name__)
    return kind


def _discover() -> dict[str, type[Kind]]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {kind.name: kind for kind in map(_kind, modules)}


KINDS: Mapping[str, type[Kind]] = _discover()
