"""Everything that can be said, through every renderer."""

from collections.abc import Iterator
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from bot.adapters import charts
from bot.adapters.terminal import render as terminal
from bot.adapters.web import render as web
from bot.ui import Card, Chart, Form, Image, dump, load
from tests import gallery

UTC = ZoneInfo("UTC")
CARDS = list(gallery.cards())
FORMS = list(gallery.forms())


class Controls(HTMLParser):
    """The calls of the controls on a piece of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.calls += [value for name, value in attrs if name == "data-call" and value]


@pytest.mark.parametrize("card", CARDS, ids=range(len(CARDS)))
def test_every_card_survives_being_stored(card: Card) -> None:
    assert load(dump(card)) == card


@pytest.mark.parametrize("card", CARDS, ids=range(len(CARDS)))
def test_the_terminal_shows_every_card_with_all_its_controls(card: Card) -> None:
    shown = terminal.card(card, UTC)
    assert shown.startswith(f"# {card.title}")
    offered = [call for element in card.body for _, call in terminal.controls(element)]
    assert {call.route for call in card.calls} == {call.route for call in offered}


@pytest.mark.parametrize("card", CARDS, ids=range(len(CARDS)))
def test_the_page_shows_every_card_with_all_its_controls_and_no_foreign_markup(card: Card) -> None:
    page = Controls(str(web.card(card, "handle")))
    assert page.calls == [call.id for call in card.calls]
    assert page.scripts == 0


def test_the_page_shows_a_portrait_with_its_description() -> None:
    card = Card("Ann", portrait=Image("https://example.org/ann.png", "Picture of <Ann>"))
    page = str(web.card(card, "handle"))
    assert 'src="https://example.org/ann.png" alt="Picture of &lt;Ann&gt;" width="48" height="48"' in page
    assert "<img" not in str(web.card(Card("Ann"), "handle"))


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_every_form_is_shown_with_a_field_for_each_input(form: Form) -> None:
    page = web.form(form, "token")
    for item in form.inputs:
        assert f'data-input="{item.name}"' in page
        assert terminal.prompt(item).startswith(item.label)


def pictures() -> Iterator[Chart]:
    yield from (element for card in CARDS for element in card.body if isinstance(element, Chart))


@pytest.mark.parametrize("chart", list(pictures()))
def test_every_chart_becomes_a_picture_that_carries_its_description(chart: Chart) -> None:
    picture = charts.png(chart)
    assert picture.startswith(b"\x89PNG")
    assert b"Description" in picture
