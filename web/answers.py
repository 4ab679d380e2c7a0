"""Pages that are not the form: every dead end says what happened and what to do next, in the same layout (R29)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, g, make_response, render_template
from werkzeug.exceptions import HTTPException

from core.errors import AddressHasAccount, Busy, DeadLink, LinkUnknown, LinkUsed, Misconfigured, Problem
from web.logs import Event, log, log_failure

RETRY_SECONDS = 5
ASK = "Not sure what to do? Ask the person who invited you."


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of plain text.

    Attributes:
        heading: also the title.
        lines: paragraphs.
        signs_in: whether to offer the way to the sign-in, where one is configured.
        help: whom to ask; the last line.
    """

    status: HTTPStatus
    heading: str
    lines: tuple[str, ...]
    signs_in: bool = False
    help: str = ""


_DEAD_HEADINGS = {
    "link_unknown": "This link does not work",
    "link_expired": "The link has expired",
    "link_used": "Already registered",
    "link_replaced": "There is a newer invitation",
    "link_withdrawn": "The invitation was withdrawn",
    "address_has_account": "The invitation is closed",
}
_SIGN_IN_HELPS = (LinkUsed, AddressHasAccount)

NO_INVITATION = Answer(
    HTTPStatus.FORBIDDEN,
    "Open the link in your invitation",
    (
        "This page needs the personal link from your invitation mail. Open that link again: opening it uses nothing up.",
        "If you have just done so, your browser may block cookies. Allow cookies for this site or try another browser.",
        "For your safety the page also forgets an opened link after 60 minutes.",
    ),
)
WELCOME = Answer(HTTPStatus.OK, "Your account is ready", ("You can sign in from now on.",), signs_in=True)
WELCOME_ALONE = Answer(
    HTTPStatus.OK,
    "Your account is ready",
    (
        "You can sign in to your company’s learning platform with your email address and the password you have chosen.",
        "You can close this page.",
    ),
    help="Not sure where to sign in? Ask the person who invited you.",
)
_BUSY = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Try again in a moment",
    (Busy().message, "Your invitation is not used up. Open the link in the mail again in a minute or two."),
)
_NOT_FOUND = Answer(
    HTTPStatus.NOT_FOUND,
    "Page not found",
    ("There is nothing at this address.", "If you were invited, open the link in your invitation mail."),
)
_WRONG_METHOD = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "That does not work here",
    (
        "This address cannot be used in this way.",
        "If you were invited, open the link in your invitation mail.",
    ),
)
_TOO_LARGE = Answer(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "That was too much",
    (
        "More was sent than the form can hold. Nothing was saved.",
        "Open the link in your invitation mail and try again.",
    ),
)
_BAD_REQUEST = Answer(
    HTTPStatus.BAD_REQUEST,
    "The form could not be read",
    (
        "Nothing was saved, and your invitation is not used up.",
        "Open the link in your invitation mail and try again.",
    ),
)
_ANSWERS = {answer.status: answer for answer in (_NOT_FOUND, _WRONG_METHOD, _TOO_LARGE, _BAD_REQUEST)}


def show(answer: Answer) -> Response:
    """Return `answer` as a page."""
    sign_in = current_app.config["SIGN_IN_URL"] if answer.signs_in else None
    return make_response(render_template("answer.html", answer=answer, sign_in=sign_in), answer.status)


def show_dead(problem: DeadLink) -> Response:
    """Return the page of a link that opens nothing; every unknown one gets the same bytes (P18)."""
    log(Event.DEAD, code=problem.code)
    status = HTTPStatus.NOT_FOUND if isinstance(problem, LinkUnknown) else HTTPStatus.GONE
    heading = _DEAD_HEADINGS.get(problem.code, _DEAD_HEADINGS["link_unknown"])
    return show(Answer(status, heading, (problem.message,), isinstance(problem, _SIGN_IN_HELPS), ASK))


def show_busy(problem: Busy) -> Response:
    """Return the page for a system that does not answer; the reason is for the log."""
    log(Event.BUSY, level=logging.WARNING, code=problem.code)
    response = show(_BUSY)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _show_refused(error: HTTPException) -> Response:
    plain = error.get_response()
    status = HTTPStatus(plain.status_code)
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}:
        log(Event.BAD_REQUEST, reason=status.phrase)
    response = show(_ANSWERS.get(status, _BAD_REQUEST))
    response.status_code = plain.status_code
    if "Allow" in plain.headers:
        response.headers["Allow"] = plain.headers["Allow"]
    return response


def _show_failed(error: Exception) -> Response:
    log_failure(Event.FAILED, error, reason=error.message if isinstance(error, Misconfigured) else "")
    number = g.get("request_id", "")
    lines = (
        "The fault is ours. Nothing was saved, and your invitation is not used up.",
        f"Try again later. If it happens again, tell the person who invited you this number: {number}",
    )
    return show(Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", lines))


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(DeadLink, show_dead)
    app.register_error_handler(Busy, show_busy)
    app.register_error_handler(HTTPException, _show_refused)
    app.register_error_handler(Problem, _show_failed)
    app.register_error_handler(Exception, _show_failed)
