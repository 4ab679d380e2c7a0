"""Parts of the page that need no page: masks, log lines, turns."""

from __future__ import annotations

import json
import logging

import pytest

from core.errors import Busy
from web.logs import JsonLines, mask
from web.submits import Submits


def test_slots_are_given_back() -> None:
    """A submit that ends, well or badly, leaves its place to the next."""
    submits = Submits(at_once=1)
    for _ in range(3):
        with pytest.raises(KeyError), submits.turn(b"a" * 16):
            raise KeyError
    with submits.turn(b"a" * 16), pytest.raises(Busy), submits.turn(b"b" * 16):
        pass


def test_only_the_latest_makers_are_remembered() -> None:
    """The memory of who has made which account does not grow without end."""
    submits = Submits()
    ids = [number.to_bytes(16) for number in range(1500)]
    for public_id in ids:
        submits.remember(public_id, "browser")
    assert not submits.was_made_by(ids[0], "browser")
    assert submits.was_made_by(ids[-1], "browser")
    assert not submits.was_made_by(ids[-1], "another")


def test_an_address_is_masked() -> None:
    """The first character and the domain are enough to find one's way."""
    assert (mask("bo@example.com"), mask("x@y.example")) == ("b…@example.com", "x…@y.example")


def test_a_line_of_the_server_loses_links_and_tracebacks() -> None:
    """What waitress writes is kept without what could name a link."""
    record = logging.LogRecord(
        "waitress", logging.ERROR, "x", 1, "Exception while serving /i/abc\nsecret", (), None
    )
    line = json.loads(JsonLines().format(record))
    assert (line["event"], line["text"]) == ("server", "Exception while serving /i/…")
