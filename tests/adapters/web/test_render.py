"""Every value as HTML: complete, balanced, and nothing in it that was not ours."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest

from bot.adapters.web import drawing, markup, render
from bot.ports import Message
from bot.ui import (
    Accent,
    Button,
    Buttons,
    Call,
    Card,
    Chart,
    Divider,
    Element,
    Fields,
    Form,
    Image,
    Input,
    LongText,
    Md,
    Mention,
    Number,
    OneOf,
    Option,
    Point,
    Select,
    ShortText,
    SomeOf,
    Table,
    Text,
    When,
)
from tests.adapters.web.world import CLOSED, FORM, GALLERY, NOON, SMALL_FORM

VOID = {"input", "img", "hr", "br", "rect", "circle", "line", "polyline", "path", "use"}
EVIL = "<script>alert('1')</script> **bold** [x](javascript:alert(1)) @everyone \"quoted\" & more"


class Balance(HTMLParser):
    """Notes tags that are not closed in order, ids used twice, and attributes that could run or style something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self.feed(html)
        self.problems += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if values.get("id") in self.ids:
            self.problems.append(f"id twice: {values['id']}")
        self.ids.add(values.get("id") or "")
        self.problems += [f"attribute {name}" for name in values if name == "style" or name.startswith("on")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"closed out of order: {tag}")


def message(card: Card | None, **values: object) -> Message:
    blank = Message(7, 9, "daily", "", "", "", card, "", NOON, edited=False)
    return replace(blank, **values)  # type: ignore[arg-type]


def shown(element: Element) -> str:
    return str(render.element(element, "7.signed"))


@pytest.mark.parametrize("card", GALLERY, ids=lambda card: card.title)
def test_every_card_renders_balanced_and_without_scripts_or_styles(card: Card) -> None:
    assert Balance(render.message(message(card), "ann", "7.signed")).problems == []


@pytest.mark.parametrize("form", [FORM, SMALL_FORM], ids=lambda form: form.title)
def test_every_form_renders_balanced_with_each_id_once(form: Form) -> None:
    assert Balance(render.form(form, "token")).problems == []


@pytest.mark.parametrize(
    "element",
    [
        Text(EVIL, Mention("1", EVIL)),
        Fields(((EVIL, EVIL),)),
        Table((EVIL,), ((EVIL,),)),
        Chart("bars", "<script>alert('1')", (Point("<script>alert('1')", 1, EVIL), Point("<b>", 1))),
        Chart("line", "<script>alert('1')", (Point("<script>alert('1')", 1, EVIL),), EVIL),
        Image("https://example.org/a.png", EVIL),
        Divider(),
        Buttons(Button(EVIL[:75], Call.of("go", EVIL[:30], "a:b%c"))),
        Select(Call.of("go", EVIL[:20]), EVIL[:75], (Option(EVIL[:75], EVIL[:40]),)),
    ],
    ids=lambda element: getattr(element, "kind", type(element).__name__),
)
def test_text_in_any_element_is_never_markup(element: Element) -> None:
    html = shown(element)
    found = Balance(html)
    assert found.problems == []
    assert not {"script", "b", "strong", "a"} & set(found.tags)


@pytest.mark.parametrize(
    "input",
    [
        ShortText("n", EVIL, EVIL, EVIL),
        LongText("n", EVIL, EVIL, EVIL),
        Number("n", EVIL, EVIL, EVIL),
        OneOf("n", EVIL, (Option(EVIL[:75], EVIL[:75]), Option("b", "b"))),
        SomeOf("n", EVIL, (Option(EVIL[:75], EVIL[:75]),)),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("menus", [False, True])
def test_text_in_any_input_is_never_markup(input: Input, menus: bool) -> None:
    found = Balance(str(render.input_(input, menus)))
    assert found.problems == []
    assert "script" not in found.tags


@pytest.mark.parametrize("accent", ["question", "right", "wrong", "warning"])
def test_an_accent_is_told_by_sign_and_word(accent: Accent) -> None:
    sign, word = render.SIGNS[accent]
    html = render.card(Card("A title", (), accent), "h")
    assert f">{sign}</span>" in html
    assert f'<span class="sr">{word}: </span>A title' in html


def test_a_title_that_has_sign_and_word_already_is_not_told_twice() -> None:
    html = render.card(Card("✗ Not quite: B", (), "wrong"), "h")
    assert html.count("✗") == 1
    assert html.count("Not quite") == 1


def test_private_messages_say_so_and_public_ones_do_not() -> None:
    assert "Only you can see this" in render.message(message(Card("Yours"), viewer="ann"), "ann", "h")
    assert "Only you can see this" not in render.message(message(Card("Ours")), "ann", "h")


def test_a_typed_command_is_a_quiet_line() -> None:
    typed = message(None, author="ann", author_name="Ann", text="/quiz help <b>", viewer="ann")
    html = render.message(typed, "ann", "h")
    assert "<strong>Ann</strong> used <code>/quiz help &lt;b&gt;</code>" in html
    assert "only you can see this" in html


# ---- our markup


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("**bold** and *italic*", "<strong>bold</strong> and <em>italic</em>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("max_iter_ and __init__", "max_iter_ and __init__"),
        ("<b>no</b> & so", "&lt;b&gt;no&lt;/b&gt; &amp; so"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[x](http://example.org)", "[x](http://example.org)"),
        ("# no heading", "# no heading"),
        ("- no list", "- no list"),
        ("![no](https://example.org/a.png)", None),
        (
            "[x](https://example.org/)",
            '<a href="https://example.org/" rel="noopener noreferrer" target="_blank">x</a>',
        ),
        ("one\ntwo", '<span class="line">one</span><span class="line">two</span>'),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("```\na < b\n```", '<pre tabindex="0"><code>a &lt; b\n</code></pre>'),
    ],
)
def test_our_markup_is_a_small_subset(text: str, html: str | None) -> None:
    if html is None:
        assert "<img" not in markup.html(text)
    else:
        assert markup.html(text) == html


def test_lettered_lines_hang_and_words_do_not() -> None:
    html = markup.html("**A**  an *option*\n**12.** the second\n**Remember:** this\n**B**")
    assert html == (
        '<span class="line entry"><span class="lead"><strong>A</strong></span> <span>  an <em>option</em></span></span>'
        '<span class="line entry"><span class="lead"><strong>12.</strong></span> <span> the second</span></span>'
        '<span class="line"><strong>Remember:</strong> this</span>'
        '<span class="line"><strong>B</strong></span>'
    )


def test_line_breaks_of_plain_text_are_kept() -> None:
    assert render.literal("one\n<two>") == "one<br>&lt;two&gt;"


# ---- times and charts


def test_a_time_is_an_instant_with_words_for_who_has_no_script() -> None:
    at = datetime(2026, 11, 24, 14, 5, tzinfo=timezone(timedelta(hours=2)))
    said = {style: str(render.span(When(at, style))) for style in ("time", "date", "datetime", "relative")}
    assert said["time"] == '<time datetime="2026-11-24T12:05:00Z" data-style="time">12:05 UTC</time>'
    assert ">24 November<" in said["date"]
    assert ">24 November at 12:05 UTC<" in said["datetime"]
    assert ">24 November at 12:05 UTC<" in said["relative"]


def test_a_chart_says_everything_in_words_and_marks_the_right_answer_besides_colour() -> None:
    html = shown(next(element for element in CLOSED.body if isinstance(element, Chart)))
    assert 'role="img"' in html
    assert 'aria-label="Answers given: A 4, B 11 (right), C 6, D 0"' in html
    assert html.count("url(#hatch)") == 1
    assert "✓ right" in html


@pytest.mark.parametrize("kind", ["bars", "line"])
@pytest.mark.parametrize("values", [(0.0,), (0.0, 0.0), (-3.0, 2.0), (5.0, 5.0, 5.0), tuple(map(float, range(20)))])
def test_a_chart_of_any_values_stays_inside(kind: str, values: tuple[float, ...]) -> None:
    chart = Chart(kind, "Values", tuple(Point(f"{n}", value) for n, value in enumerate(values)))  # type: ignore[arg-type]
    assert Balance(shown(chart)).problems == []
    assert all(0 <= bar.width <= drawing.WIDEST for bar in drawing.bars(chart).bars)
    line = drawing.line(chart)
    assert all(0 <= dot.x <= 100 and 0 <= dot.y <= drawing.HEIGHT for dot in line.dots)
    assert line.dots[-1].shown
    assert sum(dot.shown for dot in line.dots) <= drawing.LABELS + 1


def test_a_picture_that_is_not_https_is_told_in_words() -> None:
    assert shown(Image("http://example.org/a.png", "A graph")).strip() == '<p class="text small">[A graph]</p>'


# ---- names


@pytest.mark.parametrize(
    ("name", "letters"), [("Ann", "A"), ("ann lee", "AL"), ("Ann van der Lee", "AL"), ("🙂", "🙂"), ("é x", "ÉX")]
)
def test_a_person_is_stood_for_by_initials(name: str, letters: str) -> None:
    assert render.initials(name) == letters


def test_a_name_has_the_same_colour_everywhere() -> None:
    assert render.hue("Ann") == render.hue("Ann") < render.HUES


@pytest.mark.parametrize(
    ("least", "most", "hint"),
    [
        (2, 2, "Choose exactly 2."),
        (1, 3, "Choose 1 to 3."),
        (0, 3, "Choose up to 3."),
        (0, 10, "Choose any."),
        (1, 10, "Choose 1 to 4."),
    ],
)
def test_some_of_says_how_many(least: int, most: int, hint: str) -> None:
    options = tuple(Option(f"{n}", f"{n}") for n in range(4))
    assert hint in render.input_(SomeOf("n", "Some", options, least, most))


def test_markup_in_a_paragraph_of_mixed_spans_stays_in_line() -> None:
    assert "<p>" not in shown(Text("You said ", Md("**this**"), "."))
