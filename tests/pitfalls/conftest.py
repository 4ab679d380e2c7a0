"""What the pitfalls share: the page and its visitors as in the tests of the page, and a company in today's time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.core import Core
from core.ports import Hasher
from core.settings import Settings
from tests.people import House
from tests.web.conftest import app, page_with, visitor, written

__all__ = ["app", "house", "page_with", "visitor", "written"]


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like programs that are started beside the test."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)
