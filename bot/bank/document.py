"""A YAML file that knows where each of its parts stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]
"""The way to a part: keys and places in lists, from the top."""


class Document:
    """The file's `value` (None where it is empty), and lines by `Place`; raises `yaml.YAMLError` or `OSError`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        loader = _LOADER(file.read_bytes())
        try:
            self._root: yaml.Node | None = loader.get_single_node()
            self.value: Any = loader.construct_document(self._root) if self._root else None
        finally:
            loader.dispose()

    def line(self, place: Place = ()) -> int:
        """The line of a part, or of the nearest part around it that is there."""
        node, mark = self._root, self._root.start_mark if self._root else None
        for part in place:
            found = _child(node, part)
            if found is None:
                break
            node, mark = found[1], found[0].start_mark
        return mark.line + 1 if mark else 1

    def repeated(self) -> Iterator[tuple[int, str]]:
        """Line and name of every key that a mapping has twice; YAML would keep the last one silently."""
        waiting = [self._root] if self._root else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.SequenceNode):
                waiting += node.value
            elif isinstance(node, yaml.MappingNode):
                waiting += [value for _, value in node.value]
                yield from _twice(node)


def _twice(node: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            yield key.start_mark.line + 1, key.value
        seen.add(key.value)


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    return None
