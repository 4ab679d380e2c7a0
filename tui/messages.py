"""The messages that cross a thread, and the small values handed around the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from textual.message import Message


@dataclass(frozen=True, slots=True)
class SignInHint:
    """A sign-in to show on the sign-in screen; made-up companies only."""

    address: str
    password: str = field(repr=False)


@dataclass
class JobFinished(Message):
    """A job's answer has come; `deliver` hands it over, on the thread of the widgets."""

    deliver: Callable[[], object]


@dataclass
class DatabaseChanged(Message):
    """Somebody has committed a change."""


@dataclass
class RunMoved(Message):
    """A long change has come further, or has ended."""

    def can_replace(self, message: Message) -> bool:
        """Only the last of several counts."""
        return isinstance(message, RunMoved)


@dataclass
class SignInEnded(Message):
    """The sign-in was closed elsewhere, or core refused it."""

    sentence: str
