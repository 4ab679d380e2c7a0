"""The seats that people held before they were archived, to be ticked in the plan that lets them in again (R46)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.screens.picker import Choice, Picker
from tui.screens.plan_proposal import Asked, people

if TYPE_CHECKING:
    from core.reading.licenses import FormerSeat


class SeatTicks(Picker):
    """Ends with the keys of what is ticked; none is an answer too, once something was ticked before."""

    def __init__(self, former: Sequence[FormerSeat], asked: Asked) -> None:
        """Offer the seats; those that have no room say why."""
        choices = [
            Choice(str(each.license_id), each.name, _note(each), _refusal(each), _refused(each))
            for each in former
        ]
        taken = tuple(map(str, asked.seats))
        super().__init__("Seats to give back", choices, several=True, taken=taken)
        self._had = bool(taken)

    def chosen(self) -> tuple[str, ...] | None:
        """Return what is ticked."""
        return () if self._had and not self._taken else super().chosen()


def toggled(seat: FormerSeat, asked: Asked) -> Asked | str:
    """Return the choice with one seat ticked or not, or the sentence why it cannot be given back."""
    if seat.license_id in asked.seats:
        return replace(asked, seats=tuple(each for each in asked.seats if each != seat.license_id))
    return _refusal(seat) or replace(asked, seats=(*asked.seats, seat.license_id))


def told(seat: FormerSeat, asked: Asked, *, alone: bool) -> str:
    """Return the line of the plan about one of them; `alone` where only one person comes back."""
    refusal = _refusal(seat)
    if refusal:
        held = "" if alone else f" ({people(seat.people)} held one)"
        return f"former seat of {seat.name}{held}: {refusal}"
    front = f"former seat of {seat.name}: {_free(seat) if alone else _note(seat)}"
    if seat.license_id in asked.seats:
        return f"{front}; {'given back' if seat.free else 'they wait for the next'}, s takes that out again"
    offered = "s gives it back" if seat.free else "s lets them wait for the next"
    return f"{front}; {offered}"


def _note(seat: FormerSeat) -> str:
    return f"{people(seat.people)} held one, {_free(seat)}"


def _free(seat: FormerSeat) -> str:
    return f"{seat.free:,} free now" if seat.free else "none free now"


def _refused(seat: FormerSeat) -> str:
    return _free(seat) if seat.in_force else "the license has expired"


def _refusal(seat: FormerSeat) -> str:
    return seat.closed.message if seat.closed is not None else ""
