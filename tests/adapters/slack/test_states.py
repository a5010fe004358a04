"""States of installations under way: signed, short-lived, and good under keys that are being replaced."""

from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from bot.adapters.slack.installs import STATE_SALT, States


class Early(TimestampSigner):
    """Signs as one did ten minutes and some seconds ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - 605


async def test_a_state_is_good_while_its_key_is_known() -> None:
    state = await States(["old"]).async_issue()
    assert state != await States(["old"]).async_issue()
    assert await States(["old"]).async_consume(state)
    assert await States(["new", "old"]).async_consume(state)
    assert not await States(["new"]).async_consume(state)
    assert not await States(["old"]).async_consume(f"{state}x")
    assert not await States(["old"]).async_consume("")


async def test_the_first_key_signs_states() -> None:
    assert await States(["new"]).async_consume(await States(["new", "old"]).async_issue())


async def test_a_state_is_good_for_ten_minutes() -> None:
    old = URLSafeTimedSerializer(["key"], salt=STATE_SALT, signer=Early).dumps("x")
    young = URLSafeTimedSerializer(["key"], salt=STATE_SALT).dumps("x")
    assert not await States(["key"]).async_consume(str(old))
    assert await States(["key"]).async_consume(str(young))
