"""What the tests of the outside share: mail servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outside.mail_peer import Certificates, Peer, make_certificates, serving


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
