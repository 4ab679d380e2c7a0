"""The main job by commands alone: set up, serve, invite, mail over STARTTLS, register; each link says what it is."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from html import unescape
from http import HTTPStatus
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from sqlalchemy import update

from core.core import Core
from core.models import Invitation
from core.settings import Settings
from tests.cli.running import Host
from tests.outside.mail_peer import LOGIN, Peer

pytestmark = pytest.mark.slow
PASSWORD = "quiet lantern 42 rivers"
FILLED_IN = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}


@dataclass(slots=True)
class Browser:
    """Somebody who opens links: cookies, forms, nothing else."""

    opener: OpenerDirector

    @classmethod
    def fresh(cls) -> Browser:
        """Return a browser without cookies."""
        return cls(build_opener(HTTPCookieProcessor(CookieJar())))

    def get(self, url: str, method: str = "GET") -> tuple[int, str]:
        """Ask for a page and return status and text."""
        return self._answer(Request(url, method=method))  # noqa: S310 - a link of ours

    def register(self, link: str) -> tuple[int, str]:
        """Open a link and, where that shows the form, fill it in and send it."""
        status, page = self.get(link)
        if status != HTTPStatus.OK:
            return status, page
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        fields = {name: unescape(value) for name, value in hidden.items()} | FILLED_IN
        return self._answer(Request(f"{link.partition('/i/')[0]}/register", urlencode(fields).encode()))  # noqa: S310 - as above

    def _answer(self, request: Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def host(tmp_path: Path, starttls_peer: Peer) -> Host:
    """Return a host that was set up by `academy init`, with a mail server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Host(
        {
            "ACADEMY_HOME": str(tmp_path / "home"),
            "ACADEMY_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ACADEMY_SMTP_URL": f"smtp://{LOGIN}localhost:{starttls_peer.port}",
            "ACADEMY_MAIL_FROM": "academy@example.com",
        }
    )
    admin = ("--company", "Acme", "--admin", "ada@example.com", "--password-stdin")
    done = made.process("init", *admin, typed="violet harbor 1815\n")
    assert done.code == 0, done.err
    return made


@contextmanager
def _serving(host: Host) -> Iterator[None]:
    """Run `academy serve` as long as the block lasts."""
    with host.start("serve") as serving:
        assert serving.stderr is not None
        try:
            assert any("page.started" in line for line in serving.stderr)
            yield
        finally:
            serving.terminate()
            serving.stderr.read()


def _link_to(peer: Peer, address: str) -> str:
    """Return the link in the newest mail to an address."""
    [*_, content] = [content for to, content in peer.mails if to == address]
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    [link] = re.findall(r"^\s*(http\S+/i/\S+)\s*$", str(body.get_content()), re.MULTILINE)
    return str(link)


def _invite(host: Host, peer: Peer, address: str) -> str:
    """Invite an address by command, deliver its mail by command and return the link that arrived."""
    assert host.process("invite", address, "--role", "trainer").code == 0
    sent = host.process("mail", "send")
    assert sent.code == 0, sent.err
    return _link_to(peer, address)


def _expire(host: Host, address: str) -> None:
    """Let an invitation's days be over."""
    with Core.open(Settings.load(host.environment)) as core, core.operator() as work:
        long_ago = datetime.now(UTC) - timedelta(days=10)
        work.db.execute(
            update(Invitation)
            .where(Invitation.address == address)
            .values(created_at=long_ago, expires_at=long_ago + timedelta(days=7))
        )


def test_the_mailed_link_makes_one_account(host: Host, starttls_peer: Peer) -> None:
    """The mail arrives over STARTTLS; scanners spend nothing; its link registers once and then says so."""
    link = _invite(host, starttls_peer, "bo@example.com")
    assert starttls_peer.encrypted
    with _serving(host):
        for _ in range(50):
            assert Browser.fresh().get(link)[0] == HTTPStatus.OK
        assert Browser.fresh().get(link, "HEAD")[0] == HTTPStatus.OK
        status, page = Browser.fresh().register(link)
        assert (status, "welcome" in page.lower() or "ready" in page.lower()) == (HTTPStatus.OK, True)
        status, page = Browser.fresh().register(link)
        assert (status, "already been used" in page) == (HTTPStatus.GONE, True)
    [person] = host.process("users", "bo", "--json").json
    assert (person["status"], person["role"]) == ("active", "trainer")


def test_a_replaced_and_an_expired_link_say_so(host: Host, starttls_peer: Peer) -> None:
    """The first of two links says that a newer one was sent; one past its days says that it expired."""
    first = _invite(host, starttls_peer, "bo@example.com")
    second = _invite(host, starttls_peer, "bo@example.com")
    with _serving(host):
        status, page = Browser.fresh().get(first)
        assert (status, "newer invitation" in page) == (HTTPStatus.GONE, True)
        _expire(host, "bo@example.com")
        status, page = Browser.fresh().get(second)
        assert (status, "expired" in page) == (HTTPStatus.GONE, True)
