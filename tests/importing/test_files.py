"""More than a hundred nasty files, each with its outcome line by line (R15, R20-R22)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnreadableFile
from core.importing import Row, open_source, problem_of, read
from tests.importing.libreoffice import CELLS, SAVED_AS, recorded, saved, soffice
from tests.importing.make_files import FOLDER, files
from tests.importing.outcomes import outcome, told

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("expected.toml").read_text("utf-8")
)
READ = sorted(name for name, expected in EXPECTED.items() if "rows" in expected)
REFUSED = sorted(name for name, expected in EXPECTED.items() if "refused" in expected)


@pytest.mark.parametrize("name", READ)
def test_each_line_of_a_nasty_file_has_its_outcome(name: str) -> None:
    """A file gives exactly the rows, and is said to be what, `expected.toml` says."""
    with open_source(FOLDER / name) as source:
        reading = read(source, name=name)
        rows = list(reading)
    assert told(rows) == EXPECTED[name]["rows"]
    found = reading.detected
    marks = ["bom"] * found.bom + ["header"] * found.header
    assert " ".join([found.encoding, found.separator, found.line_ends, *marks]) == EXPECTED[name]["detected"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_text_is_refused_before_any_row(name: str) -> None:
    """A workbook, picture or archive is refused at once with what it is and what to do."""
    with open_source(FOLDER / name) as source, pytest.raises(UnreadableFile) as refusal:
        read(source, name=name)
    assert refusal.value.message.startswith(f"{name} {EXPECTED[name]['refused']}. Save the column")


def test_every_problem_in_the_files_has_its_sentence() -> None:
    """Each code that a line of the files gets has an error of that code, and its sentence is a sentence."""
    codes = {line.split(" ")[1] for name in READ for line in EXPECTED[name]["rows"]} - {
        "ok",
        "invalid_address",
    }
    assert len(codes) == 8
    for code in codes:
        problem = problem_of(code, "Ada <ada@example.com>")
        assert problem.code == code
        assert problem.message.endswith(".")


def test_the_files_are_what_the_script_makes() -> None:
    """The files on disk are byte for byte those of `make_files.py`, so git and editors left them alone."""
    made = files()
    assert len(made) >= 60
    assert [name for name, content in made.items() if (FOLDER / name).read_bytes() != content] == []


def test_every_file_has_an_expectation_and_a_maker() -> None:
    """The folder holds the files that are made and those recorded from LibreOffice, and all are expected."""
    on_disk = {path.name for path in FOLDER.iterdir()}
    assert on_disk == {*files(), *SAVED_AS} == set(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAVED_AS)
def test_what_libreoffice_saves_imports_as_is(name: str, tmp_path: Path) -> None:
    """A one-column sheet saved as CSV gives each of its addresses, in order and without any error (R21)."""
    content = saved(name, tmp_path) if soffice() else recorded(name)
    rows: list[Row] = list(read([content]))
    assert [row.text for row in rows] == [cell.strip() for cell in CELLS if cell]
    assert {outcome(row) for row in rows} == {"ok"}
