"""What changing people should do, kept in plain objects: the oracle of the stateful test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.services.people import (
    KEEP,
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
)

LEARNER, ADMIN, OPERATOR = 10, 40, 50


@dataclass(slots=True)
class Person:
    """One person; `sign_ins` holds the role of each open one."""

    role: int
    active: bool = True
    department: int | None = None
    groups: set[int] = field(default_factory=set)
    language: str = ""
    job_title: str = ""
    sign_ins: list[int] = field(default_factory=list)
    seats: set[int] = field(default_factory=set)
    version: int = 1


@dataclass(slots=True)
class Done:
    """What a run should do: a code for each row (empty where it is done) and what it brings along."""

    codes: dict[int, str]
    lowered: int = 0
    closed: int = 0
    freed: int = 0


@dataclass(slots=True)
class PeopleModel:
    """The company: people by id, limits, events by person."""

    people: dict[int, Person]
    cap: int | None = None
    sizes: dict[int, int] = field(default_factory=dict)
    events: Counter[int] = field(default_factory=Counter)

    @property
    def active(self) -> int:
        """Who counts against the cap."""
        return sum(person.active for person in self.people.values())

    def change(self, actor: tuple[int, int], ids: Sequence[int], wanted: Change, *, write: bool) -> Done:
        """Judge rows in their order, the plain way, and write them unless it is a preview.

        Args:
            actor: id (0 for the host) and role.
            ids: in the order in which places are handed out.
            wanted: what they are to become.
            write: whether to go through with it.
        """
        codes = {each: self._obstacle(actor, each, wanted) for each in ids}
        self._limit(codes, wanted)
        done = Done(codes)
        for each in (one for one in ids if not codes[one]):
            person = self.people[each]
            if isinstance(wanted, GiveRole):
                done.lowered += sum(role > wanted.role for role in person.sign_ins)
            if isinstance(wanted, Archive):
                done.closed += len(person.sign_ins)
                done.freed += len(person.seats)
            if write:
                self._write(each, wanted)
        return done

    # --- judging ------------------------------------------------------------------------------------------------

    def _obstacle(self, actor: tuple[int, int], user_id: int, wanted: Change) -> str:
        person = self.people.get(user_id)
        if person is None:
            return "person_gone"
        if isinstance(wanted, Archive | Reactivate):
            already = isinstance(wanted, Reactivate) == person.active
            said = "already_active" if person.active else "already_archived"
            return self._out_of_reach(actor, user_id, wanted) or (said if already else "")
        if not self._differs(person, wanted):
            return "unchanged"
        return self._out_of_reach(actor, user_id, wanted)

    def _out_of_reach(self, actor: tuple[int, int], user_id: int, wanted: Change) -> str:
        actor_id, actor_role = actor
        person = self.people[user_id]
        if isinstance(wanted, SetLanguage | SetJobTitle):
            return "" if person.role < actor_role or user_id == actor_id else "target_not_below_own"
        leaves = isinstance(wanted, Archive | GiveRole) and person.active and person.role == ADMIN
        admins = sum(each.active and each.role == ADMIN for each in self.people.values())
        if leaves and admins == 1 and actor_role <= ADMIN:
            return "last_admin"
        if user_id == actor_id:
            return "own_account"
        return "" if person.role < actor_role else "target_not_below_own"

    @staticmethod
    def _differs(person: Person, wanted: Change) -> bool:
        match wanted:
            case GiveRole():
                return person.role != wanted.role
            case SetLanguage():
                return person.language != wanted.language
            case SetJobTitle():
                return person.job_title != wanted.job_title
            case Place():
                moves = wanted.department_id not in {KEEP, person.department}
                joins = bool(set(wanted.join) - person.groups)
                return moves or joins or bool(set(wanted.leave) & person.groups)
        return True

    def _limit(self, codes: dict[int, str], wanted: Change) -> None:
        for group, most in sorted(self.sizes.items()):
            room = most - sum(each.active and group in each.groups for each in self.people.values())
            for user_id, person in ((each, self.people[each]) for each in codes if not codes[each]):
                joins = isinstance(wanted, Place) and group in set(wanted.join) - person.groups
                returns = isinstance(wanted, Reactivate) and group in person.groups
                if (joins and person.active) or returns:
                    codes[user_id] = "" if room > 0 else "group_full"
                    room -= 1
        if isinstance(wanted, Reactivate) and self.cap is not None:
            room = self.cap - self.active
            for user_id in (each for each in codes if not codes[each]):
                codes[user_id] = "" if room > 0 else "cap_reached"
                room -= 1

    # --- writing ------------------------------------------------------------------------------------------------

    def _write(self, user_id: int, wanted: Change) -> None:
        person = self.people[user_id]
        person.version += 1
        self.events[user_id] += 1
        match wanted:
            case GiveRole():
                person.role = int(wanted.role)
                person.sign_ins = [min(role, person.role) for role in person.sign_ins]
            case Archive():
                person.active, person.sign_ins, person.seats = False, [], set()
            case Reactivate():
                person.active = True
            case SetLanguage():
                person.language = wanted.language
            case SetJobTitle():
                person.job_title = wanted.job_title
            case Place():
                if wanted.department_id != KEEP:
                    person.department = wanted.department_id
                person.groups = (person.groups | set(wanted.join)) - set(wanted.leave)
