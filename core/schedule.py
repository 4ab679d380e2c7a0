"""What is done by itself, and how often; who does it stands in `core.services.tasks`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

LEAVERS, WARNINGS = "leavers", "warnings"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One thing that is done again and again.

    Attributes:
        name: of its row and in commands.
        every: counted from midnight in UTC, so that what begins with a day is done when the day begins.
        does: what it is for, in a few words.
    """

    name: str
    every: timedelta
    does: str

    def next_after(self, moment: datetime) -> datetime:
        """Return when it is due again after it was done at `moment`."""
        midnight = datetime.combine(moment.date(), time(), moment.tzinfo)
        return midnight + ((moment - midnight) // self.every + 1) * self.every


SCHEDULE = (
    Scheduled(LEAVERS, timedelta(hours=1), "archives whoever leaves today or has left"),
    Scheduled(WARNINGS, timedelta(hours=1), "warns Company Admins of licenses and places that run out"),
)
