"""People as of a date: whatever was done since, the end of each day is told as it was, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from core.errors import Invalid, InvalidFilter
from core.models import AuditEvent, License, Seat, User
from core.reading import past
from core.reading.past_walk import first_event_after
from core.roles import Role
from core.services.changes import Archive, Change, GiveRole, GiveSeat, Reactivate, TakeSeat
from core.services.deleting import delete_person
from core.services.editing import Edit, edit_people, texts
from core.services.licenses import edit_license, remove_license
from core.services.undoing import undo
from tests.clock import MovableClock
from tests.people import House
from tests.properties.effort import effort
from tests.services import rows
from tests.services.changes import add_license, add_people, change, give_seat, keep_waiting

PEOPLE = 5
State = tuple[int, str, tuple[str, ...]]
Day = Mapping[int, State]
WHO = st.sets(st.integers(0, PEOPLE - 1), min_size=1)
STEPS = st.tuples(
    st.sampled_from(
        [
            "archive",
            "reactivate",
            "trainer",
            "learner",
            "sheet",
            "premium",
            "compliance",
            "revoke",
            "undo",
            "join",
        ]
    ),
    WHO,
)
DAYS = st.lists(st.lists(STEPS, max_size=4), min_size=2, max_size=3)
TO_AND_FRO = [
    [("premium", {0, 1, 2, 3}), ("trainer", {0}), ("archive", {4})],
    [("revoke", {0}), ("sheet", {0, 1}), ("archive", {1}), ("undo", {0})],
    [("premium", {0}), ("learner", {0}), ("reactivate", {4}), ("archive", {2}), ("join", {0})],
    [("reactivate", {2}), ("trainer", {0, 2}), ("undo", {0}), ("archive", {4}), ("revoke", {0, 3})],
]
FILTERS: Mapping[str, Callable[[State], bool]] = {
    "": lambda one: one[1] == "active",
    "status:archived": lambda one: one[1] == "archived",
    "role:trainer": lambda one: one[:2] == (20, "active"),
    "-role<trainer status:any": lambda one: one[0] >= 20,
    "seat:premium": lambda one: "Premium Sales" in one[2],
    "seat:none status:active": lambda one: one[1:] == ("active", ()),
    '-seat:"Premium Sales" seat:Compliance seat:none': lambda one: (
        one[1] == "active" and "Premium Sales" not in one[2]
    ),
}


def told(house: House, day: date, text: str = "status:any") -> dict[int, State]:
    """Return what core tells of the people that a filter finds at the end of a day, by id."""
    with house.core.look(house.admin) as look:
        end = past.as_of(look, day)
        found = list(itertools.chain.from_iterable(past.ids(look, end, past.parse_past(text))))
        people = past.rows(look, end, found)
        assert [each.id for each in people] == found
        return {each.id: (int(each.role), each.status, each.seats) for each in people}


def truth(house: House) -> dict[int, State]:
    """Return how everybody stands now."""
    seats = select(Seat.user_id, License.name).join(License).order_by(License.name)
    held: dict[int, list[str]] = {}
    for user_id, name in rows.all_of(house.core, seats):
        held.setdefault(user_id, []).append(name)
    everybody = rows.all_of(house.core, select(User.id, User.role, User.status))
    return {one.id: (one.role, one.status, tuple(held.get(one.id, ()))) for one in everybody}


class Story:
    """A company to which something happens each day, and how it stood at the end of each."""

    def __init__(self, house: House, clock: MovableClock) -> None:
        """Begin with learners and two licenses; seats of one were held before there was a trail, the other has a queue."""
        self.house, self.clock = house, clock
        self.people = add_people(house.core, PEOPLE)
        premium, compliance = (
            add_license(house.core, name, seats=3) for name in ("Premium Sales", "Compliance basics")
        )
        for user_id in self.people[:3]:
            give_seat(house.core, compliance, user_id)
        keep_waiting(house.core, premium)
        self.changes: dict[str, Change] = {
            "archive": Archive(),
            "reactivate": Reactivate(seats=(premium, compliance)),
            "trainer": GiveRole(Role.TRAINER),
            "learner": GiveRole(Role.LEARNER),
            "premium": GiveSeat(premium),
            "compliance": GiveSeat(compliance),
            "revoke": TakeSeat((premium, compliance)),
        }
        self.runs: list[str] = []
        self.days: dict[date, Day] = {}

    def live(self, steps: list[tuple[str, set[int]]]) -> None:
        """Let a day pass, from its first instant on."""
        tomorrow = datetime.combine(self.clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
        self.clock.move(seconds=(tomorrow - self.clock.now()).total_seconds())
        for verb, places in steps:
            self._do(verb, [self.people[place] for place in sorted(places)])
            self.clock.move(hours=1)
        self.days[self.clock.now().date()] = truth(self.house)

    def _do(self, verb: str, ids: list[int]) -> None:
        match verb:
            case "undo":
                self._undo()
            case "join":
                number = len(self.days) * 100 + len(rows.events(self.house.core))
                self.house.register(f"new{number}@example.com", Role.TRAINER)
            case "sheet":
                self._edit(ids)
            case _:
                self._note(change(self.house, ids, self.changes[verb]).batch)

    def _edit(self, ids: list[int]) -> None:
        with self.house.core.work(self.house.admin) as work:
            edits = [
                Edit(each.id, {"role": "content-manager", "job_title": "Guide"}, each.values)
                for each in texts(work, ids)
            ]
            self._note(edit_people(work, edits).batch)

    def _undo(self) -> None:
        if self.runs:
            with self.house.core.work(self.house.admin) as work:
                undo(work, self.runs.pop())

    def _note(self, batch: str | None) -> None:
        if batch is not None:
            self.runs.append(batch)


@pytest.mark.slow
def test_each_day_is_told_as_it_ended(company: House, clock: MovableClock) -> None:
    """Whatever is done and undone on later days, a day's people, roles, states and seats are told as they were."""
    story = Story(company, clock)

    @effort(4, 8)
    @given(DAYS)
    @example(TO_AND_FRO)
    def tells(days: list[list[tuple[str, set[int]]]]) -> None:
        lived = len(story.days)
        for steps in days:
            story.live(steps)
        for day, then in list(story.days.items())[max(0, lived - 1) :]:
            assert told(company, day) == then
            for text, fits in FILTERS.items():
                assert told(company, day, text) == {key: one for key, one in then.items() if fits(one)}, text

    tells()


def test_who_was_deleted_since_is_counted_and_not_named(company: House, clock: MovableClock) -> None:
    """Somebody who was there that day and is deleted now is a number; whoever joined later and was deleted is none."""
    there = company.register("bo@example.com")
    day = clock.now().date()
    clock.move(days=1)
    later = company.register("cy@example.com")
    for user_id, address in ((there, "bo@example.com"), (later, "cy@example.com")):
        with company.core.work(company.admin) as work:
            delete_person(work, user_id, confirm=address)
    with company.core.look(company.admin) as look:
        assert past.deleted_since(look, past.as_of(look, day)) == 1
        assert past.deleted_since(look, past.as_of(look, clock.now().date())) == 0
    assert set(told(company, day)) == {company.admin_id}
    assert [past.about_deleted(number) for number in (0, 1, 2000)] == [
        "",
        "1 person who was deleted since is not listed.",
        "2,000 people who were deleted since are not listed.",
    ]


def test_licenses_are_called_as_they_were_called(company: House, clock: MovableClock) -> None:
    """A license that was renamed or removed since is told and found by its name of that day, one that came later is not."""
    bo = company.register("bo@example.com")
    renamed, removed = add_license(company.core, "Old name"), add_license(company.core, "Gone")
    for license_id in (renamed, removed):
        change(company, [bo], GiveSeat(license_id))
    day = clock.now().date()
    clock.move(days=1)
    change(company, [bo], TakeSeat((removed,)))
    with company.core.operator() as work:
        edit_license(work, renamed, {"name": "Newer name"})
        edit_license(work, renamed, {"name": "Newest name"})
        remove_license(work, removed)
    add_license(company.core, "Later")
    assert told(company, day, "seat:gone seat:old")[bo] == (10, "active", ("Gone", "Old name"))
    assert told(company, clock.now().date())[bo][2] == ("Newest name",)
    with pytest.raises(InvalidFilter, match="there was no license later") as refused:
        told(company, day, "seat:later")
    assert refused.value.message.endswith("There is: Gone, Old name.")


def test_an_instant_belongs_to_one_day(company: House, clock: MovableClock) -> None:
    """What happens at midnight UTC belongs to the day that begins, what happens a microsecond before to the day that ends."""
    bo = company.register("bo@example.com")
    clock.move(hours=15, seconds=-1e-6)
    change(company, [bo], GiveRole(Role.TRAINER))
    clock.move(seconds=1e-6)
    assert clock.now() == datetime(2026, 3, 3, tzinfo=UTC)
    change(company, [bo], Archive())
    assert told(company, date(2026, 3, 2))[bo] == (20, "active", ())
    assert told(company, date(2026, 3, 3))[bo] == (20, "archived", ())
    assert set(told(company, date(2026, 3, 3), "")) == {company.admin_id}


def test_events_a_little_out_of_order_are_not_missed(company: House, clock: MovableClock) -> None:
    """Two who work at midnight may write in the other order than they began; the walk begins before both."""
    with company.core.operator() as work:
        midnight = datetime(2026, 3, 4, tzinfo=UTC)
        event = {"action": "x", "actor_label": "x", "subject_kind": "x", "subject_label": "x", "details": {}}
        for minutes in (-300, -61, 2, -59, 3, -1, 70, 80):
            moved = midnight + timedelta(minutes=minutes)
            work.db.execute(insert(AuditEvent).values(event | {"at": moved}))
        late = first_event_after(work.db, midnight - timedelta(hours=1))
        earliest = select(AuditEvent.id).where(AuditEvent.at >= midnight).order_by(AuditEvent.id).limit(1)
        assert late <= work.db.scalars(earliest).one()
        assert first_event_after(work.db, midnight + timedelta(days=9)) > late


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 3, 3), "2026-03-03 has not come yet. Choose 2026-03-02 or an earlier day."),
        (date.max, "9999-12-31 has not come yet. Choose 2026-03-02 or an earlier day."),
        (date(2026, 3, 1), "On 2026-03-01 there was no company here yet. Choose 2026-03-02, when it began, or a later day."),
    ],
)  # fmt: skip
def test_days_that_cannot_be_told_are_refused(company: House, day: date, sentence: str) -> None:
    """Neither the future nor the time before the company is answered, and the sentence names a day that is."""
    with company.core.look(company.admin) as look, pytest.raises(Invalid) as refused:
        past.as_of(look, day)
    assert refused.value.fields == {"date": sentence}


@pytest.mark.parametrize(
    "text", ["dept:sales", "-group:none", "seen>90d", "lang:de", "title:none", "role:trainer seen:never"]
)
def test_what_the_past_does_not_know_is_refused_by_name(text: str) -> None:
    """A word about what no event tells of is named, with the words that can be asked."""
    with pytest.raises(InvalidFilter) as refused:
        past.parse_past(text)
    word = text.rsplit(maxsplit=1)[-1]
    assert refused.value.message == (
        f"The filter word {word}: what it asks for is not known of a past day. "
        "There is: role, status, seat, joined, words of a name or an address."
    )
