"""What keeps the page safe around its views: keys, cookie, limits, hosts, headers, cross-site posts."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from core.ports import Links
from core.settings import Settings
from web import limits
from web.logs import Event, log, log_failure

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_BODY = 64 * 1024
MOST_PARTS = 60
COOKIE_LIFE = timedelta(minutes=60)
_PURPOSE = "registration page cookie"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(\[[0-9a-f:.]+]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)
_HSTS, _HSTS_BELOW = "max-age=31536000", "; includeSubDomains"
_OWN_SITE = ("same-origin", "none")


class Sessions(SecureCookieSessionInterface):
    """Signs the cookie with HMAC-SHA256, where the library would take SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def is_https(settings: Settings) -> bool:
    """Tell whether browsers reach the page over TLS; plain HTTP is possible on this machine only."""
    return urlsplit(settings.public_url).scheme == "https"


def configure(app: Flask, settings: Settings, links: Links) -> None:
    """Set keys, cookie and limits, and believe exactly as many proxies as there are."""
    https = is_https(settings)
    newest, *older = links.keys_for(_PURPOSE)
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME="__Host-academy" if https else "academy-here",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFE,
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
        MAX_FORM_PARTS=MOST_PARTS,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
    )
    app.debug = False  # whatever FLASK_DEBUG says
    app.session_interface = Sessions()
    app.url_map.merge_slashes = False
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = LastResort(app.wsgi_app, headers(settings))  # type: ignore[method-assign]


def is_trusted(host: str, settings: Settings) -> bool:
    """Tell whether a request may name `host`, with any port: the public one; on this machine every name of it.

    Flask's TRUSTED_HOSTS would do, but cannot match an IPv6 address and takes upper case for another host.
    """
    named = _HOST.fullmatch(host.lower())
    public = urlsplit(settings.public_url).hostname or ""
    own = f"[{public}]" if ":" in public else public
    return named is not None and named[1] in (_LOOPBACK if own in _LOOPBACK else (own,))


def headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer.

    `form-action` names the sign-in origin because browsers check it again on the redirect after the submit (P37).
    """
    actions = "'self'"
    if settings.sign_in_url:
        parts = urlsplit(settings.sign_in_url)
        actions += f" {parts.scheme}://{parts.netloc}"
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {actions}"
    )
    made = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "strict-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if is_https(settings):
        made["Strict-Transport-Security"] = _HSTS + (_HSTS_BELOW if settings.hsts_subdomains else "")
    return made


def came_in_clear(settings: Settings) -> bool:
    """Tell whether the proxy in front says that a browser reached it without TLS, where there has to be some.

    With several proxies nobody can tell: the inner ones may name the scheme between each other.
    """
    scheme = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    return is_https(settings) and settings.proxy_hops == 1 and scheme == "http"


class LastResort:
    """Answers in plain words where even the page about an error fails (16.5.4); the server would name itself."""

    def __init__(self, app: WSGIApplication, fixed: dict[str, str]) -> None:
        """Stand around `app` and answer with the headers `fixed`."""
        self._app = app
        self._fixed = [*fixed.items(), ("Cache-Control", "no-store")]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, or say that something went wrong."""
        try:
            return self._app(environ, start_response)
        except Exception as error:  # noqa: BLE001 - the last place where anything can be caught
            log_failure(Event.FAILED, error, reason="the page about an error failed")
            body = b"Something went wrong. Nothing was saved. Try again later.\n"
            kind = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
            start_response("500 Internal Server Error", [*kind, *self._fixed])
            return [body]


def guard(app: Flask, settings: Settings) -> None:
    """Put a check before every view and the headers on every answer."""
    fixed = headers(settings)

    @app.before_request
    def check() -> None:
        g.request_id = secrets.token_hex(6)
        if not is_trusted(request.headers.get("Host", ""), settings):
            log(Event.HOST)
            abort(HTTPStatus.BAD_REQUEST)
        if came_in_clear(settings) and request.endpoint != "page.health":
            log(Event.IN_CLEAR, level=logging.ERROR)
            abort(HTTPStatus.BAD_REQUEST)
        site = request.headers.get("Sec-Fetch-Site")  # old browsers send none; the CSRF token covers them
        if request.method == "POST" and site is not None and site not in _OWN_SITE:
            log(Event.CROSS_SITE)
            abort(HTTPStatus.BAD_REQUEST)

    limits.install(app)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.update(fixed)
        response.headers.setdefault("Cache-Control", "no-store")  # what may be kept says so itself
        return response
