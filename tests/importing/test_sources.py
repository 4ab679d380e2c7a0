"""Files that cannot be read, or not to their end; pipes; and memory that stays where it is."""

from __future__ import annotations

import errno
import io
import os
import threading
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from pathlib import Path
from typing import NoReturn

import pytest

from core.errors import UnreadableFile
from core.importing import open_source, read, sources

LINE = b"person@company.example.com\n"
MANY = LINE * 20_000  # more than is read ahead
MEBIBYTE = 1024 * 1024


def refusal_of(path: Path | str) -> str:
    """Return the sentence with which `path` is refused."""
    with pytest.raises(UnreadableFile) as refusal, open_source(path) as source:
        list(read(source, name="people.csv"))
    assert refusal.value.code == "unreadable_file"
    assert set(refusal.value.fields) == {"file"}
    return refusal.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is refused with the path in the sentence."""
    assert f"There is no file {tmp_path}/nobody.csv." in refusal_of(tmp_path / "nobody.csv")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder is refused as one."""
    assert "is a folder. Name the file in it." in refusal_of(tmp_path)


@pytest.mark.parametrize("name", ["people.csv/more.csv", "x" * 300, "a\0b"])
def test_what_cannot_be_a_file_is_refused(tmp_path: Path, name: str) -> None:
    """A path through a file, one that is too long and one with a NUL are refused like others, and shown harmlessly."""
    (tmp_path / "people.csv").write_bytes(LINE)
    message = refusal_of(f"{tmp_path}/{name}")
    assert "cannot be read" in message
    assert message.isprintable()


def test_a_forbidden_file_says_who_may_not() -> None:
    """Where permission is missing, the sentence says so and what to do."""
    message = sources._cannot_open("people.csv", PermissionError(errno.EACCES, "Permission denied"))
    assert message.startswith("This program may not read people.csv. Give it permission")


def test_a_disk_that_fails_half_way_is_told() -> None:
    """An error of the disk in the middle of a file ends the reading with a sentence."""

    class BrokenDisk(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() < len(MANY):
                return super().read(size)
            raise OSError(errno.EIO, "Input/output error")

    reading = read(BrokenDisk(MANY), name="people.csv")
    with pytest.raises(UnreadableFile, match=r"people\.csv cannot be read: Input/output error"):
        list(reading)


def _shrink(path: Path) -> None:
    os.truncate(path, 100)


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(LINE)


def _rewrite(path: Path) -> None:
    path.write_bytes(MANY)
    os.utime(path, (0, 0))


@pytest.mark.parametrize("change", [_shrink, _grow, _rewrite])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """A file that shrinks, grows or is written anew meanwhile ends in a refusal and never in half an address."""
    path = tmp_path / "people.csv"
    path.write_bytes(MANY)
    with open_source(path) as source:
        rows = iter(read(source, name="people.csv"))
        assert next(rows).text == "person@company.example.com"
        change(path)
        with pytest.raises(UnreadableFile, match=r"people\.csv was changed while it was being read"):
            list(rows)


def test_a_file_that_was_partly_read_before_is_read_from_there(tmp_path: Path) -> None:
    """Standard input that another program has begun to read is no changed file."""
    path = tmp_path / "people.csv"
    path.write_bytes(LINE * 3)
    with open_source(path) as source:
        source.readline()
        assert len(list(read(source))) == 2


def test_a_pipe_is_read_to_its_end() -> None:
    """What another program writes into a pipe, in any pieces, arrives whole."""
    reader, writer = os.pipe()

    def write() -> None:
        with open(writer, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor, not a path
            file.writelines(MANY[start : start + 7_001] for start in range(0, len(MANY), 7_001))

    thread = threading.Thread(target=write)
    thread.start()
    with open(reader, "rb") as source:  # noqa: PTH123
        rows = list(read(source))
    thread.join()
    assert len(rows) == rows[-1].line == 20_000


def test_a_named_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    """A named pipe can be given as the path."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    thread = threading.Thread(target=lambda: path.write_bytes(MANY))
    thread.start()
    with open_source(path) as source:
        assert len(list(read(source))) == 20_000
    thread.join()


def _peak_of(pieces: Iterable[bytes]) -> tuple[int, int]:
    """Return how many rows `pieces` give and how many bytes were held at most meanwhile."""
    tracemalloc.start()
    try:
        count = sum(1 for _ in read(pieces))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "rows"),
    [
        (LINE * 2_000, 100_000),
        (b'"person@company.example.com"\r\n' * 2_000, 100_000),
        (b"x" * 65_536, 1),
        (b";" * 65_536, 1),
        (b'"' * 65_536, 1),
        (b" " * 65_536, 1),
        (b"\r" * 65_536, 0),
    ],
    ids=["lines", "quoted", "one line", "separators", "quotation marks", "blanks", "empty lines"],
)
def test_memory_does_not_grow_with_the_file(piece: bytes, rows: int) -> None:
    """Of fifty pieces, lines or one line without end, never more than a few are held at a time."""
    count, peak = _peak_of(chain([b"ada@example.com\n"], repeat(piece, 50)))
    assert count == rows + 1
    assert peak < 4 * MEBIBYTE


def test_an_endless_file_is_refused_at_its_beginning() -> None:
    """What never ends and is no text, such as a device full of NULs, is refused after its first piece."""

    def endless() -> Iterable[bytes]:
        yield bytes(65_536)
        _never()

    with pytest.raises(UnreadableFile):
        read(endless())


def _never() -> NoReturn:
    raise AssertionError
