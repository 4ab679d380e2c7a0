"""What a bulk verb answers: done, skipped and failed by reason, with every row that was not done."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from core.errors import Invalid, Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row that was refused.

    Attributes:
        address: as it stood in the row, or that of the person.
        code: the refusal's code.
        message: the refusal's sentence.
        skips: whether it counts as skipped (harmless) rather than failed.
        line: line number in the file, where the rows came from one.
        id: the subject's id, where the rows are things that exist.
    """

    address: str
    code: str
    message: str
    skips: bool
    line: int | None = None
    id: int | None = None

    @classmethod
    def of(
        cls,
        refusal: Refused | Invalid,
        address: str,
        *,
        line: int | None = None,
        id: int | None = None,  # noqa: A002 - the promised key
    ) -> Verdict:
        """Return the verdict that tells of `refusal`."""
        return cls(address, refusal.code, refusal.message, refusal.skips, line, id)

    def to_json(self) -> dict[str, Any]:
        """Return the promised keys: `line` or `id`, `address`, `code`."""
        place: dict[str, Any] = {"line": self.line} if self.line is not None else {"id": self.id}
        return place | {"address": self.address, "code": self.code}


@dataclass(frozen=True, slots=True)
class Move:
    """How many people go from one value of a field to another.

    Attributes:
        old, new: as shown to people; empty where there is none, or where it differs from person to person.
    """

    field: str
    old: str
    new: str
    people: int


@dataclass(frozen=True, slots=True)
class Room:
    """Who counts against a limit before and after the run.

    Attributes:
        name: of the learning group or the license; empty for the company's maximum number of users.
        kind: `users`, `group` or `seats`.
    """

    name: str
    limit: int
    before: int
    after: int
    kind: str = "users"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a run on people does (or would do) besides the changed values.

    Attributes:
        seats_given: seats that people did not hold before.
        seats_back: seats given again where a change is taken back.
        seats_not_back: seats that were to be given again, or with the people who come back, and are not.
        seats_waiting: people who are put on a waiting list.
        seats_passed_on: freed seats that go to those who waited.
        places_back: places on waiting lists that people have again where an archiving is taken back.
        mails: to go out.
        rooms: the limits that the run touches.
        notes: whole sentences that belong in front of whoever confirms.
    """

    moves: tuple[Move, ...] = ()
    sign_ins_lowered: int = 0
    sign_ins_closed: int = 0
    invitations_withdrawn: int = 0
    invitations_taken_over: int = 0
    seats_freed: int = 0
    seats_given: int = 0
    seats_back: int = 0
    seats_not_back: int = 0
    seats_waiting: int = 0
    seats_passed_on: int = 0
    places_back: int = 0
    mails: int = 0
    rooms: tuple[Room, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed after it was looked at.

    Attributes:
        seen: when it was looked at. now: what it is. wanted: what it was to become.
        who, at: the change between; empty and None where the trail does not tell.
    """

    id: int
    address: str
    field: str
    seen: str
    now: str
    wanted: str
    who: str = ""
    at: datetime | None = None


def no_ids() -> array[int]:
    """Return an empty vector of ids: eight bytes for each, where a list takes forty."""
    return array("q")


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome, or with `preview` the plan, of one run.

    Attributes:
        done: how many rows were (or would be) changed.
        verdicts: the rows that were not, in order.
        batch: the name the run's audit rows share; None for a preview or where nothing was done.
        places_left: room under the cap after the run, None without a cap or where it plays no part.
        counts: reason code -> rows and whether they count as skipped, where `verdicts` holds examples only.
        done_ids: who was (or would be) changed, where the rows are people.
        refused_ids: reason code -> who was not.
        sentences: reason code -> the sentence of its first row, as an example.
        effects: what else happens, where the rows are people.
        conflicts: the fields behind `edit_conflict`.
    """

    done: int
    verdicts: tuple[Verdict, ...] = ()
    preview: bool = False
    batch: str | None = None
    places_left: int | None = None
    counts: Mapping[str, tuple[int, bool]] | None = None
    done_ids: array[int] = field(default_factory=no_ids)
    refused_ids: Mapping[str, array[int]] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)
    effects: Effects | None = None
    conflicts: tuple[Conflict, ...] = ()

    @property
    def skipped(self) -> Mapping[str, int]:
        """Reason code -> rows that were harmlessly left alone."""
        return self._count(skips=True)

    @property
    def failed(self) -> Mapping[str, int]:
        """Reason code -> rows that somebody has to look at."""
        return self._count(skips=False)

    @property
    def refused(self) -> int:
        """How many rows were not done, for whatever reason."""
        return sum(self.skipped.values()) + sum(self.failed.values())

    def to_json(self) -> dict[str, Any]:
        """Return the promised keys of a bulk verb; `effects` and `conflicts` where there are any."""
        told = {
            "batch": self.batch,
            "preview": self.preview,
            "done": self.done,
            "skipped": dict(self.skipped),
            "failed": dict(self.failed),
            "rows": [verdict.to_json() for verdict in self.verdicts],
        }
        if self.effects is not None:
            told["effects"] = asdict(self.effects)
        if self.conflicts:
            told["conflicts"] = [
                asdict(each) | {"at": each.at.isoformat() if each.at else None} for each in self.conflicts
            ]
        return told

    def _count(self, *, skips: bool) -> Mapping[str, int]:
        if self.counts is not None:
            return {code: rows for code, (rows, harmless) in self.counts.items() if harmless == skips}
        return Counter(verdict.code for verdict in self.verdicts if verdict.skips == skips)
