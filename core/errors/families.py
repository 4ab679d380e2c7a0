"""The families of problems, and those that are not a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Self

from core.roles import Actor
from core.sentences import Sentence, mark


class Problem(Exception):  # noqa: N818 - a refusal is not an error; the tree reads as prose
    """The root: a code and a sentence that says what to do."""

    code: ClassVar[str] = "problem"
    sentence: ClassVar[str] = ""

    @property
    def message(self) -> str:
        """The sentence for a person, with the problem's own fields filled in."""
        return Sentence(self.sentence.format_map(vars(self)), self.sentence, vars(self))

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class Refused(Problem):
    """A rule said no. `skips` tells a bulk report whether the row counts as skipped (harmless) or failed."""

    skips: ClassVar[bool] = False

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:  # noqa: ARG003 - one leaf tells of the actor too
        """Build the refusal from the facts that were judged: its fields are facts of the same names."""
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})


class NotAllowed(Refused):
    """Refused to this actor; somebody with more rights could."""


class NotNow(Refused):
    """Refused to anybody as things stand."""


class DeadLink(Refused):
    """A link that opens nothing any more; each says what to do next (R29)."""


@dataclass(eq=False)
class Invalid(Problem):
    """What was typed cannot be meant.

    Attributes:
        fields: field name -> sentence; the names are those of the form fields in INTERFACES.
        skips: as `Refused.skips`, where it is one row of many.
    """

    code: ClassVar[str] = "invalid"
    skips: ClassVar[bool] = False
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return " ".join(self.fields.values())


class InvalidAddress(Invalid):
    """Not a mail address we could write to."""

    code: ClassVar[str] = "invalid_address"


class InvalidFilter(Invalid):
    """A word of the filter language is wrong; the sentence names it and lists what exists."""

    code: ClassVar[str] = "invalid_filter"


class UnreadableFile(Invalid):
    """What was handed over to import is no text that could be read to its end (R21)."""

    code: ClassVar[str] = "unreadable_file"


@dataclass(eq=False)
class Missing(Problem):
    """The thing named does not exist; `known` lists what does when that is short."""

    code: ClassVar[str] = "missing"
    kind: str
    name: str
    known: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The sentence for a person."""
        there = f" There is: {', '.join(self.known)}." if self.known else ""
        return f"There is no {self.kind} {self.name}.{there}"


@dataclass(eq=False)
class Busy(Problem):
    """Another writer holds what is needed; nothing was written and the same call may succeed in a moment."""

    code: ClassVar[str] = "busy"
    sentence: ClassVar[str] = mark(
        "The system is busy right now. Nothing was changed; try again in a moment."
    )


@dataclass(eq=False)
class DatabaseAway(Busy):
    """The database does not answer."""

    code: ClassVar[str] = "database_away"
    detail: str = ""

    @property
    def message(self) -> str:
        """The sentence for a person."""
        more = f" ({self.detail})" if self.detail else ""
        return f"The database does not answer{more}. Nothing was changed; check that it runs and try again."


class Setback(Enum):
    """What a mail that was not handed over means for it and for those behind it."""

    RETRY = "this mail later, the next one now"
    REFUSED = "this mail never, the next one now"
    RECONNECT = "this mail later, the next one over a new connection"
    AWAY = "all of them later"
    PAUSE = "none until somebody has put the host right"


@dataclass(eq=False)
class PostError(Problem):
    """A mail was not handed over; `text` is shown, so it must come from `core.mail.answers`, never raw.

    Attributes:
        setback: what that means for this mail and for those behind it.
        text: our sentence, or what the mail server said.
        reply: the mail server's number; 0 where it gave none.
    """

    code: ClassVar[str] = "mail_not_sent"
    setback: Setback
    text: str
    reply: int = 0

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return f"The mail server answered: {self.reply} {self.text}".rstrip() if self.reply else self.text


@dataclass(eq=False)
class Misconfigured(Problem):
    """The host is not set up as needed.

    Attributes:
        setting: the setting or file to look at.
        reason: what is wrong and what to do, as sentences.
    """

    code: ClassVar[str] = "misconfigured"
    sentence: ClassVar[str] = "{setting}: {reason}"
    setting: str
    reason: str
