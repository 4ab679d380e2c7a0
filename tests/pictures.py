"""Draws the pictures of the README: pages and mails as a browser shows them, as small PNGs. By hand: `python -m tests.pictures`."""

from __future__ import annotations

import base64
import struct
import sys
import tempfile
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.mail.parts import INVITATION
from core.ports import Hasher
from tests.databases import SqliteDatabases
from tests.letters import html_of
from tests.outside.browsing import (
    COLOR,
    HELP,
    SUBMIT,
    Site,
    clock_of,
    draw_logo,
    fill_in,
    house_in,
    running_chromium,
    running_site,
    tab_of,
)
from tests.people import COMPANY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[1] / ".github" / "pictures"
MOST_BYTES = 60_000
_SCALE = 2  # as sharp as today's screens
_COLORS = 24  # of a page's flat colors and the edges of its letters
_CHEAP_METHOD = "scrypt:128:1:1"
_DECODE = """async png => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const dots = pen.getImageData(0, 0, image.width, image.height).data, step = 30000;
    let text = '';
    for (let at = 0; at < dots.length; at += step) text += String.fromCharCode(...dots.subarray(at, at + step));
    return [image.width, image.height, btoa(text)];
}"""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen on a picture.

    Attributes:
        show: brings a tab there.
        size: of the window. whole: whether the picture shows all of the page, however long.
    """

    show: Callable[[Page, Site], None]
    size: tuple[int, int]
    scheme: str = "light"
    language: str = "en"
    whole: bool = False


def _form(tab: Page, site: Site) -> None:
    tab.goto(site.link("bo.berg@example.com"))


def _form_with_errors(tab: Page, site: Site) -> None:
    tab.goto(site.link("bo.berg@example.com"))
    fill_in(tab, first_name="", password="rivers")
    tab.click(SUBMIT)
    tab.wait_for_selector(".summary")


def _form_being_filled_in(tab: Page, site: Site) -> None:
    tab.goto(site.link("jana.weiss@example.com"))
    fill_in(tab, first_name="Jana", last_name="Weiß", password="drei leise Laternen")
    tab.locator(".show").click()
    tab.mouse.move(0, 0)


def _expired(tab: Page, site: Site) -> None:
    link, clock = site.link("late@example.com"), clock_of(site.house)
    clock.move(days=8)
    tab.goto(link)
    clock.move(days=-8)


def _mail(tab: Page, site: Site) -> None:
    tab.goto("about:blank")
    tab.set_content(html_of(INVITATION, company=COMPANY, color=COLOR, helpdesk=HELP))


PICTURES: Mapping[str, Picture] = {
    "form-light": Picture(_form, (760, 885)),
    "form-errors-dark": Picture(_form_with_errors, (760, 905), "dark"),
    "form-german-phone": Picture(_form_being_filled_in, (390, 1020), language="de"),
    "link-expired-dark": Picture(_expired, (760, 460), "dark", whole=True),
    "mail-invitation-light": Picture(_mail, (680, 100), whole=True),
    "mail-invitation-dark": Picture(_mail, (680, 100), "dark", whole=True),
}


def draw(browser: Browser, site: Site, picture: Picture) -> bytes:
    """Return a picture as a PNG with few colors."""
    width, height = picture.size
    with tab_of(
        browser,
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        locale=picture.language,
        device_scale_factor=_SCALE,
    ) as tab:
        picture.show(tab, site)
        tab.evaluate("document.activeElement.blur()")
        return _with_few_colors(browser, tab.screenshot(full_page=picture.whole))


def _with_few_colors(browser: Browser, png: bytes) -> bytes:
    """Return the same picture in its most frequent colors: a fifth of the bytes, and nobody sees the difference."""
    with tab_of(browser) as tab:
        width, height, text = tab.evaluate(_DECODE, base64.b64encode(png).decode())
    dots = array("I", base64.b64decode(text))
    frequent = [color for color, _ in Counter(dots).most_common()]
    palette = frequent[:_COLORS]
    place = {
        color: palette.index(min(palette, key=lambda kept: _distance(kept, color))) for color in frequent
    }
    rows = (bytes(place[dot] for dot in dots[at : at + width]) for at in range(0, len(dots), width))
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": b"".join(bytes(_channels(color)) for color in palette),
        b"IDAT": zlib.compress(b"".join(b"\0" + row for row in rows), 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts.items())


def _channels(color: int) -> tuple[int, int, int]:
    red, green, blue, _ = color.to_bytes(4, sys.byteorder)
    return red, green, blue


def _distance(one: int, other: int) -> int:
    return sum((a - b) ** 2 for a, b in zip(_channels(one), _channels(other), strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Draw every picture into .github/pictures and say how large each is."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, running_chromium() as browser:
        folder = Path(scratch)
        databases = SqliteDatabases(folder)
        with (
            house_in(folder, databases, Hasher(_CHEAP_METHOD), draw_logo(browser)) as house,
            running_site(house, signs_in=True) as site,
        ):
            for name, picture in PICTURES.items():
                drawn = draw(browser, site, picture)
                (FOLDER / f"{name}.png").write_bytes(drawn)
                sys.stdout.write(f"{name}.png: {len(drawn):,} bytes\n")


if __name__ == "__main__":
    main()
