"""How long until something is on the screen: the console against an empty Textual app, the help against bare Click.

    bench/run cold_start
    python -m bench.cold_start --rounds 21

Every start is a new process; the four kinds take turns, so that a slow moment of the machine hits them all alike. The
console and the empty app run on a terminal of 120 by 40; their time ends when their first frame has arrived there.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.machine import describe
from tests.outside.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
SIZE = (120, 40)
MOST_TIMES_EMPTY, MOST_TIMES_CLICK = 1.3, 1.5
EMPTY_APP = "from textual.app import App\nApp().run(mouse=False)"
CONSOLE, EMPTY, HELP, CLICK = "console", "empty Textual app", "academy --help", "python -c 'import click'"
_FRAME = b"\x1b[1;1H"  # where every first frame begins
_SIGN_IN = b"Password"

Times = dict[str, list[float]]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = max(7, parser.parse_args().rounds)
    print(describe(("textual", "click", "sqlalchemy")))
    times = measure(rounds)
    print(f"\nCold start, {rounds} rounds, milliseconds: median (least to most)")
    for name, taken in times.items():
        shown = [1000 * value for value in taken]
        print(f"  {name:<28} {statistics.median(shown):6.0f} ({min(shown):.0f} to {max(shown):.0f})")
    for name, value, most in ratios(times):
        verdict = "kept" if value <= most else "MISSED"
        print(f"  {name:<44} {value:5.2f}   target {most:g}: {verdict}")


def measure(rounds: int) -> Times:
    """Return the seconds of every start, by kind; one round before the first is not counted."""
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as home:
        starts: dict[str, Callable[[], float]] = {
            CONSOLE: lambda: _to_first_frame(("-m", "tui.cli.main"), home, _SIGN_IN),
            EMPTY: lambda: _to_first_frame(("-c", EMPTY_APP), home, _FRAME),
            HELP: lambda: _to_the_end(("-m", "tui.cli.main", "--help")),
            CLICK: lambda: _to_the_end(("-c", "import click")),
        }
        times: Times = {name: [] for name in starts}
        for number in range(rounds + 1):
            for name, start in starts.items():
                taken = start()
                if number:
                    times[name].append(taken)
    return times


def ratios(times: Times) -> Sequence[tuple[str, float, float]]:
    """Return what is promised: a name, the median of the rounds' ratios, and the most it may be."""

    def ratio(one: str, other: str) -> float:
        return statistics.median(mine / its for mine, its in zip(times[one], times[other], strict=True))

    return (
        (f"{CONSOLE} / {EMPTY}", ratio(CONSOLE, EMPTY), MOST_TIMES_EMPTY),
        (f"{HELP} / {CLICK}", ratio(HELP, CLICK), MOST_TIMES_CLICK),
    )


def _to_first_frame(arguments: Sequence[str], home: str, sign: bytes) -> float:
    """Start a full-screen program, wait until `sign` has arrived, and end it."""
    environment = {"ACADEMY_HOME": home, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with ExitStack() as stack:
        begun = time.perf_counter()
        terminal = stack.enter_context(
            Terminal((sys.executable, *arguments), size=SIZE, environment=environment)
        )
        terminal.wait(lambda: sign in terminal.output, sign.decode())
        return time.perf_counter() - begun


def _to_the_end(arguments: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run((sys.executable, *arguments), cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
