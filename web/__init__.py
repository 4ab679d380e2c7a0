"""The only web page: one form for one invitation, on any WSGI server as `web:create_app()`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from flask import Flask

from core.core import Core
from core.settings import Settings
from core.tongues import Tongue
from web import answers, brand, drawing, languages, logs, pages, security

__all__ = ["create_app"]


def create_app(core: Core | None = None, *, tongues: Iterable[Tongue] | None = None) -> Flask:
    """Return the page.

    Args:
        core: the one to work on. None opens one from the host's settings and logs to stderr, for servers that only
            know this factory; whoever hands in a core decides about logging too (`web.logs.log_to`).
        tongues: the languages to offer. None for all that there is a whole catalog for.

    Raises:
        Misconfigured, DatabaseAway: as `Core.open`.
    """
    if core is None:
        core = Core.open(Settings.load())
        logs.log_to(sys.stderr)
    logs.keep_quiet()
    app = Flask(__name__, static_folder=None)
    drawing.install(app)  # before anything that asks for the templates
    security.configure(app, core.settings, core.ports.links)
    security.guard(app, core.settings)
    pages.install(app, core)
    brand.install(app)
    languages.install(app, tongues)
    answers.install(app)
    return app
