"""The page of the tests of the web room, lent to these too."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from tests.house.sources import ROOT
from tests.web.conftest import app, page_with, visitor, written

__all__ = ["app", "page_with", "visitor", "written"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the names of everything in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()
