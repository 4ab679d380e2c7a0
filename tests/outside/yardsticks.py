"""Runs what the page is held against: wapiti, and the scripts of tests/yardsticks for Node.js."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests import needs

_SCRIPTS = Path(__file__).resolve().parents[1] / "yardsticks"
BROWSER_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def judge(script: str, job: dict[str, Any], folder: Path, **environment: str) -> Any:
    """Run `tests/yardsticks/SCRIPT.mjs` on a job and return what it prints; `folder` takes the job.

    Read from standard input, a script finds what is installed in the folder it is run in, wherever it lies itself.
    """
    tools = needs.yardsticks()
    handed = folder / f"{script}.json"
    handed.write_text(json.dumps(job), "utf-8")
    done = subprocess.run(
        [needs.program("node"), "--input-type=module", "-", handed],
        cwd=tools,
        input=(_SCRIPTS / f"{script}.mjs").read_text("utf-8"),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def browser_job(**more: Any) -> dict[str, Any]:
    """Return a job for a script that drives Chromium."""
    return {"chromium": str(needs.chromium()), "arguments": BROWSER_ARGUMENTS, **more}


def attack(url: str, *more: str, modules: str, folder: Path) -> dict[str, list[str]]:
    """Let wapiti crawl below `url` and attack all it finds; return what it reports.

    Whatever stands in `more` are further arguments of its. What it would ask of servers elsewhere is sent to a port where nobody listens.
    """
    report = folder / "wapiti.json"
    nobody = ("--endpoint", "http://127.0.0.1:9/", "--dns-endpoint", "localhost")
    own = ("--store-session", folder / "session", "--store-config", folder / "config", "--flush-session")
    written = ("--no-bugreport", "--format", "json", "--output", report, "--verbose", "1")
    wanted = ("--url", f"{url}/", "--scope", "folder", "--module", modules)
    done = subprocess.run(
        [needs.wapiti(), *wanted, *more, *nobody, *own, *written],
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text("utf-8"))
    found = told["vulnerabilities"] | told["anomalies"]
    return {
        name: [f"{each['path']} {each['info']}" for each in every] for name, every in found.items() if every
    }
