"""What a company's invitations should look like, kept in dictionaries: the oracle of the stateful test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ACTIVE, ARCHIVED = "active", "archived"
DEFAULT_DAYS = 7


@dataclass(slots=True)
class Invited:
    """One invitation."""

    key: str
    expires_at: datetime
    state: str = "open"
    waiting_mails: int = 1

    def is_live(self, now: datetime) -> bool:
        """Tell whether its link works."""
        return self.state == "open" and now < self.expires_at


@dataclass(slots=True)
class Plan:
    """What a run should do: a code for each row (empty where it is done), and the room that is left."""

    codes: list[str]
    places_left: int | None


@dataclass(slots=True)
class Model:
    """The company: accounts by address key, invitations by id, events by action."""

    cap: int | None = None
    accounts: dict[str, str] = field(default_factory=dict)
    invitations: dict[int, Invited] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)

    @property
    def active(self) -> int:
        """Who counts against the cap."""
        return list(self.accounts.values()).count(ACTIVE)

    def live(self, now: datetime) -> set[str]:
        """Whose links work."""
        return {one.key for one in self.invitations.values() if one.is_live(now)}

    def plan(self, keys: Sequence[str], now: datetime, *, renew: bool) -> Plan:
        """Judge rows in their order, the plain way."""
        live, seen, codes = self.live(now), set[str](), list[str]()
        room = None if self.cap is None else max(0, self.cap - self.active - len(live))
        for key in keys:
            obstacle = self._obstacle(key, key in seen, live=key in live, renew=renew)
            seen.add(key)
            if not obstacle and key not in live and room is not None:
                obstacle = "" if room else "cap_reached"
                room -= not obstacle
            codes.append(obstacle)
        return Plan(codes, room)

    def _obstacle(self, key: str, is_repeated: bool, *, live: bool, renew: bool) -> str:  # noqa: FBT001 - a row's facts
        if is_repeated:
            return "twice_in_file"
        if key in self.accounts:
            return "already_user" if self.accounts[key] == ACTIVE else "archived_user"
        return "already_invited" if live and not renew else ""

    def invite(self, new_id: int, key: str, now: datetime, days: int = DEFAULT_DAYS) -> None:
        """Write one invitation; an open one of the address is replaced."""
        for old in self.invitations.values():
            if old.key == key and old.state == "open":
                old.state, old.waiting_mails = "replaced", 0
                self.events["invitation.replaced"] += 1
        self.invitations[new_id] = Invited(key, now + timedelta(days=days))
        self.events["invitation.created"] += 1

    def withdraw(self, ids: Sequence[int]) -> int:
        """Withdraw what is open and return how many that were."""
        chosen = [self.invitations[each] for each in set(ids) if self.invitations[each].state == "open"]
        for one in chosen:
            one.state, one.waiting_mails = "withdrawn", 0
            self.events["invitation.withdrawn"] += 1
        return len(chosen)

    def accept(self, invitation_id: int, now: datetime) -> str:
        """Use a link and return the refusal's code, empty where there is an account now."""
        one = self.invitations[invitation_id]
        dead = {"accepted": "link_used", "replaced": "link_replaced", "withdrawn": "link_withdrawn"}
        if one.state in dead:
            return dead[one.state]
        if not one.is_live(now):
            return "link_expired"
        if self.cap is not None and self.active >= self.cap:
            return "no_place_left"
        one.state = "accepted"
        self.accounts[one.key] = ACTIVE
        self.events["user.registered"] += 1
        return ""
