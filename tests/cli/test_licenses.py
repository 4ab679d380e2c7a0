"""Licenses and seats from the command line: what was bought, who holds a seat, who leaves on a day, who comes back."""

from __future__ import annotations

from pathlib import Path

from core.filter_keys import parse_users
from core.reading import users
from tests.cli.running import Host
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House

PROMISED = ("id", "name", "total", "used", "free", "until", "courses")
SALES = "Premium Sales"
REFUSED = (
    (("license", "add", "Premium SALES", "--seats", "1"), 1, "name_taken"),
    (("license", "add", "Gold", "--seats", "many"), 2, "invalid"),
    (("license", "add", "Gold"), 2, "usage"),
    (("license", "add", "Gold", "--seats", "1", "--until", "31.12.2030"), 2, "invalid"),
    (("license", "resize", SALES, "1"), 1, "seats_in_use"),
    (("license", "resize", "Gold", "1"), 1, "missing"),
    (("license", "edit", SALES), 2, "usage"),
    (("license", "edit", SALES, "--until", "2030-02-30"), 2, "invalid"),
    (("license", "edit", SALES, "--drop-course", "Cooking"), 1, "missing"),
    (("license", "remove", SALES), 1, "license_in_use"),
    (("licenses", "is:round"), 2, "invalid_filter"),
    (("seats", "allocate", SALES), 2, "usage"),
    (("seats", "allocate", "Gold", "everybody"), 1, "missing"),
    (("seats", "allocate", SALES, "everybody", "--file", "-"), 2, "usage"),
    (("seats", "revoke", SALES, "--file", "-", "--unused", "5"), 2, "usage"),
    (("seats", "revoke", SALES, "everybody", "--unused", "0"), 2, "usage"),
    (("seats", "allocate", SALES, "--file", "/no/such/file"), 2, "unreadable_file"),
    (("archive", "bo@example.com", "--on", "tomorrow"), 2, "invalid"),
    (("archive", "bo@example.com", "--on", "2020-01-01"), 2, "invalid"),
    (("archive", "bo@example.com", "--on", "2030-01-01", "--take-over"), 2, "usage"),
    (("reactivate", "bo@example.com", "--seats", "Gold"), 1, "missing"),
)


def crew(house: House, *names: str) -> list[int]:
    """Register learners in Sales."""
    return [
        house.register(f"{name}@example.com", first_name=name.title(), department="Sales") for name in names
    ]


def holders(house: House, license_name: str = SALES) -> list[str]:
    """Return who holds a seat, by name."""
    with house.core.look(house.admin) as look:
        return [row.address for row in users.first(look, parse_users(f'seat:"{license_name}" status:any'))]


def test_a_license_lives_by_command(house: House, host: Host) -> None:
    """Added, listed with the promised keys, resized, edited and removed; names go without regard to case."""
    add = host(
        *("license", "add", SALES, "--seats", "4", "--until", "2030-12-31"),
        *("--course", "Negotiating", "--course", "Sales, part 2", "--path", "Selling", "--json"),
    )
    assert (add.code, add.json["total"], add.json["until"]) == (0, 4, "2030-12-31")
    assert tuple(add.json)[:7] == PROMISED
    [listed] = host("licenses", "premium", "--json").json
    assert (listed, listed["courses"]) == (add.json, ["Negotiating", "Sales, part 2"])
    assert host("license", "resize", "premium SALES", "6").out == "Saved: Premium Sales.\n"
    assert host("license", "resize", SALES, "6").out == "Premium Sales is so already.\n"
    edited = host(
        *("license", "edit", SALES, "--name", "Sales", "--until", "none", "--waiting-list", "on"),
        *("--course", "Presenting", "--drop-course", "negotiating", "--drop-path", "Selling", "--json"),
    ).json
    assert (edited["name"], edited["until"], edited["waiting_list"]) == ("Sales", None, True)
    assert (edited["courses"], edited["paths"]) == (["Presenting", "Sales, part 2"], [])
    table = host("licenses", "is:waitlist").out.splitlines()
    assert table[0].split() == ["name", "seats", "free", "waiting", "until", "state", "courses", "paths"]
    assert "▱▱▱▱▱▱▱▱▱▱ 0/6" in table[1]
    gone = host("license", "remove", "sales", "--json")
    assert (gone.code, gone.json["removed"], host("licenses", "--json").json) == (0, True, [])
    actions = [row["action"] for row in host("log", "action:license", "--json").json]
    assert sorted(set(actions)) == ["license.added", "license.edited", "license.removed", "license.resized"]


@sqlite_only
def test_an_expired_license_is_said_to_be_over(house: House, host: Host, clock: MovableClock) -> None:
    """What gives no access is told so, listed as expired, and gives no seat."""
    crew(house, "bo")
    added = host("license", "add", SALES, "--seats", "4", "--until", "2020-01-01")
    assert (added.code, "2020-01-01 was its last day" in added.err) == (0, True)
    assert [row["state"] for row in host("licenses", "is:expired", "--json").json] == ["expired"]
    refused = host("seats", "allocate", SALES, "bo@example.com", "--json")
    assert (refused.code, refused.json["failed"]) == (1, {"license_expired": 1})


@sqlite_only
def test_what_cannot_be_done_ends_with_its_code(house: House, host: Host) -> None:
    """Every refusal is a sentence on stderr, an object with its code under --json, and the promised exit code."""
    people = crew(house, "bo", "cy")
    hold(house, bought(house, SALES, ["Negotiating"], seats=2), *people)
    for words, code, error in REFUSED:
        said = host(*words)
        assert (said.code, said.out, bool(said.err.strip())) == (code, "", True), words
        ran = host(*words, "--json")
        assert (ran.code, ran.json["error"], set(ran.json)) == (code, error, {"error", "message"}), words
        assert ran.json["message"].strip().endswith("."), words
    assert holders(house) == ["bo@example.com", "cy@example.com"]


def test_seats_are_given_in_order_and_taken(house: House, host: Host) -> None:
    """S19: the preview says what remains free, too few are served by name, nobody with all-or-none; undo takes back."""
    crew(house, "di", "bo", "cy")
    bought(house, SALES, seats=2)
    preview = host("seats", "allocate", SALES, "bo@example.com", "--preview")
    assert (preview.code, holders(house)) == (0, [])
    assert preview.out.startswith("Preview, nothing was written: give a seat: Premium Sales for 1 person.")
    assert "1 seat will be allocated, 1 remain" in preview.out
    none = host("seats", "allocate", SALES, "dept:sales", "--all-or-none", "--json")
    assert (none.code, none.json["done"], none.json["failed"]) == (1, 0, {"no_seat_left": 3})
    some = host("seats", "allocate", SALES, "dept:sales", "--json")
    assert (some.code, some.json["done"], some.json["failed"]) == (3, 2, {"no_seat_left": 1})
    assert [row["address"] for row in some.json["rows"]] == ["di@example.com"]
    assert holders(house) == ["bo@example.com", "cy@example.com"]
    again = host("seats", "allocate", SALES, "bo@example.com", "--json")
    assert (again.code, again.json["skipped"]) == (0, {"seat_held": 1})
    taken = host("seats", "revoke", SALES, "cy@example.com", "di@example.com", "--json")
    assert (taken.code, taken.json["done"], taken.json["skipped"]) == (0, 1, {"no_seat_held": 1})
    assert host("undo", taken.json["batch"], "--yes").code == 0
    assert host("undo", some.json["batch"], "--json").json["done"] == 2
    assert holders(house) == []


def test_seats_are_given_and_taken_by_list(house: House, host: Host, tmp_path: Path) -> None:
    """S18: a file or a pipe is served line by line; what stands in the way is told with its line."""
    crew(house, "di", "bo", "cy")
    bought(house, SALES, seats=2)
    file = tmp_path / "list.txt"
    file.write_text(
        "di@example.com\nnobody@example.com\nno address\nDI@example.com\nbo@example.com\ncy@example.com\n"
    )
    plan = host("seats", "allocate", SALES, "--file", str(file), "--preview", "--json")
    ran = host("seats", "allocate", SALES, "--file", str(file), "--json")
    told = [(row["line"], row["code"]) for row in ran.json["rows"]]
    assert told == [(2, "unknown_user"), (3, "invalid_address"), (4, "twice_in_file"), (6, "no_seat_left")]
    assert (ran.code, ran.json["done"], plan.json["rows"]) == (3, 2, ran.json["rows"])
    assert sorted(holders(house)) == ["bo@example.com", "di@example.com"]
    piped = host("seats", "revoke", SALES, "--file", "-", "--json", typed="bo@example.com\n")
    assert (piped.code, piped.json["done"], holders(house)) == (0, 1, ["di@example.com"])
    assert host("undo", piped.json["batch"], "--yes").code == 0


def test_idle_seats_are_found_and_reclaimed(house: House, host: Host) -> None:
    """Seats held for as long without a sign-in are counted by license and taken in one run."""
    bo, cy = crew(house, "bo", "cy")
    for name in (SALES, "Pilot"):
        hold(house, bought(house, name), bo, cy)
    counted = host("seats", "unused", "--days", "30", "--json").json
    assert [(row["name"], row["used"], row["total"]) for row in counted] == [("Pilot", 2, 0), (SALES, 2, 0)]
    young = host("seats", "reclaim", "everybody", "--days", "1", "--json")
    assert (young.code, young.json["done"], holders(house)) == (0, 0, ["bo@example.com", "cy@example.com"])


def test_people_leave_on_a_day_and_come_back_with_their_own_seats(house: House, host: Host) -> None:
    """A coming day is set and taken back; back from the archive each gets what they held themselves, as far as it is free."""
    bo, cy = crew(house, "bo", "cy")
    hold(house, bought(house, SALES, seats=1), bo)
    hold(house, bought(house, "Pilot", seats=5), cy)
    bought(house, "Gold", seats=1)
    assert host("archive", "dept:sales", "--on", "2099-12-31", "--json").json["done"] == 2
    assert len(host("users", "leaves:any", "--json").json) == 2
    assert host("archive", "bo@example.com", "--on", "NEVER", "--json").json["done"] == 1
    assert [row["address"] for row in host("users", "leaves>2099-01-01", "--json").json] == ["cy@example.com"]
    assert host("archive", "dept:sales", "--json").json["effects"]["seats_freed"] == 2
    host("seats", "allocate", SALES, house.admin_address)
    back = host("reactivate", "dept:sales", "--former-seats", "--seats", "Gold", "--json")
    assert (back.code, back.json["done"]) == (0, 2)
    seats = {row["address"]: row["seats"] for row in host("users", "dept:sales", "--json").json}
    assert seats == {"bo@example.com": ["Gold"], "cy@example.com": ["Pilot"]}
    effects = back.json["effects"]
    assert (effects["seats_given"], effects["seats_not_back"]) == (2, 2)


@sqlite_only
def test_who_found_no_seat_waits_until_one_is_free_or_they_are_taken_off(house: House, host: Host) -> None:
    """With a waiting list whoever finds no seat waits, a larger license serves the first, and a filter ends the waiting."""
    hold(house, bought(house, SALES, seats=1), house.admin_id)
    crew(house, "bo", "cy", "di")
    host("license", "edit", SALES, "--waiting-list", "on")
    ran = host("seats", "allocate", SALES, "dept:sales")
    assert (ran.code, "put on the waiting list" in ran.out, "academy undo" in ran.err) == (0, True, False)
    assert len(host("users", "waits:premium", "--json").json) == 3
    larger = host("license", "resize", SALES, "2")
    assert (larger.out, larger.err) == ("Saved: Premium Sales.\n", "1 person who waited got a seat.\n")
    assert holders(house) == ["bo@example.com", house.admin_address]
    plan = host("seats", "stop-waiting", SALES, "everybody", "--preview", "--json")
    assert (plan.json["done"], plan.json["preview"]) == (2, True)
    off = host("seats", "stop-waiting", SALES, "cy@example.com", "bo@example.com")
    assert (off.code, off.out) == (0, "1 person off the waiting list of Premium Sales.\n")
    assert [row["address"] for row in host("users", "waits:premium", "--json").json] == ["di@example.com"]
    assert host("archive", "di@example.com", "--yes").code == 0
    assert "1  place on a waiting list is given back" in host("undo", "--preview").out
    assert "1  place on a waiting list given back" in host("undo", "--yes").out
    host("license", "edit", SALES, "--waiting-list", "off")
    assert host("license", "resize", SALES, "3").err == ""
    on = host("license", "edit", SALES, "--waiting-list", "on")
    assert (on.out, on.err) == ("Saved: Premium Sales.\n", "1 person who waited got a seat.\n")
    assert host("seats", "stop-waiting", SALES, "--json").code == 2
