"""What Slack refuses: the limits of messages and views, those that slack_sdk checks and those that it does not.

From https://docs.slack.dev/reference/block-kit and /reference/views; that a third chart is refused is known from its
answer only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.adapters.slack.render import Message

Node = Mapping[str, Any]

BLOCKS = {"header", "section", "context", "actions", "rich_text", "image", "divider"}
OF_MESSAGES, OF_DIALOGS = {"table", "data_visualization"}, {"input"}
CHOOSERS = {"static_select": 100, "radio_buttons": 10, "checkboxes": 10}


def of_message(message: Message) -> list[str]:
    """What is wrong with a message."""
    kinds = [block["type"] for block in message.blocks]
    return [
        *_between("notification", len(message.text), 1, 4000),
        *_between("blocks", len(message.blocks), 1, 50),
        *_most("tables", kinds.count("table"), 1),
        *_most("charts", kinds.count("data_visualization"), 2),
        *_of_blocks(message.blocks, BLOCKS | OF_MESSAGES),
    ]


def of_view(view: Node) -> list[str]:
    """What is wrong with a dialog or a Home tab."""
    dialog = view["type"] == "modal"
    labels = [name for name in ("title", "submit", "close") if name in view]
    asks = any(block["type"] == "input" for block in view["blocks"])
    return [
        *_between("blocks", len(view["blocks"]), 1, 100),
        *(problem for name in labels for problem in _text(name, view[name], 24)),
        *([] if dialog == ("title" in view) and dialog == bool(labels) else ["labels of a view"]),
        *([] if asks <= ("submit" in view) else ["no submit"]),
        *_most("metadata", len(view.get("private_metadata", "")), 3000),
        *_most("callback id", len(view.get("callback_id", "")), 255),
        *_most("bytes", len(json.dumps(view).encode()), 250_000),
        *_of_blocks(view["blocks"], BLOCKS | (OF_DIALOGS if dialog else set())),
    ]


def _of_blocks(blocks: Sequence[Node], known: set[str]) -> Iterator[str]:
    yield from _unique("block id", [block["block_id"] for block in blocks if "block_id" in block], 255)
    yield from _unique("action id", [node["action_id"] for node in _nodes(blocks) if "action_id" in node], 255)
    for block in blocks:
        if block["type"] not in known:
            yield f"no place for {block['type']}"
        yield from _block(block)


def _block(block: Node) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield from _text("header", block["text"], 150)
        case "section":
            yield from _text("section", block["text"], 3000, "mrkdwn")
            yield from _element(block["accessory"])
        case "context":
            yield from _between("small print", len(block["elements"]), 1, 10)
            for text in block["elements"]:
                yield from _text("small print", text, 3000, "mrkdwn")
        case "actions":
            yield from _between("controls", len(block["elements"]), 1, 25)
            for element in block["elements"]:
                yield from _element(element) if "action_id" in element else ["a control without id"]
        case "input":
            yield from _input(block)
        case "rich_text":
            yield from _rich(block)
        case "image":
            yield from _element(block)
        case "table":
            yield from _table(block)
        case "data_visualization":
            yield from _chart(block)


def _input(block: Node) -> Iterator[str]:
    yield from _text("label", block["label"], 2000)
    yield from _text("hint", block["hint"], 2000) if "hint" in block else ()
    yield from _element(block["element"])


def _element(element: Node) -> Iterator[str]:
    kind = element["type"]
    if kind == "button":
        yield from _text("button", element["text"], 75)
        yield from _most("button value", len(element.get("value", "")), 2000)
    elif kind == "image":
        yield from _between("description", len(element["alt_text"]), 1, 2000)
        address = element.get("image_url", "https://files")
        yield from _most("address", len(address), 3000)
        if ("image_url" in element) == ("slack_file" in element) or not address.startswith("https://"):
            yield "a picture is either an https address or a file"
    elif kind == "plain_text_input":
        yield from _between("longest input", element["max_length"], 1, 3000)
        yield from _most("value of an input", len(element.get("initial_value", "")), element["max_length"])
    elif kind in CHOOSERS:
        yield from _options(element, CHOOSERS[kind])
    else:
        yield f"no such element: {kind}"


def _options(element: Node, most: int) -> Iterator[str]:
    yield from _between(f"options of {element['type']}", len(element["options"]), 1, most)
    yield from _text("placeholder", element["placeholder"], 150) if "placeholder" in element else ()
    for option in element["options"]:
        yield from _text("option", option["text"], 75)
        yield from _between("option value", len(option["value"]), 1, 150)
    if "initial_option" in element and element["initial_option"] not in element["options"]:
        yield "chosen is no option"


def _rich(block: Node) -> Iterator[str]:
    yield from _between("rich text", len(block["elements"]), 1, 50)
    for element in block["elements"]:
        fenced = element["type"] == "rich_text_preformatted"
        if not fenced and element["type"] != "rich_text_section":
            yield f"no rich text: {element['type']}"
        for part in element["elements"]:
            yield from _part(part, {"text"} if fenced else {"text", "link", "user", "date"})


def _part(part: Node, known: set[str]) -> Iterator[str]:
    if part["type"] not in known:
        yield f"no place for {part['type']} in rich text"
    if part["type"] in ("text", "link"):
        yield from _between("part of rich text", len(part["text"]), 1, 4000)
    if part["type"] == "date" and not isinstance(part["timestamp"], int):
        yield "an instant is not a whole number"
    if not set(part.get("style", ())) <= {"bold", "italic", "code"}:
        yield f"no such style: {part['style']}"


def _table(table: Node) -> Iterator[str]:
    yield from _between("rows", len(table["rows"]), 1, 100)
    yield from _most("columns set", len(table["column_settings"]), 20)
    for row in table["rows"]:
        yield from _between("cells", len(row), 1, 20)
    texts = [cell["text"] for row in table["rows"] for cell in row]
    yield from _between("shortest cell", min(map(len, texts)), 1, 10_000)
    yield from _most("characters of a table", sum(map(len, texts)), 10_000)


def _chart(block: Node) -> Iterator[str]:
    chart, axis = block["chart"], block["chart"]["axis_config"]
    yield from _between("chart title", len(block["title"]), 1, 50)
    yield from _between("series", len(chart["series"]), 1, 6)
    yield from _between("points", len(axis["categories"]), 1, 20)
    yield from _unique("category", axis["categories"], 20)
    yield from _most("unit", len(axis.get("y_label", "")), 50)
    for series in chart["series"]:
        yield from _between("series name", len(series["name"]), 1, 20)
        if [point["label"] for point in series["data"]] != axis["categories"]:
            yield "points are not those of the axis"


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Mapping):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _nodes(item)


def _text(what: str, text: Node, most: int, *more: str) -> list[str]:
    kind = [] if text["type"] in ("plain_text", *more) else [f"{what}: {text['type']}"]
    return [*kind, *_between(what, len(text["text"]), 1, most)]


def _unique(what: str, names: Sequence[str], most: int) -> Iterator[str]:
    if len(set(names)) < len(names):
        yield f"{what} twice"
    for name in names:
        yield from _between(what, len(name), 1, most)


def _most(what: str, is_: int, most: int) -> list[str]:
    return _between(what, is_, 0, most)


def _between(what: str, is_: int, least: int, most: int) -> list[str]:
    return [] if least <= is_ <= most else [f"{what}: {is_}, not {least} to {most}"]
