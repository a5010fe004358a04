"""The slash command under another name: cards that speak of `/quiz` speak of that."""

from dataclasses import replace

from bot.ports import Reply
from bot.ui import Card, LimitError, dump, load

USUAL = "/quiz"


def renamed(card: Card, command: str) -> Card:
    """`card` with `command` where it says `/quiz`; as it is where a longer name has no room."""
    if command == USUAL:
        return card
    try:
        return load(dump(card).replace(USUAL, command))
    except LimitError:
        return card


def renamed_reply(reply: Reply, command: str) -> Reply:
    """The same for every card of a reply."""
    if command == USUAL:
        return reply
    update, private, public = (card and renamed(card, command) for card in (reply.update, reply.private, reply.public))
    return replace(reply, update=update, private=private, public=public)
