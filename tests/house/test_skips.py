"""Where everything must run, a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

IN_A_TEST = "import pytest\n\ndef test_one():\n    pytest.skip('no browser')\n"
IN_A_FIXTURE = "import pytest\n\n@pytest.fixture\ndef browser():\n    pytest.skip('no browser')\n\ndef test_one(browser):\n    pass\n"
OF_A_FILE = "import pytest\n\npytest.skip('no browser', allow_module_level=True)\n"


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "passes"), [("true", False), ("", True)])
@pytest.mark.parametrize("sample", [IN_A_TEST, IN_A_FIXTURE, OF_A_FILE])
def test_a_skip_fails_only_under_ci(tmp_path: Path, sample: str, ci: str, *, passes: bool) -> None:
    """With CI=true a skipped test, fixture or file fails the run with its reason; without, it does not."""
    (tmp_path / "test_sample.py").write_text(f"{sample}\n\ndef test_two():\n    pass\n")
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
    )
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        (*command, "-c", "/dev/null", tmp_path),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no browser" in done.stdout or passes
    assert (done.returncode in {0, 5}) == passes
