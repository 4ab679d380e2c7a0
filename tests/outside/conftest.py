"""What the tests of the outside share: mail servers, and a browser with something to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from core.ports import Hasher
from tests.databases import SqliteDatabases
from tests.outside.browsing import draw_logo, house_in, running_chromium, tab_of
from tests.outside.mail_peer import Certificates, Peer, make_certificates, serving
from tests.people import House

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return the certificate of a mail server, signed by an authority that nobody knows but us."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def plain_peer() -> Iterator[Peer]:
    """Lend a server of this machine without encryption and login."""
    with serving(Peer(), login=False) as peer:
        yield peer


@pytest.fixture
def starttls_peer(certificates: Certificates) -> Iterator[Peer]:
    """Lend a server that wants STARTTLS and a login."""
    with serving(Peer(), offer=certificates.server, login=True) as peer:
        yield peer


@pytest.fixture
def tls_peer(certificates: Certificates) -> Iterator[Peer]:
    """Lend a server that is encrypted from the first byte and wants a login."""
    with serving(Peer(), tls=certificates.server, login=True) as peer:
        yield peer


# Of one file each: a browser for the whole session would keep its event loop running under everybody's tests.


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Lend a running Chromium."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """Lend a tab of a fresh browser."""
    with tab_of(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def dressed_house(
    chromium: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_databases: SqliteDatabases,
    hasher: Hasher,
) -> Iterator[House]:
    """Lend one company with logo and color for all tests of a file."""
    folder = tmp_path_factory.mktemp("house")
    with house_in(folder, sqlite_databases, hasher, draw_logo(chromium)) as house:
        yield house
