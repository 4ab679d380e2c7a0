"""Rejected lines as a file that imports once mended (D3)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest

from core.importing import Reject, Row, problem_of, read, write_rejects
from tests.importing.make_files import files
from tests.importing.outcomes import outcome

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
UNSTABLE = {"nul_character", "garbled_text", "line_too_long"}  # what they say cannot be written down again


def rejects_of(rows: Iterable[Row]) -> bytes:
    """Return the file of rejects for all of `rows`."""
    file = io.BytesIO()
    write_rejects(
        file,
        (
            Reject(
                row.line, row.text, problem_of(row.problem, row.text).message if row.problem else "not now"
            )
            for row in rows
        ),
    )
    return file.getvalue()


def test_rejects_say_the_reason_above_each_line() -> None:
    """The file begins with what to do, has a mark for spreadsheets, and keeps the lines as they stood."""
    file = io.BytesIO()
    count = write_rejects(
        file, [Reject(3, "ada@example.com;Ada", "Two columns."), Reject(9, "bob@", "No domain.")]
    )
    assert count == 2
    mark, *lines = file.getvalue().decode().split("\r\n")
    assert mark.startswith("\ufeff# These lines were not imported;")
    assert lines == ["# Line 3: Two columns.", "ada@example.com;Ada", "# Line 9: No domain.", "bob@", ""]


@pytest.mark.parametrize("name", sorted(name for name in files() if name.endswith(".csv")))
def test_rejects_that_nobody_mended_are_rejected_again(name: str) -> None:
    """Importing the rejects as they are gives the same lines with the same outcomes, so nothing slips through."""
    rows = list(read([files()[name]]))
    again = list(read([rejects_of(rows)]))
    assert [outcome(row) == "ok" for row in again] == [outcome(row) == "ok" for row in rows]
    stable = [
        at for at, row in enumerate(rows) if row.problem not in UNSTABLE and not CONTROLS.search(row.text)
    ]
    assert [(again[at].text, outcome(again[at])) for at in stable] == [
        (rows[at].text, outcome(rows[at])) for at in stable
    ]


def test_the_lines_of_a_long_note_stay_rejected() -> None:
    """An address inside a note of many lines is not taken when its rejects are imported as they are."""
    note = b'ada@example.com;"ask\n' + b"boss@example.com\n" * 15 + b'first"\n'
    rows = list(read([note]))
    assert [row.problem for row in rows] == ["broken_quote"] * 17
    assert [row.problem for row in read([rejects_of(rows)])] == ["broken_quote"] * 17


def test_mended_rejects_import_as_is() -> None:
    """With the bad part taken out by hand the file gives exactly the mended addresses."""
    rows = list(read([b'"ada@example.com;x\nbob@example.com;Bob\ncy@@example.com\n']))
    mended = (
        rejects_of(rows).decode().replace('"', "").replace(";x", "").replace(";Bob", "").replace("@@", "@")
    )
    assert [row.text for row in read([mended.encode()])] == [
        "ada@example.com",
        "bob@example.com",
        "cy@example.com",
    ]


def test_a_hostile_line_cannot_break_out_of_the_file() -> None:
    """Line breaks and control characters in a text or a reason make neither new lines nor a file that is no text."""
    file = io.BytesIO()
    write_rejects(file, [Reject(1, "a\0\x1b[2J\nevil@example.com\ud800", "one\r\nevil@example.com\x1b")] * 50)
    assert [row.problem for row in read([file.getvalue()])] == ["garbled_text"] * 50
    assert b"\x1b" not in file.getvalue()
