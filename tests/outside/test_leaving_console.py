"""People leave and return by keys on a real terminal, and their seats with them (R39-R46, S17-S20, D8)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.models import User
from core.models.people import ACTIVE, ARCHIVED
from core.ports import SystemClock
from core.services.licenses import add_license
from core.services.people import GiveSeat, change_people
from core.targets import Target
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.outside.terminal import ENTER, ESCAPE, Terminal
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.properties.sound import assert_all_sound
from tests.services import rows
from tests.services.changes import add_people, change, holders

pytestmark = [sqlite_only, pytest.mark.slow]

CONSOLE = (sys.executable, "-m", "tui.cli.main")
ARCHIVED_WITHIN = 3.0
MANY = 10_000

Open = Callable[[], Terminal]


@pytest.fixture
def clock() -> SystemClock:
    """Return the real clock, by which the process in the terminal goes too."""
    return SystemClock()


@pytest.fixture
def opened(company: House, home: Path) -> Iterator[Open]:
    """Open the console of the company, signed in, in a terminal of 80 columns and 24 lines."""
    environment = {"ACADEMY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:

        def start() -> Terminal:
            terminal = stack.enter_context(Terminal(CONSOLE, environment=environment, size=(80, 24)))
            terminal.wait_for("Password")
            terminal.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
            terminal.wait_for("? help")
            return terminal

        yield start


def follow(terminal: Terminal, shown: str, *keys: str) -> None:
    """Press keys once the screen itself shows what they do."""
    terminal.wait_for(shown)
    terminal.type(*keys)


def look_for(terminal: Terminal, words: str, name: str, *, not_shown: str) -> None:
    """Filter the list of people until somebody is there and somebody else is not."""
    follow(terminal, "? help", f"/{words}", ENTER)
    terminal.wait_without(not_shown)
    terminal.wait_for(name)


def test_anna_leaves_ben_gets_her_seat_and_none_is_free_when_she_returns(
    opened: Open, company: House
) -> None:
    """Every key that is pressed is one that the screen offers at that moment, and nobody holds a seat too many."""
    core = company.core
    with core.operator() as work:
        license_id = add_license(work, "Premium Sales", seats=1, courses=["Selling"])
    anna = company.register("anna@example.com", first_name="Anna", last_name="Berg")
    ben = company.register("ben@example.com", first_name="Ben", last_name="Holm")
    change(company, [anna], GiveSeat(license_id))
    terminal = opened()

    terminal.wait_for("Ben Holm")
    look_for(terminal, "anna", "Anna Berg", not_shown="Ben Holm")
    follow(terminal, "a actions", "a")
    follow(terminal, "X     archive", "archive", ENTER)
    terminal.wait_for("license seat becomes free")
    follow(terminal, "type 1 and Enter to go on", "1", ENTER)
    follow(terminal, "Esc drops the filter", ESCAPE)
    terminal.wait_for("Ben Holm")
    assert holders(core, license_id) == set()

    look_for(terminal, "ben", "Ben Holm", not_shown=ADMIN_ADDRESS)
    follow(terminal, "s seats", "s")
    terminal.wait_for("1 of 1 free")
    follow(terminal, "Enter take", ENTER)
    terminal.wait_for("1 seat will be allocated, 0 remain free.")
    follow(terminal, "y apply to 1", "y")
    terminal.wait_for("Give a seat of Premium Sales to Ben Holm: done.")
    assert holders(core, license_id) == {ben}

    follow(terminal, "u takes it back", ESCAPE)
    terminal.wait_for(ADMIN_ADDRESS)
    look_for(terminal, "anna status:archived", "Anna Berg", not_shown="Ben Holm")
    follow(terminal, "a actions", "a")
    follow(terminal, "A     reactivate", "reactivate", ENTER)
    terminal.wait_for("former seat of Premium Sales")
    terminal.wait_for("No seat of Premium Sales is left")
    follow(terminal, "y apply to 1", "y")
    terminal.wait_for("Reactivate Anna Berg: done.")
    assert rows.person(core, anna).status == ACTIVE

    follow(terminal, "Esc drops the filter", ESCAPE)
    terminal.wait_for("Ben Holm")
    look_for(terminal, "anna", "Anna Berg", not_shown="Ben Holm")
    follow(terminal, "s seats", "s")
    terminal.wait_for("No seat of Premium Sales is left.")
    follow(terminal, "Esc leave", ENTER, ESCAPE)
    terminal.wait_without("Esc leave")
    follow(terminal, "3 Lic", "3")
    terminal.wait_for("1/1")
    assert holders(core, license_id) == {ben}
    assert_all_sound(core)


@pytest.mark.alone
def test_ten_thousand_leave_with_their_seats_and_one_undo_tells_what_it_could_not(
    opened: Open, company: House
) -> None:
    """They are archived within three seconds, their seats are free at once, and undo gives back what is still free."""
    core = company.core
    people = add_people(core, MANY)
    with core.operator() as work:
        other = add_license(work, "Compliance", seats=MANY)
        change_people(work, Target(ids=people), GiveSeat(other))
    terminal = opened()
    terminal.press("/role:learner", ENTER)
    terminal.wait_for(f"of {MANY:,}")
    terminal.press("*")
    terminal.wait_for(f"{MANY:,} marked")
    terminal.press("X")
    terminal.wait_for(f"{MANY:,}  license seats become free")
    start = time.monotonic()
    terminal.type(str(MANY), ENTER)
    terminal.wait_for("u takes it back")
    assert time.monotonic() - start < ARCHIVED_WITHIN
    assert holders(core, other) == set()
    gone = select(func.count()).where(User.status == ARCHIVED)
    assert rows.all_of(core, gone) == [(MANY,)]

    with core.operator() as work:
        change_people(work, Target(ids=[company.admin_id]), GiveSeat(other))
    terminal.type("u")
    terminal.wait_for(f"{MANY - 1:,}  license seats are given back")
    terminal.type(str(MANY), ENTER)
    terminal.wait_for("Done: Take back “archive”")
    terminal.wait_for(f"No seat of Compliance is left for 1 of {MANY:,} people who held one.")
    assert len(holders(core, other)) == MANY
    assert_all_sound(core)
