"""`academy demo` without a terminal, from outside: the whole story, and a story that breaks."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, Host
from tests.outside.terminal import Terminal
from tui.cli.story_parts import PASSWORD

pytestmark = pytest.mark.slow


@pytest.fixture
def somewhere(tmp_path: Path) -> Host:
    """Return a host whose temporary files are looked at afterwards."""
    (tmp_path / "temporary").mkdir()
    return Host({"TMPDIR": str(tmp_path / "temporary")})


def test_the_story_ends_well_and_leaves_nothing_behind(somewhere: Host, tmp_path: Path) -> None:
    """Without a terminal the demo plays invite, mail, form, sign-in, seat, archive and undo, says so and ends with 0."""
    ran = somewhere.process("demo", "--people", "200", seconds=120)
    assert ran.code == 0, ran.out + ran.err
    assert "FAILED" not in ran.out
    told_of_people = ("is invited as Trainer", "nothing written", "is active in Users", "already used (410)")
    told_of_seats = ("holds no seat", "1 seat will be allocated", "seats free again", "is held again")
    for told in (*told_of_people, *told_of_seats):
        assert told in ran.out
    assert not [secret for secret in ("/i/", PASSWORD) if secret in ran.out + ran.err]  # P8
    assert not list((tmp_path / "temporary").iterdir())


def test_the_story_is_told_as_json(somewhere: Host) -> None:
    """With --json each step is an object with what it checked."""
    ran = somewhere.process("demo", "--people", "20", "--json", seconds=120)
    assert ran.code == 0
    steps = json.loads(ran.out)
    assert [step["id"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["ok"] and step["checked"] for step in steps)


def test_a_broken_step_is_named_and_ends_with_1(somewhere: Host, tmp_path: Path) -> None:
    """Where mails cannot be written the story stops at the delivery, names it and ends with 1."""
    home = tmp_path / "kept"
    somewhere.process("demo", "--seed-only", "--people", "20", "--home", str(home), seconds=120)
    (home / "outbox").write_text("in the way")
    ran = somewhere.process("demo", "--home", str(home), "--people", "20", seconds=120)
    assert ran.code == 1
    assert "FAILED  deliver the mails" in ran.out
    assert "register" not in ran.out
    assert "Traceback" not in ran.err


def test_a_dropped_line_leaves_no_folder(somewhere: Host, tmp_path: Path) -> None:
    """A demo whose terminal hangs up takes its throw-away company with it."""
    with Terminal((*COMMAND, "demo", "--people", "20"), environment=somewhere.own_environment) as terminal:
        terminal.wait_for("Made-up company")
        assert list((tmp_path / "temporary").iterdir())
        terminal.hang_up()
        assert terminal.process.wait(10) == 128 + signal.SIGHUP
    assert not list((tmp_path / "temporary").iterdir())
