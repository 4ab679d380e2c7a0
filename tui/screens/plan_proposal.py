"""What a bulk run is to the screens that plan, confirm and report it; core alone decides what it does.

A verb of the list of people, an undo and a sheet of edits all come as a `Proposal`, so there is one plan, one way to
confirm it and one report.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.tally import Tally
from core.work import Work
from tui import keys

if TYPE_CHECKING:
    from core.reading.licenses import FormerSeat

Progress = Callable[[str, int], None]
WILL, WAS = "will be changed", "changed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was chosen in the plan.

    Attributes:
        without: rows that were left out.
        take_over: whether open invitations that lose their sender become one's own instead of being withdrawn (D6).
        all_or_none: whether nobody gets a seat unless there is one for everybody (S19).
        seats: the licenses of which those who come back get a seat again (R46).
    """

    without: frozenset[int] = frozenset()
    take_over: bool = False
    all_or_none: bool = False
    seats: tuple[int, ...] = ()


class Proposal(ABC):
    """Something to be planned, confirmed and carried out.

    Attributes:
        verb: for the books, such as `role`.
        summary: the change in a few words that name nobody, such as "role: Trainer".
        aim: who is meant, as a sentence.
        facts: further sentences of the plan.
        size: about how many rows it looks at.
        list_name: the list whose rows the tally's ids are.
        must_type: whether the number has to be typed however small it is.
        may_drop: whether rows can be left out.
        may_take_over: whether `Asked.take_over` means anything here.
        gives_seats: whether `Asked.all_or_none` does.
        former: the seats that those who come back held, to be ticked; known once it was planned.
        has_report: whether many rows deserve a report; otherwise a sentence tells of them.
        will, was: what happens to the rows, before and after.
        waits: what `y` does where no row is changed, such as that people are put on a waiting list.
    """

    verb: str = ""
    summary: str = ""
    aim: str = ""
    facts: Sequence[str] = ()
    size: int = 0
    list_name: str = keys.USERS
    must_type: bool = False
    may_drop: bool = True
    may_take_over: bool = False
    gives_seats: bool = False
    former: Sequence[FormerSeat] = ()
    has_report: bool = True
    will: str = WILL
    was: str = WAS
    waits: str = "put them on the waiting list"

    @abstractmethod
    def heading(self, done: int, all_rows: int) -> str:
        """Return what would be done to how many of how many rows, as a title."""

    def heading_of(self, tally: Tally, all_rows: int) -> str:
        """Return the heading of a plan or report, for those that count more than one kind of row."""
        return self.heading(tally.done, all_rows)

    @abstractmethod
    def run(
        self,
        work: Work,
        asked: Asked,
        *,
        preview: bool,
        expect: int | None = None,
        batch: str | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Let core plan it or do it; the arguments are those of core's bulk verbs."""

    def begin(self, work: Work) -> str:
        """Write down that it begins, in a transaction of its own, and return the name of the run."""
        from core.services.runs import begin_run  # noqa: PLC0415 - loaded with core, behind the first frame

        return begin_run(work, self.verb, self.summary)

    def number_in(self, tally: Tally) -> int:
        """Return how many something happens to: those who are changed, and those who are put down to wait instead."""
        if self.gives_seats:
            return tally.done + waiting_in(tally)
        return tally.done or waiting_in(tally)

    def told(self, tally: Tally) -> str:
        """Return what was done, as a sentence for one line; empty where people only wait, which is told of each run."""
        only_waits = not tally.done and waiting_in(tally)
        return "" if only_waits else f"{self.heading(tally.done, tally.done)}: done."

    def refused(self, sentence: str) -> str:
        """Return what to say where nothing can be done; `sentence` is core's reason."""
        return sentence

    def conflicts(self, host: object, tally: Tally) -> bool:  # noqa: ARG002 - for those that know conflicts
        """Show on the screen `host` what somebody else has changed meanwhile; return whether that was done here."""
        return False


def count_of(number: int, one: str, many: str) -> str:
    """Return a number with its noun: `1 person`, `2 people`."""
    return f"{number:,} {one if number == 1 else many}"


def people(number: int) -> str:
    """Return how many people."""
    return count_of(number, "person", "people")


def people_and_invitations(tally: Tally, all_rows: int) -> str:
    """Return how many rows, and what they are, where invitations count too: `3: 2 people and 1 invitation`."""
    number = len(tally.done_ids)
    invited = tally.done - number
    kinds = [people(number)] * bool(number or not invited)
    kinds += [count_of(invited, "invitation", "invitations")] * bool(invited)
    if len(kinds) == 1 and tally.done == all_rows:
        return kinds[0]
    total = f"{tally.done:,}" if tally.done == all_rows else f"{tally.done:,} of {all_rows:,}"
    return f"{total}: {' and '.join(kinds)}"


def waiting_in(tally: Tally) -> int:
    """Return how many would be, or were, put down to wait for a seat."""
    return tally.effects.seats_waiting if tally.effects is not None else 0


def waiting_heading(tally: Tally, name: str, license_name: str) -> str:
    """Return the heading of a plan in which nobody gets a seat and some are put down to wait; else empty.

    Args:
        tally: core's plan.
        name: of the only person it is about; empty for several.
        license_name: of what they wait for.
    """
    waiting = waiting_in(tally)
    if tally.done or not waiting:
        return ""
    return f"Put {name if waiting == 1 and name else people(waiting)} on the waiting list of {license_name}"


def ids_of(tally: Tally) -> array[int]:
    """Return every row that the tally tells of, done or not."""
    found = array("q", tally.done_ids)
    for refused in tally.refused_ids.values():
        found.extend(refused)
    return found
