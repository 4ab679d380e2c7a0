"""What a person holds and has learned, in lines: seats, lost seats, and course by course what is recorded (R40, R46, R48)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from core.reading.learning import CourseRecord
from core.reading.seats import HeldSeat
from core.reading.why_people import room_to_return
from tui.screens.record_words import day_text
from tui.text import fit, shown, wrap

if TYPE_CHECKING:
    from tui.screens.person_reading import Person

SEATS, FORMER_SEATS, LEARNING = "Seats", "Former seats", "Learning"
_NAME, _GAP, _BAR = 28, 2, 10
_FULL, _EMPTY = "▰", "▱"
_NOT_TOLD = fit("progress unknown", _BAR + len(" 100 %"))


def seats_text(seats: Sequence[HeldSeat]) -> str:
    """Return how many seats somebody holds, and how many of them give no access."""
    if not seats:
        return "none"
    expired = sum(not seat.in_force for seat in seats)
    return f"{len(seats)}, {expired} expired" if expired else str(len(seats))


def record_lines(person: Person, room: int) -> Iterator[tuple[str, str]]:
    """Yield seats and records with their styles, each under its heading; nothing of what there is none of.

    Args:
        person: who.
        room: cells of a line.
    """
    parts = (
        (SEATS, [(each.name, _held(each)) for each in person.seats]),
        (FORMER_SEATS, [(each.name, room_to_return(each)) for each in person.former_seats]),
        (LEARNING, [(each.course, told) for each in person.learned for told in _learned(each)]),
    )
    for heading, rows in parts:
        if rows:
            yield "", ""
            yield heading, "bold"
        before = ""
        for name, text in rows:
            first, *rest = wrap(text, room - _NAME - _GAP)
            yield fit("" if name == before else shown(name), _NAME + _GAP) + first, ""
            yield from ((" " * (_NAME + _GAP) + line, "") for line in rest)
            before = name


def percent_bar(percent: int) -> str:
    """Return progress as signs and a number; full only where all is done, empty only where nothing is."""
    full = _BAR if percent >= 100 else min(_BAR - 1, max(percent > 0, percent * _BAR // 100))  # noqa: PLR2004 - per cent
    return f"{_FULL * full}{_EMPTY * (_BAR - full)} {percent:>3} %"


def _held(seat: HeldSeat) -> str:
    if not seat.in_force:
        return f"expired on {seat.until}: gives no access"
    until = f"until {seat.until}" if seat.until else "without an end"
    return f"{until}, held since {day_text(seat.held_since)}"


def _learned(record: CourseRecord) -> Iterator[str]:
    far = _NOT_TOLD if record.percent is None else percent_bar(record.percent)
    done = len(record.lessons)
    if done:
        lessons = "1 lesson" if done == 1 else f"{done:,} lessons"
        yield f"{far}  {lessons}, last {day_text(_last(record))}"
    elif record.percent is not None:
        yield far
    yield from (f"certificate {each.number} of {day_text(each.at)}" for each in record.certificates)


def _last(record: CourseRecord) -> datetime:
    return max(each.at for each in record.lessons)
