"""The views: a link leads to the form, the form makes the account, and that is all (R24-R31)."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from itsdangerous import BadSignature, URLSafeTimedSerializer

from core.core import Core
from core.errors import Busy, Invalid, NotNow
from core.registration import LANGUAGES
from core.services.accepting import OpenInvitation, accept, read_link
from core.values import Secret
from web import answers
from web.forms import EMAIL, INVITATION, RegistrationForm, known_names
from web.logs import Event, log, mask
from web.submits import Submits
from web.text import harmless

_STATIC = Path(__file__).with_name("static")
_FORM_LIFE = 24 * 60 * 60
_STATIC_LIFE = 365 * 24 * 60 * 60  # their addresses change with their content

blueprint = Blueprint("page", __name__, static_folder="static", static_url_path="/static")


@dataclass(frozen=True, slots=True)
class Notice:
    """Why the form is shown again although no field is wrong."""

    status: HTTPStatus
    heading: str
    text: str


_AGAIN = "Nothing was saved. Enter your password again and send the form."
_NOT_OURS = Notice(
    HTTPStatus.BAD_REQUEST,
    "Send the form again",
    f"The form could not be recognized as coming from this page. {_AGAIN}",
)
_OTHER_LINK = Notice(
    HTTPStatus.CONFLICT,
    "Send the form again",
    f"The page was open for a long time, or another invitation was opened in this browser. {_AGAIN}",
)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the page runs, and nothing else."""
    return make_response("ok", {"Content-Type": "text/plain; charset=utf-8"})


@blueprint.get("/i/<token>")
def open_link(token: str) -> Response:
    """Take the token out of the address at once and go to the form; changes nothing in the invitation (R30)."""
    with _core().glance() as visit:
        opened = read_link(visit, token)
    log(Event.OPENED, address=mask(opened.address))
    _begin(opened.public_id)
    return _see("/register")


@blueprint.get("/register")
def show_form() -> Response:
    """Show the form of the invitation that this browser has opened; once it is used, reading it says so."""
    public_id = _named("made") or _named("invitation")
    if public_id is None:
        return answers.show(answers.NO_INVITATION)
    opened = _read(public_id)
    _begin(public_id)
    return _form_page(RegistrationForm(language=opened.language), opened)


@blueprint.post("/register")
def submit() -> Response:
    """Make the account, or show the form again with everything typed but the password."""
    _judge_names()
    claimed, known, made = _claimed(), _named("invitation"), _named("made")
    if made is not None and claimed in {None, made}:
        log(Event.REPEATED)
        return _onward()
    public_id = claimed or known
    if public_id is None:
        return answers.show(answers.NO_INVITATION)
    genuine = claimed in {None, known}
    _begin(public_id)
    form = RegistrationForm()
    if not form.validate():  # the only thing it looks at is the CSRF token
        log(Event.NOT_OURS if genuine else Event.OTHER_LINK)
        return _form_page(form, _read_or_echo(public_id), _NOT_OURS if genuine else _OTHER_LINK)
    return _register(public_id, form)


@blueprint.get("/welcome")
def welcome() -> Response:
    """Confirm, where no sign-in page is configured; says nothing about anybody."""
    return answers.show(answers.WELCOME if _core().settings.sign_in_url else answers.WELCOME_ALONE)


def _register(public_id: bytes, form: RegistrationForm) -> Response:
    submits: Submits = current_app.extensions["submits"]
    browser = session["browser"]
    try:
        with submits.turn(public_id):
            if submits.was_made_by(public_id, browser):
                log(Event.REPEATED)
            else:
                accepted = accept(_core(), _token(public_id).reveal(), form.typed())
                submits.remember(public_id, browser)
                log(Event.ACCEPTED, address=mask(accepted.address), user=accepted.user_id)
    except Invalid as problem:
        log(Event.INVALID, fields=list(problem.fields))
        form.mark(problem)
        return _form_page(form, _read_or_echo(public_id))
    except NotNow as problem:
        log(Event.REFUSED, code=problem.code)
        notice = Notice(HTTPStatus.CONFLICT, "You cannot register at the moment", problem.message)
        return _form_page(form, _read_or_echo(public_id), notice)
    except Busy as problem:
        log(Event.BUSY, level=logging.WARNING, code=problem.code)
        notice = Notice(
            HTTPStatus.SERVICE_UNAVAILABLE, "Send the form again in a moment", f"{Busy().message} {_AGAIN}"
        )
        response = _form_page(form, _read_or_echo(public_id), notice)
        response.headers["Retry-After"] = str(answers.RETRY_SECONDS)
        return response
    session.clear()
    session["made"] = public_id.hex()
    session.permanent = True
    return _onward()


# --- the cookie: which invitation this browser has opened ---------------------------------------------------------


def _begin(public_id: bytes) -> None:
    """Let the cookie name the invitation for another 60 minutes; another invitation starts a fresh session (P25)."""
    if _named("invitation") != public_id:
        session.clear()
        session["invitation"] = public_id.hex()
        session["browser"] = secrets.token_hex(8)
    session.permanent = True
    session.modified = True


def _named(key: str) -> bytes | None:
    """Return the invitation that the cookie names: as opened (`invitation`) or as having made its account (`made`)."""
    named = session.get(key)
    return bytes.fromhex(named) if isinstance(named, str) else None


def _signer() -> URLSafeTimedSerializer:
    config = current_app.config
    return URLSafeTimedSerializer([*config["SECRET_KEY_FALLBACKS"][::-1], config["SECRET_KEY"]], salt="form")


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


def _read(public_id: bytes) -> OpenInvitation:
    with _core().glance() as visit:
        return read_link(visit, _token(public_id).reveal())


def _read_or_echo(public_id: bytes) -> OpenInvitation | None:
    """Read the invitation; None where the database is away, so that what was typed is not lost with it."""
    try:
        return _read(public_id)
    except Busy:
        return None


def _form_page(
    form: RegistrationForm, opened: OpenInvitation | None, notice: Notice | None = None
) -> Response:
    status = notice.status if notice else HTTPStatus.UNPROCESSABLE_ENTITY if form.wrong else HTTPStatus.OK
    page = render_template(
        "form.html",
        form=form,
        notice=notice,
        languages=LANGUAGES,
        email=opened.address if opened else request.form.get(EMAIL, ""),
        company=opened.company if opened else "",
        until=opened.expires_at.astimezone(UTC) if opened else None,
        invitation=_signer().dumps(session["invitation"]),
    )
    return make_response(page, status)


def _day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M} UTC"


def _see(place: str) -> Response:
    return cast(Response, redirect(place, HTTPStatus.SEE_OTHER))


def _onward() -> Response:
    """Go where a registered person goes next (R28)."""
    return _see(_core().settings.sign_in_url or "/welcome")


def _token(public_id: bytes) -> Secret:
    return _core().ports.links.token_for(public_id)


def _core() -> Core:
    return cast(Core, current_app.extensions["core"])


def _version(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def install(app: Flask, core: Core) -> None:
    """Put the views on `app`, working on `core`."""
    app.extensions["core"] = core
    app.extensions["submits"] = Submits()
    app.config["SIGN_IN_URL"] = core.settings.sign_in_url
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_LIFE
    app.jinja_options = {
        **app.jinja_options,
        "finalize": harmless,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_env.filters["day"] = _day
    app.jinja_env.globals["css"] = f"/static/page.css?v={_version('page.css')}"
    app.jinja_env.globals["js"] = f"/static/page.js?v={_version('page.js')}"
    app.register_blueprint(blueprint)
    with app.app_context():
        app.extensions["form_names"] = known_names()
