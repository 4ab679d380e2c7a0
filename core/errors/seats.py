"""Refusals about licenses, the seats on them, and the courses behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.errors.families import NotNow


@dataclass(eq=False)
class ArchivedNoSeat(NotNow):
    """R43: archived people hold no seats."""

    code: ClassVar[str] = "archived_no_seat"
    sentence: ClassVar[str] = (
        "{address} is archived, so no seat of {license} can be given. Reactivate the account first."
    )
    address: str
    license: str


@dataclass(eq=False)
class SeatHeld(NotNow):
    """R47: a person holds at most one seat of a license."""

    code: ClassVar[str] = "seat_held"
    sentence: ClassVar[str] = "{address} holds a seat of {license} already."
    skips: ClassVar[bool] = True
    address: str
    license: str


@dataclass(eq=False)
class NoSeatHeld(NotNow):
    """S20: only a seat that is held can be revoked."""

    code: ClassVar[str] = "no_seat_held"
    sentence: ClassVar[str] = "{address} holds no seat of {license}."
    skips: ClassVar[bool] = True
    address: str
    license: str


@dataclass(eq=False)
class SeatUsed(NotNow):
    """Only unused seats were to be revoked, and this one is not, or not any more."""

    code: ClassVar[str] = "seat_used"
    sentence: ClassVar[str] = (
        "{address} got the seat of {license}, or signed in, too recently: the seat counts as used."
    )
    skips: ClassVar[bool] = True
    address: str
    license: str


@dataclass(eq=False)
class LicenseExpired(NotNow):
    """D8: an expired license gives no access; its seats stay listed, and no new ones are given."""

    code: ClassVar[str] = "license_expired"
    sentence: ClassVar[str] = (
        "The license {license} expired on {until}. Have the operator of the host extend it."
    )
    license: str
    until: str


@dataclass(eq=False)
class NoSeatLeft(NotNow):
    """D8: never more seats in use than bought."""

    code: ClassVar[str] = "no_seat_left"
    sentence: ClassVar[str] = (
        "No seat of {license} is left. Revoke one, or have the operator of the host buy more."
    )
    license: str


@dataclass(eq=False)
class WaitsForSeat(NotNow):
    """No seat is left, and the license keeps a waiting list."""

    code: ClassVar[str] = "waits_for_seat"
    sentence: ClassVar[str] = "No seat of {license} is left; who was to get one waits for the next."
    skips: ClassVar[bool] = True
    license: str


@dataclass(eq=False)
class SeatsInUse(NotNow):
    """D8: a license is never resized below what is in use."""

    code: ClassVar[str] = "seats_in_use"
    license: str
    used: int
    total: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        few = "1 seat is" if self.total == 1 else f"{self.total:,} seats are"
        return (
            f"{few} too few for the license {self.license}: {self.used:,} are in use. "
            f"Keep {self.used:,} or more, or revoke seats first."
        )


@dataclass(eq=False)
class LicenseInUse(NotNow):
    """Only a license that nobody holds a seat of can be removed."""

    code: ClassVar[str] = "license_in_use"
    license: str
    used: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        seats = "1 seat is" if self.used == 1 else f"{self.used:,} seats are"
        return f"The license {self.license} cannot be removed: {seats} in use. Revoke them first."


# --- what a person may open (R48) -------------------------------------------------------------------------------


@dataclass(eq=False)
class AccountArchived(NotNow):
    """R39: archived people can neither sign in nor open anything."""

    code: ClassVar[str] = "account_archived"
    sentence: ClassVar[str] = "The account {address} is archived. A Company Admin can reactivate it."
    address: str


@dataclass(eq=False)
class CourseNotLicensed(NotNow):
    """No license includes the course, so nobody can hold a seat for it."""

    code: ClassVar[str] = "course_not_licensed"
    sentence: ClassVar[str] = (
        "No license includes {course}. The operator of the host can add it to one: academy license edit."
    )
    course: str


@dataclass(eq=False)
class SeatNeeded(NotNow):
    """R47, S22: without a seat no lesson can be started; what was learned is kept."""

    code: ClassVar[str] = "seat_needed"
    sentence: ClassVar[str] = (
        "{address} holds no seat of a license that includes {course}. A Company Admin can give one."
    )
    address: str
    course: str


@dataclass(eq=False)
class NoneInForce(NotNow):
    """D8: every seat that would open the course is on an expired license."""

    code: ClassVar[str] = "no_license_in_force"
    sentence: ClassVar[str] = (
        "Every license through which {address} could open {course} has expired. "
        "Have the operator of the host extend one."
    )
    address: str
    course: str
