"""How seats take part in a run on people: what is asked about each of them, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.rules import GIVE_SEAT, RETURN_SEAT, TAKE_SEAT, Rules


@dataclass(frozen=True, slots=True)
class SeatRun:
    """What is the same for every row of `planning.PLANNED_SEATS`.

    Attributes:
        rules: asked about each seat.
        gives: seats are given; otherwise they are taken away.
        decides: who neither gets nor loses any seat is refused; otherwise people are changed either way.
        anew: people did not hold the seats before, so they get a mail, and may wait for the next one.
        all_or_none: where some would find no seat, nobody gets one.
        unused_since: only seats held since before and not used after it are taken.
        called: how the license is called, or several of them, where somebody holds no seat to take.
    """

    rules: Rules
    gives: bool = True
    decides: bool = True
    anew: bool = False
    all_or_none: bool = False
    unused_since: datetime | None = None
    called: str = ""


GIVEN: Final = SeatRun(GIVE_SEAT, anew=True)
GIVEN_WITH_PEOPLE: Final = SeatRun(GIVE_SEAT, anew=True, decides=False)
BACK: Final = SeatRun(RETURN_SEAT)
BACK_WITH_PEOPLE: Final = SeatRun(RETURN_SEAT, decides=False)
TAKEN: Final = SeatRun(TAKE_SEAT, gives=False)
