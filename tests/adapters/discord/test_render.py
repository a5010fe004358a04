"""Every value as Discord's components: complete, within the limits, and nothing in it that was not ours."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.adapters.discord import ids, render
from bot.ui import ID_LENGTH, Call, Card, Chart, Form, Image, Md, OneOf, Option, ShortText, SomeOf, Text
from tests import gallery, shipped
from tests.adapters.discord import limits

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def shown(card: Card) -> str:
    """The texts of a card."""
    return "\n".join(_texts(limits.parts_of(render.message(card).view)))


def _texts(parts: Any) -> list[str]:
    return [text for part in parts for text in [part.get("content", ""), *_texts(part.get("components", ()))] if text]


async def test_every_card_of_the_gallery_is_within_the_limits() -> None:
    for card in gallery.cards():
        drawn = [b"png"] * sum(isinstance(element, Chart) for element in card.body)
        message = render.message(card, drawn, about="1" * 20 + "/" + "2" * 20)
        assert limits.of_message(message.view, message.files) == [], card


async def test_every_form_of_the_gallery_is_within_the_limits() -> None:
    for form in gallery.forms():
        assert limits.of_dialog(render.form(form, Call("open", ("x" * 40,)))) == [], form


async def test_every_shipped_question_is_within_the_limits(tmp_path: Path) -> None:
    problems = []
    for value in await shipped.shown(tmp_path):
        if isinstance(value, Form):
            problems += limits.of_dialog(render.form(value, Call.of("play.form", 1, 0)))
        else:
            message = render.message(value, [b"png"] * sum(isinstance(element, Chart) for element in value.body))
            problems += limits.of_message(message.view, message.files)
    assert problems == []


async def test_literal_text_is_neither_markup_nor_a_mention() -> None:
    told = shown(Card(gallery.EVIL, (Text(gallery.EVIL),)))
    assert "@everyone" not in told
    assert "\\<\\@1" not in told
    assert "\\<@1\\> \\<#2" not in told
    assert "\\<@1\\> \\<\\#2\\>" in told
    assert "\\*\\*bold\\*\\*" in told
    assert "\\[x\\]" in told
    assert "\n\\> quote\n\\- item & more" in told


async def test_our_markup_passes_and_what_only_discord_knows_is_shown_as_written() -> None:
    told = shown(Card("t", (Text(Md("**b** *i* `a__b__` [l](https://x.org/a)\n# no __init__ ||x||")),)))
    assert "**b** *i* `a__b__` [l](https://x.org/a)" in told
    assert "\\# no \\_\\_init\\_\\_ \\|\\|x\\|\\|" in told


async def test_mentions_and_instants_are_native() -> None:
    told = shown(Card("t", gallery.ELEMENTS[3:5]))
    assert "-# Seen by <@81234567890123456> <t:1795348800:t>, <t:1795348800:D>" in told
    assert "<t:1795348800:f> <t:1795348800:R>" in told


async def test_tables_are_fenced_with_measured_columns() -> None:
    told = shown(Card("t", (gallery.ELEMENTS[8],)))
    assert "```\n   Player   Points\n1  Ana 'x'     120\n2  Bo           90\n```" in told


async def test_commands_of_admins_are_named_as_they_are_here() -> None:
    assert "Type /quiz-admin daily resume." in shown(Card("t", (Text("Type /quiz admin daily resume."),)))


async def test_a_chart_is_a_picture_with_its_description() -> None:
    card = Card("t", (gallery.ELEMENTS[11],))
    message = render.message(card, await render.pictures(card))
    gallery_part = limits.parts_of(message.view)[0]["components"][1]
    assert gallery_part["items"][0]["description"] == "Answers given: A 4, B 11 (right)"
    assert message.files[0].fp.read(4) == b"\x89PNG"


async def test_whom_a_card_is_about_is_pictured_beside_the_heading() -> None:
    card = Card("Ann", (Text("4 days"),), portrait=Image("https://example.org/a.png", "Ann's picture"))
    section, text = limits.parts_of(render.message(card).view)[0]["components"]
    assert section["components"][0]["content"] == "### Ann"
    assert section["accessory"]["media"]["url"] == "https://example.org/a.png"
    assert section["accessory"]["description"] == "Ann's picture"
    assert text["content"] == "4 days"


async def test_the_longest_texts_lose_their_decoration_but_no_word() -> None:
    plain, *_ = (card for card in gallery.cards() if card.title == "T")
    assert shown(plain).count("w") == 3999


async def test_views_and_dialogs_are_not_kept_in_memory() -> None:
    assert render.message(Card("t")).view.is_finished()
    assert render.form(Form("f", (gallery.INPUTS[0],), Call("c")), Call("o")).is_finished()


async def test_choices_of_a_long_form_are_menus_and_of_a_short_one_open() -> None:
    choice = OneOf("a", "A", (Option("x", "x"), Option("y", "y")))
    long = render.form(Form("f", tuple(OneOf(n, n, choice.options) for n in "abc"), Call("c")), Call("o"))
    short = render.form(Form("f", (choice,), Call("c")), Call("o"))
    inner = [[part["component"]["type"] for part in modal.to_dict()["components"]] for modal in (long, short)]
    assert inner == [[discord.ComponentType.select.value] * 3, [discord.ComponentType.radio_group.value]]


@pytest.mark.parametrize("args", [(), ("1", "a:b%~c%@d")])
def test_an_id_carries_what_it_is_about_and_comes_back(args: tuple[str, ...]) -> None:
    call, opener = Call("play.form", args), Call("open", args)
    assert ids.parse(ids.of_call(call, "12/34")) == ids.Parsed(call, None, "12/34")
    assert ids.parse(ids.of_form(call, opener)) == ids.Parsed(call, opener)
    assert ids.parse(ids.of_form(call, opener, "12/34")) == ids.Parsed(call, opener, "12/34")


def test_what_does_not_fit_an_id_is_left_out_and_the_place_last() -> None:
    call = Call("x" * ID_LENGTH)
    assert ids.of_call(call, "12/34") == ids.of_form(call, call) == call.id
    assert ids.parse(ids.of_form(Call("a"), Call("x" * 95), "12/34")) == ids.Parsed(Call("a"), None, "12/34")
    assert ids.parse(ids.of_call(Call("x" * 95), "12/34")) == ids.Parsed(Call("x" * 95), None, "12")


async def test_what_was_typed_comes_first_in_a_form_that_opens_again() -> None:
    options = tuple(Option(name, name) for name in "xyz")
    text, one, some = ShortText("t", "T", value="old"), OneOf("o", "O", options, "x"), SomeOf("s", "S", options)
    for few in (
        Form("f", (text,), Call("c")),
        Form("f", (one, some), Call("c")),
        Form("f", (text, one, some), Call("c")),
    ):
        modal = render.form(few, Call("o"), typed={"t": ("new",), "o": ("y",), "s": ("x", "z")})
        for part in (label["component"] for label in modal.to_dict()["components"]):
            chosen = {option["value"] for option in part.get("options", ()) if option.get("default")}
            assert (part.get("value"), chosen) == {
                "t": ("new", set()), "o": (None, {"y"}), "s": (None, {"x", "z"}),
            }[part["custom_id"]]  # fmt: skip


async def test_the_limits_notice_what_discord_py_lets_through() -> None:
    row: Any = discord.ui.ActionRow(discord.ui.Button(label="l" * 81, custom_id="i" * 101))
    view = discord.ui.LayoutView()
    view.add_item(row).add_item(discord.ui.TextDisplay("x" * 4001)).stop()
    assert limits.of_message(view, []) == [
        "id: 101, not 1 to 100",
        "button label: 81, not 1 to 80",
        "text: 4001, not 1 to 4000",
        "characters: 4001, not 0 to 4000",
    ]
    modal = discord.ui.Modal(title="t" * 46, custom_id="m")
    radio: Any = discord.ui.RadioGroup(custom_id="r", options=[discord.RadioGroupOption(label="a", value="a")])
    modal.add_item(discord.ui.Label(text="l" * 46, component=radio)).stop()
    assert limits.of_dialog(modal) == [
        "title: 46, not 0 to 45",
        "label: 46, not 1 to 45",
        "radio options: 1, not 2 to 10",
    ]
