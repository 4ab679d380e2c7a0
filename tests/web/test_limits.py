"""How often one place may try: many people behind one address are served, scripts are not (2.4.1, P34, P35)."""

from __future__ import annotations

import json
import threading
import tracemalloc
from io import StringIO

import pytest
from flask import Flask

from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PASSWORD, Visitor
from web.limits import Bounds, Limits, Windows, neighborhood

TIGHT = Bounds(posts=6, unknown_links=4, posts_for_one=3)


class Stopwatch:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


@pytest.fixture
def watch() -> Stopwatch:
    """Return the time of the limits."""
    return Stopwatch()


@pytest.fixture
def tight(app: Flask, watch: Stopwatch) -> Flask:
    """Return the page with bounds that a test reaches."""
    app.extensions["limits"] = Limits(TIGHT, Windows(watch))
    return app


def _link(house: House, address: str = "bo@example.com") -> str:
    return house.token_of(house.invite(address))


# --- counting -----------------------------------------------------------------------------------------------------


def test_a_window_moves_with_the_time(watch: Stopwatch) -> None:
    """As many as the bound pass, the next waits until the oldest is ten minutes old, and refused ones do not count."""
    limits = Limits(TIGHT, Windows(watch))
    for _ in range(3):
        assert limits.post_for(b"one") == 0
        watch.seconds += 60
    assert [limits.post_for(b"one") for _ in range(50)] == [420] * 50
    watch.seconds += 419.5
    assert limits.post_for(b"one") == 1
    watch.seconds += 1
    assert limits.post_for(b"one") == 0
    assert limits.post_for(b"one") == 60


def test_each_thing_is_counted_by_itself(watch: Stopwatch) -> None:
    """Submits, links and invitations use up nothing of each other, nor does one invitation of another."""
    limits = Limits(TIGHT, Windows(watch))
    assert [limits.post_for(b"one") > 0 for _ in range(4)] == [False] * 3 + [True]
    assert limits.post_for(b"two") == 0
    assert [limits.unknown_link("192.0.2.1") > 0 for _ in range(5)] == [False] * 4 + [True]
    assert limits.unknown_link("192.0.2.2") == 0
    assert [limits.post("192.0.2.1") > 0 for _ in range(7)] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        (None, "garbled", True),
    ],
)
def test_an_ipv6_customer_counts_as_one(one: str | None, other: str | None, *, same: bool) -> None:
    """The 64 bits that a provider hands out are one visitor; IPv4 addresses are told apart, however they are written."""
    assert (neighborhood(one) == neighborhood(other)) == same


def test_memory_is_bounded(watch: Stopwatch) -> None:
    """However many addresses come, no more moments are held than agreed, and the newest are among them."""
    windows = Windows(watch, most=100)
    limits = Limits(Bounds(posts=10), windows)
    for number in range(1000):
        limits.post(f"198.51.{number // 250}.{number % 250}")
    assert windows.reset() == 100
    assert [limits.post("192.0.2.1") > 0 for _ in range(11)] == [False] * 10 + [True]


def test_memory_is_bounded_for_many_who_come_once() -> None:
    """Whoever owns many networks and tries once from each takes no more memory than the bound on moments allows."""
    limits = Limits()
    tracemalloc.start()
    try:
        for number in range(60_000):
            limits.unknown_link(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1")
        assert tracemalloc.get_traced_memory()[0] < 15_000_000
    finally:
        tracemalloc.stop()


def test_what_is_over_is_let_go(watch: Stopwatch) -> None:
    """Moments older than the window are not held, and a key can be forgotten."""
    windows = Windows(watch)
    for _ in range(5):
        windows.incr("key", 600)
    assert windows.get("key") == 5
    watch.seconds += 601
    assert windows.get_moving_window("key", 10, 600) == (watch.seconds, 0)
    assert windows.incr("key", 600) == 1
    assert windows.get_expiry("key") == watch.seconds
    windows.clear("key")
    assert (windows.get("key"), windows.get_expiry("nobody"), windows.check()) == (0, watch.seconds, True)


def test_threads_are_counted_together(watch: Stopwatch) -> None:
    """Eight threads that meet inside the count let exactly as many through as one would (P34)."""

    def with_a_pause() -> float:
        turns.wait(0.001)  # whoever is inside lets the others come this far
        return watch()

    turns = threading.Event()
    limits = Limits(Bounds(posts=20), Windows(with_a_pause))
    passed: list[bool] = []

    def visit() -> None:
        passed.extend(limits.post("192.0.2.1") == 0 for _ in range(5))

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (passed.count(True), len(passed)) == (20, 40)


# --- on the page --------------------------------------------------------------------------------------------------


@sqlite_only
def test_true_links_are_never_limited(tight: Flask, company: House) -> None:
    """A link of ours opens however often it is asked for, also from an address whose guesses are refused by now (P35)."""
    token = _link(company)
    visitor = Visitor(tight)
    tries = [visitor.ask(f"/i/{token[:-2]}{number:02}").status for number in range(5)]
    assert tries == [404] * 4 + [429]
    assert {Visitor(tight).ask(f"/i/{token}").status for _ in range(30)} == {303}


@sqlite_only
def test_dead_links_of_ours_are_never_limited(tight: Flask, company: House) -> None:
    """A link that was replaced says so however often it is opened, also where unknown ones are refused by now."""
    old = _link(company)
    _link(company)
    visitor = Visitor(tight)
    for _ in range(10):
        visitor.ask("/i/nonsense")
    assert [visitor.ask(f"/i/{old}").status for _ in range(10)] == [410] * 10


@sqlite_only
def test_unknown_links_are_answered_for_a_while(tight: Flask, watch: Stopwatch, written: StringIO) -> None:
    """The fifth guess gets 429 with the time to wait and leaves a trace; after that time the next is answered again."""
    visitor = Visitor(tight)
    assert [visitor.ask(f"/i/guess{number}").status for number in range(5)] == [404] * 4 + [429]
    page = visitor.ask("/i/guess")
    assert (page.status, page.headers["Retry-After"]) == (429, "600")
    assert page.headers["Cache-Control"] == "no-store"
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["limit"] for line in lines if line["event"] == "page.limited"] == ["links", "links"]
    watch.seconds += 601
    assert visitor.ask("/i/guess").status == 404


@sqlite_only
def test_too_many_submits_for_an_invitation_keep_what_was_typed(
    tight: Flask, company: House, watch: Stopwatch
) -> None:
    """The form comes back filled in, with 429 and the time to wait, and works after it."""
    visitor = Visitor(tight)
    visitor.open(_link(company))
    for _ in range(3):
        assert visitor.send(FILLED_IN | {"password": "short"}).status == 422
    page = visitor.send()
    assert (page.status, page.headers["Retry-After"]) == (429, "600")
    assert (page.field("first_name")["value"], page.field("last_name")["value"]) == ("Bo", "Berg")
    assert PASSWORD not in page.html
    watch.seconds += 601
    assert visitor.send().status == 303


@sqlite_only
def test_too_many_submits_from_an_address_keep_what_was_typed(
    tight: Flask, company: House, watch: Stopwatch
) -> None:
    """A person behind an address from which too many forms came loses nothing but time."""
    person = Visitor(tight)
    person.open(_link(company))
    for name in ("cy", "di"):
        colleague = Visitor(tight)
        colleague.open(_link(company, f"{name}@example.com"))
        assert [colleague.send({}).status for _ in range(3)] == [422] * 3
    page = person.send()
    assert (page.status, page.headers["Retry-After"]) == (429, "600")
    assert page.field("first_name")["value"] == "Bo"
    watch.seconds += 601
    assert person.send().status == 303


@sqlite_only
def test_strangers_keep_nobody_out(tight: Flask, company: House) -> None:
    """Who sends forms without a link is refused outright, and uses up nothing of the people behind the same address."""
    person, stranger = Visitor(tight), Visitor(tight)
    person.open(_link(company))
    sent = [stranger.ask("/register", "POST", data=FILLED_IN).status for _ in range(20)]
    assert sent == [403] * 6 + [429] * 14
    assert person.send().status == 303


@sqlite_only
def test_one_invitation_uses_up_no_more_than_its_own(tight: Flask, company: House) -> None:
    """Who sends one form again and again leaves room for the colleagues behind the same address."""
    person, pest = Visitor(tight), Visitor(tight)
    person.open(_link(company))
    pest.open(_link(company, "cy@example.com"))
    assert [pest.send({}).status for _ in range(20)] == [422] * 3 + [429] * 17
    assert person.send().status == 303


@sqlite_only
def test_the_page_without_anything_to_count_is_not_limited(tight: Flask) -> None:
    """Other pages answer however often they are asked."""
    visitor = Visitor(tight)
    for path, status in (("/register", 403), ("/welcome", 200), ("/healthz", 200), ("/nothing", 404)):
        assert {visitor.ask(path).status for _ in range(20)} == {status}


@sqlite_only
def test_a_limit_spends_nothing(tight: Flask, company: House) -> None:
    """Whoever used up an invitation's submits has not used up the invitation, and another invitation is not touched."""
    token = _link(company)
    one = Visitor(tight)
    one.open(token)
    for _ in range(4):
        one.send(FILLED_IN | {"password": "short"})
    assert one.page is not None
    assert one.page.status == 429
    assert Visitor(tight).ask(f"/i/{token}").status == 303
    other = Visitor(tight)
    other.open(_link(company, "cy@example.com"))
    assert other.send().status == 303


def test_a_company_registers_in_one_morning_behind_one_address() -> None:
    """The bounds let two hundred people send three forms each within the same ten minutes."""
    limits = Limits()
    waits = [limits.post("192.0.2.1") for _ in range(600)]
    assert not any(waits)
    assert limits.post("192.0.2.1")
