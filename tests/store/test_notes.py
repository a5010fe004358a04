"""Notes of programs."""

from bot.store.engine import SqlStore


async def test_a_note_is_empty_until_it_is_written_and_then_the_last_text(store: SqlStore) -> None:
    assert await store.read(lambda uow: uow.notes.get("discord.commands")) == ""
    await store.run(lambda uow: uow.notes.put("discord.commands", "one"))
    await store.run(lambda uow: uow.notes.put("discord.commands", "two"))
    assert await store.read(lambda uow: uow.notes.get("discord.commands")) == "two"
    assert await store.read(lambda uow: uow.notes.get("slack.commands")) == ""
