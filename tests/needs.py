"""What some tests need beside Python: a missing program skips the test, which under CI=true fails it (conftest)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

POSTGRES_VARIABLE = "ACADEMY_TEST_POSTGRES"
CHROMIUM_VARIABLE = "ACADEMY_TEST_CHROMIUM"
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_TOOLS = Path(__file__).resolve().parents[1] / ".tests-venv"  # where tests/run installs them


def program(name: str) -> Path:
    """Return where the program `name` is, also where servers are kept; skip the test where it is missing."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *_SYSTEM_FOLDERS))
    found = shutil.which(name, path=folders)
    if found is None:
        pytest.skip(f"the program {name} is not installed; tests/run installs it where it may")
    return Path(found)


def chromium() -> Path:
    """Return a Chromium to hand to Playwright as `executable_path`; skip the test where there is none.

    One named in ACADEMY_TEST_CHROMIUM goes first, then the system's.
    """
    named = os.environ.get(CHROMIUM_VARIABLE)
    found = named or next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if found is None or not Path(found).exists():
        pytest.skip(f"no Chromium is installed; tests/run installs one, or name one in {CHROMIUM_VARIABLE}")
    return Path(found)


def postgresql() -> str:
    """Return the URL of the PostgreSQL server for tests; skip the test where there is none."""
    url = os.environ.get(POSTGRES_VARIABLE)
    if not url:
        pytest.skip(
            f"no PostgreSQL server: {POSTGRES_VARIABLE} is not set; tests/run and tests/with_postgres set it"
        )
    return url


def yardsticks() -> Path:
    """Return the folder whose node_modules holds what tests/yardsticks/package.json names; skip the test without.

    A script of Node's that is read from standard input in this folder imports them by name.
    """
    folder = _TOOLS / "yardsticks"
    program("node")
    if not (folder / "lock").exists():
        pytest.skip(
            f"{folder.name} are not installed; tests/run installs them where Node.js 20.19 or newer is"
        )
    return folder


def axe() -> Path:
    """Return axe.min.js, to be run inside a page; skip the test where it is missing."""
    return yardsticks() / "node_modules" / "axe-core" / "axe.min.js"


def wapiti() -> Path:
    """Return the web scanner wapiti; skip the test where it is missing."""
    found = _TOOLS / "wapiti" / "bin" / "wapiti"
    if not found.exists():
        pytest.skip("wapiti is not installed; tests/run installs it")
    return found
