"""The only web page: one form for one invitation, on any WSGI server as `web:create_app()`."""

from __future__ import annotations

import sys

from flask import Flask

from core.core import Core
from core.settings import Settings
from web import answers, logs, pages, security

__all__ = ["create_app"]


def create_app(core: Core | None = None) -> Flask:
    """Return the page.

    Args:
        core: the one to work on. None opens one from the host's settings and logs to stderr, for servers that only
            know this factory; whoever hands in a core decides about logging too (`web.logs.log_to`).

    Raises:
        Misconfigured, DatabaseAway: as `Core.open`.
    """
    if core is None:
        core = Core.open(Settings.load())
        logs.log_to(sys.stderr)
    logs.keep_quiet()
    app = Flask(__name__, static_folder=None)
    security.configure(app, core.settings, core.ports.links)
    security.guard(app, core.settings)
    pages.install(app, core)
    answers.install(app)
    return app
