"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def describe(packages: Iterable[str]) -> str:
    """Return the processor, the system, Python and the versions of `packages`, as two lines."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    hardware = f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    return f"{hardware}\nPython {platform.python_version()}, {versions}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
