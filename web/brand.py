"""The company's clothes: its logo, and its color where that can be read, in light and dark (S29).

Both stand at addresses that change with what is there, so browsers keep them; any other address is not found. The addresses
are made with a key: whoever knows a logo or a color cannot ask whether it is the one here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, make_response

from core.colors import WHITE, darkened, lightened, mixed
from core.services.accepting import Letterhead, Logo, read_letterhead, read_logo
from web import guests
from web.pictures import size_of

_PURPOSE = "address of what the company wears"
_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_KEPT_FOREVER = "public, max-age=31536000, immutable"
_TINT, _DARK_TINT = "#f1f5f4", "#1b2423"  # of page.css: what its text may stand on, besides its paper
_DARK_INK = "#0b1b19"
_LOGO_HEIGHT = 40  # pixels, of page.css
_BRIGHT = 6.0  # more than enough: what only just passes looks dull on dark paper

blueprint = Blueprint("brand", __name__)


@dataclass(frozen=True, slots=True)
class Brand:
    """Where the company's clothes are; empty texts where there are none.

    Attributes:
        width: of the logo, in pixels as it is shown; 0 where unknown.
    """

    style: str = ""
    logo: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    change: str
    address: str
    width: int


@lru_cache(maxsize=8)
def stylesheet(color: str) -> str:
    """Return the style for a house color `#rrggbb`: custom properties of page.css; the empty string for no such color."""
    if not _HEX.fullmatch(color):
        return ""
    light = darkened(color, _TINT)
    dark = lightened(color, _DARK_TINT, enough=_BRIGHT)
    sides = (
        ("@media screen ", light, mixed(light, "#000000", 25), WHITE),
        ("@media screen and (prefers-color-scheme: dark) ", dark, mixed(dark, WHITE, 40), _DARK_INK),
    )
    rules = (
        f"{media}{{ :root {{ --house: {house}; --house-strong: {strong}; --on-house: {on_house}; }} }}\n"
        for media, house, strong, on_house in sides
    )
    return "".join(rules)


def brand_of(letterhead: Letterhead) -> Brand:
    """Return where the style and the logo of a company are."""
    style = stylesheet(letterhead.color.lower())
    kept = _kept_logo(letterhead.logo) if letterhead.logo else None
    return Brand(
        f"/brand/{_short(style.encode())}.css" if style else "",
        kept.address if kept else "",
        kept.width if kept else 0,
    )


def _kept_logo(change: str) -> _Kept | None:
    """Return where the logo is, read again only when it is another than the one known."""
    kept = cast(_Kept | None, current_app.extensions.get("logo"))
    if kept is None or kept.change != change:
        logo = guests.ask(read_logo)
        if logo is None:
            return None
        kept = _Kept(change, f"/logo/{_short(logo.image)}", _width(logo))
        current_app.extensions["logo"] = kept
    return kept


def _width(logo: Logo) -> int:
    size = size_of(logo.image)
    return round(size[0] * _LOGO_HEIGHT / size[1]) if size else 0


def _short(content: bytes) -> str:
    key = guests.core().ports.links.keys_for(_PURPOSE)[0]
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()[:12]


@blueprint.get("/logo/<name>")
def logo(name: str) -> Response:
    """Show the company's logo to browsers that have seen its address."""
    letterhead = _letterhead()
    if (
        letterhead is None or brand_of(letterhead).logo != f"/logo/{name}"
    ):  # costs a stranger's try no picture
        abort(HTTPStatus.NOT_FOUND)
    with guests.core().glance() as visit:
        found = read_logo(visit)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return _lasting(found.image, found.media_type)


@blueprint.get("/brand/<name>.css")
def style(name: str) -> Response:
    """Show the company's color to browsers that have seen its address."""
    letterhead = _letterhead()
    if letterhead is None or brand_of(letterhead).style != f"/brand/{name}.css":
        abort(HTTPStatus.NOT_FOUND)
    return _lasting(stylesheet(letterhead.color.lower()).encode(), "text/css; charset=utf-8")


def _letterhead() -> Letterhead | None:
    with guests.core().glance() as visit:
        return read_letterhead(visit)


def _lasting(content: bytes, media_type: str) -> Response:
    return make_response(content, {"Content-Type": media_type, "Cache-Control": _KEPT_FOREVER})


def install(app: Flask) -> None:
    """Put the views on `app`."""
    app.register_blueprint(blueprint)
