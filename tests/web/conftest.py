"""The page on the test's core, and somebody who visits it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from core.core import Core
from tests.web.visitor import PageWith, Visitor
from web import create_app
from web.logs import log_to, stop_logging_to


@pytest.fixture
def app(core: Core) -> Flask:
    """Return the page."""
    return create_app(core)


@pytest.fixture
def page_with(core: Core) -> Iterator[PageWith]:
    """Lend what makes the page on the same database with some settings of its own: `page_with(sign_in_url=…)`."""
    with ExitStack() as opened:

        def make(**settings: Any) -> Flask:
            return create_app(opened.enter_context(Core(replace(core.settings, **settings), core.ports)))

        yield make


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Return a browser without cookies."""
    return Visitor(app)


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Lend everything that the page logs."""
    stream = StringIO()
    handler = log_to(stream)
    yield stream
    stop_logging_to(handler)
