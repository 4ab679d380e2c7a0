"""`academy import`: files and pipes to invitations, with the truth about each line (R14-R23, D1-D4)."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from core.models import Department, Invitation
from core.roles import Role
from tests.cli.running import COMMAND, ROOT, Host
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

KEYS = {
    "batch", "preview", "done", "skipped", "failed", "rows", "created", "skipped_total", "errors_total", "detected",
}  # fmt: skip
MIXED = 'E-Mail\r\nbo@example.com;\r\n"cy@example.com"\r\nBO@example.com\r\nada@example.com\r\nnonsense\r\nx@example.com;y\r\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a heading, two new addresses, two harmless lines and two errors."""
    path = tmp_path / "people.csv"
    path.write_bytes(MIXED.encode())
    return path


def test_every_line_is_told_with_its_reason(house: House, host: Host, file: Path) -> None:
    """The JSON counts what was created, skipped and wrong, lists each line not done, and says what was detected."""
    ran = host("import", str(file), "--json")
    assert (ran.code, set(ran.json)) == (3, KEYS)
    told = ran.json
    assert (told["created"], told["done"], told["skipped_total"], told["errors_total"]) == (2, 2, 3, 2)
    assert told["skipped"] == {"header_line": 1, "twice_in_file": 1, "already_user": 1}
    assert told["failed"] == {"invalid_address": 1, "extra_column": 1}
    assert [(row["line"], row["code"]) for row in told["rows"]] == [
        (1, "header_line"),
        (4, "twice_in_file"),
        (5, "already_user"),
        (6, "invalid_address"),
        (7, "extra_column"),
    ]
    assert told["rows"][3]["address"] == "nonsense"
    found = told["detected"]
    assert (found["encoding"], found["separator"], found["header"]) == ("utf-8", ";", True)
    assert rows.count(house.core, Invitation) == len(rows.mails(house.core)) == 2
    assert {event.batch for event in rows.events(house.core, "invitation.created")} == {told["batch"]}


@sqlite_only
def test_people_read_what_happened_and_where_to_look(house: House, host: Host, file: Path) -> None:
    """Without --json the sum is the result, and stderr tells what was read, each reason and what can be done next."""
    ran = host("import", str(file))
    assert ran.out == "2 created, 3 skipped, 2 errors.\n"
    assert "Read as UTF-8, lines end CRLF, separator ;, a heading in the first line." in ran.err
    assert "line 6: “nonsense” is not an email address" in ran.err
    batch = ran.err.partition("academy undo ")[2].split()[0]
    assert len(host("invitations", f"batch:{batch}", "--json").json) == 2


def test_a_second_import_of_the_same_file_creates_nothing(house: House, host: Host, tmp_path: Path) -> None:
    """Whatever was invited is skipped the next time, which is no failure, unless it is to be renewed (D1, D3)."""
    file = tmp_path / "people.txt"
    file.write_text("bo@example.com\ncy@example.com\n", "utf-8")
    assert host("import", str(file)).code == 0
    again = host("import", str(file), "--json")
    assert (again.code, again.json["created"], again.json["skipped"]) == (0, 0, {"already_invited": 2})
    assert (again.json["batch"], rows.count(house.core, Invitation)) == (None, 2)
    renewed = host("import", str(file), "--renew", "--json")
    assert (renewed.code, renewed.json["created"]) == (0, 2)
    assert sorted(rows.states(house.core).values()) == ["open", "open", "replaced", "replaced"]


@sqlite_only
def test_exit_codes_tell_done_partly_and_refused(house: House, host: Host) -> None:
    """Skipped lines are no failure, errors beside created ones are 3, nothing but errors is 1, no line at all is 0."""
    assert host("import", "-", typed="bo@example.com\n").code == 0
    assert host("import", "-", typed="cy@example.com\nnonsense\n").code == 3
    assert host("import", "-", typed="nonsense\nbo@example.com\n").code == 1
    nothing = host("import", "-", typed="# nobody\n\n")
    assert (nothing.code, "no address" in nothing.out) == (0, True)


@sqlite_only
def test_a_pipe_is_imported_by_a_process_of_its_own(house: House, host: Host) -> None:
    """`-` reads what another program writes, in whatever encoding the line shows."""
    ran = host.process("import", "-", "--json", typed="bo@example.com\ncy@bücher.example\n")
    assert (ran.code, ran.json["created"], ran.json["detected"]["encoding"]) == (0, 2, "utf-8")


@sqlite_only
def test_the_highest_role_is_given_and_said(house: House, host: Host) -> None:
    """Of several roles the highest is given and named, and without one everybody becomes a learner (R16, R23)."""
    ran = host("import", "-", "--role", "learner", "--role", "Content Manager", typed="bo@example.com\n")
    assert "the highest is given: Content Manager, which includes Learner." in ran.err
    assert "the highest" not in host("import", "-", typed="cy@example.com\n").err
    assert [rows.invitation(house.core, each).role for each in rows.states(house.core)] == [
        Role.CONTENT_MANAGER,
        Role.LEARNER,
    ]


@sqlite_only
def test_a_role_not_below_the_operator_is_refused_before_the_file_is_opened(house: House, host: Host) -> None:
    """The role is judged first, so not even a missing file is noticed (R19)."""
    before = rows.dump(house.core)
    ran = host("import", "/no/such/file", "--role", "operator", "--json")
    assert (ran.code, ran.json["error"]) == (1, "role_not_below_own")
    assert host("import", "-", "--role", "chief", typed="bo@example.com\n").code == 2
    assert rows.dump(house.core) == before


@sqlite_only
@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("/no/such/file",), 2, "unreadable_file"),
        (("/",), 2, "unreadable_file"),
        (("-", "--department", "Nowhere"), 1, "missing"),
        (("-", "--group", "Nobody"), 1, "missing"),
        (("-", "--days", "0"), 2, "invalid"),
        (("-", "--days", "91"), 2, "invalid"),
        (("-", "--rejects", "/no/such/folder/file"), 2, "rejects_file"),
        (("-", "--rejects", "/dev/null"), 2, "rejects_file"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    house: House, host: Host, words: tuple[str, ...], code: int, error: str
) -> None:
    """A wrong file, place, number of days or rejects file is refused with its code, and nobody is invited."""
    ran = host("import", *words, "--json", typed="bo@example.com\n")
    assert (ran.code, ran.json["error"]) == (code, error)
    assert rows.count(house.core, Invitation) == 0


@sqlite_only
def test_a_workbook_is_refused_with_what_to_do(house: House, host: Host, tmp_path: Path) -> None:
    """A file that is no text is a matter of usage, and the sentence says how to save it."""
    (tmp_path / "people.xlsx").write_bytes(b"PK\x03\x04 and so on")
    ran = host("import", str(tmp_path / "people.xlsx"))
    assert (ran.code, "Save the column of addresses as CSV" in ran.err) == (2, True)


def test_places_are_found_or_made_on_request(house: House, host: Host) -> None:
    """Places are matched without regard to case, a missing one stops the run, and --create makes it once (R6)."""
    found = ("--department", "sales", "--group", "night SHIFT")
    assert host("import", "-", *found, typed="bo@example.com\n").code == 0
    new = ("--department", "Night owls", "--group", "Q4", "--group", "q4", "--create")
    assert host("import", "-", *new, typed="cy@example.com\n").code == 0
    assert host("import", "-", *new, typed="di@example.com\n").code == 0
    made = host("invitations", "--json").json
    assert [(each["department"], each["groups"]) for each in made] == [
        ("Night owls", ["Q4"]),
        ("Night owls", ["Q4"]),
        ("Sales", ["Night shift"]),
    ]
    assert rows.actions(house.core)["department.added"] == len(house.departments) + 1


def test_a_preview_tells_the_run_and_writes_nothing(house: House, host: Host, file: Path) -> None:
    """The plan has the numbers of the run, says what room is left, and leaves the database as it was (D2, D4)."""
    rows.set_cap(house.core, 1 + 3)
    before = rows.dump(house.core)
    words = ("--department", "New", "--create")
    plan = host("import", str(file), "--preview", "--json", *words)
    assert (
        "Preview, nothing was written: 2 would be created, 3 skipped, 2 errors. Then 1 place left."
        in plan.err
    )
    assert rows.dump(house.core) == before
    run = host("import", str(file), "--json", *words)
    for key in KEYS - {"batch", "preview"}:
        assert plan.json[key] == run.json[key], key
    assert (plan.json["preview"], plan.json["batch"], plan.code) == (True, None, run.code)
    assert rows.count(house.core, Department) == len(house.departments) + 1


@sqlite_only
def test_rejects_import_once_they_are_mended(house: House, host: Host, file: Path, tmp_path: Path) -> None:
    """The rows with errors, and only they, are written under their reasons and import as is once mended (D3)."""
    rejects = tmp_path / "rejects.csv"
    assert host("import", str(file), "--rejects", str(rejects)).code == 3
    text = rejects.read_text("utf-8-sig")
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["nonsense", "x@example.com;y"]
    assert "# Line 6: “nonsense” is not an email address" in text
    as_is = host("import", str(rejects), "--json").json
    assert (as_is["created"], as_is["failed"]) == (0, {"invalid_address": 1, "extra_column": 1})
    mended = rejects.read_bytes().replace(b"\nnonsense", b"\ndi@example.com").replace(b";y", b"")
    rejects.write_bytes(mended)
    assert host("import", str(rejects), "--json").json["created"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "people.csv", "rejects.csv"]


@sqlite_only
def test_rejects_replace_a_file_only_on_request(house: House, host: Host, file: Path, tmp_path: Path) -> None:
    """A file that is there stays as it is without --yes, and the imported file is never replaced."""
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("mine", "utf-8")
    words = ("import", str(file), "--rejects")
    assert host(*words, str(rejects)).code == 2
    assert (rejects.read_text("utf-8"), rows.count(house.core, Invitation)) == ("mine", 0)
    assert host(*words, str(file), "--yes").code == 2
    assert file.read_bytes() == MIXED.encode()
    assert host(*words, str(rejects), "--yes").code == 3
    assert "nonsense" in rejects.read_text("utf-8-sig")


@sqlite_only
def test_rejects_are_left_alone_when_nothing_was_imported(house: House, host: Host, tmp_path: Path) -> None:
    """A run that is refused leaves neither a file of rejects nor a piece of one."""
    assert host("import", "/no/such/file", "--rejects", str(tmp_path / "rejects.csv")).code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@sqlite_only
def test_a_busy_database_is_to_be_tried_again(house: House, host: Host) -> None:
    """While another program writes, the import ends with 75 and nothing is invited."""
    impatient = Host(
        {
            **host.environment,
            "ACADEMY_DATABASE_URL": f"{host.environment['ACADEMY_DATABASE_URL']}?timeout=0.05",
        }
    )
    with house.core.operator() as work:
        work.db.connection()
        ran = impatient("import", "-", "--json", typed="bo@example.com\n")
    assert (ran.code, ran.json["error"]) == (75, "busy")
    assert rows.count(house.core, Invitation) == 0


@sqlite_only
def test_hostile_lines_cannot_act_on_a_terminal(house: House, host: Host) -> None:
    """Control characters from a file reach neither stdout nor stderr as they are."""
    for words in ((), ("--json",)):
        ran = host("import", "-", *words, typed="bo\x1b]0;owned\x07@example.com\n\x1b[2J\n")
        assert "\x1b" not in ran.out + ran.err


@sqlite_only
@pytest.mark.slow
def test_progress_is_shown_to_a_terminal_only(house: House, host: Host, tmp_path: Path) -> None:
    """Where stderr is a terminal the steps are shown on one line, and a pipe gets none of them."""
    file = tmp_path / "people.txt"
    file.write_text("".join(f"p{n}@example.com\n" for n in range(6000)), "utf-8")
    assert "Reading" not in host("import", str(file), "--preview").err
    ours, theirs = pty.openpty()
    try:
        ran = subprocess.run(
            (*COMMAND, "import", str(file), "--json"),
            cwd=ROOT,
            env=host.whole_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=60,
            check=True,
        )
        told = os.read(ours, 65536).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert b'"created": 6000' in ran.stdout
    for step in ("Reading: line 5,000", "Judging 6,000 lines", "Writing 6,000 invitations"):
        assert f"\r{step}" in told
