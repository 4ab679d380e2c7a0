"""The rows of an import that were not done: kept on disk, since there may be a million of them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from core.importing import Reject, write_rejects
from core.tally import Verdict
from tui.cli.asking import confirm, is_terminal
from tui.cli.ending import USAGE, Stopped

_IN_MEMORY = 1 << 20  # bytes
_EXAMPLES = 3


class RejectsFile:
    """A file for the rows with errors, written beside its place and put there as a whole."""

    def __init__(self, place: Path, handle: int, written: Path) -> None:
        """Take `open_rejects` instead."""
        self.place = place
        self._written = written
        self._file: BinaryIO = os.fdopen(handle, "wb")

    def write(self, rejects: Iterator[Reject]) -> None:
        """Write all of them.

        Raises:
            Stopped: the disk does not take them.
        """
        with _said(self.place):
            write_rejects(self._file, rejects)
            self._file.flush()
            os.fsync(self._file.fileno())

    def put_in_place(self) -> None:
        """Give the file its name.

        Raises:
            Stopped: the folder does not take it.
        """
        with _said(self.place):
            self._file.close()
            self._written.replace(self.place)

    def discard(self) -> None:
        """Leave nothing behind of what was not put in its place."""
        with suppress(OSError):
            self._file.close()
        self._written.unlink(missing_ok=True)


def open_rejects(name: str, *, source: str, yes: bool) -> RejectsFile:
    """Make sure, before anything else is done, that rows can be written to the file `name`.

    Args:
        name: the file.
        source: the file that is imported.
        yes: replace the file if there is one; otherwise whoever sits at the terminal is asked.

    Raises:
        Stopped: it is no place for a file, or one is there.
        click.Abort: it is not to be replaced.
    """
    place = Path(name)
    with _said(place):
        place = place.resolve()
        if place.exists():
            _check_replaceable(place, source, yes=yes)
        handle, written = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
    return RejectsFile(place, handle, Path(written))


def _check_replaceable(place: Path, source: str, *, yes: bool) -> None:
    if not place.is_file():
        raise _no_place(f"{place} is no file. Name a file for the rows with errors.")
    with suppress(OSError, ValueError):
        if place.samefile(source):
            raise _no_place("The rows with errors cannot replace the file they come from. Name another file.")
    if not yes and not is_terminal():
        raise _no_place(f"{place} is there already. Name another file, or let it be replaced with --yes.")
    confirm(f"Replace {place}?", yes=yes)


def _no_place(message: str) -> Stopped:
    return Stopped("rejects_file", message, exit_code=USAGE)


@contextmanager
def _said(place: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise _no_place(f"{place} cannot be written: {reason}. Name another file.") from None


class RefusedRows:
    """Every row that was not done, in order.

    Attributes:
        examples: the first few of each code.
    """

    def __init__(self, kept: IO[str], file: RejectsFile | None) -> None:
        """Take `kept_rows` instead."""
        self.examples: dict[str, list[Verdict]] = {}
        self._kept = kept
        self._file = file

    @property
    def rejects_place(self) -> Path | None:
        """Where the rows with errors go, if anywhere."""
        return self._file.place if self._file else None

    def keep(self, verdict: Verdict) -> None:
        """Hear of one row."""
        examples = self.examples.setdefault(verdict.code, [])
        if len(examples) < _EXAMPLES:
            examples.append(verdict)
        facts = (verdict.address, verdict.code, verdict.message, verdict.skips, verdict.line, verdict.id)
        self._kept.write(json.dumps(facts) + "\n")

    def __iter__(self) -> Iterator[Verdict]:
        self._kept.seek(0)
        for line in self._kept:
            yield Verdict(*json.loads(line))

    def write_rejects(self) -> None:
        """Write the rows with errors; a skipped row needs no mending, so it is left out.

        Raises:
            Stopped: the disk does not take them.
        """
        if self._file:
            failed = (verdict for verdict in self if not verdict.skips)
            self._file.write(Reject(row.line or 0, row.address, row.message) for row in failed)

    def place_rejects(self) -> None:
        """Give the file with the rows its name.

        Raises:
            Stopped: the folder does not take it.
        """
        if self._file:
            self._file.put_in_place()

    def close(self) -> None:
        """Remove what was not put in its place."""
        if self._file:
            self._file.discard()


@contextmanager
def kept_rows(rejects: str | None, *, source: str, yes: bool) -> Iterator[RefusedRows]:
    """Lend a place for refused rows; `rejects` names a file for those with errors, as in `open_rejects`."""
    file = open_rejects(rejects, source=source, yes=yes) if rejects is not None else None
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8") as kept:
        rows = RefusedRows(kept, file)
        try:
            yield rows
        finally:
            rows.close()
