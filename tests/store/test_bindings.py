"""Groups that are teams."""

from bot.ports import UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, arrive


def teams(uow: UnitOfWork) -> tuple[int, int, int]:
    """A space and two teams in it."""
    space, _ = arrive(uow)
    reds, blues = (uow.people.create_team(space.id, name, NOW) for name in ("Reds", "Blues"))
    assert reds is not None
    assert blues is not None
    return space.id, reds.id, blues.id


async def test_a_group_is_the_team_it_was_last_bound_to(store: SqlStore) -> None:
    space, reds, blues = await store.run(teams)
    await store.run(lambda uow: uow.bindings.bind(space, "role1", reds))
    await store.run(lambda uow: uow.bindings.bind(space, "role2", reds))
    await store.run(lambda uow: uow.bindings.bind(space, "role1", blues))
    assert await store.read(lambda uow: uow.bindings.of_space(space)) == {"role1": blues, "role2": reds}
    assert await store.read(lambda uow: uow.bindings.of_space(space + 1)) == {}


async def test_a_team_can_be_freed_of_its_groups(store: SqlStore) -> None:
    space, reds, blues = await store.run(teams)
    await store.run(lambda uow: uow.bindings.bind(space, "role1", reds))
    await store.run(lambda uow: uow.bindings.bind(space, "role2", blues))
    assert await store.run(lambda uow: uow.bindings.unbind(reds))
    assert not await store.run(lambda uow: uow.bindings.unbind(reds))
    assert await store.read(lambda uow: uow.bindings.of_space(space)) == {"role2": blues}
