"""Thousands of addresses pasted into the console through a real terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.core import Core
from core.models import Invitation
from core.ports import SystemClock
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.outside.terminal import ENTER, ESCAPE, Terminal
from tests.people import ADMIN_ADDRESS, PASSWORD, House

pytestmark = [sqlite_only, pytest.mark.slow, pytest.mark.alone]

MANY = 5000
WITHIN = 1.0  # seconds from the first byte of the paste to every row on the staging grid
HOSTILE = "\x1b]52;c;ZXZpbA==\x07evil@example.com\r\x1b[2J\x1b]0;owned\x07 Iy \u202ecom.elpmaxe@x\r[/x]@[example].com"


@pytest.fixture
def clock() -> SystemClock:
    """Return the real clock, by which the process in the terminal goes too."""
    return SystemClock()


@pytest.fixture
def terminal(company: House, home: Path) -> Iterator[Terminal]:
    """Open the import in the console of the company, in a terminal of its own."""
    environment = {"ACADEMY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with Terminal((sys.executable, "-m", "tui.cli.main"), environment=environment) as opened:
        opened.wait_for("Password")
        opened.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
        opened.wait_for("[1 Users]")
        opened.type("I")
        opened.wait_for("Paste addresses here")
        yield opened


def paste(terminal: Terminal, text: str) -> float:
    """Paste as a terminal does; return the moment it began."""
    data = f"\x1b[200~{text}\x1b[201~".encode()
    written = threading.Event()

    def write() -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(terminal.master, view) :]
        written.set()

    writer = threading.Thread(target=write)
    begun = time.monotonic()
    writer.start()
    terminal.wait(written.is_set, "the end of the paste")
    writer.join()
    return begun


def addresses(core: Core) -> list[str]:
    """Return the addresses of all invitations, oldest first."""
    with core.glance() as visit:
        return list(visit.db.scalars(select(Invitation.address).order_by(Invitation.id)))


def test_five_thousand_addresses_are_staged_within_a_second_and_none_is_lost(
    company: House, terminal: Terminal
) -> None:
    """Every address of a large paste stands on the grid within a second, is judged, and is invited in its order."""
    wanted = [f"person{number}@example.com" for number in range(1, MANY + 1)]
    pasted = paste(terminal, "\r".join(wanted))
    terminal.wait_for(f"of {MANY:,}")
    staged = time.monotonic() - pasted
    terminal.wait_for(f"{MANY:,} ready")
    assert staged < WITHIN, f"staged after {staged:.2f} s"
    terminal.type("I")
    terminal.wait_for(f"Invite {MANY:,} people?")
    terminal.type(f"{MANY}{ENTER}")
    terminal.wait_for(f"{MANY:,} created, 0 skipped, 0 errors")
    terminal.type(ENTER)
    terminal.wait_for(f"{MANY:,} invited: {MANY:,} open.")
    assert addresses(company.core) == wanted


def test_hostile_text_in_a_paste_reaches_neither_keys_nor_terminal(
    company: House, terminal: Terminal
) -> None:
    """Escape sequences in a paste are rows to look at: nothing runs, nothing is invited, no sequence comes back."""
    start = len(terminal.output)
    paste(terminal, HOSTILE)
    terminal.wait_for("no address")
    terminal.settle()
    sent = bytes(terminal.output[start:])
    for harm in (b"\x1b]52;", b"\x1b]0;owned", b"\x07", "\u202e".encode()):
        assert harm not in sent
    assert "Import people into" in terminal.lines[0]
    terminal.type(ESCAPE)
    terminal.wait_for("Leave without importing?")
    terminal.type("y")
    terminal.wait_for("[1 Users]")
    assert addresses(company.core) == []
