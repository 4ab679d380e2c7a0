"""`academy --help` is quick because it loads next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.running import ROOT, Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.main import COMMANDS

LOADED = "import sys\nfrom tui.cli.main import main\nmain.main({arguments!r}, standalone_mode=False)\nprint('LOADED', *sys.modules)"


def _modules_after(host: Host, *arguments: str) -> set[str]:
    """Return the modules a fresh Python has loaded once the command has ended."""
    done = subprocess.run(
        (sys.executable, "-c", LOADED.format(arguments=list(arguments))),
        cwd=ROOT,
        env=host.whole_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--help",), *((name, "--help") for name in COMMANDS)])
def test_help_loads_neither_console_nor_database_nor_page(fresh: Host, arguments: tuple[str, ...]) -> None:
    """The help of every command comes without Textual, SQLAlchemy, Flask, Rich or core."""
    loaded = _modules_after(fresh, *arguments)
    assert "tui.cli.main" in loaded
    assert not loaded & {"textual", "sqlalchemy", "flask", "alembic", "rich", "core", "core.core", "web"}


@sqlite_only
@pytest.mark.slow
def test_a_command_never_loads_the_console(host: Host, house: House) -> None:
    """A command that prints a table of people loads the database and not Textual."""
    loaded = _modules_after(host, "users")
    assert "sqlalchemy" in loaded
    assert "textual" not in loaded


def test_the_list_of_commands_fits_a_narrow_terminal(fresh: Host) -> None:
    """`academy --help` lists every command on one line of 80 columns with what it does."""
    lines = fresh("--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    for name, (_, told) in COMMANDS.items():
        assert f"  {name:<13}{told}" in lines
