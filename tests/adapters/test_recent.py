"""What is remembered for a while."""

from bot.adapters.recent import Recent


def test_a_value_is_there_for_its_time_and_no_longer() -> None:
    now = [0.0]
    recent: Recent[str, int] = Recent(60, 10, lambda: now[0])
    recent.put("a", 1)
    now[0] = 59
    assert recent.get("a") == 1
    now[0] = 60
    assert recent.get("a") is None


def test_of_too_many_the_one_put_first_goes() -> None:
    recent: Recent[str, int] = Recent(60, 2)
    for key in ("a", "b", "a", "c"):
        recent.put(key, 1)
    assert [recent.get(key) for key in "abc"] == [1, None, 1]


def test_what_was_dropped_is_gone() -> None:
    recent: Recent[str, int] = Recent(60, 2)
    recent.put("a", 1)
    recent.drop("a")
    recent.drop("b")
    assert recent.get("a") is None
