"""Every page that an invitee can come to see: made once by the real application, then hung up on a real server.

Most pages depend on a cookie, a submit or a moment, which tools that are handed an address cannot bring about. The
gallery answers each under an address of its own with the very bytes and headers that were sent; style, script and
pictures come from the application behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from core.core import Core
from core.services.company import edit_company, set_cap
from core.services.inviting import withdraw
from core.tongues import Tongue, offered, tongue_of
from core.values import Secret
from tests.clock import MovableClock
from tests.people import House
from tests.web.visitor import FILLED_IN, Page, Visitor
from web import create_app
from web.limits import Bounds, Limits
from web.serving import PageServer, listen
from web.submits import Submits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/gallery/"
SIGN_IN = "https://learn.example.com/sign-in"
WRONG = {
    "first_name": "",
    "last_name": "x" * 101,
    "password": "short",
    "phone": "none",
    "born_day": "31",
    "born_month": "2",
    "born_year": "1990",
    "job_title": "x" * 201,
}
_TOO_MUCH = {"first_name": "x" * 70_000}
_NUMBERS = count(1)
_KEPT = ("Content-Type", "Content-Security-Policy")


def page_of(core: Core, opened: ExitStack, tongues: Sequence[Tongue], **settings: Any) -> Flask:
    """Return the page on the database of `core` in these languages, with a sign-in page and settings of its own."""
    made = replace(core.settings, **{"sign_in_url": SIGN_IN, **settings})
    return create_app(opened.enter_context(Core(made, core.ports)), tongues=tongues)


@dataclass
class Collector:
    """Visits the page in every state, in one language.

    Attributes:
        code: of the language that is chosen on each page.
    """

    core: Core
    house: House
    clock: MovableClock
    code: str
    _opened: ExitStack
    _tongues: Sequence[Tongue]
    _usual: Flask

    def app(self, **settings: Any) -> Flask:
        """Return the page on the same database, with settings of its own."""
        return page_of(self.core, self._opened, self._tongues, **settings)

    def visitor(self, app: Flask | None = None) -> Visitor:
        """Return a browser in which the language has been chosen."""
        fresh = Visitor(app or self._usual)
        fresh.ask(f"/nothing?lang={self.code}")
        return fresh

    def invite(self, address: str = "") -> int:
        """Invite somebody who has not been invited before."""
        return self.house.invite(address or f"guest{next(_NUMBERS)}@example.com")

    def token(self) -> str:
        """Return the token of a new invitation."""
        return self.house.token_of(self.invite())

    def on_form(self, app: Flask | None = None) -> Visitor:
        """Return a browser that shows the form."""
        visitor = self.visitor(app)
        visitor.open(self.token())
        return visitor

    # --- the form ---------------------------------------------------------------------------------------------

    def form(self) -> Page:
        """Return the form as it first looks."""
        page = self.on_form().page
        assert page is not None
        return page

    def form_with_errors(self) -> Page:
        """Return the form with nearly every field wrong."""
        return self.on_form().send(WRONG)

    def form_not_ours(self) -> Page:
        """Return the form after a submit that no page of ours made."""
        return self.on_form().send(FILLED_IN | {"csrf_token": "forged"})

    def form_of_another_link(self) -> Page:
        """Return the form after another invitation was opened in the same browser."""
        visitor = self.on_form()
        shown = visitor.page
        visitor.ask(f"/i/{self.token()}")
        visitor.page = shown
        return visitor.send()

    def form_when_full(self) -> Page:
        """Return the form when the company has reached its cap."""
        visitor = self.on_form()
        with self.core.operator() as work:
            set_cap(work, 1)
        page = visitor.send()
        with self.core.operator() as work:
            set_cap(work, None)
        return page

    def form_when_busy(self) -> Page:
        """Return the form when too many send theirs at once."""
        visitor = self.on_form(self.app())
        visitor.client.application.extensions["submits"] = Submits(at_once=0)
        return visitor.send()

    def form_too_often(self) -> Page:
        """Return the form when it was sent too often."""
        visitor = self.on_form(self.app())
        visitor.client.application.extensions["limits"] = Limits(Bounds(posts_for_one=1))
        visitor.send(WRONG)
        return visitor.send()

    # --- links that open nothing --------------------------------------------------------------------------------

    def unknown(self) -> Page:
        """Return the page of a link that is not ours."""
        return self.visitor().ask("/i/unknown")

    def used(self) -> Page:
        """Return the page of a link with which somebody has registered."""
        token = self.token()
        visitor = Visitor(self._usual)
        visitor.open(token)
        assert visitor.send().status == HTTPStatus.SEE_OTHER
        return self.visitor().ask(f"/i/{token}")

    def replaced(self) -> Page:
        """Return the page of a link after a newer invitation."""
        token = self.house.token_of(self.invite(f"twice-{self.code}@example.com"))
        self.invite(f"twice-{self.code}@example.com")
        return self.visitor().ask(f"/i/{token}")

    def withdrawn(self) -> Page:
        """Return the page of a link whose invitation was withdrawn."""
        invitation = self.invite()
        with self.core.work(self.house.admin) as work:
            withdraw(work, [invitation])
        return self.visitor().ask(f"/i/{self.house.token_of(invitation)}")

    def expired(self) -> Page:
        """Return the page of a link whose days are over."""
        token = self.token()
        return self._later(lambda: self.visitor().ask(f"/i/{token}"))

    def expired_while_typing(self) -> Page:
        """Return what comes when the days of a link end before the form is sent."""
        visitor = self.on_form()
        return self._later(lambda: visitor.send(FILLED_IN | {"job_title": "Fitter"}))

    def _later(self, ask: Callable[[], Page]) -> Page:
        self.clock.move(days=8)
        page = ask()
        self.clock.move(days=-8)
        return page

    # --- everything else --------------------------------------------------------------------------------------

    def welcome(self) -> Page:
        """Return the page after the form, where there is a sign-in page."""
        return self.visitor().ask("/welcome")

    def welcome_alone(self) -> Page:
        """Return the page after the form, where there is none."""
        return self.visitor(self.app(sign_in_url=None)).ask("/welcome")

    def no_invitation(self) -> Page:
        """Return the page of somebody who has opened no link."""
        return self.visitor().ask("/register")

    def not_found(self) -> Page:
        """Return the page of an address where there is nothing."""
        return self.visitor().ask("/nothing")

    def wrong_method(self) -> Page:
        """Return the page for a method that an address does not take."""
        return self.visitor().ask("/register", "DELETE")

    def too_much(self) -> Page:
        """Return the page for a form that is too large."""
        return self.on_form().send(_TOO_MUCH)

    def unreadable(self) -> Page:
        """Return the page for a form that cannot be ours."""
        return self.on_form().send(FILLED_IN | {"invitation": "forged"})

    def too_often(self) -> Page:
        """Return the page of somebody who tries link after link."""
        visitor = self.visitor(self.app())
        visitor.client.application.extensions["limits"] = Limits(Bounds(unknown_links=1))
        visitor.ask("/i/unknown")
        return visitor.ask("/i/unknown")

    def away(self) -> Page:
        """Return the page while the database does not answer: nobody listens on port 1."""
        nowhere = Secret("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
        return self.visitor(self.app(database_url=nowhere)).ask(f"/i/{self.token()}")

    def failed(self) -> Page:
        """Return the page for a mistake of ours: a database without tables."""
        empty = Secret(f"sqlite:///{self.core.settings.home}/empty-{self.code}.db")
        return self.visitor(self.app(database_url=empty)).ask(f"/i/{self.token()}")


# State to the status that makes sure it was reached.
STATES: Mapping[Callable[[Collector], Page], int] = {
    Collector.form: 200,
    Collector.form_with_errors: 422,
    Collector.form_not_ours: 400,
    Collector.form_of_another_link: 409,
    Collector.form_when_full: 409,
    Collector.form_when_busy: 503,
    Collector.form_too_often: 429,
    Collector.unknown: 404,
    Collector.used: 410,
    Collector.replaced: 410,
    Collector.withdrawn: 410,
    Collector.expired: 410,
    Collector.expired_while_typing: 410,
    Collector.welcome: 200,
    Collector.welcome_alone: 200,
    Collector.no_invitation: 403,
    Collector.not_found: 404,
    Collector.wrong_method: 405,
    Collector.too_much: 413,
    Collector.unreadable: 400,
    Collector.too_often: 429,
    Collector.away: 503,
    Collector.failed: 500,
}


# Those that between them have every kind of element; in other languages only their texts differ.
KINDS = (Collector.form, Collector.form_with_errors, Collector.used, Collector.expired_while_typing)


def collect(
    house: House,
    clock: MovableClock,
    codes: Iterable[str] = ("en",),
    states: Iterable[Callable[[Collector], Page]] = STATES,
    pseudo: Iterable[Tongue] = (),
) -> dict[str, Page]:
    """Return pages in every language of `codes`, by names such as `form_with_errors.de`.

    Languages that there are no catalogs for are handed in as `pseudo`.
    """
    tongues = [*map(tongue_of, offered()), *pseudo]
    with house.core.work(house.admin) as work:
        edit_company(work, {"color": "#9c2a7a", "email": "help@example.com"})
    found = {}
    with ExitStack() as opened:
        usual = page_of(house.core, opened, tongues)
        for code in codes:
            collector = Collector(house.core, house, clock, code, opened, tongues, usual)
            for visit in states:
                page = visit(collector)
                assert page.status == STATES[visit], (visit.__name__, page.status, page.html)
                found[f"{visit.__name__}.{code}"] = page
    return found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Run a page on a free port as long as the block lasts; lends its address."""
    server = PageServer(app, listen("127.0.0.1", 0))
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def hung_up(core: Core, pages: Mapping[str, Page]) -> Iterator[str]:
    """Serve pages as long as the block lasts; lends the address before their names."""
    app = create_app(core)
    behind: WSGIApplication = app.wsgi_app

    def show(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return behind(environ, start_response)
        page = pages[path.removeprefix(PREFIX)]
        start_response(f"{page.status} Shown", [(name, page.headers[name]) for name in _KEPT])
        return [page.html.encode()]

    app.wsgi_app = show  # type: ignore[method-assign]
    with served(app) as url:
        yield url + PREFIX


def saved(pages: Mapping[str, Page], folder: Path) -> dict[str, Path]:
    """Write pages as files and return where each is."""
    folder.mkdir()
    paths = {name: folder / f"{name}.html" for name in pages}
    for name, path in paths.items():
        path.write_text(pages[name].html, "utf-8")
    return paths
