"""A license in words: its room, its end, what it opens."""

from __future__ import annotations

from core.filters import TEXT, Term
from core.reading.licenses import EXPIRED, SOON, LicenseRow
from tui.widgets.columns import Cell

BAR = 8


def room_of(row: LicenseRow) -> str:
    """Return how many seats are free, of how many; where there is none, how many wait for the next."""
    waiting = row.waiting_list and not row.free
    return f"{row.free:,} of {row.total:,} free{f', {row.waiting:,} waiting' if waiting else ''}"


def state_of(row: LicenseRow) -> str:
    """Return in a few words why no seat of it can be given."""
    return ends(row) if row.state == EXPIRED else f"full, {row.used:,} in use  {ends(row)}"


def ends(row: LicenseRow) -> str:
    """Return when it ends, with what that means now."""
    if row.until is None or row.days_left is None:
        return "no end"
    day = row.until.isoformat()
    if row.days_left < 0:
        return f"expired {day}"
    return f"until {day}, {_soon(row.days_left)}"


def _soon(days: int) -> str:
    if not days:
        return "its last day"
    return "tomorrow" if days == 1 else f"in {days:,} days"


def end_cell(row: LicenseRow) -> Cell:
    """Return the same for a list, styled where somebody has to act."""
    style = {EXPIRED: "bad", SOON: "warn"}.get(row.state, "")
    return Cell(ends(row).removeprefix("until ").replace(", in ", ", "), style)


def opens(row: LicenseRow) -> str:
    """Return the courses and learning paths that it opens."""
    paths = [f"{name} (path)" for name in row.paths]
    return ", ".join([*row.courses, *paths]) or "no course yet"


def waits(row: LicenseRow) -> str:
    """Return whether there is a waiting list, and how many wait."""
    if not row.waiting_list:
        return "off"
    if not row.waiting:
        return "on"
    return f"{row.waiting:,} wait" if row.waiting > 1 else "1 waits"


def cell_words(row: LicenseRow, column: str) -> tuple[Term, ...]:
    """Return the filter words that say what a license shows in a column; none where no word says that."""
    states = {
        "free": "free" if row.free else "full",
        "waiting": "waitlist" if row.waiting_list else "",
        "until": {EXPIRED: "expired", SOON: "expiring"}.get(row.state, ""),
    }
    states["percent"] = states["free"]
    if column == "name":
        return (Term(TEXT, ":", row.name, negated=False),)
    state = states.get(column, "")
    return (Term("is", ":", state, negated=False),) if state else ()
