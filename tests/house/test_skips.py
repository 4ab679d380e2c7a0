"""Where everything must run, a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SAMPLES = {
    "test": "import pytest\n\ndef test_one():\n    pytest.skip('no browser')\n",
    "fixture": "import pytest\n\n@pytest.fixture\ndef browser():\n    pytest.skip('no browser')\n\ndef test_one(browser):\n    pass\n",
    "file": "import pytest\n\npytest.skip('no browser', allow_module_level=True)\n",
}


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "passes"), [("true", False), ("", True)])
def test_a_skip_fails_only_under_ci(tmp_path: Path, ci: str, *, passes: bool) -> None:
    """With CI=true a skipped test, fixture and file each fail the run with their reason; without, none does."""
    for kind, sample in SAMPLES.items():
        (tmp_path / f"test_{kind}.py").write_text(f"{sample}\n\ndef test_two():\n    pass\n")
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
        (*command, "-c", "/dev/null", "--continue-on-collection-errors", "-rA", tmp_path),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if ".py" in line and "no browser" in line]
    ends = {kind: line.split()[0] for kind in SAMPLES for line in told if f"test_{kind}.py" in line}
    counted = {"test": "FAILED", "fixture": "ERROR", "file": "ERROR"}
    assert ends == (dict.fromkeys(SAMPLES, "SKIPPED") if passes else counted)
    assert (done.returncode == 0) == passes
