"""What an import does away from the screen: reading, judging, inviting, saving what was refused.

Everything here runs on the threads of `tui.jobs`. It judges nothing itself: the plan is the real run without its end.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from os.path import commonprefix
from pathlib import Path
from typing import BinaryIO, ClassVar

from core.core import Core
from core.errors import AlreadyInvited, Problem, UnreadableFile
from core.importing import Reading, Reject, name_of, open_source, read, read_pasted, write_rejects
from core.services.inviting import Line, Offer, invite_many
from core.tally import Tally, Verdict
from core.work import Work
from tui.leash import Leash
from tui.screens import import_words
from tui.screens.import_staging import Entry, Judgement, entry_of
from tui.text import shown

MOST_ROWS = 100_000
_READ = "read"
_PRIVATE = 0o600


class TooManyRows(Problem):
    """More than a screen is the place for."""

    code: ClassVar[str] = "too_many_rows"
    sentence: ClassVar[str] = (
        f"This holds more than {MOST_ROWS:,} addresses. Nothing was taken over. "
        "Import it with the command: academy import FILE --preview"
    )


@dataclass(frozen=True)
class Found:
    """What was read: the rows, and what was found out about their file; nothing where they were pasted."""

    entries: Sequence[Entry]
    about: str


@dataclass(frozen=True)
class Outcome:
    """What became of an import: the numbers, and every row that was refused."""

    tally: Tally
    refused: Sequence[Verdict]


class _Watched:
    """A file whose reading can be followed and stopped."""

    def __init__(self, source: BinaryIO, leash: Leash) -> None:
        self._source, self._leash = source, leash
        self.fileno, self.tell = source.fileno, source.tell

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        self._leash(_READ, self._source.tell())
        return self._source.read(size)


def read_text(text: str) -> Found:
    """Return the rows of pasted text.

    Raises:
        TooManyRows: as it says.
    """
    return Found(_entries(read_pasted(text)), "")


def read_file(path: str, leash: Leash, *, within: Path | None = None) -> Found:
    """Return the rows of a file.

    Args:
        path: as typed.
        leash: follows and stops it.
        within: the only folder to read from, for accounts that may not look around on the host.

    Raises:
        UnreadableFile: missing, a folder, no text, changed meanwhile, outside `within`. TooManyRows, Stopped: as they
            say.
    """
    file = located(path, within)
    check_is_file(file)
    with open_source(file) as source:
        reading = read(_Watched(source, leash), name=name_of(file))  # type: ignore[arg-type]
        entries = _entries(reading)
        return Found(entries, f"{file.name}: {import_words.describe(reading.detected)}")


def located(path: str, within: Path | None) -> Path:
    """Return the file that `path` means; links that lead out of `within` are followed before they are judged.

    Raises:
        UnreadableFile: it is outside `within`.
    """
    if within is None:
        return Path(path).expanduser()
    try:
        file = (within / path).resolve()
    except (OSError, ValueError, RuntimeError):
        file = Path("/")
    if not file.is_relative_to(within):
        raise UnreadableFile(
            {"file": f"Files are read from {within} only. Have the file put there, or paste the addresses."}
        )
    return file


def check_is_file(file: Path) -> None:
    """Let go of what would never end, such as a pipe nobody writes to.

    Raises:
        UnreadableFile: it is neither a file nor a folder.
    """
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError):
        return  # opening it says why
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UnreadableFile(
            {"file": f"{name_of(file)} is not a file. Save what it gives as a file and read that."}
        )


def _entries(reading: Reading) -> list[Entry]:
    rows = iter(reading)
    entries = [entry_of(row) for row in islice(rows, MOST_ROWS)]
    if next(rows, None) is not None:
        raise TooManyRows
    return entries


def judge(work: Work, *, lines: Sequence[Line], offer: Offer, renew: bool, leash: Leash) -> Judgement:
    """Return what core would do with the rows.

    Raises:
        Problem: what core says against the run as a whole. Stopped: as it says.
    """
    renewing: set[int] = set()
    if renew:

        def note(verdict: Verdict) -> None:
            if verdict.code == AlreadyInvited.code and verdict.line is not None:
                renewing.add(verdict.line)

        invite_many(work, lines, offer, preview=True, each_refused=note, progress=leash)
    verdicts: dict[int, Verdict] = {}

    def keep(verdict: Verdict) -> None:
        if verdict.line is not None:
            verdicts[verdict.line] = verdict

    tally = invite_many(work, lines, offer, renew=renew, preview=True, each_refused=keep, progress=leash)
    return Judgement(tally, verdicts, frozenset(renewing - verdicts.keys()))


def apply(work: Work, *, lines: Sequence[Line], offer: Offer, renew: bool, leash: Leash) -> Outcome:
    """Invite the rows in one transaction.

    Raises:
        Problem: what core says against the run as a whole. Stopped: nothing was written.
    """
    refused: list[Verdict] = []
    tally = invite_many(work, lines, offer, renew=renew, each_refused=refused.append, progress=leash)
    leash("commit", tally.done)
    return Outcome(tally, refused)


def save_rejects(core: Core, rejects: Sequence[Reject]) -> Path:
    """Write what was refused to a file of its own in the data folder, readable by its owner only.

    Raises:
        UnreadableFile: the file cannot be written.
    """
    folder = core.settings.home / "rejects"
    name = core.ports.clock.now().strftime("not-imported-%Y%m%d-%H%M%S")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(1, 1000):
            path = folder / (f"{name}.csv" if number == 1 else f"{name}-{number}.csv")
            try:
                opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            except FileExistsError:
                continue
            with os.fdopen(opened, "wb") as file:
                write_rejects(file, rejects)
            return path
    except OSError as error:
        reason = error.strerror or "the folder does not take it"
        raise UnreadableFile({"file": f"{folder} cannot be written: {reason}."}) from None
    raise UnreadableFile({"file": f"{folder} is full of files of this second. Try again."})


def complete(text: str, *, within: Path | None = None) -> tuple[str, list[str]]:
    """Return a path as far as it is certain, and the names that fit; names that cannot be shown are left out."""
    head, start = os.path.split(text)
    try:
        folder = located(head or ".", within)
        names = sorted(
            f"{found.name}/" if found.is_dir() else found.name
            for found in folder.iterdir()
            if found.name.startswith(start) and (start or not found.name.startswith("."))
        )
    except (OSError, UnreadableFile):
        return text, []
    clean = [name for name in names if shown(name) == name]
    certain = commonprefix(clean)  # noqa: RUF071 - letters are what Tab completes
    return (f"{head.rstrip('/')}/{certain}" if head else certain) if certain else text, clean
