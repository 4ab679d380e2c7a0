"""Draws pages: one set of templates for each language, in the clothes of the company where its guests look."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from flask import Flask, current_app
from jinja2 import Environment

from core.tongues import Tongue
from web import guests
from web.brand import Brand, brand_of
from web.languages import languages, tongue
from web.text import harmless

_STATIC = Path(__file__).with_name("static")
_NO_BRAND = Brand()


def draw(template: str, **facts: Any) -> str:
    """Return a page in the language of this request.

    Args:
        template: its file.
        facts: what it shows, besides the company and its brand.
    """
    guest = guests.guest()
    letterhead = guest.letterhead if guest is not None else None
    brand = brand_of(letterhead) if letterhead is not None else _NO_BRAND
    return _room(tongue()).get_template(template).render(company=letterhead, brand=brand, **facts)


def _room(spoken: Tongue) -> Environment:
    """Return the templates in one language: what they say is looked up there without asking for it page by page."""
    rooms: dict[str, Environment] = current_app.extensions["rooms"]
    room = rooms.get(spoken.code)
    if room is None:
        room = current_app.jinja_env.overlay()
        words = {"tongue": spoken, "say": spoken.say, "tell": spoken.tell}
        room.globals = {**room.globals, **words, "languages": languages().names}
        rooms[spoken.code] = room
    return room


def _mail_to(address: str) -> str:
    """Return the link that writes to `address`; nothing in it can become a subject or a copy."""
    return f"mailto:{quote(address, safe='@+')}"


def _address(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    version = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={version}"


def install(app: Flask) -> None:
    """Prepare the templates of `app`; too late once anything has asked for them."""
    app.jinja_options = {
        **app.jinja_options,
        "finalize": harmless,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.extensions["rooms"] = cast(dict[str, Environment], {})
    app.jinja_env.globals.update(css=_address("page.css"), js=_address("page.js"), mail_to=_mail_to)
