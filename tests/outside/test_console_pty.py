"""The console as a process of its own on a real terminal: what it draws, what it sends, how it ends."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.core import Core
from core.ports import SystemClock
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many
from core.settings import Settings
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.outside.terminal import DOWN, ENTER, ESCAPE, PAGE_DOWN, Terminal
from tests.people import ADMIN_ADDRESS, PASSWORD, House

pytestmark = [sqlite_only, pytest.mark.slow]

CONSOLE = (sys.executable, "-m", "tui.cli.main")
SIGN_IN = f"{ADMIN_ADDRESS}\r{PASSWORD}\r"
CLIPBOARD = b"]52;"
LEAVE_WITHIN = 2.0
HOSTILE = "Eve [/x]\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b]0;owned\x07\u202e"
PAGE_BUDGET, KEY_BUDGET = 7_000, 500

Open = Callable[..., Terminal]


@pytest.fixture
def clock() -> SystemClock:
    """Return the real clock, by which the process in the terminal goes too."""
    return SystemClock()


@pytest.fixture
def opened(company: House, home: Path) -> Iterator[Open]:
    """Open the console of the company in a terminal of its own; every process is gone afterwards."""
    with ExitStack() as stack:

        def start(
            *,
            sign_in: bool = True,
            size: tuple[int, int] = (80, 24),
            kind: str = "xterm-256color",
            environment: Mapping[str, str] | None = None,
        ) -> Terminal:
            own = {"ACADEMY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
            terminal = stack.enter_context(
                Terminal(CONSOLE, environment={**own, **(environment or {})}, size=size, kind=kind)
            )
            terminal.wait_for("Password")
            if sign_in:
                terminal.type(SIGN_IN)
                terminal.wait_for("[1 Users]")
                terminal.wait_for("Ada Byron   ")
            return terminal

        yield start


def invite_crowd(company: House, count: int) -> None:
    """Invite people whose addresses have little in common."""
    names = [f"{number * 7919 % 10007:x}.x{'abcdefgh'[: number % 8]}@example.com" for number in range(count)]
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(number, name) for number, name in enumerate(names, 1)], Offer(Role.TRAINER))


def test_somebody_signs_in_invites_and_leaves(opened: Open, core: Core) -> None:
    """The whole way by keys, each burst sent in one write; at the end the terminal is as it was."""
    terminal = opened()
    terminal.type("igrace@example.com\r")
    terminal.wait_for("Days the link works")
    terminal.type("\rtrainer\r")
    terminal.wait_for("Role                    Trainer")
    terminal.type("\t\t\t\t\r")
    terminal.wait_for("Invited grace@example.com as Trainer.")
    terminal.wait_for("grace@example.com          open      waiting  Trainer")
    terminal.type("Q")
    assert terminal.end() == 0
    assert terminal.settings_now() == terminal.settings_before
    for mode in (b"\x1b[?1049", b"\x1b[?25", b"\x1b[?2004", b"\x1b[?1004"):
        found = re.findall(re.escape(mode) + b"[hl]", terminal.output)
        assert found[0][-1:] != found[-1][-1:], f"{mode!r} was left on"


def test_everything_typed_before_the_first_frame_arrives(opened: Open) -> None:
    """Address and password typed while the program still loads sign in."""
    terminal = opened(sign_in=False)
    terminal.type(SIGN_IN)
    terminal.wait_for("[1 Users]")


def test_the_window_can_change_its_size(opened: Open, company: House) -> None:
    """Each size fills the window from the title to the hints, and too small a one says so."""
    invite_crowd(company, 100)
    terminal = opened(size=(80, 24))
    terminal.type("2")
    for columns, lines in ((120, 40), (200, 50), (80, 24)):
        terminal.resize(columns, lines)
        terminal.wait_for(f"1–{lines - 4} of 100")
        terminal.settle()
        assert len(terminal.lines) == lines
        assert "[2 Invitations]" in terminal.lines[0]
        assert terminal.lines[0].endswith("Ada Byron")
        assert "? help" in terminal.lines[-1]
        assert sum("@example.com" in line for line in terminal.lines) == lines - 4
    terminal.resize(70, 20)
    terminal.wait_for("The console needs 80 and 24.")
    terminal.resize(80, 24)
    terminal.wait_for("1–20 of 100")


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in a dialog"])
def test_a_dropped_connection_ends_the_process_at_once(opened: Open, busy: bool) -> None:  # noqa: FBT001 - a row of the table
    """When the terminal hangs up, the process is gone within two seconds."""
    terminal = opened()
    if busy:
        terminal.type("i")
        terminal.wait_for("Invite people")
    terminal.settle()
    terminal.hang_up()
    start = time.monotonic()
    assert terminal.process.wait(LEAVE_WITHIN) == 128 + signal.SIGHUP
    assert time.monotonic() - start < LEAVE_WITHIN


def test_being_told_to_end_leaves_the_terminal_in_order(opened: Open) -> None:
    """SIGTERM ends the console like a key would, with the code that says so."""
    terminal = opened()
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    assert terminal.settings_now() == terminal.settings_before


def test_a_hostile_name_never_reaches_the_terminal(opened: Open, company: House) -> None:
    """The bytes on the pty hold the name's letters and none of its escape sequences."""
    company.register("eve@example.com", first_name=HOSTILE, last_name=HOSTILE)
    terminal = opened()
    terminal.wait_for("Eve [/x]")
    terminal.press(DOWN, ENTER)
    terminal.wait_for("Eve [/x]␛]52;c;ZXZpbA==␇")
    terminal.press(ESCAPE)
    terminal.press("/eve", ENTER)
    for raw in (b"\x1b]52", CLIPBOARD + b"c;ZXZpbA==\x07", b"\x1b[2J", b"\x1b]0;", "\u202e".encode()):
        assert raw not in terminal.output
    assert terminal.process.poll() is None


def test_copying_a_link_is_the_one_thing_that_writes_the_clipboard(opened: Open, company: House) -> None:
    """`L` sends the link to the terminal's clipboard as OSC 52, once."""
    company.invite("bo@example.com")
    terminal = opened()
    terminal.type("2")
    terminal.wait_for("bo@example.com")
    assert CLIPBOARD not in terminal.output
    terminal.type("L")
    terminal.wait_for("Registration link of bo@example.com")
    assert terminal.output.count(CLIPBOARD) == 1


@pytest.mark.parametrize(
    ("kind", "environment"),
    [("vt100", {}), ("xterm-256color", {"NO_COLOR": "1"}), ("vt100", {"NO_COLOR": "1"}), ("linux", {})],
)
def test_it_works_without_many_colors_or_any(opened: Open, kind: str, environment: dict[str, str]) -> None:
    """On a poor terminal signs and words carry everything; with NO_COLOR not a single color is sent."""
    terminal = opened(kind=kind, environment=environment)
    terminal.press(" ")
    terminal.wait_for("1 marked")
    assert terminal.lines[2].startswith("▸● Ada Byron")
    styles = re.findall(rb"\x1b\[([\d;]*)m", terminal.output)
    colors = {
        part for style in styles for part in style.split(b";") if part[:1] in (b"3", b"4") and len(part) == 2
    }
    assert bool(colors - {b"39", b"49"}) is not bool(environment)
    assert not [style for style in styles if b"38;" in style or b"48;" in style]
    terminal.type("Q")
    assert terminal.end() == 0


def test_a_locale_that_is_not_utf8_gets_ascii(opened: Open, company: House) -> None:
    """Where the locale does not say UTF-8, every byte is ASCII: signs, lines, names."""
    company.register("zoe@example.com", first_name="Zoë", last_name="王")
    terminal = opened(environment={"LANG": "C"})
    terminal.wait_for("Zoe ??")
    assert terminal.lines[2].startswith(">  ")
    terminal.press("?")
    terminal.wait_for("Commands and keys")
    assert "-" * 80 in terminal.text
    assert bytes(terminal.output).isascii()


def test_a_mistake_leaves_a_clean_terminal_a_reference_and_no_data(
    opened: Open, company: House, home: Path
) -> None:
    """An unexpected error ends with code 70 and one sentence; neither traceback nor data is on the terminal."""
    terminal = opened()
    with company.core.operator() as work:
        work.db.connection().exec_driver_sql("DROP TABLE group_members")
    start = len(terminal.output)
    terminal.type("R")
    assert terminal.end() == 70
    told = terminal.output[start:].partition(b"\x1b[?1049l")[2].decode()
    [path] = home.glob("crash-*.log")
    assert "The console had to stop because of a mistake in it." in told
    assert path.name in told.replace("\r\n", "")
    assert "Traceback" not in told
    assert ADMIN_ADDRESS not in told
    assert terminal.settings_now() == terminal.settings_before


def test_without_a_database_it_says_how_to_make_one(settings: Settings, home: Path) -> None:
    """The console opens its first frame, finds no database, and ends with the sentence of core."""
    (home / "academy.db").unlink()
    environment = {"ACADEMY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with Terminal(CONSOLE, environment=environment, size=(200, 50)) as terminal:
        assert terminal.end() == 1
        assert "Set one up: academy init" in bytes(terminal.output).decode()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_what_a_key_costs_on_the_line(opened: Open, company: House, size: tuple[int, int]) -> None:
    """In full color nothing is sent while nothing happens, little for a cursor or a prompt, some KB for a page."""
    invite_crowd(company, 500)
    terminal = opened(size=size, environment={"COLORTERM": "truecolor"})
    terminal.type("2")
    terminal.wait_for("of 500")
    terminal.settle()
    costs = {
        "cursor": len(terminal.press(DOWN)),
        "page": len(terminal.press(PAGE_DOWN)),
        "next page": len(terminal.press(PAGE_DOWN)),
        "mark": len(terminal.press(" ")),
        "prompt": len(terminal.press("/")),
        "letter": len(terminal.press("@")),
        "no prompt": len(terminal.press(ESCAPE)),
        "line": len(terminal.press(":")),
        "no line": len(terminal.press(ESCAPE)),
    }
    pages = {name for name in costs if "page" in name}
    assert {name: cost for name, cost in costs.items() if name not in pages and cost > KEY_BUDGET} == {}
    assert {name: cost for name, cost in costs.items() if name in pages and cost > PAGE_BUDGET} == {}
    assert all(costs.values()), "a key that changes the screen sends something"
    terminal.press(ESCAPE)
    end = time.monotonic() + 3
    idle = b""
    while time.monotonic() < end:
        idle += terminal.read(end - time.monotonic())
    assert idle == b""


def test_an_idle_console_uses_no_processor(opened: Open) -> None:
    """Three seconds of nothing cost less than a fifth of a second of processor time."""
    terminal = opened()
    terminal.settle(1.0)
    before = _processor_seconds(terminal.process.pid)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        terminal.read(end - time.monotonic())
    assert _processor_seconds(terminal.process.pid) - before < 0.2


def _processor_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
