"""Somebody with a browser, for the story of the demo: real requests, cookies, forms; redirects are looked at first."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPException, HTTPMessage
from http.cookiejar import CookieJar
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

_SECONDS = 20.0
_LONGEST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `location` is where a redirect leads, as a whole address."""

    status: int
    location: str
    text: str

    @property
    def fields(self) -> dict[str, str]:
        """The hidden and filled-in fields of the form on the page."""
        form = _Form()
        form.feed(self.text)
        return form.fields


class Visitor:
    """One browser: its cookies, and nobody else's."""

    def __init__(self, site: str) -> None:
        """Visit `site`, an origin such as http://127.0.0.1:8000."""
        self._site = site
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), _NoRedirect())

    def get(self, address: str) -> Answer:
        """Open a page.

        Raises:
            OSError: nobody answers.
        """
        return self._send(address, None)

    def post(self, address: str, fields: dict[str, str]) -> Answer:
        """Send a form.

        Raises:
            OSError: nobody answers.
        """
        return self._send(address, urlencode(fields).encode())

    def _send(self, address: str, body: bytes | None) -> Answer:
        url = urljoin(self._site, address)
        if not url.startswith(f"{self._site}/"):
            raise OSError(f"{url} leads away from {self._site}")
        request = Request(url, body, {"Sec-Fetch-Site": "same-origin"})  # noqa: S310 - our own site, as just checked
        try:
            response = self._opener.open(request, timeout=_SECONDS)
        except HTTPError as error:
            response = error
        except HTTPException as error:
            raise OSError(type(error).__name__) from None
        with response:
            text = response.read(_LONGEST_PAGE).decode("utf-8", "replace")
            location = response.headers.get("Location", "")
            return Answer(int(response.status), urljoin(url, location) if location else "", text)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing: the redirect itself is what we want to see."""


class _Form(HTMLParser):
    """Collects what a browser would send back untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an input with a name."""
        facts = dict(attrs)
        name = facts.get("name")
        if tag == "input" and name:
            self.fields[name] = facts.get("value") or ""
