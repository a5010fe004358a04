"""Every value as Block Kit: complete, within the limits, and nothing in it that was not ours."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block, ButtonElement, PlainTextObject

from bot.adapters.slack import ids, prose, render
from bot.ui import (
    BUTTON_LABEL,
    ID_LENGTH,
    Button,
    Buttons,
    Call,
    Card,
    Chart,
    Fields,
    Form,
    Image,
    LimitError,
    LongText,
    Md,
    Mention,
    Number,
    OneOf,
    Option,
    Point,
    SomeOf,
    Span,
    Table,
    Text,
    When,
)
from tests import gallery, shipped
from tests.adapters.slack import limits, sketch

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ABOUT = "C0123456789"
EVIL = f"{gallery.EVIL} <!channel> <@U012AB3CD> <!subteam^S1> :tada: & &amp;"
TABLE, CHART = gallery.ELEMENTS[8], gallery.ELEMENTS[11]
PORTRAIT = Image("https://example.org/ana.png", "Ana")


def blocks(*elements: Any, **more: Any) -> list[Any]:
    """The blocks of a card below its heading."""
    return render.message(Card("t", elements), **more).blocks[1:]


def rich(*spans: Span) -> list[Any]:
    """The parts of a paragraph, whatever they are in."""
    (block,) = blocks(Text(*spans))
    return [part for element in block["elements"] for part in element["elements"]]


def small(*spans: Span) -> Any:
    (block,) = blocks(Text(*spans, small=True))
    return block["elements"][0]


def drawn(*points: Point, unit: str = "") -> Any:
    """How Slack is asked to draw bars, or how they are told where it cannot."""
    return blocks(Chart("bars", "Answers given", points, unit))[0]


def written(block: Any) -> str:
    """The text in letters of one width."""
    text = block["elements"][-1]["elements"][0]["text"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("pictures", [None, ["words"] * 9, ["F0123456789"] * 9], ids=["native", "words", "file"])
def test_every_card_of_the_gallery_is_within_the_limits(pictures: list[str] | None) -> None:
    for card in gallery.cards():
        assert limits.of_message(render.message(card, pictures, ABOUT)) == [], card
        assert limits.of_view(render.page(card, ABOUT, "m" * 3000)) == [], card
        assert limits.of_view(render.home(card)) == [], card


def test_every_form_of_the_gallery_is_within_the_limits() -> None:
    for form in gallery.forms():
        assert limits.of_view(render.form(form, "m" * 3000)) == [], form


async def test_every_shipped_question_is_within_the_limits(tmp_path: Path) -> None:
    problems = []
    for value in await shipped.shown(tmp_path):
        if isinstance(value, Form):
            problems += limits.of_view(render.form(value, ""))
        else:
            problems += limits.of_message(render.message(value, about=ABOUT)) + limits.of_view(render.page(value))
    assert problems == []


# ---- text


def test_literal_text_is_shown_as_it_was_written_and_mentions_nobody() -> None:
    assert rich(EVIL) == [{"type": "text", "text": EVIL}]
    assert small(EVIL) == {"type": "plain_text", "text": EVIL, "emoji": False}
    (fields,) = blocks(Fields(((EVIL, EVIL),)))
    assert fields["elements"][0]["elements"] == [
        {"type": "text", "text": EVIL, "style": {"bold": True}},
        {"type": "text", "text": f"  {EVIL}"},
    ]


def test_a_title_is_literal_and_its_notification_escaped() -> None:
    said = render.message(Card("<!channel> & *all*\n:tada:"))
    assert said.text == "&lt;!channel&gt; &amp; *all* :tada:"
    title = {"type": "plain_text", "text": "<!channel> & *all* :tada:", "emoji": False}
    assert said.blocks == [{"type": "header", "text": title}]


def test_literal_text_beside_an_instant_is_neither_markup_nor_a_mention() -> None:
    told = small(EVIL, " ", When(gallery.NOON))
    assert told["type"] == "mrkdwn"
    assert told["verbatim"] is True
    own = "<!date^1795348800^\u200b{date_short_pretty} at {time}|22 November 2026 at 12:00 UTC>"
    assert told["text"].endswith(f" {own}")
    literal = told["text"].removesuffix(own)
    assert not set("<>*_~`") & set(literal)
    assert "\n\u200b&gt; quote" in literal
    assert ":tada:" not in literal
    assert "&amp; &amp;amp;" in literal


def test_times_and_addresses_in_small_print_keep_their_colons() -> None:
    assert "at 12:30, https://x.org" in small("at 12:30, https://x.org ", When(gallery.NOON))["text"]


def test_our_markup_is_styled() -> None:
    assert rich(Md("A **b *c*** `d_e` [f **g**](https://x.org/a)\nh")) == [
        {"type": "text", "text": "A "},
        {"type": "text", "text": "b ", "style": {"bold": True}},
        {"type": "text", "text": "c", "style": {"bold": True, "italic": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "d_e", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "link", "text": "f ", "url": "https://x.org/a"},
        {"type": "link", "text": "g", "url": "https://x.org/a", "style": {"bold": True}},
        {"type": "text", "text": "\nh"},
    ]


def test_what_is_not_our_markup_is_shown_as_written() -> None:
    text = "# no __init__ and max_iter_ ~~x~~ <b> &amp; [l](http://x.org) ![i](https://x.org/i.png)"
    assert "".join(part["text"] for part in rich(Md(text))) == text.replace("[i](https://x.org/i.png)", "i")


def test_paragraphs_stay_apart_and_code_stands_alone() -> None:
    (block,) = blocks(Text("So: ", Md("one\n\ntwo\n```python\nx = 1\n\ny = 2\n```\nthree")))
    assert [element["type"] for element in block["elements"]] == [
        "rich_text_section",
        "rich_text_preformatted",
        "rich_text_section",
    ]
    texts = ["".join(part["text"] for part in element["elements"]) for element in block["elements"]]
    assert texts == ["So: one\n\ntwo", "x = 1\n\ny = 2", "three"]


def test_a_mention_is_native_for_ids_of_slack_and_a_name_for_others() -> None:
    assert rich(Mention("U012AB3CD", "Ann")) == [{"type": "user", "user_id": "U012AB3CD"}]
    assert rich(Mention("8123", "<!here>")) == [{"type": "text", "text": "@<!here>"}]
    noon = When(gallery.NOON, "time")
    assert small(Mention("W012AB3CD", "Ann"), noon)["text"].startswith("<@W012AB3CD><!date^1795348800^{time}|")
    assert small(Mention("8123", "<!here>"), noon)["text"].startswith("@&lt;!here&gt;<!date")


def test_instants_are_native() -> None:
    fallback = "22 November 2026 at 12:00 UTC"
    dates = rich(*(When(gallery.NOON, style) for style in ("time", "date", "datetime", "relative")))
    assert [(part["timestamp"], part["fallback"]) for part in dates] == [(1795348800, fallback)] * 4
    formats = ["{time}", "{date_pretty}", "{date_short_pretty} at {time}", "{ago}"]
    assert [part["format"].removeprefix("\u200b") for part in dates] == formats


def test_small_print_that_is_too_long_or_styled_becomes_ordinary_text() -> None:
    for spans in ((*[When(gallery.NOON)] * 60,), ("see ", Md("**this**"))):
        (block,) = blocks(Text(*spans, small=True))
        assert block["type"] == "rich_text"


def test_an_empty_paragraph_leaves_nothing() -> None:
    assert blocks(Text(""), Text("", small=True), Text(Md(""))) == []


def test_a_portrait_stands_beside_the_title() -> None:
    (section,) = render.message(Card("Ana *<@U1>*", portrait=PORTRAIT)).blocks
    assert section["accessory"] == {"type": "image", "image_url": PORTRAIT.url, "alt_text": "Ana"}
    assert section["text"]["text"] == "*Ana \u2217&lt;@U1&gt;\u2217*"
    assert limits.of_view(render.page(Card("Ana", portrait=PORTRAIT))) == []


# ---- tables and charts


def test_a_message_has_one_table_of_slack_and_further_ones_in_letters_of_one_width() -> None:
    table, further = blocks(TABLE, TABLE)
    assert table["type"] == "table"
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["\u00a0", "Player", "Points"],
        ["1", "Ana `x`", "120"],
        ["2", "Bo", "90"],
    ]
    assert [column["align"] for column in table["column_settings"]] == ["right", "left", "right"]
    assert written(further) == "   Player   Points\n1  Ana `x`     120\n2  Bo           90"


def test_views_have_tables_and_charts_in_words() -> None:
    for view in (render.page(Card("t", (TABLE, CHART))), render.home(Card("t", (TABLE, CHART)))):
        assert {block["type"] for block in view["blocks"]} <= {"header", "rich_text"}
        assert "B" in json.dumps(view["blocks"][-1])


def test_a_chart_is_drawn_by_slack_with_its_notes_in_words() -> None:
    chart = drawn(Point("A", 4), Point("gradient boosting", 11.5, "right"), unit=" %")
    assert chart == {
        "type": "data_visualization",
        "title": "Answers given",
        "chart": {
            "type": "bar",
            "series": [
                {
                    "name": "Answers given",
                    "data": [{"label": "A", "value": 4}, {"label": "gradient bo… (right)", "value": 11.5}],
                }
            ],
            "axis_config": {"categories": ["A", "gradient bo… (right)"], "y_label": "%"},
        },
    }


@pytest.mark.parametrize(
    "points",
    [(Point("A", 1), Point("A", 2)), (Point("A", 1, "a very long note indeed"),), (Point("", 1),)],
    ids=["alike", "long", "nameless"],
)
def test_a_chart_that_slack_cannot_draw_is_told_in_words(points: tuple[Point, ...]) -> None:
    told = drawn(*points)
    assert told["type"] == "rich_text"
    assert all(point.label in written(told) and point.note in written(told) for point in points)


def test_a_chart_in_words_has_bars() -> None:
    (told,) = blocks(CHART, pictures=["words"])
    assert told["elements"][0]["elements"][0]["text"] == "Answers given"
    assert written(told) == f"A {'▇' * 9} 4\nB {'▇' * 24} 11 (right)"
    nothing = Chart("line", "Nothing", (Point("A", 0), Point("Bo", -2)))
    assert written(blocks(nothing, pictures=["words"])[0]) == "A  0\nBo -2"


def test_a_chart_is_an_uploaded_file_with_its_description() -> None:
    (image,) = blocks(CHART, pictures=["F012"])
    described = "Answers given: A 4, B 11 (right)"
    assert image == {"type": "image", "slack_file": {"id": "F012"}, "alt_text": described}


def test_slack_draws_two_charts_of_a_message_and_the_rest_is_told_as_asked() -> None:
    shown = [block["type"] for block in blocks(*[CHART] * 4)]
    assert shown == ["data_visualization", "data_visualization", "rich_text", "rich_text"]
    shown = [block["type"] for block in blocks(*[CHART] * 5, pictures=["words", "F1", "native", "native"])]
    assert shown == ["rich_text", "image", "data_visualization", "data_visualization", "rich_text"]


# ---- controls, dialogs and ids


def test_buttons_have_their_style_and_what_they_are_about() -> None:
    (row,) = blocks(gallery.ELEMENTS[15], about=ABOUT)
    assert [button.get("style") for button in row["elements"]] == [None, "primary", "danger"]
    assert [button["action_id"] for button in row["elements"]] == [f"{name}%@{ABOUT}" for name in "abc"]


def test_a_menu_shows_its_options() -> None:
    (row,) = blocks(gallery.ELEMENTS[18])
    (menu,) = row["elements"]
    assert menu["action_id"] == "pick"
    assert [(option["text"]["text"], option["value"]) for option in menu["options"]] == [("One", "1")]


def test_a_page_says_its_title_once() -> None:
    short, long = (
        render.page(Card("Short", (Text("x"),))),
        render.page(Card("A title of many words and more", (Text("x"),))),
    )
    assert short["title"]["text"] == "Short"
    assert [block["type"] for block in short["blocks"]] == ["rich_text"]
    assert long["title"]["text"] == "A title of many words a…"
    assert long["blocks"][0]["text"]["text"] == "A title of many words and more"
    assert [block["type"] for block in render.page(Card("Short"))["blocks"]] == ["header"]


def test_a_page_carries_its_metadata_and_what_its_buttons_are_about() -> None:
    view = render.page(Card("t", (Buttons(Button("Go", Call("go"))),)), ABOUT, "meta")
    assert view["private_metadata"] == "meta"
    assert view["blocks"][-1]["elements"][0]["action_id"] == f"go%@{ABOUT}"


def test_a_form_asks_for_everything_by_name() -> None:
    view = render.form(
        Form("Form", (*gallery.INPUTS[1:4], gallery.INPUTS[5], gallery.INPUTS[7]), Call("send", ("1",))), "meta"
    )
    assert (view["callback_id"], view["private_metadata"], view["submit"]["text"]) == ("send:1", "meta", "Send")
    assert [block["block_id"] for block in view["blocks"]] == ["full", "long", "count", "one10", "some10"]
    assert [block["element"]["action_id"] for block in view["blocks"]] == ["full", "long", "count", "one10", "some10"]
    assert [block.get("optional", False) for block in view["blocks"]] == [True, False, False, False, False]
    assert view["blocks"][1]["element"]["initial_value"] == "v" * 3000
    assert view["blocks"][3]["element"]["initial_option"]["value"] == "03"
    assert view["blocks"][4]["hint"]["text"] == "Choose 2 to 3"


def test_a_number_may_be_typed_with_its_unit() -> None:
    view = render.form(Form("Form", (Number("n", "N", "A number, in GB"),), Call("c")), "")
    assert view["blocks"][0]["element"]["type"] == "plain_text_input"
    assert view["blocks"][0]["hint"]["text"] == "A number, in GB"


@pytest.mark.parametrize(("least", "most", "hint"), [(0, 10, None), (2, 2, "Choose 2"), (1, 10, "Choose 1 to 3")])
def test_a_form_says_how_many_boxes_to_tick(least: int, most: int, hint: str | None) -> None:
    options = tuple(Option(letter, letter) for letter in "ABC")
    (block,) = render.form(Form("Form", (SomeOf("n", "N", options, least, most),), Call("c")), "")["blocks"]
    assert block.get("hint", {}).get("text") == hint
    assert block.get("optional", False) is (least == 0)


def test_what_was_typed_and_chosen_comes_back_by_name() -> None:
    one = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    state = {
        "text": {"text": {"type": "plain_text_input", "value": "hello"}},
        "nothing": {"nothing": {"type": "plain_text_input", "value": None}},
        "one": {"one": {"type": "radio_buttons", "selected_option": one}},
        "none": {"none": {"type": "radio_buttons", "selected_option": None}},
        "some": {"some": {"type": "checkboxes", "selected_options": [one, one | {"value": "2"}]}},
        "no": {"no": {"type": "checkboxes", "selected_options": []}},
    }
    expected = {"text": ("hello",), "nothing": (), "one": ("1",), "none": (), "some": ("1", "2"), "no": ()}
    assert render.values(state) == expected


def test_problems_stand_at_their_inputs_and_the_rest_at_the_last() -> None:
    inputs = (LongText("text", "Text"), OneOf("who", "Who", (Option("a", "a"), Option("b", "b"))))
    view = render.form(Form("Form", inputs, Call("c")), "")
    view["blocks"].insert(0, {"type": "divider", "block_id": "x"})
    told = render.errors({"text": "Too long.", "when": "Too late.", "who": "Nobody."}, view)
    assert told == {"text": "Too long.", "who": "Too late. Nobody."}


@pytest.mark.parametrize("args", [(), ("1", "a:b%~c%@d", "ü 🎉")])
def test_an_id_carries_what_it_is_about_and_comes_back(args: tuple[str, ...]) -> None:
    call = Call("play.form", args)
    assert ids.parse(ids.of_call(call, ABOUT)) == ids.Parsed(call, ABOUT)
    assert ids.parse(ids.of_call(call)) == ids.Parsed(call)


def test_what_does_not_fit_an_id_is_left_out() -> None:
    call = Call("x" * ID_LENGTH)
    assert ids.of_call(call, "C" * (255 - ID_LENGTH - 2)) == f"{call.id}%@{'C' * 153}"
    assert ids.of_call(call, "C" * (255 - ID_LENGTH - 1)) == call.id


@pytest.mark.parametrize("id", ["", "x" * 300, "%@C1", "a:%00"])
def test_an_id_that_is_none_of_ours_is_refused(id: str) -> None:
    with pytest.raises(LimitError):
        ids.parse(id)


# ---- what the tests above rest on


def test_a_kept_paragraph_is_the_same_however_it_is_shown() -> None:
    text = Text(Md("**kept**"))
    assert prose.blocks(text) is prose.blocks(Text(Md("**kept**")))
    assert render.message(Card("t", (text,))).blocks[1:] == render.home(Card("t", (text,)))["blocks"][1:]


def test_slack_sdk_reads_every_block_it_knows_as_it_was_written() -> None:
    for card in gallery.cards():
        for block in render.message(card, ["F1"] * 9).blocks:
            parsed = Block.parse(block)
            assert parsed is not None
            assert parsed.to_dict() == block


def test_a_sketch_shows_every_text_and_runs_none_of_it() -> None:
    told = sketch.page([render.message(card) for card in gallery.cards()], {0}, list(map(_form, gallery.forms())))
    assert "Only visible to you" in told
    assert "&lt;@1&gt; &lt;#2&gt; **bold**" in told
    assert "Everybody sees it" in told
    assert "<@" not in told


def _form(form: Form) -> dict[str, Any]:
    return render.form(form, "")


def test_the_limits_notice_what_slack_sdk_lets_through() -> None:
    button = ButtonElement(text=PlainTextObject(text="l"), action_id="i").to_dict()
    long = button | {"text": {"type": "plain_text", "text": "l" * (BUTTON_LABEL + 1)}}
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": ""}] * 21] * 101, "column_settings": []}
    said = render.Message(
        "", [{"type": "actions", "elements": [button, long]}, table, table, {"type": "input"} | _asked()]
    )
    assert limits.of_message(said) == [
        "notification: 0, not 1 to 4000",
        "tables: 2, not 0 to 1",
        "action id twice",
        "button: 76, not 1 to 75",
        *(["rows: 101, not 1 to 100", *["cells: 21, not 1 to 20"] * 101, "shortest cell: 0, not 1 to 10000"] * 2),
        "no place for input",
        "options of radio_buttons: 11, not 1 to 10",
    ]


def _asked() -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "o"}, "value": "o"}
    radio = {"type": "radio_buttons", "action_id": "r", "options": [option] * 11}
    return {"block_id": "r", "label": {"type": "plain_text", "text": "l"}, "element": radio}


def test_the_limits_notice_a_view_that_slack_would_refuse() -> None:
    view = render.form(Form("Form", gallery.INPUTS[:1], Call("c")), "") | {"private_metadata": "m" * 250_001}
    del view["submit"]
    view["blocks"].append({"type": "data_visualization"} | blocks(CHART)[0])
    found = limits.of_view(view)
    assert found[:2] == ["no submit", "metadata: 250001, not 0 to 3000"]
    assert found[2].startswith("bytes: ")
    assert found[3:] == ["no place for data_visualization"]


def test_a_table_without_rows_has_its_head() -> None:
    (table,) = blocks(Table(("Nobody",), ()))
    assert table == {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "Nobody"}]],
        "column_settings": [{"align": "left"}],
    }
