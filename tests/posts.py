"""A mail server for tests of delivery: the post port with answers told beforehand; and what those tests look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Self

from core.errors import PostError
from core.reading import mail as reading
from core.reading.mail import MailRow
from core.services.inviting import Line, Offer, invite_many
from tests.people import House

Answer = PostError | BaseException | Callable[[], None]


class ScriptedPost:
    """A mail server that takes every mail, unless it was told what to answer.

    Attributes:
        taken: what it took. answers: for the next mails, in order; None takes the mail, something to call is called and
        takes it too, `Killed` takes it and ends the sender.
        closed: answers to the next connections.
    """

    is_real = True

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.tried: list[str] = []
        self.answers: list[Answer | None] = []
        self.closed: list[PostError] = []
        self.connections = 0

    def describe(self) -> str:
        """Return where mails go."""
        return "kept in a list"

    @contextmanager
    def connect(self) -> Iterator[Self]:
        """Open a connection, or say what it was told to."""
        self.connections += 1
        if self.closed:
            raise self.closed.pop(0)
        yield self

    def send(self, message: EmailMessage, meanwhile: Callable[[], None]) -> None:
        """Take a mail, or answer what it was told to; in either case the sender has time for something else."""
        self.tried.append(str(message["To"]))
        meanwhile()
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Killed):
            self.taken.append(message)
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            answer()
        self.taken.append(message)


class Killed(BaseException):
    """What `kill` does to a sender that has handed its mail over already."""


def link_in(message: EmailMessage) -> str:
    """Return the one link to register in the text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    [link] = re.findall(r"^http\S+/i/\S+$", part.get_content(), re.MULTILINE)
    return str(link)


def mails_of(house: House) -> list[MailRow]:
    """Return the outbox, oldest first."""
    with house.core.look(house.admin) as look:
        return reading.newest(look)[::-1]


def invite_all(house: House, *invited: str) -> None:
    """Invite addresses in one bulk run, as the admin."""
    lines = [Line(number, address) for number, address in enumerate(invited, start=1)]
    with house.core.work(house.admin) as work:
        invite_many(work, lines, Offer())


def addresses(number: int) -> list[str]:
    """Return made-up addresses: p0, p1 and so on."""
    return [f"p{each}@example.com" for each in range(number)]
