"""One transaction over SQL."""

from collections.abc import Callable

from bot.ports import Bindings, Boards, DueWork, Messages, Notes, Outbox, People, Rounds, Schedules, Spaces, T
from bot.store.bindings import SqlBindings
from bot.store.boards import SqlBoards
from bot.store.due import SqlDueWork
from bot.store.messages import SqlMessages
from bot.store.notes import SqlNotes
from bot.store.outbox import SqlOutbox
from bot.store.people import SqlPeople
from bot.store.rounds import SqlRounds
from bot.store.schedules import SqlSchedules
from bot.store.spaces import SqlSpaces
from bot.store.sql import Cursor


class SqlUnitOfWork:
    """The ports over one cursor. It keeps nothing else, so a connection needs one for all its transactions."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.people: People = SqlPeople(cursor)
        self.rounds: Rounds = SqlRounds(cursor)
        self.boards: Boards = SqlBoards(cursor)
        self.schedules: Schedules = SqlSchedules(cursor)
        self.due: DueWork = SqlDueWork(cursor)
        self.outbox: Outbox = SqlOutbox(cursor)
        self.messages: Messages = SqlMessages(cursor)
        self.notes: Notes = SqlNotes(cursor)
        self.spaces: Spaces = SqlSpaces(cursor)
        self.bindings: Bindings = SqlBindings(cursor)

    def perform(self, work: "Callable[[SqlUnitOfWork], T]") -> T:
        """Run `work` here. No future can hold a `StopIteration`, so it becomes an error that can be told."""
        try:
            return work(self)
        except StopIteration as error:
            raise RuntimeError("work raised StopIteration") from error
