"""The pictures of the README: there, small, and told to who cannot see them."""

from __future__ import annotations

import re

from tests.pictures import FOLDER, MOST_BYTES, PICTURES

README = FOLDER.parents[1] / "README.md"
SHOWN = re.compile(
    r'<img [^>]*?src="\.github/pictures/([^"]+)"[^>]*?>|!\[[^\]]*\]\(\.github/pictures/([^)]+)\)'
)
TOLD = re.compile(r'alt="([^"]{20,})"|!\[([^\]]{20,})\]')


def test_every_picture_is_small() -> None:
    """Just the pictures that `tests/pictures.py` draws are kept, each a PNG below the limit."""
    kept = {path.stem: path.read_bytes() for path in FOLDER.iterdir()}
    assert kept.keys() == PICTURES.keys()
    assert not [name for name, image in kept.items() if not image.startswith(b"\x89PNG\r\n")]
    assert not {name: len(image) for name, image in kept.items() if len(image) > MOST_BYTES}


def test_the_readme_shows_and_tells_every_picture() -> None:
    """Each picture stands in the README once, with a text that says what is to be seen."""
    found = list(SHOWN.finditer(README.read_text("utf-8")))
    assert sorted(shown[1] or shown[2] for shown in found) == sorted(f"{name}.png" for name in PICTURES)
    assert not [shown[0] for shown in found if not TOLD.search(shown[0])]
