"""The views: a link leads to the form, the form makes the account, and that is all (R24-R31)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, make_response, redirect, request
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import TooManyRequests

from core.core import Core
from core.errors import Busy, DeadLink, Invalid, LinkUnknown, NotNow
from core.passwords import SHORTEST
from core.registration import LANGUAGES
from core.sentences import mark
from core.services.accepting import Invited, accept
from web import answers, guests, limits
from web.brand import brand_of
from web.drawing import draw
from web.forms import BIRTH_DATE, EMAIL, INVITATION, RegistrationForm, known_names
from web.guests import MADE, OPENED
from web.languages import tongue
from web.logs import Event, log, mask
from web.sheets import Sheets
from web.submits import Submits

_FORM_LIFE = 24 * 60 * 60
_STATIC_LIFE = 365 * 24 * 60 * 60  # their addresses change with their content

blueprint = Blueprint("page", __name__, static_folder="static", static_url_path="/static")


@dataclass(frozen=True, slots=True)
class Notice:
    """Why the form is shown again although no field is wrong; every text is said in the reader's language.

    Attributes:
        asks: whether to say whom to ask.
    """

    status: HTTPStatus
    heading: str
    lines: tuple[str, ...]
    asks: bool = False


_AGAIN = mark("Nothing was saved. Enter your password again and send the form.")
_SEND_AGAIN = mark("Send the form again")
_NOT_OURS = Notice(
    HTTPStatus.BAD_REQUEST,
    _SEND_AGAIN,
    (mark("The form could not be recognized as coming from this page."), _AGAIN),
)
_OTHER_LINK = Notice(
    HTTPStatus.CONFLICT,
    _SEND_AGAIN,
    (
        mark("The page was open for a long time, or another invitation was opened in this browser."),
        _AGAIN,
    ),
)
_BUSY = Notice(
    HTTPStatus.SERVICE_UNAVAILABLE,
    mark("Send the form again in a moment"),
    (mark("The system is busy right now."), _AGAIN),
)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the page runs, and nothing else."""
    return make_response("ok", {"Content-Type": "text/plain; charset=utf-8"})


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask search engines to stay away."""
    return make_response("User-agent: *\nDisallow: /\n", {"Content-Type": "text/plain; charset=utf-8"})


@blueprint.get("/i/<token>")
def open_link(token: str) -> Response:
    """Take the token out of the address at once and go to the form; changes nothing in the invitation (R30)."""
    try:
        invited = guests.read(token)
    except LinkUnknown:
        limits.note_unknown_link()
        raise
    log(Event.OPENED, address=mask(invited.address))
    guests.begin(invited.public_id)
    return _see("/register")


@blueprint.get("/register")
def show_form() -> Response:
    """Show the form of the invitation that this browser has opened; once it is used, reading it says so."""
    public_id = guests.named(MADE) or guests.named(OPENED)
    if public_id is None:
        return answers.show(answers.NO_INVITATION)
    invited = guests.read(guests.token_for(public_id).reveal())
    guests.begin(public_id)
    return _untouched_form(invited)


@blueprint.post("/register")
def submit() -> Response:
    """Make the account, or show the form again with everything typed but the password."""
    _judge_names()
    claimed, known, made = _claimed(), guests.named(OPENED), guests.named(MADE)
    if made is not None and claimed in {None, made}:
        log(Event.REPEATED)
        return _onward()
    public_id = claimed or known
    if public_id is None:
        return answers.show(answers.NO_INVITATION)
    genuine = claimed in {None, known}
    guests.begin(public_id)
    form = RegistrationForm(request.form)  # by itself it would take JSON, too
    if not form.validate():  # the only thing it looks at is the CSRF token
        log(Event.NOT_OURS if genuine else Event.OTHER_LINK)
        return _form_page(form, guests.meet(public_id), _NOT_OURS if genuine else _OTHER_LINK)
    return _register(public_id, form)


@blueprint.get("/welcome")
def welcome() -> Response:
    """Confirm, where no sign-in page is configured; says nothing about anybody."""
    return answers.show(answers.WELCOME if guests.core().settings.sign_in_url else answers.WELCOME_ALONE)


def _register(public_id: bytes, form: RegistrationForm) -> Response:
    try:
        limits.judge_submit()
        _make_account(public_id, form)
    except Invalid as problem:
        log(Event.INVALID, fields=list(problem.fields))
        form.mark(problem)
        return _form_page(form, guests.meet(public_id))
    except DeadLink as problem:
        guests.meet(public_id)
        return answers.show_dead(problem, typed=form.to_copy())
    except (NotNow, Busy, TooManyRequests) as problem:
        return _put_off(public_id, form, problem)
    guests.finish(public_id)
    return _onward()


def _make_account(public_id: bytes, form: RegistrationForm) -> None:
    """Make the account, unless this browser has made it a moment ago.

    Raises:
        Invalid, DeadLink, NotNow, Busy: as `accept`.
    """
    submits: Submits = current_app.extensions["submits"]
    browser = guests.browser()
    with submits.turn(public_id):
        if submits.was_made_by(public_id, browser):
            log(Event.REPEATED)
            return
        token, source = guests.token_for(public_id).reveal(), request.remote_addr or ""
        accepted = accept(guests.core(), token, form.typed(), source=source)
        submits.remember(public_id, browser)
        log(Event.ACCEPTED, address=mask(accepted.address), user=accepted.user_id)


def _put_off(public_id: bytes, form: RegistrationForm, problem: NotNow | Busy | TooManyRequests) -> Response:
    """Show the form again with the reason why nobody could be registered just now: the link works later (D5)."""
    retry_after: int | None = None
    if isinstance(problem, NotNow):
        log(Event.REFUSED, code=problem.code)
        heading = mark("You cannot register at the moment")
        notice = Notice(HTTPStatus.CONFLICT, heading, (problem.message,), asks=True)
    elif isinstance(problem, Busy):
        log(Event.BUSY, level=logging.WARNING, code=problem.code)
        notice, retry_after = _BUSY, answers.RETRY_SECONDS
    else:
        lines = (answers.TOO_OFTEN, _AGAIN, answers.wait_for(problem))
        notice = Notice(HTTPStatus.TOO_MANY_REQUESTS, answers.TOO_OFTEN_HEADING, lines, asks=True)
        retry_after = answers.seconds_of(problem)
    response = _form_page(form, guests.meet(public_id), notice)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


# --- the form's own name for its invitation ------------------------------------------------------------------------


def _signer() -> URLSafeTimedSerializer:
    config = current_app.config
    keys = [*config["SECRET_KEY_FALLBACKS"][::-1], config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="form", signer_kwargs={"digest_method": hashlib.sha256})


def _claimed() -> bytes | None:
    """Return the invitation that the sent form was made for, where it says so and the page did make it."""
    sent = request.form.get(INVITATION)
    if not sent:
        return None
    try:
        return bytes.fromhex(_signer().loads(sent, max_age=_FORM_LIFE))
    except BadSignature:
        log(Event.BAD_REQUEST, reason="invitation field")
        abort(400)


def _judge_names() -> None:
    """Refuse a field that was sent twice (nobody can tell which one was meant); note fields that are not ours."""
    if request.files or any(len(values) > 1 for _, values in request.form.lists()):
        abort(400)
    extra = len(request.form.keys() - current_app.extensions["form_names"])
    if extra:
        log(Event.EXTRA_FIELDS, number=extra)


# --- what is shown ------------------------------------------------------------------------------------------------


def _untouched_form(invited: Invited) -> Response:
    """Return the form as everybody first sees it, drawn anew only for another language or other clothes of the company."""
    code = tongue().code

    def drawn(places: Mapping[str, str]) -> str:
        empty = RegistrationForm(formdata=None, meta={"csrf": False}, language=code)
        return _drawn_form(empty, places, None)

    sheets: Sheets = current_app.extensions["sheets"]
    key = (code, invited.letterhead, brand_of(invited.letterhead))
    return make_response(sheets.fill(key, drawn, _places(invited)))


def _form_page(form: RegistrationForm, invited: Invited | None, notice: Notice | None = None) -> Response:
    """Return the form again; `invited` is None where the database is away, so that what was typed is not lost with it."""
    status = notice.status if notice else HTTPStatus.UNPROCESSABLE_ENTITY
    return make_response(_drawn_form(form, _places(invited), notice), status)


def _places(invited: Invited | None) -> dict[str, str]:
    """Return what stands on one person's form only."""
    return {
        "csrf": generate_csrf(),
        "invitation": _signer().dumps((guests.named(OPENED) or b"").hex()),
        "email": invited.address if invited else request.form.get(EMAIL, ""),
        "until": tongue().moment(invited.expires_at) if invited else "",
    }


def _drawn_form(form: RegistrationForm, places: Mapping[str, str], notice: Notice | None) -> str:
    privacy_url = guests.core().settings.privacy_url
    more = {"choices": LANGUAGES, "shortest": SHORTEST, "privacy_url": privacy_url, "birth_date": BIRTH_DATE}
    return draw("form.html", form=form, notice=notice, **places, **more)


def _see(place: str) -> Response:
    return cast(Response, redirect(place, HTTPStatus.SEE_OTHER))


def _onward() -> Response:
    """Go where a registered person goes next (R28)."""
    return _see(guests.core().settings.sign_in_url or "/welcome")


def install(app: Flask, core: Core) -> None:
    """Put the views on `app`, working on `core`."""
    app.extensions["core"] = core
    app.extensions["sheets"] = Sheets()
    app.extensions["submits"] = Submits()
    app.config["SIGN_IN_URL"] = core.settings.sign_in_url
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_LIFE
    app.register_blueprint(blueprint)
    with app.app_context():
        app.extensions["form_names"] = known_names()
