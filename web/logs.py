"""What the page writes down: one JSON object a line, with an event out of `Event`; never a token, password or path.

Nothing is written until `log_to` names a stream, so a page that runs inside the console does not draw over it.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

from flask import g, has_request_context, request

LOGGER = logging.getLogger("web")
SERVER = logging.getLogger("waitress")
_TOKENS = re.compile(r"/i/\S+")
_FRAMES = 8


class Event(StrEnum):
    """Everything that is logged."""

    STARTED = "page.started"
    STOPPED = "page.stopped"
    OPENED = "link.opened"
    DEAD = "link.dead"
    ACCEPTED = "form.accepted"
    REPEATED = "form.accepted_before"
    INVALID = "form.invalid"
    REFUSED = "form.refused"
    NOT_OURS = "form.csrf"
    OTHER_LINK = "form.other_invitation"
    EXTRA_FIELDS = "form.extra_fields"
    BUSY = "page.busy"
    BAD_REQUEST = "page.bad_request"
    HOST = "page.host"
    IN_CLEAR = "page.in_clear"
    CROSS_SITE = "page.cross_site"
    LIMITED = "page.limited"
    FAILED = "page.failed"
    SERVER = "server"


def mask(address: str) -> str:
    """Return a mail address with only the first character of its local part."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def log(event: Event, *, level: int = logging.INFO, **facts: Any) -> None:
    """Write one event; inside a request with its id and where it came from."""
    if has_request_context():
        facts = {"request": g.get("request_id", ""), "from": request.remote_addr, **facts}
    LOGGER.log(level, event.value, extra={"facts": facts})


def log_failure(event: Event, error: BaseException, *, reason: str) -> None:
    """Write what went wrong as kind, place and `reason`; an exception's own text may hold what was typed."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    log(event, level=logging.ERROR, error=type(error).__name__, reason=reason, places=places)


class JsonLines(logging.Formatter):
    """Makes one line of JSON; everything outside ASCII and every control character is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; records of the server lose what could name a link, and its tracebacks."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower()}
        if hasattr(record, "facts"):
            return json.dumps({**line, "event": record.getMessage(), **record.facts}, default=str)
        text = _TOKENS.sub("/i/…", record.getMessage().partition("\n")[0])
        error = record.exc_info[0] if record.exc_info else None
        more = {"error": error.__name__} if error else {}
        return json.dumps({**line, "event": Event.SERVER.value, "text": text, **more})


def log_to(stream: TextIO) -> logging.Handler:
    """Write events to `stream` from now on; returns the handler, for `stop_logging_to`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    LOGGER.setLevel(logging.INFO)
    SERVER.setLevel(logging.WARNING)
    for logger in (LOGGER, SERVER):
        logger.addHandler(handler)
    return handler


def stop_logging_to(handler: logging.Handler) -> None:
    """Undo `log_to`."""
    for logger in (LOGGER, SERVER):
        logger.removeHandler(handler)


def keep_quiet() -> None:
    """Keep Python from writing warnings to stderr by itself where nobody has called `log_to`."""
    for logger in (LOGGER, SERVER):
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
