"""How quick the console is under the hands: from a key to its repaint, in time and bytes, at 1,000 and 1,000,000 people.

    bench/run console                          makes both companies first; four minutes
    python -m bench.console --quick            1,000 and 20,000
    python -m bench.console --company A.json --company B.json
                                               companies that `academy demo --seed-only` has made, by what it printed

The console runs as a process of its own on a terminal of 120 by 40. A repaint is over when the last byte of the answer
to a key has come; what is sent later, such as rows that had to be fetched, counts too. "worked" is what of it the
widgets' thread spent on a processor: all of the time on an idle machine, the part that is ours on a busy one. Rounds alternate between the
companies, so that a slow moment of the machine hits them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.machine import describe
from tests.outside.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
SIZE = (120, 40)
QUIET = 0.12  # seconds without a byte after which a repaint is over; longer than a list waits for rows
IDLE = 4.5  # seconds; longer than two looks for changes
DOWN, UP, PAGE_DOWN, PAGE_UP, HOME, END = "j", "k", "\x1b[6~", "\x1b[5~", "g", "G"
ESCAPE = "\x07"  # Ctrl+G: Esc itself waits a tenth of a second for what may follow it
ACTIONS: dict[str, Sequence[str]] = {
    "to the top": (HOME,),
    "cursor": (DOWN, UP, DOWN, UP, DOWN, UP, DOWN, UP),
    "page": (PAGE_DOWN,) * 8,
    "page back": (PAGE_UP,) * 8,
    "end and home": (END, HOME, END, HOME),
    "mark all, swap": ("*", "!", "*", "M"),
    "range to the end": ("v", END, "v", "M"),
    "prompt": ("/", ESCAPE, "/", ESCAPE),
}
_WHOLE_LIST = re.compile(
    r"\d of [\d,]+(?:\s|$)"
)  # a plus sign stands behind the number while rows are on their way
KEYS = ("cursor", "page", "page back", "end and home")
MOST_BYTES = {"cursor": 400, "page": 6_500, "prompt": 500}
MOST_MS, MOST_TIMES, MOST_MIB = 30.0, 1.2, 150.0


@dataclass(slots=True)
class Answers:
    """What came back for one kind of key."""

    seconds: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Measured:
    """Everything about one company."""

    people: int
    by_action: dict[str, Answers] = field(default_factory=lambda: {name: Answers() for name in ACTIONS})
    idle: int = 0
    first_list: int = 0
    mib: float = 0.0


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="1,000 and 20,000 people")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--company", action="append", default=[], metavar="JSON", help="a company that is there"
    )
    chosen = parser.parse_args()
    print(describe(("textual", "sqlalchemy")))
    with ExitStack() as stack:
        sizes = () if chosen.company else (1_000, 20_000 if chosen.quick else 1_000_000)
        companies = [json.loads(Path(file).read_text("utf-8")) for file in chosen.company]
        companies += [_make(size, stack) for size in sizes]
        found = [_print_one(each) for each in measure(companies, chosen.rounds)]
    if len(found) > 1:
        _print_ratios(found[0], found[-1])


def measure(companies: Sequence[dict[str, Any]], rounds: int) -> list[Measured]:
    """Return what was measured, a company each."""
    measured = [Measured(int(company["people"])) for company in companies]
    with ExitStack() as stack:
        consoles = [
            _signed_in(company, into, stack) for company, into in zip(companies, measured, strict=True)
        ]
        for number in range(rounds + 1):
            for console, into in zip(consoles, measured, strict=True):
                _round(console, into, counted=number > 0)
        for console, into in zip(consoles, measured, strict=True):
            into.idle = len(_read_all(console, IDLE))
            into.mib = _peak_mib(console.process.pid)
    return measured


def _make(people: int, stack: ExitStack) -> dict[str, Any]:
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="academy-bench-"))
    command = [
        sys.executable,
        "-m",
        "tui.cli.main",
        "demo",
        "--people",
        str(people),
        "--home",
        home,
        "--seed-only",
    ]
    print(f"  making a company of {people:,} …", file=sys.stderr)
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    made: dict[str, Any] = json.loads(told)
    return made


def _signed_in(company: dict[str, Any], into: Measured, stack: ExitStack) -> Terminal:
    environment = {"ACADEMY_HOME": str(company["home"]), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    console = stack.enter_context(
        Terminal((sys.executable, "-m", "tui.cli.main"), size=SIZE, environment=environment)
    )
    console.wait_for("Password")
    console.settle()
    before = len(console.output)
    console.type(f"{company['address']}\r{company['password']}\r")
    console.wait(lambda: _WHOLE_LIST.search(console.text) is not None, "the list")
    console.settle(2.0)
    into.first_list = len(console.output) - before
    return console


def _round(console: Terminal, into: Measured, *, counted: bool) -> None:
    for name, keys in ACTIONS.items():
        for key in keys:
            before = _worked(console.process.pid)
            seconds, sent = _press(console, key)
            if counted:
                into.by_action[name].seconds.append(seconds)
                into.by_action[name].worked.append(_worked(console.process.pid) - before)
                into.by_action[name].sent.append(sent)


def _press(console: Terminal, key: str) -> tuple[float, int]:
    """Type a key; return the seconds until its last byte, and how many came."""
    begun = last = time.perf_counter()
    os.write(console.master, key.encode())
    sent = 0
    for data in _chunks(console, QUIET):
        last = time.perf_counter()
        sent += len(data)
    return last - begun, sent


def _read_all(console: Terminal, seconds: float) -> bytes:
    end = time.perf_counter() + seconds
    found = b""
    while (left := end - time.perf_counter()) > 0:
        found += b"".join(_chunks(console, left))
    return found


def _chunks(console: Terminal, quiet: float) -> Iterator[bytes]:
    """Yield what comes until nothing does for `quiet` seconds; not drawn, which would take its own time."""
    while select.select([console.master], [], [], quiet)[0]:
        yield os.read(console.master, 65_536)


def _worked(pid: int) -> float:
    """Return the seconds the widgets' thread has been on a processor; of use where other work slows the machine."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _print_one(found: Measured) -> Measured:
    print(
        f"\n{found.people:,} people, 120x40          p50 ms   p95 ms  most ms   worked ms    bytes p50     most"
    )
    for name, answers in found.by_action.items():
        times = [1000 * value for value in answers.seconds]
        print(
            f"  {name:<24} {statistics.median(times):8.1f} {_percentile(times, 0.95):8.1f} {max(times):8.1f}"
            f"   {1000 * statistics.median(answers.worked):9.1f}"
            f"   {statistics.median(answers.sent):10,.0f} {max(answers.sent):8,}"
        )
        if name in MOST_BYTES:
            _verdict(f"  {name}: bytes", statistics.median(answers.sent), MOST_BYTES[name])
    print(f"  sign-in and first list, bytes {found.first_list:,}")
    _verdict("  idle: bytes", found.idle, 0)
    _verdict("  peak memory, MiB", found.mib, MOST_MIB)
    return found


def _print_ratios(small: Measured, large: Measured) -> None:
    print(f"\n{large.people:,} people against {small.people:,}")
    for name in KEYS:
        one, other = large.by_action[name].seconds, small.by_action[name].seconds
        _verdict(f"  {name}: p95, ms", 1000 * _percentile(one, 0.95), MOST_MS)
        _verdict(f"  {name}: p50 ratio", statistics.median(one) / statistics.median(other), MOST_TIMES)


def _verdict(name: str, value: float, most: float) -> None:
    print(f"  {name:<50} {value:10,.2f}   target {most:g}: {'kept' if value <= most else 'MISSED'}")


if __name__ == "__main__":
    main()
