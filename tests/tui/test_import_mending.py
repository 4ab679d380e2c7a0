"""Rows of an import mended in place, and files as its source."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.importing import addresses, bench, pasted, people, stage
from tui.screens.import_jobs import MOST_ROWS

pytestmark = sqlite_only


async def judged(admin: Admin) -> None:
    """Let the pause after a mend be over."""
    bench(admin).judge_now()
    await admin.quiet()


def test_an_address_is_mended_in_place(company: House) -> None:
    """The key e takes the row's address into the prompt, and what is typed is judged anew."""

    async def story(admin: Admin) -> None:
        await stage(admin, ["a@example.com", "bo@example,com"])
        await admin.type("Ge")
        assert admin.lines[-1].startswith(" Line 3: com")
        await admin.press("ctrl+u")
        await admin.type("cy@example.com\r")
        await judged(admin)
        assert admin.row("cy@example.com").split()[-1] == "ready"

    play(company.core, story)


def test_a_mended_row_can_be_imported_in_one_burst(company: House) -> None:
    """Mending, asking for the plan and confirming arrive together and import what was mended."""

    async def story(admin: Admin) -> None:
        await stage(admin, ["nonsense@"])
        await admin.type("eexample.com\rIy")
        assert " 1 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == ["nonsense@example.com"]


def test_dropped_rows_are_left_out(company: House) -> None:
    """The key x leaves out the row, or all marked ones, and a second row of the same address takes the place of the first."""

    async def story(admin: Admin) -> None:
        await stage(admin, ["a@example.com", "b@example.com", "c@example.com", "a@example.com"])
        assert "3 ready  1 twice" in admin.text
        await admin.type("x")
        assert "1 row left out." in admin.said
        await judged(admin)
        assert "3 ready" in admin.text
        await admin.type("g  x")
        assert "2 rows left out." in admin.said
        await admin.type("Iy")
        assert " 1 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == ["a@example.com"]


def test_open_invitations_are_renewed_on_request(company: House) -> None:
    """The key r renews open invitations for this run and back, and the plan says how many links die."""
    company.invite("open@example.com")

    async def story(admin: Admin) -> None:
        await stage(admin, ["open@example.com", "new@example.com"])
        assert "1 ready  1 invited" in admin.text
        await admin.type("r")
        assert "1 ready  1 renews" in admin.text
        assert "open invitations renewed" in admin.lines[1]
        await admin.type("rr")
        await admin.type("I")
        assert " Renewed           1 of them; their old links die at once" in admin.lines
        await admin.type("y")
        assert " 2 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core, "replaced") == ["open@example.com"]
    assert addresses(company.core) == ["open@example.com", "new@example.com"]


def test_suggestions_are_taken_one_by_one_or_all(company: House) -> None:
    """The key t takes the suggestion of the row, T those of all rows, and nothing is mended unasked."""
    typed = ["a@gmial.com", "b@gmial.com", "c@hotmial.com", "d@example.com"]

    async def story(admin: Admin) -> None:
        await stage(admin, typed)
        assert "1 ready  3 typo?" in admin.text
        assert "Probably a@gmail.com: t takes it." in admin.said
        await admin.type("t")
        await judged(admin)
        assert "2 ready  2 typo?" in admin.text
        await admin.type("T")
        assert "2 suggestions taken." in admin.said
        await admin.type("Iy")

    play(company.core, story)
    assert addresses(company.core) == ["a@gmail.com", "b@gmail.com", "c@hotmail.com", "d@example.com"]


def test_only_problems_are_shown_on_request(company: House) -> None:
    """The key p shows the rows that are not ready, and all of them again."""

    async def story(admin: Admin) -> None:
        await stage(admin, [*people(30), "nonsense@"])
        await admin.type("p")
        assert "1–1 of 1" in admin.text
        assert "nonsense@" in admin.row("no address")
        await admin.type("p")
        assert "of 31" in admin.text

    play(company.core, story)


def test_rows_are_sorted_by_address(company: House) -> None:
    """The brackets sort by the column of the cursor, as on every list."""

    async def story(admin: Admin) -> None:
        await stage(admin, ["b@example.com", "nonsense@", "a@example.com"])
        await admin.type("l[")
        shown = [re.findall(r"\S+@\S*", line)[0] for line in admin.lines[4:7]]
        assert shown == ["a@example.com", "b@example.com", "nonsense@"]

    play(company.core, story)


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a list as Excel writes it."""
    made = tmp_path / "lists"
    made.mkdir()
    text = "E-Mail;Name\r\na@example.com;\r\nBo Berg <b@example.com>\r\nc@example.com;Cy\r\n"
    (made / "people.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (made / "pictures").mkdir()
    return made


def test_a_file_is_read_and_what_was_detected_is_told(company: House, folder: Path) -> None:
    """A file shows its rows under the numbers of its lines, and says encoding, separator, heading and line ends."""

    async def story(admin: Admin) -> None:
        await admin.type(f"If{folder}/people.csv\r")
        about = "people.csv: UTF-8 with its mark, separated by ;, with a heading, lines end in CRLF"
        assert about in " ".join(" ".join(admin.lines[:5]).split())
        assert admin.row("a@example.com").split() == ["2", "a@example.com", "ready"]
        assert "with a name" in admin.row("Bo Berg")
        await admin.type("jjt")
        await judged(admin)
        assert "b@example.com" in admin.row("b@")
        assert "Bo Berg" not in admin.text

    play(company.core, story)


def test_tab_completes_a_path(company: House, folder: Path) -> None:
    """Tab goes on as far as the path is certain, and says what there is where it is not."""

    async def story(admin: Admin) -> None:
        await admin.type(f"If{folder}/p\t")
        assert "people.csv pictures/" in admin.said
        await admin.type("e\t\r")
        assert "1 ready" in admin.text

    play(company.core, story)


def test_the_command_reads_a_file_at_once(company: House, folder: Path) -> None:
    """`:import FILE` opens the workbench with the rows of the file."""

    async def story(admin: Admin) -> None:
        await admin.type(f":import {folder}/people.csv\r")
        assert "1 ready" in admin.text

    play(company.core, story)


def test_what_is_no_list_is_refused_with_a_sentence(company: House, folder: Path) -> None:
    """A missing file, a folder, a pipe and a picture are refused, each with its reason, and nothing is staged."""
    os.mkfifo(folder / "pipe")
    (folder / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))

    async def story(admin: Admin) -> None:
        await admin.press("I")
        for name, sentence in (
            ("none.csv", "There is no file"),
            ("pictures", "is a folder. Name the file in it."),
            ("pipe", "is not a file. Save what it gives as a file and read that."),
            ("cat.png", "is a picture."),
        ):
            await admin.type(f"f{folder}/{name}\r")
            assert sentence in admin.said
        assert len(bench(admin).bench.staging) == 0

    play(company.core, story, size=(120, 40))  # wide enough for the path of any temporary folder


def test_more_than_a_screen_is_for_is_refused_whole(company: House, folder: Path) -> None:
    """A file with more rows than the workbench takes is left to the command, and no part of it is taken over."""
    (folder / "many.csv").write_text("\n".join(people(MOST_ROWS + 1)))

    async def story(admin: Admin) -> None:
        await admin.type(f"If{folder}/many.csv\r")
        assert "This holds more than 100,000 addresses. Nothing was taken over." in admin.said
        assert len(bench(admin).bench.staging) == 0

    play(company.core, story)


def test_a_paste_of_nothing_is_said(company: House) -> None:
    """A paste without any line with content says so."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted(" \n\n# nobody\n"))
        assert "There is no line with content in it." in admin.said
        await admin.type("I")
        assert "There is nothing to import yet." in admin.said

    play(company.core, story)


def test_a_whole_form_can_be_typed_in_one_burst(company: House) -> None:
    """Keys that arrive before the form knows its lists wait for them, and land in the list that opens."""

    async def story(admin: Admin) -> None:
        await admin.type("ix@example.com\r\rtrainer\r\t\t\t\t\r")
        assert "Invited x@example.com as Trainer." in admin.said

    play(company.core, story)
