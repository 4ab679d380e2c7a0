"""The lock fits the project, and what is built from the project is whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import ROOT

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
PYTHON_LOCKS = ("requirements.lock", "tests/yardsticks/wapiti.lock")
NOT_SHIPPED = {"__pycache__", "README.md", "DECISIONS.md"}


@pytest.fixture(scope="module")
def lock() -> str:
    """Return the lock file."""
    return (ROOT / "requirements.lock").read_text("utf-8")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """Return what pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _wanted(project: dict[str, Any]) -> Iterator[Requirement]:
    texts = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    for extra in project["project"]["optional-dependencies"].values():
        texts += extra
    return map(Requirement, texts)


def test_the_lock_holds_every_dependency(lock: str, project: dict[str, Any]) -> None:
    """Each dependency of the project, its extras, its tests and its build is locked to a version that fits."""
    locked = {canonicalize_name(name): version for name, version in LOCKED.findall(lock)}
    wanted = list(_wanted(project))
    assert wanted
    assert not [
        str(each)
        for each in wanted
        if not each.specifier.contains(locked.get(canonicalize_name(each.name), "0"))
    ]


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    """Each package in a lock for Python can be checked after its download."""
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", (ROOT / name).read_text("utf-8"))[1:]
    assert entries
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_the_lock_names_no_index_and_no_folder(name: str) -> None:
    """A lock works wherever pip does: it names packages only, no address and no path."""
    lock = (ROOT / name).read_text("utf-8")
    assert not re.findall(r"(?m)^--\w+.*|\w+://\S+|file:\S+|^/\S+", lock)


def test_the_yardsticks_are_locked_as_they_are_wanted() -> None:
    """Each tool for Node.js is wanted in one exact version, which is locked; every package can be checked and names no registry."""
    folder = ROOT / "tests" / "yardsticks"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    packages = {path: package for path, package in locked.items() if path}
    assert not [path for path, package in packages.items() if not package["integrity"].startswith("sha512-")]
    assert not [path for path, package in packages.items() if "resolved" in package]


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_rooms(tmp_path: Path, project: dict[str, Any]) -> None:
    """Whatever lies in a room, templates and migrations included, is in the wheel."""
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files = [path.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    missing = [
        str(path) for path in files if not NOT_SHIPPED & set(path.parts) and path.as_posix() not in shipped
    ]
    assert files
    assert not missing
