"""What the steps of the story share: what they hand on to each other, and how one fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from core.core import Core
from tui.cli.made_up import MadeUp
from tui.cli.visitor import Visitor

PASSWORD = "seven lanterns at dusk"  # noqa: S105 - of a made-up person
SOURCE = "demo"


class StepFailed(Exception):  # noqa: N818 - it is what it says
    """What a step expected did not come true."""


@dataclass(slots=True)
class Story:
    """What the steps hand on to each other.

    Attributes:
        core: of the made-up company, whose page is running.
        made: how to sign in.
        sign_in_id: of the admin, once signed in.
        link: read out of the mail.
        learners, planned: how many there were, and how many of them were to be trainers.
        guest_sign_in: an open one of the new person.
        license_id, course: of which the new person gets a seat, and what it opens.
    """

    core: Core
    made: MadeUp
    sign_in_id: UUID | None = None
    guest: str = ""
    second_guest: str = ""
    department: str = ""
    link: str = field(default="", repr=False)
    visitor: Visitor | None = None
    form: dict[str, str] = field(default_factory=dict)
    learners: int = 0
    planned: int = 0
    guest_sign_in: UUID = field(default_factory=uuid4)
    license_id: int = 0
    course: str = ""

    @property
    def signed_in(self) -> UUID:
        """The admin's sign-in."""
        if self.sign_in_id is None:
            raise StepFailed("nobody is signed in")
        return self.sign_in_id

    @property
    def browser(self) -> Visitor:
        """The guest's browser."""
        if self.visitor is None:
            raise StepFailed("no link was opened")
        return self.visitor


Step = Callable[[Story], str]


def expect(condition: object, otherwise: str) -> None:
    """Go on only where something is as it should be.

    Raises:
        StepFailed: saying `otherwise`.
    """
    if not condition:
        raise StepFailed(otherwise)
