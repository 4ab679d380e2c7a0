"""Files and pipes as pieces of bytes: opened with a sentence where that fails, and watched while they are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import UnreadableFile

PIECE = 64 * 1024


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Lend the file or named pipe at `path`, opened for `core.importing.read`.

    Raises:
        UnreadableFile: missing, a folder, not allowed, ...; with the field `file`.
    """
    name = name_of(path)
    try:
        opened = Path(path).open("rb")  # noqa: SIM115 - closed below; only opening may fail like this
    except (OSError, ValueError) as error:
        raise UnreadableFile({"file": _cannot_open(name, error)}) from None
    with opened:
        yield opened


def name_of(path: str | os.PathLike[str]) -> str:
    """Return `path` as it may be shown inside a sentence."""
    return "".join(char if char.isprintable() else "\ufffd" for char in os.fspath(path))


def _cannot_open(name: str, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file {name}. Check how it is written and in which folder it is."
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder. Name the file in it."
    if isinstance(error, PermissionError):
        return f"This program may not read {name}. Give it permission, or copy the file to where it may."
    reason = (
        error.strerror if isinstance(error, OSError) and error.strerror else "it is not the name of a file"
    )
    return f"{name} cannot be read: {reason}. Check the file and try again."


def pieces_of(source: BinaryIO | Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield what `source` holds in pieces of at most 64 KiB, none of them empty.

    Raises:
        UnreadableFile: it cannot be read to its end, or the file was changed meanwhile: a file that shrinks or is
            still being written ends in half an address, which may be somebody else's.
    """
    if not hasattr(source, "read"):
        for chunk in source:
            for start in range(0, len(chunk), PIECE):
                yield chunk[start : start + PIECE]
        return
    try:
        yield from _watched(cast("BinaryIO", source), name)
    except (OSError, ValueError) as error:
        raise UnreadableFile({"file": _cannot_open(name, error)}) from None


def _watched(stream: BinaryIO, name: str) -> Iterator[bytes]:
    before = _facts(stream)
    while piece := stream.read(PIECE):
        yield piece
    if before != _facts(stream):
        raise UnreadableFile(
            {
                "file": f"{name} was changed while it was being read. Wait until it is whole, then import it again."
            }
        )


def _facts(stream: BinaryIO) -> tuple[int, int] | None:
    """Return size and time of the last change of a regular file; None for a pipe and for what is no file."""
    try:
        facts = os.fstat(stream.fileno())
    except (OSError, AttributeError):
        return None
    return (facts.st_size, facts.st_mtime_ns) if stat.S_ISREG(facts.st_mode) else None
