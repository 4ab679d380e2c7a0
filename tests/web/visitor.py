"""Somebody with a browser: follows a link, reads the page, fills in the form. What the tests of the page share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

PASSWORD = "quiet lantern 42 rivers"
FILLED_IN = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}

Attributes = dict[str, str | None]
PageWith = Callable[..., Flask]  # what the fixture `page_with` lends


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip() and self.elements:
            self.texts.append((self.elements[-1][0], data.strip()))


@dataclass
class Page:
    """An answer, read.

    Attributes:
        elements: tag and attributes, in the order of the page.
        texts: the tag opened last and the text after it.
    """

    status: int
    html: str
    headers: Headers
    elements: list[tuple[str, Attributes]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, response: TestResponse) -> Self:
        """Read a response."""
        reader = _Reader()
        reader.feed(response.text)
        return cls(response.status_code, response.text, response.headers, reader.elements, reader.texts)

    @property
    def text(self) -> str:
        """Everything a person reads."""
        return " ".join(text for _, text in self.texts)

    def text_of(self, tag: str) -> str:
        """Return the first text in an element of that kind."""
        return next((text for kind, text in self.texts if kind == tag), "")

    def field(self, name: str) -> Attributes:
        """Return the attributes of the field called `name`."""
        return next(attrs for _, attrs in self.elements if attrs.get("name") == name)

    def by_id(self, name: str) -> Attributes:
        """Return the attributes of the element with that id."""
        return next(attrs for _, attrs in self.elements if attrs.get("id") == name)

    def hidden(self) -> dict[str, str]:
        """Return what the form sends along unseen."""
        return {
            attrs["name"] or "": attrs.get("value") or ""
            for tag, attrs in self.elements
            if tag == "input" and attrs.get("type") == "hidden"
        }

    @property
    def errors(self) -> dict[str, str]:
        """Field name to the sentence that the summary links to it."""
        found: dict[str, str] = {}
        for line in self.html.split('<li><a href="#')[1:]:
            name, _, rest = line.partition('">')
            found[name] = rest.partition("</a>")[0]
        return found


class Visitor:
    """One browser with its own cookies."""

    def __init__(self, app: Flask) -> None:
        """Start without cookies."""
        self.client: FlaskClient = app.test_client()
        self._base = app.extensions["core"].settings.public_url
        self.page: Page | None = None

    def ask(self, path: str, method: str = "GET", **more: Any) -> Page:
        """Send a request; redirects are not followed."""
        more.setdefault("base_url", self._base)
        response = self.client.open(path, method=method, **more)
        self.page = Page.of(response)
        response.close()
        return self.page

    def open(self, token: str) -> Page:
        """Follow a mailed link to the form."""
        landed = self.ask(f"/i/{token}")
        assert landed.headers.get("Location") == "/register", landed.html
        return self.ask("/register")

    def send(self, typed: Mapping[str, Any] | None = None, **more: Any) -> Page:
        """Send the form that is shown, with `typed` in it."""
        hidden = self.page.hidden() if self.page else {}
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self.ask(
            "/register",
            "POST",
            data={**hidden, **(FILLED_IN if typed is None else typed)},
            headers=headers,
            **more,
        )

    def twin(self) -> Visitor:
        """Return the same browser once more: same cookies, same page; for double clicks."""
        twin = Visitor(self.client.application)
        host = urlsplit(self._base).hostname or ""
        name = self.client.application.config["SESSION_COOKIE_NAME"]
        cookie = self.client.get_cookie(name, host)
        assert cookie is not None
        twin.client.set_cookie(name, cookie.value, domain=host)
        twin.page = self.page
        return twin
