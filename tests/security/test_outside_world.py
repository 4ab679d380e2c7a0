"""What the program could reach and does not: other hosts, other programs, what was not shipped (ASVS 13, 15)."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.ports import ID_BYTES, Links
from core.services.inviting import Line, Offer, invite_many
from tests.databases import sqlite_only
from tests.house.sources import ROOMS, ROOT, Source, imported_modules, sources
from tests.people import House
from tests.services import rows
from tests.web.visitor import FILLED_IN, Visitor
from web import create_app

FORBIDDEN_EVENTS = (
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)
HTTP_CLIENTS = {
    "requests", "httpx", "httpx2", "aiohttp", "urllib3", "httplib2", "pycurl", "treq", "niquests", "http.client",
    "urllib.request", "ftplib", "telnetlib", "xmlrpc.client",
}  # fmt: skip
INTERPRETERS = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "subprocess",
    "pty",
    "code",
    "xml",
    "lxml",
    "yaml",
    "ctypes",
}
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnv"}


@functools.cache
def _imports() -> tuple[tuple[Source, ast.stmt, str], ...]:
    """Return every import of the rooms: the file, the statement and what it names."""
    every = (*sources(*ROOMS), *sources("migrations"))
    return tuple((source, node, name) for source in every for node, name in imported_modules(source.tree))


class _Alarm:
    """Notes what Python's own audit tells of while it is switched on; the hook stays for the life of the process."""

    def __init__(self) -> None:
        self.on = False
        self.heard: list[str] = []

    def __call__(self, name: str, args: tuple[Any, ...]) -> None:
        if self.on and name.startswith(FORBIDDEN_EVENTS):
            self.heard.append(f"{name} {args[1:]!r}")
            raise ConnectionRefusedError(name)


@functools.cache
def _alarm() -> _Alarm:
    made = _Alarm()
    sys.addaudithook(made)
    return made


@contextmanager
def _alone() -> Iterator[list[str]]:
    """Refuse every connection and every program meanwhile; lend what was tried."""
    alarm = _alarm()
    alarm.on = True
    try:
        yield alarm.heard
    finally:
        alarm.on = False


# --- other hosts ----------------------------------------------------------------------------------------------------


@sqlite_only
def test_the_whole_journey_needs_no_network_and_no_program(company: House) -> None:
    """Link, errors, account and dead links come about with every socket and every program refused (13.1.1, 13.2.4)."""
    token = company.token_of(company.invite("bo@example.com"))
    with _alone() as tried:
        visitor = Visitor(create_app(company.core))
        visitor.open(token)
        assert visitor.send({}).status == 422
        assert visitor.send().status == 303
        assert Visitor(visitor.client.application).ask(f"/i/{token}").status == 410
        assert visitor.ask("/i/unknown").status == 404
    assert not tried


def _needed(name: str, found: set[str]) -> None:
    """Add what a package needs when it is installed without its tests."""
    key = canonicalize_name(name)
    if key in found:
        return
    found.add(key)
    for text in requires(name) or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            _needed(requirement.name, found)


def test_no_http_client_is_installed_with_the_program() -> None:
    """Nothing that the program needs can ask other hosts for web pages (13.2.4, 15.3.2)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: set[str] = set()
    for text in (*project["dependencies"], *project["optional-dependencies"]["postgres"]):
        _needed(Requirement(text).name, found)
    assert {"flask", "sqlalchemy", "limits"} <= found
    assert not found & HTTP_CLIENTS


def test_only_the_hosts_own_commands_speak_http() -> None:
    """No module imports an HTTP client but the checks and the demo of the host, which ask the page itself (13.2.4)."""
    found = {source.name for source, _, name in _imports() if name in HTTP_CLIENTS}
    assert found == {"tui/cli/checks.py", "tui/cli/visitor.py"}


# --- other languages ------------------------------------------------------------------------------------------------


def test_nothing_typed_can_be_run() -> None:
    """No module imports what runs programs, reads foreign objects or XML, and none evaluates text (1.2.5, 1.3.2, 1.5.2)."""
    imported = [
        source.at(node) for source, node, name in _imports() if name.partition(".")[0] in INTERPRETERS
    ]
    called = [
        source.at(node)
        for source in sources(*ROOMS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _name_of(node.func) in CALLS
    ]
    assert not imported
    assert not called


def _name_of(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return f"{called.value.id}.{called.attr}"
    return called.id if isinstance(called, ast.Name) else ""


def test_no_secret_comes_from_plain_chance() -> None:
    """The predictable `random` is used for delays and made-up people only; everything secret comes from `secrets` (11.5.1)."""
    found = {source.name for source, _, name in _imports() if name.partition(".")[0] == "random"}
    assert found == {"core/services/mailing.py", "core/services/seeding.py", "core/services/seeding_names.py"}


def test_the_script_only_writes_text() -> None:
    """The page's script makes no markup, keeps nothing, asks nothing and loads nothing (3.2.2, 14.3.3, 15.3.6)."""
    text = (ROOT / "web/static/page.js").read_text("utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|setTimeout\(\s*[\"']|"
        r"localStorage|sessionStorage|indexedDB|document\.cookie|fetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(|"
        r"location\s*=|\.submit\(|__proto__|Object\.assign"
    )
    assert not re.findall(forbidden, text)


# --- what ids are made of -------------------------------------------------------------------------------------------


@sqlite_only
def test_a_link_has_as_much_chance_as_two_keys(company: House) -> None:
    """Each invitation has 128 bits of chance of its own, and its link 128 bits of proof; a thousand differ (6.4.1, 6.5.4)."""
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(number, f"p{number}@example.com") for number in range(1000)], Offer())
    tokens = {company.token_of(each) for each in rows.states(company.core)}
    ids = {company.core.ports.links.public_id_of(token) for token in tokens}
    assert len(tokens) == len(ids) == 1000
    assert {len(each or b"") for each in ids} == {ID_BYTES} == {16}
    assert {len(token) for token in tokens} == {44}
    bits = [sum(each[byte] >> bit & 1 for each in ids if each) for byte in range(16) for bit in range(8)]
    assert all(400 < ones < 600 for ones in bits)  # a coin thrown a thousand times: six deviations and more


@sqlite_only
def test_a_form_opens_no_link_and_a_link_no_form(company: House) -> None:
    """What is signed for the link, the cookie, the form and its token never counts as another of them (9.2.2)."""
    links: Links = company.core.ports.links
    assert links.keys_for("registration page cookie") != links.keys_for("something else")
    token = company.token_of(company.invite("bo@example.com"))
    app = create_app(company.core)
    visitor = Visitor(app)
    form = visitor.open(token).hidden()
    cookie = visitor.client.get_cookie(app.config["SESSION_COOKIE_NAME"], "127.0.0.1")
    assert cookie is not None
    assert links.public_id_of(token) is not None
    keys = [key[:44] for key in links.keys_for("registration page cookie")]
    for other in (*form.values(), cookie.value, *keys):
        assert Visitor(app).ask(f"/i/{other}").status == 404
    for other in (token, form["csrf_token"], cookie.value):
        assert visitor.send(form | FILLED_IN | {"invitation": other}).status == 400
    assert visitor.send(form | FILLED_IN | {"csrf_token": form["invitation"]}).status == 400
    assert visitor.send(form | FILLED_IN).status == 303


# --- what is shipped ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nothing_but_the_program_is_shipped(wheel: list[str]) -> None:
    """The wheel holds the rooms, their catalogs, templates and migrations; no test, bench, key or setting (13.4.1, 15.2.3)."""
    kinds = {name.rpartition(".")[2] for name in wheel if ".dist-info/" not in name}
    tops = {name.partition("/")[0] for name in wheel if ".dist-info/" not in name}
    assert tops == {"core", "tui", "web", "migrations"}
    assert kinds <= {
        "py",
        "html",
        "css",
        "js",
        "svg",
        "txt",
        "po",
        "pot",
        "tcss",
        "conf",
        "md",
        "mako",
        "toml",
    }
    assert not [
        name for name in wheel if re.search(r"(^|/)(tests?|bench|\.git|\.env|key|conftest)(/|\.|$)", name)
    ]
