"""Fixtures for commands. They read the host's own clock, so the company here lives by it too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.core import Core
from core.ports import Hasher, Post
from core.settings import Settings
from tests.cli.running import Host
from tests.people import House


@pytest.fixture
def host(settings: Settings) -> Host:
    """Return a host with a data folder, a key file and an empty database."""
    return Host.of(settings)


@pytest.fixture
def fresh(tmp_path: Path) -> Host:
    """Return a host on which nothing was set up; its data folder does not exist."""
    return Host({"ACADEMY_HOME": str(tmp_path / "data")})


@pytest.fixture
def house(settings: Settings, hasher: Hasher, post: Post) -> Iterator[House]:
    """Lend a company that is set up on the host, by the host's own clock."""
    with Core.open(settings, hasher=hasher, post=post) as core:
        yield House.set_up(core)
