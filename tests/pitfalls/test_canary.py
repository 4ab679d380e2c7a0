"""One token and one password go through every path of the real programs, and are then looked for everywhere (P8).

Only the mail itself, and the output of the command that was asked for the link, may hold the token; nothing the password.
"""

from __future__ import annotations

import base64
import re
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import create_engine, text

from core.core import Core
from core.settings import Settings
from tests.cli.running import Host
from tests.databases import Database
from tests.pitfalls.mail_server import MailServer, running
from tests.pitfalls.programs import serving
from tests.services import rows
from tui.cli.visitor import Visitor as Browser

pytestmark = pytest.mark.slow

PASSWORD = "canary Wetterleuchten 1969"
ADMIN, INVITED = "ada@example.com", "bo@example.com"
FILLED_IN = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
LINK = re.compile(r"http\S+/i/([A-Za-z0-9_-]{44})")


@dataclass
class Trail:
    """Every byte that was left behind, by where it was found.

    Attributes:
        link, token: of the one invitation.
    """

    link: str = ""
    token: str = ""
    left: dict[str, bytes] = field(default_factory=dict)

    def keep(self, where: str, said: str | bytes) -> None:
        """Remember what was found somewhere."""
        self.left[where] = self.left.get(where, b"") + (said.encode() if isinstance(said, str) else said)

    def canaries(self) -> dict[str, bytes]:
        """Return what must be found nowhere, in each form that it could have."""
        raw = base64.urlsafe_b64decode(self.token)
        proof = raw[17:]
        return {
            "password": PASSWORD.encode(),
            "password in a URL": quote(PASSWORD).encode(),
            "password in a form": urlencode({"": PASSWORD}).encode()[1:],
            "token": self.token.encode(),
            "half of the token": self.token[22:].encode(),
            "the token's bytes": raw,
            "the token's proof": proof,
            "the token's proof in hex": proof.hex().encode(),
        }

    def found(self) -> list[tuple[str, str]]:
        """Return where which canary was found."""
        canaries = self.canaries().items()
        return [
            (where, name) for where, said in self.left.items() for name, canary in canaries if canary in said
        ]


# --- programs ---------------------------------------------------------------------------------------------------


def run(host: Host, trail: Trail, *words: str, typed: str = "") -> str:
    """Run a command in this process, keep what it says, and return its results."""
    ran = host(*words, typed=typed)
    trail.keep(f"academy {words[0]}", ran.out + ran.err)
    return ran.out


def look_at_processes(trail: Trail, serving: int) -> None:
    """Keep the command line of every process, and the environment of the page's and of its children."""
    ours = {serving}
    for path in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            trail.keep("the process list", (path / "cmdline").read_bytes())
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if int(path.name) in ours or parent in ours:
                ours.add(int(path.name))
                trail.keep("an environment", (path / "environ").read_bytes())
        except (OSError, ValueError):  # ended meanwhile
            continue


# --- paths ------------------------------------------------------------------------------------------------------


def ask_raw(port: int, request: bytes) -> bytes:
    """Send bytes as they are and return the answer, as far as it came before the server hung up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, suppress(OSError):
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            answer += more
    return answer


def break_requests(port: int, trail: Trail) -> None:
    """Send the token in every place of requests that cannot be answered, and hang up in the middle of others."""
    token = trail.token
    odd = [
        f"GET /i/{token} HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        f"GET /i/{token}\r\n\r\n",
        f"GET /i/{token} HTTP/1.1\r\n\r\n",
        f"GET /i/{token} HTTP/1.1\r\nHost: {token}.example\r\nConnection: close\r\n\r\n",
        f"GET http://evil.example/i/{token} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        f"TOKEN{token} /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        f"GET /i/{token}/x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-{token}: {token}\r\nX-Forwarded-For: {token}\r\nConnection: close\r\n\r\n",
        f"GET /{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: {trail.link}\r\nUser-Agent: {token}\r\nConnection: close\r\n\r\n",
        f"GET /register?token={token}&lang={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: academy-here={token}\r\nConnection: close\r\n\r\n",
        f"POST /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: {token}\r\n\r\nabcde",
        f"GET /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {'x' * 40000}\r\n\r\n",
        f"GET /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nBad\x00Header {token}\r\n\r\n",
    ]
    for number, each in enumerate(odd):
        answer = ask_raw(port, each.encode())
        if b"303" not in answer.split(b"\r\n", 1)[0]:
            trail.keep(f"the answer to broken request {number}", answer)
    for cut in (20, 60, 90):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()[:cut])


def send_wrong_forms(browser: Browser, trail: Trail, hidden: Mapping[str, str]) -> None:
    """Send the password and the token with everything that a form can have wrong."""
    wrong: list[dict[str, str]] = [
        {"first_name": ""},
        {"born_day": "31", "born_month": "2", "born_year": "1990"},
        {"csrf_token": trail.token},
        {"csrf_token": PASSWORD},
        {"invitation": trail.token},
        {trail.token: trail.token, PASSWORD: PASSWORD, "first_name": ""},
        {"last_name": "x" * 200},
        {"language": trail.token},
        {"phone": PASSWORD},
        {"password": f"{PASSWORD}\x00"},
    ]
    for more in wrong:
        page = browser.post("/register", {**hidden, **FILLED_IN, **more})
        assert page.status in {400, 409, 422}
        if PASSWORD not in more.values() and trail.token not in more.values():
            trail.keep("a form with mistakes", page.text)
    trail.keep(
        "a form that is too large", browser.post("/register", {**FILLED_IN, "x": PASSWORD * 4000}).text
    )
    trail.keep(
        "a form of a stranger",
        Browser(f"http://127.0.0.1:{_port(browser)}").post("/register", FILLED_IN).text,
    )


def _port(browser: Browser) -> int:
    return int(browser._site.rpartition(":")[2])


@contextmanager
def without_company(database: Database) -> Iterator[None]:
    """Take a table away, so that every statement on it fails in the driver."""
    engine = create_engine(database.url.reveal())
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE company RENAME TO taken_away"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE taken_away RENAME TO company"))
        engine.dispose()


def visit(port: int, database: Database, trail: Trail) -> None:
    """Do with the page whatever can be done with it, well and badly, and register at last."""
    browser = Browser(f"http://127.0.0.1:{port}")
    for path in (f"/i/{trail.token}x", f"/i/{trail.token[::-1]}", f"/I/{trail.token}", f"/i/{trail.token}/"):
        assert browser.get(path).status == 404
    assert browser.get(f"/i/{trail.token}").status == 303
    form = browser.get("/register")
    trail.keep("the form", form.text)
    break_requests(port, trail)
    send_wrong_forms(browser, trail, form.fields)
    with without_company(database):
        trail.keep("a link without a database", browser.get(f"/i/{trail.token}").text)
        broken = browser.post("/register", {**form.fields, **FILLED_IN})
        assert broken.status == 500
        trail.keep("a form without a database", broken.text)
    browser.get(f"/i/{trail.token}")
    form = browser.get("/register")
    done = browser.post("/register", {**form.fields, **FILLED_IN})
    assert done.status == 303
    trail.keep("where the account leads", done.location)
    trail.keep("the used link", browser.get(f"/i/{trail.token}").text)
    trail.keep("the form again", browser.post("/register", {**form.fields, **FILLED_IN}).text)


def look_at_what_stays(host: Host, settings: Settings, trail: Trail) -> None:
    """Keep every row, every file of the data folder and a backup, and what the commands tell of it all."""
    for words in (["mail", "list"], ["log"], ["invitations"], ["users"], ["doctor"]):
        run(host, trail, *words)
        run(host, trail, *words, "--json")
    run(host, trail, "show", INVITED)
    backup = settings.home / "backup.academy"
    run(host, trail, "backup", str(backup))
    assert backup.exists()
    with Core.open(settings) as core:
        for table, every in rows.dump(core).items():
            trail.keep(f"the table {table}", repr(every))
            for row in every:
                trail.keep(f"the table {table}", b"|".join(one for one in row if isinstance(one, bytes)))
    for path in settings.home.rglob("*"):
        if path.is_file() and path != settings.key_file:
            trail.keep(f"the file {path.name}", path.read_bytes())
    if settings.is_sqlite:
        with closing(sqlite3.connect(settings.home / "academy.db")) as database:
            trail.keep("the database as text", "\n".join(database.iterdump()))


# --- the test ---------------------------------------------------------------------------------------------------


def test_p08_a_canary_token_and_a_canary_password_are_found_nowhere(
    blank_database: Database, tmp_path: Path
) -> None:
    """After every path of the real programs no log, answer, row, file, command line or environment holds one of them."""
    trail = Trail()
    environment = {
        "ACADEMY_HOME": str(tmp_path / "data"),
        "ACADEMY_DATABASE_URL": blank_database.url.reveal(),
    }
    server = MailServer("SIZE 1000000", answer=lambda mail: f"554 5.7.1 blocked {LINK.search(_joined(mail))}")
    with running(server):
        host = Host({**environment, "ACADEMY_SMTP_URL": server.url})
        settings = Settings.load(host.environment)
        words = ("init", "--company", "Engine Works", "--admin", ADMIN, "--password-stdin")
        run(host, trail, *words, typed=f"{PASSWORD}\n")
        asked = host("invite", INVITED, "--link")
        trail.keep("academy invite's talk", asked.err)
        [trail.token] = LINK.findall(asked.out)
        trail.link = asked.out.split()[-1]
        with serving(host) as page:
            assert server.asked.wait(60)
            visit(page.port, blank_database, trail)
            look_at_processes(trail, page.process.pid)
        trail.keep("the page's log", page.said.getvalue())
        assert page.process.returncode == 0
        look_at_what_stays(host, settings, trail)
    assert trail.token in _joined(server.mails[0])
    assert INVITED.encode() in trail.left["the table outbox"]
    assert b"blocked" in trail.left["the table outbox"]
    assert b"form.accepted" in trail.left["the page's log"]
    assert b"page.failed" in trail.left["the page's log"]
    assert b"serve" in trail.left["the process list"]
    assert trail.found() == []


def _joined(mail: str) -> str:
    """Return a mail without the line breaks of its encoding."""
    return mail.replace("=\r\n", "")


@pytest.mark.parametrize("setting", ["ACADEMY_DATABASE_URL", "ACADEMY_SMTP_URL"])
def test_p08_programs_that_cannot_start_tell_no_password(fresh_home: Path, setting: str) -> None:
    """A database or a mail server that is away is named by commands and doctor without the password of its address."""
    key = quote(PASSWORD)
    urls = {
        "ACADEMY_DATABASE_URL": f"postgresql+psycopg://academy:{key}@127.0.0.1:1/academy",
        "ACADEMY_SMTP_URL": f"smtp://robot:{key}@127.0.0.1:1",
    }
    host = Host({"ACADEMY_HOME": str(fresh_home), setting: urls[setting]})
    trail = Trail(token="A" * 44)
    for words in (
        ["doctor"],
        ["doctor", "--json"],
        ["mail", "send"],
        ["invite", INVITED],
        ["mail", "list"],
        ["users"],
    ):
        run(host, trail, *words)
    assert trail.found() == []
    assert b"127.0.0.1" in trail.left["academy doctor"]


@pytest.fixture
def fresh_home(tmp_path: Path) -> Path:
    """Return the data folder of a host that is set up."""
    host = Host({"ACADEMY_HOME": str(tmp_path / "data")})
    words = ("init", "--company", "Engine Works", "--admin", ADMIN, "--password-stdin")
    assert host(*words, typed=f"{PASSWORD}\n").code == 0
    return tmp_path / "data"
