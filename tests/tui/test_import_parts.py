"""The parts of an import that know no widget: staging, words, progress, paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.importing import LINE_PROBLEMS, Row
from core.rules import GROUP_PLACES, INVITE, PLACES
from core.services.inviting import Line, Offer
from core.tally import Tally, Verdict
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.importing import invitations
from tui.leash import Leash, Stopped
from tui.screens.import_jobs import apply, complete, read_file
from tui.screens.import_run import IMPORTING, JUDGING, READING, progress_text
from tui.screens.import_staging import Judgement, Staging, entry_of
from tui.screens.import_words import phrase_of, word_of


def staged(*texts: str) -> Staging:
    """Return rows that core has nothing against."""
    staging = Staging()
    staging.add(entry_of(Row(number, text, "")) for number, text in enumerate(texts, 1))
    staging.take(Judgement(Tally(len(texts))))
    return staging


def test_every_reason_has_a_word_that_fits_its_column() -> None:
    """Whatever a reading or a rule can say against a row has a short word and a phrase of its own."""
    codes = [
        *LINE_PROBLEMS,
        "invalid_address",
        *(rule.refusal.code for rule in (*INVITE, *PLACES, *GROUP_PLACES)),
    ]
    assert len(set(codes)) > 12
    for code in codes:
        assert len(word_of(code)) <= 14
        assert phrase_of(code) != code.replace("_", " ")


def test_a_row_that_was_mended_waits_for_its_verdict() -> None:
    """After a mend the row has no verdict until core has spoken again, the others keep theirs."""
    staging = staged("a@example.com", "b@gmial.com")
    assert staging.counts() == {"ready": 1, "typo?": 1}
    assert staging.take_suggestions([1, 2]) == 1
    assert staging.counts() == {"ready": 1, "…": 1}
    assert staging.row(2).text == "b@gmail.com"
    staging.take(Judgement(Tally(2)))
    assert staging.counts() == {"ready": 2}


def test_rows_keep_their_ids() -> None:
    """Rows that are added after others were dropped get new ids, so that no verdict reaches another row."""
    staging = staged("a@example.com", "b@example.com")
    assert staging.drop([2, 7]) == 1
    staging.add([entry_of(Row(9, "c@example.com", ""))])
    assert [(line.number, line.text) for line in staging.lines()] == [
        (1, "a@example.com"),
        (3, "c@example.com"),
    ]


def test_a_name_beside_an_address_suggests_the_address() -> None:
    """A line with one address in it offers that address, one with two offers nothing."""
    assert entry_of(Row(1, "Bo <bo@example.com>", "name_with_address")).suggestion == "bo@example.com"
    assert entry_of(Row(1, "a@example.com b@example.com", "several_addresses")).suggestion == ""


def test_rows_with_questions_come_alone_and_sorted() -> None:
    """The rows that are not ready can be had alone, and all in the order of address or verdict."""
    staging = staged("c@example.com", "b@gmial.com", "a@example.com")
    refused = Verdict("c@example.com", "already_user", "has one", skips=True, line=1)
    staging.take(Judgement(Tally(2), {1: refused}, frozenset({3})))
    assert list(staging.ids("line", only_open_questions=True)) == [1, 2]
    assert list(staging.ids("text")) == [3, 2, 1]
    assert list(staging.ids("text", descending=True)) == [1, 2, 3]
    assert list(staging.ids("word")) == [1, 3, 2]


def test_a_leash_tells_seldom_and_stops_at_once() -> None:
    """A job that tells of ten thousand steps in no time is heard once for each kind, and ends when it is stopped."""
    heard: list[tuple[str, int]] = []
    leash = Leash(lambda step, rows: heard.append((step, rows)))
    for step in ("read", "judge"):
        for rows in range(200):
            leash(step, rows)
    assert heard[0] == ("read", 0)
    assert ("judge", 0) in heard
    assert len(heard) < 10
    leash.stop()
    with pytest.raises(Stopped):
        leash("write", 1)


@sqlite_only
@pytest.mark.parametrize("last", ["judge", "write"])
def test_an_import_can_be_stopped_up_to_its_end(company: House, last: str) -> None:
    """Whatever step an import is at when it is stopped, nothing of it is left."""
    steps: list[str] = []

    def stop_at(step: str, _rows: int) -> None:
        steps.append(step)
        if step == last:
            leash.stop()

    leash = Leash(stop_at)
    lines = [Line(number, f"p{number}@example.com") for number in range(1, 6)]
    with pytest.raises(Stopped), company.core.work(company.admin) as work:
        apply(work, lines=lines, offer=Offer(), renew=False, leash=leash)
    assert steps[-1] == last
    assert invitations(company.core) == []


def test_progress_says_how_far_it_is() -> None:
    """The bar grows from step to step and each text says how to stop."""
    assert progress_text(READING, "read", 2048, 0) == "Reading, 2 KiB so far. Esc stops it."
    assert progress_text(JUDGING, "judge", 0, 5000) == "Judging 5,000 rows. Esc stops it."
    bars = [
        progress_text(IMPORTING, step, rows, 10_000)
        for step, rows in (("read", 0), ("read", 5000), ("judge", 10_000), ("write", 9000))
    ]
    assert [bar.count("#") for bar in bars] == [0, 2, 4, 10]
    assert "5,000 of 10,000 rows" in bars[1]
    assert [" Esc stops it, and nothing is kept." in bar for bar in bars] == [True] * 4


def test_a_path_is_completed_as_far_as_it_is_certain(tmp_path: Path) -> None:
    """Completion goes to the first letter in doubt, names folders with a slash, and leaves out what cannot be shown."""
    for name in ("people.csv", "people-2.csv", ".hidden", "pe\x1bvil"):
        (tmp_path / name).write_text("")
    (tmp_path / "old").mkdir()
    assert complete(f"{tmp_path}/pe") == (f"{tmp_path}/people", ["people-2.csv", "people.csv"])
    assert complete(f"{tmp_path}/people.") == (f"{tmp_path}/people.csv", ["people.csv"])
    assert complete(f"{tmp_path}/o") == (f"{tmp_path}/old/", ["old/"])
    assert complete(f"{tmp_path}/none") == (f"{tmp_path}/none", [])
    assert complete(f"{tmp_path}/none/x") == (f"{tmp_path}/none/x", [])
    assert complete(f"{tmp_path}/")[1] == ["old/", "people-2.csv", "people.csv"]


def test_files_are_read_from_the_import_folder_only(tmp_path: Path) -> None:
    """Where a folder is set, neither a path, nor dots, nor a link leads out of it, and completion stays inside."""
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "people.csv").write_text("bo@example.com\n")
    outside = tmp_path / "secret.csv"
    outside.write_text("cy@example.com\n")
    (folder / "link.csv").symlink_to(outside)
    leash = Leash(lambda _step, _number: None)
    assert len(read_file("people.csv", leash, within=folder).entries) == 1
    for path in (str(outside), "../secret.csv", "link.csv", "x/../../secret.csv"):
        with pytest.raises(UnreadableFile, match="only"):
            read_file(path, leash, within=folder)
    assert complete("pe", within=folder) == ("people.csv", ["people.csv"])
    assert complete("../", within=folder) == ("../", [])
