"""`academy undo`: a bulk run taken back from the command line (R60, D4)."""

from __future__ import annotations

from core.models.outbox import DROPPED
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

TWO = "bo@example.com\ncy@example.com\n"
TWO_MORE = "di@example.com\ned@example.com\n"


def _imported(host: Host, typed: str) -> str:
    ran = host("import", "-", "--json", typed=typed)
    assert ran.code == 0
    return str(ran.json["batch"])


def test_the_last_import_is_taken_back(house: House, host: Host) -> None:
    """Without a name the newest run is undone: its invitations are withdrawn and its mails dropped, the others stay."""
    first, last = _imported(host, TWO), _imported(host, TWO_MORE)
    ran = host("undo", "--json")
    assert (ran.code, ran.json["undone"], ran.json["done"]) == (0, last, 2)
    assert list(rows.states(house.core).values()) == ["open", "open", "withdrawn", "withdrawn"]
    assert [mail.state for mail in rows.mails(house.core)].count(DROPPED) == 2
    assert host("undo", "--json").json["undone"] == first
    nothing = host("undo", "--json")
    assert (nothing.code, nothing.json["error"]) == (1, "missing")


@sqlite_only
def test_a_named_import_is_taken_back_once(house: House, host: Host) -> None:
    """A batch is undone by its name, says what it did, and a second time is refused."""
    first, _ = _imported(host, TWO), _imported(host, TWO_MORE)
    ran = host("undo", first)
    assert (ran.code, ran.out.startswith("Taken back: 2 of 2 invitations that operator ")) == (0, True)
    assert first in ran.out
    assert list(rows.states(house.core).values()) == ["withdrawn", "withdrawn", "open", "open"]
    again = host("undo", first, "--json")
    assert (again.code, again.json["error"]) == (1, "already_undone")
    assert host("undo", "nosuchrun1", "--json").json["error"] == "missing"


@sqlite_only
def test_accepted_invitations_stay_and_are_told(house: House, host: Host) -> None:
    """Who has registered since keeps the account, the rest is withdrawn, and the exit code says partly."""
    batch = _imported(host, TWO)
    house.register("bo@example.com")
    ran = host("undo", batch, "--json")
    assert (ran.code, ran.json["done"]) == (3, 1)
    assert [row["code"] for row in ran.json["rows"]] == ["invitation_closed"]


@sqlite_only
def test_an_import_after_an_undo_invites_again(house: House, host: Host) -> None:
    """What was taken back does not stand in the way of the same file."""
    _imported(host, TWO)
    assert host("undo").code == 0
    assert host("import", "-", "--json", typed=TWO).json["created"] == 2
