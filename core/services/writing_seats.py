"""Seats, written: given, taken and freed as they were judged, with their events, their mails and the waiting lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from core.models import License, Seat, SeatWaiter, User
from core.services.judging_people import DOABLE, Plan
from core.services.judging_seats import MAY_MOVE
from core.services.planning import PLANNED, PLANNED_SEATS, STATUS, P, S
from core.services.seat_effects import SeatEffects, begins_to_wait, waits_back, waits_end
from core.services.seat_mails import drop_seat_mails, queue_seat_mails
from core.services.trail import seat_details, write_events
from core.services.waiting import end_waits, serve_waiting, stop_waiting_with_seat

Statement = Callable[[], None]
_GIVEN, _REVOKED, _AWAITED = "seat.given", "seat.revoked", "seat.awaited"


@dataclass(frozen=True, slots=True)
class SeatWriter:
    """What is the same for every seat that a run writes."""

    plan: Plan
    foreseen: SeatEffects
    batch: str

    @property
    def db(self) -> Session:
        """The open session."""
        return self.plan.work.db

    def statements(self) -> Sequence[Statement]:
        """Return what is to be done; its length depends on the kind of the run and never on the rows."""
        run, numbers = self.plan.run.seats, self.foreseen.numbers
        doing: list[Statement] = []
        if STATUS in self.plan.fields:
            doing += [self._audit_freed, self._free]
        if self.foreseen.waits_ended:
            doing.append(self._end_waits)
        if run and run.gives:
            doing += [self._audit_given, self._give, self._stop_waiting]
            doing += [self._mail] if run.anew else []
            doing += [self._audit_awaited, self._await] if numbers.get("seats_waiting") else []
            doing += [self._audit_back_in_line, self._wait_again] if numbers.get("places_back") else []
        elif run:
            doing += [self._audit_taken, self._take]
        if self.plan.run.undoes and (STATUS in self.plan.fields or (run and not run.gives)):
            doing.append(self._drop_mails)
        if numbers.get("seats_passed_on"):
            doing.append(self._pass_on)
        return doing

    # --- freed by archiving (R43) -----------------------------------------------------------------------------

    def _audit_freed(self) -> None:
        held = select(User.id, User.address, seat_details(self.db, held_since=Seat.held_since))
        rows = (
            held.select_from(Seat)
            .join(PLANNED, P.id == Seat.user_id)
            .join(User, User.id == Seat.user_id)
            .join(License, License.id == Seat.license_id)
            .where(DOABLE, self.plan.archives)
        )
        self._audit(_REVOKED, rows)

    def _free(self) -> None:
        self.db.execute(
            delete(Seat)
            .where(Seat.user_id.in_(self._archived()))
            .execution_options(synchronize_session=False)
        )

    def _end_waits(self) -> None:
        end_waits(self.plan.work, waits_end(self.plan), self.batch)

    def _archived(self) -> Select[int]:
        return select(P.id).where(DOABLE, self.plan.archives)

    # --- given ------------------------------------------------------------------------------------------------

    def _audit_given(self) -> None:
        self._audit(_GIVEN, self._told(S.held_since).where(MAY_MOVE))

    def _give(self) -> None:
        names = ["license_id", "user_id", "held_since"]
        rows = select(S.license_id, S.user_id, S.held_since).join(PLANNED, P.id == S.user_id).where(MAY_MOVE)
        self.db.execute(insert(Seat).from_select(names, rows))

    def _stop_waiting(self) -> None:
        stop_waiting_with_seat(self.db)

    def _mail(self) -> None:
        many = self.foreseen.numbers.get("mails", 0) > 1
        queue_seat_mails(self.plan.work, self._moving(), self.batch, many=many)

    def _audit_awaited(self) -> None:
        rows = self._planned(seat_details(self.db)).where(begins_to_wait())
        self._audit(_AWAITED, rows)

    def _await(self) -> None:
        since = literal(self.plan.work.now, SeatWaiter.since.type)
        batch = literal(self.batch, SeatWaiter.batch.type)
        place = func.row_number().over(order_by=self.plan.order)
        rows = (
            select(S.license_id, S.user_id, since, place, batch)
            .join(PLANNED, P.id == S.user_id)
            .join(User, User.id == S.user_id)
            .where(begins_to_wait())
        )
        names = ["license_id", "user_id", "since", "place", "batch"]
        self.db.execute(insert(SeatWaiter).from_select(names, rows))

    def _audit_back_in_line(self) -> None:
        back = waits_back(self.plan).subquery()
        told = seat_details(self.db, waited_since=back.c.since)
        rows = (
            select(User.id, User.address, told)
            .select_from(back)
            .join(User, User.id == back.c.user_id)
            .join(License, License.id == back.c.license_id)
            .order_by(User.id, License.id)
        )
        self._audit(_AWAITED, rows)

    def _wait_again(self) -> None:
        back = waits_back(self.plan)
        names = [column.key or "" for column in back.selected_columns]
        self.db.execute(insert(SeatWaiter).from_select(names, back))

    # --- taken (S20) ------------------------------------------------------------------------------------------

    def _audit_taken(self) -> None:
        same = and_(Seat.license_id == S.license_id, Seat.user_id == S.user_id)
        rows = self._told(Seat.held_since).join(Seat, same).where(MAY_MOVE)
        self._audit(_REVOKED, rows)

    def _take(self) -> None:
        moving = self._moving()
        same = (moving.c.license_id == Seat.license_id) & (moving.c.user_id == Seat.user_id)
        taken = exists().where(same).correlate(Seat)
        self.db.execute(delete(Seat).where(taken).execution_options(synchronize_session=False))

    def _drop_mails(self) -> None:
        drop_seat_mails(self.plan.work, self.plan.run.undoes or "", select(P.id).where(DOABLE))

    def _pass_on(self) -> None:
        serve_waiting(self.plan.work, None, self.batch)

    # --- the same for all -------------------------------------------------------------------------------------

    def _moving(self) -> FromClause:
        return select(S.license_id, S.user_id).join(PLANNED, P.id == S.user_id).where(MAY_MOVE).subquery()

    def _told(self, held_since: Any) -> Select[*tuple[Any, ...]]:
        return self._planned(seat_details(self.db, held_since=held_since)).join(PLANNED, P.id == S.user_id)

    def _planned(self, details: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
        return (
            select(User.id, User.address, details)
            .select_from(PLANNED_SEATS)
            .join(User, User.id == S.user_id)
            .join(License, License.id == S.license_id)
            .order_by(User.id, License.id)
        )

    def _audit(self, action: str, rows: Select[*tuple[Any, ...]]) -> None:
        write_events(self.plan.work, self.batch, action, kind="user", rows=rows)
