"""Tables and charts in letters of one width."""

from bot.adapters import lettering
from bot.ui import Chart, Point, Table


def test_columns_are_as_wide_as_their_longest_cell_and_numbers_stand_on_the_right() -> None:
    table = Table(("", "Points"), (("Ann", "7"), ("Benedict", "1,200")), numeric=(1,))
    assert lettering.table(table) == ["          Points", "Ann            7", "Benedict   1,200"]


def test_the_longest_bar_has_its_full_length_and_the_others_their_share() -> None:
    chart = Chart("bars", "Answers", (Point("A", 2), Point("Bo", 4, "right")), "%")
    assert lettering.bars(chart) == [f"A  {'▇' * 12} 2%", f"Bo {'▇' * 24} 4% (right)"]


def test_what_is_not_above_zero_has_no_bar() -> None:
    assert lettering.bars(Chart("line", "Nothing", (Point("A", 0), Point("B", -2)))) == ["A 0", "B -2"]
