"""Which language a page is written in, in this order: chosen on the page, the invitation's, the browser's, the company's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from flask import Flask, current_app, g, request, session

from core.registration import LANGUAGES
from core.services.accepting import read_letterhead
from core.tongues import Tongue, offered, tongue_of
from web import guests

_LONGEST_HEADER = 500
_PAGELESS = ("page.static", "page.health", "page.robots", "brand.logo", "brand.style")


class Languages:
    """The languages that one page offers."""

    def __init__(self, tongues: Iterable[Tongue] | None = None) -> None:
        """Offer `tongues`; None for all that there is a catalog for, each read when it is first spoken."""
        self._given = None if tongues is None else {tongue.code: tongue for tongue in tongues}
        self.codes = tuple(offered() if self._given is None else self._given)
        in_order = [code for code in LANGUAGES if code in self.codes]
        others = [code for code in self.codes if code not in LANGUAGES]
        self.names = {code: LANGUAGES.get(code, code) for code in (*in_order, *others)}

    def __getitem__(self, code: str) -> Tongue:
        """Return the language with that code, which must be one of those offered."""
        return tongue_of(code) if self._given is None else self._given[code]


def languages() -> Languages:
    """Return the languages of the running page."""
    offers: Languages = current_app.extensions["languages"]
    return offers


def tongue() -> Tongue:
    """Return the language of this request's page, chosen when it is first asked for."""
    if "tongue" not in g:
        offers = languages()
        code = next((code for code in _wishes() if code in offers.codes), offers.codes[0])
        g.tongue = offers[code]
    spoken: Tongue = g.tongue
    return spoken


def _wishes() -> Iterator[str]:
    yield session.get(guests.LANGUAGE, "")
    guest = guests.guest()
    if guest is not None:
        yield guest.language
    yield from wanted(request.headers.get("Accept-Language", "")[:_LONGEST_HEADER])
    yield guest.letterhead.language if guest is not None else _of_the_company()


def _of_the_company() -> str:
    letterhead = guests.ask(read_letterhead)
    return letterhead.language if letterhead else ""


@lru_cache(maxsize=256)
def wanted(header: str) -> tuple[str, ...]:
    """Return the languages of an Accept-Language header, best first, without their regions."""
    rated: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        name, _, text = parameters.partition("=")
        try:
            quality = float(text) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        code = tag.strip().partition("-")[0].lower()
        if code and 0 < quality <= 1:
            rated.append((quality, code))
    rated.sort(key=lambda each: -each[0])  # keeps the order of those that are equally good
    return tuple(code for _, code in rated)


def install(app: Flask, tongues: Iterable[Tongue] | None) -> None:
    """Offer `tongues` on `app` (see `Languages`), and remember which one was chosen."""
    app.extensions["languages"] = Languages(tongues)

    @app.before_request
    def remember() -> None:
        chosen = request.args.get(guests.LANGUAGE)  # the only part of a query string that is ever read
        if chosen is None or request.method not in {"GET", "HEAD"} or request.endpoint in _PAGELESS:
            return
        if chosen in languages().codes:
            session[guests.LANGUAGE] = chosen
            session.permanent = True
