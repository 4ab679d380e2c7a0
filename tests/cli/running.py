"""Running commands: in this process through click's own runner, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from core.settings import Settings
from tui.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tui.cli.main")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout says as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Host:
    """A host whose commands can be run; the environment holds its settings."""

    environment: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Host:
        """Return the host with the data folder and the database of `settings`."""
        url = settings.database_url.reveal()
        return cls({"ACADEMY_HOME": str(settings.home), "ACADEMY_DATABASE_URL": url})

    def __call__(self, *arguments: str, typed: str = "") -> Ran:
        """Run a command in this process; nobody sits at a terminal."""
        ended = CliRunner().invoke(main, arguments, input=typed, env=dict(self.environment))
        return Ran(ended.exit_code, ended.stdout, ended.stderr)

    @property
    def own_environment(self) -> dict[str, str]:
        """This host's settings, and where a process finds the program."""
        return {"PYTHONPATH": str(ROOT), **self.environment}

    @property
    def whole_environment(self) -> dict[str, str]:
        """The environment of a process: that of the tests, with this host's settings."""
        return {**os.environ, **self.own_environment}

    def process(self, *arguments: str, typed: str = "", seconds: float = 60) -> Ran:
        """Run a command as a process of its own."""
        done = subprocess.run(
            (*COMMAND, *arguments),
            cwd=ROOT,
            env=self.whole_environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that does not end by itself; stderr is a pipe."""
        return subprocess.Popen(
            (*COMMAND, *arguments),
            cwd=ROOT,
            env=self.whole_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
