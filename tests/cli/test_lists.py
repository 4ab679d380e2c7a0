"""`academy users`, `show` and `log`: promised keys, filters, spreadsheets, and nothing that acts on a terminal."""

from __future__ import annotations

import csv
import io

import pytest

from core.roles import Role
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.options import filter_text
from tui.cli.output import csv_cell, number_of, write_json, write_table

USER_KEYS = (
    "id", "address", "first_name", "last_name", "role", "status", "department", "groups", "seats", "language", "joined",
    "last_sign_in",
)  # fmt: skip
HOSTILE = "Eve [/x]\x1b]52;c;aGk=\x07\u202e"


def test_people_have_the_promised_keys(house: House, host: Host) -> None:
    """Each person is a flat object with `id` first, the role as its slug and times in UTC."""
    house.register("bo@example.com", Role.CONTENT_MANAGER, department="Sales", groups=["Night shift"])
    bo, ada = host("users", "--json").json
    assert tuple(bo) == tuple(ada) == USER_KEYS
    assert (bo["role"], bo["department"], bo["groups"]) == ("content-manager", "Sales", ["Night shift"])
    assert (bo["last_sign_in"], ada["last_sign_in"][-1], ada["joined"][-1]) == (None, "Z", "Z")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["bo@example.com", "ada@example.com"]),
        (("role:trainer",), ["bo@example.com"]),
        (("-role:trainer",), ["ada@example.com"]),
        (("role>learner", "byron"), ["ada@example.com"]),
        (("dept:sales", "seen:never"), ["bo@example.com"]),
        (("status:archived",), []),
    ],
)
def test_people_are_filtered_by_words(
    house: House, host: Host, words: tuple[str, ...], found: list[str]
) -> None:
    """The filter language of the console works on the command line too."""
    house.register("bo@example.com", Role.TRAINER, department="Sales")
    assert [each["address"] for each in host("users", *words, "--json").json] == found


@sqlite_only
def test_a_list_without_anybody_is_empty(house: House, host: Host) -> None:
    """Nobody found is an empty array in JSON, nothing but a count for people, and a header alone in CSV."""
    assert host("users", "nobody", "--json").json == []
    plain = host("users", "nobody")
    assert (plain.code, plain.out, plain.err) == (0, "", "0 people.\n")
    assert host("users", "nobody", "--csv").out.count("\n") == 1


@sqlite_only
def test_a_hostile_name_is_harmless_in_tables(house: House, host: Host) -> None:
    """A name with escape sequences and reordering marks is shown without any control character."""
    house.register("eve@example.com", first_name=HOSTILE, last_name="X")
    for words in (("users",), ("show", "eve@example.com"), ("log",)):
        ran = host(*words)
        assert ran.code == 0
        assert all(char.isprintable() for char in ran.out.replace("\n", ""))
    assert "Eve [/x]␛]52;c;aGk=␇" in host("users").out


@sqlite_only
def test_a_hostile_name_is_whole_and_escaped_in_json(house: House, host: Host) -> None:
    """JSON carries the name as it is, with every control character escaped."""
    house.register("eve@example.com", first_name=HOSTILE, last_name="X\x7f")
    ran = host("show", "eve@example.com", "--json")
    assert (ran.json["first_name"], ran.json["last_name"]) == (HOSTILE, "X\x7f")
    assert all(char.isprintable() and char.isascii() for char in ran.out.replace("\n", ""))


@sqlite_only
def test_a_spreadsheet_takes_names_for_text(house: House, host: Host) -> None:
    """In CSV a name that looks like a formula gets a quote before it."""
    house.register("eve@example.com", first_name="=HYPERLINK(1)", last_name='Bo "B", Jr.')
    [header, row, _] = csv.reader(io.StringIO(host("users", "--csv").out))
    assert tuple(header) == USER_KEYS
    assert row[2:4] == ["'=HYPERLINK(1)", 'Bo "B", Jr.']


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    """Every beginning that a spreadsheet takes for a formula is defused, the rest is left alone."""
    assert csv_cell(f"{start}1") == f"'{start}1"
    assert csv_cell(f"1{start}") == f"1{start}"


@sqlite_only
def test_csv_and_json_exclude_each_other(house: House, host: Host) -> None:
    """Asking for both ends with 2."""
    assert host("users", "--csv", "--json").code == 2


def test_show_tells_everything_about_a_person(house: House, host: Host) -> None:
    """Show has the keys of the list and the rest of what is known."""
    house.register("bo@example.com", department="Sales")
    facts = host("show", "BO@example.com", "--json").json
    assert tuple(facts)[: len(USER_KEYS)] == USER_KEYS
    assert (facts["department"], facts["open_sign_ins"], facts["lessons"], facts["archived"]) == (
        "Sales",
        0,
        0,
        None,
    )


@sqlite_only
def test_show_tells_of_the_invitation_where_there_is_no_account(house: House, host: Host) -> None:
    """For somebody who is only invited show tells of the invitation, with the state of its mail."""
    house.invite("bo@example.com")
    facts = host("show", "bo@example.com", "--json").json
    assert (facts["state"], facts["mail"]) == ("open", "waiting")
    assert {
        "about": "Registration",
        "state": "ok",
        "reason": "nothing stands in its way",
        "command": "",
    } in facts["why"]


def test_show_gives_the_reasons_for_what_a_person_can_and_cannot_see(house: House, host: Host) -> None:
    """Each reason says what it is about and whether it stands in the way, with the command that changes it."""
    house.register("bo@example.com")
    host("archive", "bo@example.com")
    why = {each["about"]: each for each in host("show", "bo@example.com", "--json").json["why"]}
    assert why["Sign-in"] == {
        "about": "Sign-in",
        "state": "no",
        "reason": "not possible: the account is archived",
        "command": "academy reactivate bo@example.com",
    }
    assert why["Seats"]["reason"] == "none: courses behind a license are closed"
    told = host("show", "bo@example.com").out
    assert "no    Sign-in: not possible: the account is archived\n" in told
    assert "      academy reactivate bo@example.com\n" in told


def test_the_log_tells_who_did_what_to_whom(house: House, host: Host) -> None:
    """Events come newest first with their promised keys, are filtered by words and limited."""
    house.invite("bo@example.com")
    host("withdraw", "bo@example.com")
    assert "1 event. There may be more: --limit 2" in host("log", "--limit", "1").err
    assert host("log", "subject:nobody").err == "0 events.\n"
    newest = host("log", "--limit", "1", "--json").json
    assert len(newest) == 1
    assert tuple(newest[0]) == (
        "id", "at", "action", "actor", "subject_kind", "subject_id", "subject", "details", "batch",
    )  # fmt: skip
    assert newest[0]["action"] == "invitation.withdrawn"
    assert newest[0]["actor"].startswith("operator ")
    by_ada = host("log", "action:invitation", "by:ada", "--json").json
    assert [event["action"] for event in by_ada] == ["invitation.created"]


@sqlite_only
def test_the_log_goes_on_over_pages(house: House, host: Host) -> None:
    """A limit above a page of the database brings every event once."""
    events = host("log", "--limit", "5000", "--json").json
    assert [event["id"] for event in events] == list(range(len(events), 0, -1))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("role:trainer", "anna"), "role:trainer anna"),
        (("role:trainer anna",), "role:trainer anna"),
        (("group:Q3 onboarding",), 'group:"Q3 onboarding"'),
        (("dept:sales role:learner",), "dept:sales role:learner"),
        (("dept:sales -role:learner seen>90d",), "dept:sales -role:learner seen>90d"),
        (("group:Pilot: mobile app",), 'group:"Pilot: mobile app"'),
        (("-dept:People and Culture", "x"), '-dept:"People and Culture" x'),
        (('group:"Q3 onboarding" anna',), 'group:"Q3 onboarding" anna'),
        ((), ""),
    ],
)
def test_quotes_that_a_shell_took_away_are_put_back(words: tuple[str, ...], text: str) -> None:
    """A name with blanks stays one value; everything else is joined as it is."""
    assert filter_text(words) == text


def test_a_table_is_as_wide_as_what_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns line up by cells on the screen, also with wide characters, and end without blanks."""
    assert write_table(("name", "role"), [("王伟", "x"), ("Bo", "")]) == 2
    assert capsys.readouterr().out == "name  role\n王伟  x\nBo\n"


def test_a_long_cell_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell wider than a column may be pushes the next one along, since what is cut cannot be copied."""
    write_table(("name", "role"), [("x" * 60, "y")])
    assert f"{'x' * 60}  y\n" in capsys.readouterr().out


def test_counts_have_their_noun() -> None:
    """One is singular, everything else plural, thousands are parted."""
    assert (number_of(1, "mail"), number_of(0, "mail"), number_of(1200, "person", "people")) == (
        "1 mail",
        "0 mails",
        "1,200 people",
    )


def test_json_escapes_what_a_terminal_would_act_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of every kind, delete included, are escaped."""
    write_json({"name": "\x1b\x07\x7f\x9b"})
    assert capsys.readouterr().out == '{"name": "\\u001b\\u0007\\u007f\\u009b"}\n'
