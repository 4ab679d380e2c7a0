"""Pages that are not the form: every dead end says what happened, what to do next and whom to ask (R29)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Flask, Response, current_app, g, make_response
from werkzeug.exceptions import HTTPException, TooManyRequests

from core.errors import AddressHasAccount, Busy, DeadLink, LinkUnknown, LinkUsed, Misconfigured, Problem
from core.sentences import Sentence, mark, sentence
from web import guests
from web.drawing import draw
from web.logs import Event, log, log_failure

RETRY_SECONDS = 5
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of plain text; every text is said in the reader's language.

    Attributes:
        heading: also the title.
        lines: paragraphs.
        signs_in: whether to offer the way to the sign-in, where one is configured.
        asks: whether to say whom to ask.
    """

    status: HTTPStatus
    heading: str
    lines: tuple[str, ...]
    signs_in: bool = False
    asks: bool = True


_DEAD_HEADINGS = {
    "link_unknown": mark("This link does not work"),
    "link_expired": mark("The link has expired"),
    "link_used": mark("Already registered"),
    "link_replaced": mark("There is a newer invitation"),
    "link_withdrawn": mark("The invitation was withdrawn"),
    "address_has_account": mark("The invitation can no longer be used"),
}
_SIGN_IN_HELPS = (LinkUsed, AddressHasAccount)
_UNSPENT = mark("Nothing was saved, and your invitation is not used up.")
_OPEN_AND_TRY = mark("Open the link in your invitation mail and try again.")
_OPEN = mark("If you were invited, open the link in your invitation mail.")

TOO_OFTEN_HEADING = mark("Too many tries")
TOO_OFTEN = mark("The form was sent, or a link was tried, too often in a short time.")

NO_INVITATION = Answer(
    HTTPStatus.FORBIDDEN,
    mark("Open the link in your invitation"),
    (
        mark(
            "This page needs the personal link from your invitation mail. Open that link again: opening it uses nothing up."
        ),
        mark(
            "If you have just done so, your browser may block cookies. Allow cookies for this site or try another browser."
        ),
        mark("For your safety the page also forgets an opened link after 60 minutes."),
    ),
)
WELCOME = Answer(
    HTTPStatus.OK,
    mark("Your account is ready"),
    (mark("Sign in with your email address and the password you have chosen."),),
    signs_in=True,
    asks=False,
)
WELCOME_ALONE = replace(
    WELCOME,
    lines=(
        mark(
            "You can sign in to your company’s learning platform with your email address and the password you have chosen."
        ),
        mark("You can close this page."),
    ),
    asks=True,
)
_BUSY = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    mark("Try again in a moment"),
    (
        mark("The system is busy right now. Your invitation is not used up."),
        mark("Open the link in your invitation mail again in a minute or two."),
    ),
)
_NOT_FOUND = Answer(
    HTTPStatus.NOT_FOUND, mark("Page not found"), (mark("There is nothing at this web address."), _OPEN)
)
_WRONG_METHOD = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED,
    mark("That does not work here"),
    (mark("This web address cannot be used in this way."), _OPEN),
)
_TOO_LARGE = Answer(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    mark("That was too much"),
    (mark("More was sent than the form can hold. Nothing was saved."), _OPEN_AND_TRY),
)
_BAD_REQUEST = Answer(HTTPStatus.BAD_REQUEST, mark("The form could not be read"), (_UNSPENT, _OPEN_AND_TRY))
_ANSWERS = {answer.status: answer for answer in (_NOT_FOUND, _WRONG_METHOD, _TOO_LARGE, _BAD_REQUEST)}


def show(answer: Answer, *, typed: Sequence[tuple[str, str]] = ()) -> Response:
    """Return `answer` as a page.

    Args:
        answer: what it says.
        typed: label and text of what would otherwise be lost with the form.
    """
    sign_in = current_app.config["SIGN_IN_URL"] if answer.signs_in else None
    return make_response(draw("answer.html", answer=answer, sign_in=sign_in, typed=typed), answer.status)


def show_dead(problem: DeadLink, *, typed: Sequence[tuple[str, str]] = ()) -> Response:
    """Return the page of a link that opens nothing; every unknown one gets the same bytes (P18)."""
    log(Event.DEAD, code=problem.code)
    if isinstance(problem, LinkUnknown):
        g.guest = None  # whatever else this browser has opened: a garbled link is a stranger's
    status = HTTPStatus.NOT_FOUND if isinstance(problem, LinkUnknown) else HTTPStatus.GONE
    heading = _DEAD_HEADINGS.get(problem.code, _DEAD_HEADINGS["link_unknown"])
    return show(Answer(status, heading, (problem.message,), isinstance(problem, _SIGN_IN_HELPS)), typed=typed)


def show_busy(problem: Busy) -> Response:
    """Return the page for a system that does not answer; the reason is for the log."""
    log(Event.BUSY, level=logging.WARNING, code=problem.code)
    guests.leave_the_database_alone()
    response = show(_BUSY)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def seconds_of(error: TooManyRequests) -> int:
    """Return how many seconds whoever has tried too often has to wait."""
    return error.retry_after if isinstance(error.retry_after, int) else _MINUTE


def wait_for(error: TooManyRequests) -> Sentence:
    """Return how long whoever has tried too often is asked to wait."""
    minutes = -(-seconds_of(error) // _MINUTE)
    return sentence("Wait {minutes} min, then try again.", minutes=max(1, minutes))


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


def _show_too_often(error: TooManyRequests) -> Response:
    """Say when to try again, in plain clothes: whoever is too fast costs no look into the database."""
    guests.leave_the_database_alone()
    lines = (TOO_OFTEN, _UNSPENT, wait_for(error))
    response = show(Answer(HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN_HEADING, lines))
    response.headers["Retry-After"] = str(seconds_of(error))
    return response


def _show_failed(error: Exception) -> Response:
    log_failure(Event.FAILED, error, reason=error.message if isinstance(error, Misconfigured) else "")
    guests.leave_the_database_alone()
    number = g.get("request_id", "")
    lines = (
        mark("The fault is ours. Nothing was saved, and your invitation is not used up."),
        sentence(
            "Try again later. If it happens again, tell the person who invited you this number: {number}",
            number=number,
        ),
    )
    heading = mark("Something went wrong")
    return show(Answer(HTTPStatus.INTERNAL_SERVER_ERROR, heading, lines, asks=False))


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(DeadLink, show_dead)
    app.register_error_handler(Busy, show_busy)
    app.register_error_handler(TooManyRequests, _show_too_often)
    app.register_error_handler(HTTPException, _show_refused)
    app.register_error_handler(Problem, _show_failed)
    app.register_error_handler(Exception, _show_failed)
