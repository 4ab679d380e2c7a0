"""Parts of the page that need no page: masks, log lines, turns."""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Mapping

import pytest

from core.errors import Busy
from web.languages import wanted
from web.logs import JsonLines, mask
from web.pictures import size_of
from web.sheets import Sheets
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


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("de-AT, en;q=0.5", ("de", "en")),
        ("en;q=0.5, pt-BR", ("pt", "en")),
        ("de;q=0, fr", ("fr",)),
        ("EN;q=0.8,de;q=0.8", ("en", "de")),
        ("*", ("*",)),
        ("de;q=x,nl", ("nl",)),
        ("de;q=9, nl;q=nan, -1;q=-1", ()),
        (";;;,,", ()),
        ("", ()),
    ],
)
def test_browsers_rank_their_languages(header: str, found: tuple[str, ...]) -> None:
    """Regions are left out, the rank is kept, and what cannot be read counts as nothing (P28)."""
    assert wanted(header) == found


def test_a_sheet_is_drawn_once_and_filled_for_each_reader() -> None:
    """Places are escaped like the rest of a page, may come several times, and look like nothing a person could write."""
    drawn: list[str] = []

    def draw(places: Mapping[str, str]) -> str:
        drawn.append("")
        return f"<p>{places['name']}%s{{name}}</p><i>{places['day']}{places['name']}</i>"

    sheets = Sheets()
    assert sheets.fill("en", draw, {"name": "<b>&\x1b", "day": "day"}) == (
        "<p>&lt;b&gt;&amp;&#27;%s{name}</p><i>day&lt;b&gt;&amp;&#27;</i>"
    )
    assert sheets.fill("en", draw, {"name": "day", "day": "x"}) == "<p>day%s{name}</p><i>xday</i>"
    assert len(drawn) == 1
    for number in range(200):
        sheets.fill(number, draw, {"name": "", "day": ""})
    assert sheets.fill(199, draw, {"name": "n", "day": ""}) == "<p>n%s{name}</p><i>n</i>"
    assert len(drawn) == 201


PNG_START = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 96, 48)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 48, 96) + b"rest"


@pytest.mark.parametrize(
    ("image", "size"),
    [
        (PNG_START, (96, 48)),
        (JPEG, (96, 48)),
        (PNG_START[:20], None),
        (JPEG[:12], None),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, None),
        (b"GIF89a" + b"x" * 20, None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_start(image: bytes, size: tuple[int, int] | None) -> None:
    """PNG and JPEG tell their width and height; anything cut off or foreign tells none and takes no time."""
    assert size_of(image) == size
