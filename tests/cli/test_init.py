"""`academy init`: what a host needs, made once, completed when half made, never made twice."""

from __future__ import annotations

import stat
from functools import partial
from pathlib import Path

import pytest

from core.core import Core
from core.reading import users
from core.services.signing_in import sign_in
from core.settings import Settings
from tests.cli.running import COMMAND, Host
from tests.databases import sqlite_only
from tests.outside.terminal import Terminal

PASSWORD = "seven lanterns at dusk"
WORDS = ("init", "--company", "Engine Works", "--admin", "Ada@example.com", "--password-stdin")


def _home(host: Host) -> Path:
    return Path(host.environment["ACADEMY_HOME"])


def test_init_makes_a_host_that_the_admin_can_sign_in_to(fresh: Host) -> None:
    """After init there is a data folder for its owner only, and the first Company Admin can sign in."""
    ran = fresh(*WORDS, "--first-name", "Ada", "--last-name", "Byron", typed=f"{PASSWORD}\n")
    assert (ran.code, ran.out) == (
        0,
        "Engine Works is set up. Its first Company Admin is Ada@example.com.\n",
    )
    assert "academy serve" in ran.err
    home = _home(fresh)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, home / "key")}
    assert modes == {home.name: 0o700, "key": 0o600}
    with Core.open(Settings.load(fresh.environment)) as core:
        signed_in = sign_in(core, "ada@example.com", PASSWORD, source="tests")
    assert (signed_in.name, signed_in.company) == ("Ada Byron", "Engine Works")


def test_init_says_what_it_made_as_json(fresh: Host) -> None:
    """With --json init prints one object and nothing else on stdout."""
    ran = fresh(*WORDS, "--json", typed=f"{PASSWORD}\n")
    assert ran.json == {
        "company": "Engine Works",
        "admin": "Ada@example.com",
        "home": str(_home(fresh)),
        "public_url": "http://127.0.0.1:8000",
    }


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (WORDS, "short\n", "8 characters or more"),
        (WORDS, "\n", "Enter a password"),
        (WORDS, "engineworks1\n", "made of your name, address or company"),
        ((*WORDS[:4], "no address", "--password-stdin"), f"{PASSWORD}\n", "not an email address"),
        (("init", "--company", " ", *WORDS[3:]), f"{PASSWORD}\n", "Enter the company's name"),
        ((*WORDS, "--first-name", "A\nB"), f"{PASSWORD}\n", "on one line"),
        (WORDS[:-1], "", "--password-stdin"),
        (("init", "--admin", "ada@example.com"), "", "--company"),
        (("init", "--company", "Engine Works"), "", "--admin"),
    ],
)
def test_init_with_something_wrong_or_missing_makes_nothing(
    fresh: Host, words: tuple[str, ...], typed: str, told: str
) -> None:
    """A weak password, a malformed address or something missing ends with 2 and a sentence, and no folder is made."""
    ran = fresh(*words, typed=typed)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not _home(fresh).exists()


def test_a_second_init_is_refused_before_anything_is_asked(fresh: Host) -> None:
    """Init on a host that has its company ends with 1, names the company and changes no file."""
    fresh(*WORDS, typed=f"{PASSWORD}\n")
    key = (_home(fresh) / "key").read_bytes()
    ran = fresh("init", "--json")
    assert (ran.code, ran.json["error"]) == (1, "already_set_up")
    assert "Engine Works" in ran.json["message"]
    assert (_home(fresh) / "key").read_bytes() == key


def test_init_completes_what_was_left_half_made(host: Host) -> None:
    """Init goes on where a data folder, a key and an empty database are there already."""
    key = (_home(host) / "key").read_bytes()
    assert host(*WORDS, typed=f"{PASSWORD}\n").code == 0
    assert (_home(host) / "key").read_bytes() == key
    assert [user["address"] for user in host("users", "--json").json] == ["Ada@example.com"]


def test_init_never_makes_a_new_key_for_an_old_company(fresh: Host) -> None:
    """Where the key of a company is lost, init makes no other one, since its links would be dead without a word."""
    fresh(*WORDS, typed=f"{PASSWORD}\n")
    (_home(fresh) / "key").unlink()
    assert fresh(*WORDS, typed=f"{PASSWORD}\n").code == 1
    assert not (_home(fresh) / "key").exists()


@sqlite_only
def test_init_appoints_a_company_admin_and_nobody_else(host: Host, settings: Settings) -> None:
    """The person made by init is an active Company Admin."""
    host(*WORDS, typed=f"{PASSWORD}\n")
    with Core.open(settings) as core, core.operator_look() as look:
        row = users.one(look, users.by_address(look, "ada@example.com")).row
    assert (row.role.slug, row.status) == ("company-admin", "active")


@pytest.mark.slow
def test_init_asks_for_what_is_missing_in_a_terminal(fresh: Host) -> None:
    """In a terminal init asks for company, address and password, asks again after a weak one, and never shows it."""
    with Terminal((*COMMAND, "init"), environment=fresh.own_environment) as terminal:
        for question, answer in (
            ("The company's name: ", "Engine Works"),
            ("email: ", "ada@example.com"),
            ("password: ", "12345678"),
            ("again: ", "12345678"),
            ("easy to guess", ""),
            ("password: ", PASSWORD),
            ("again: ", PASSWORD),
        ):
            terminal.wait(partial(_says, terminal, question), question)
            if answer:
                terminal.output.clear()
                terminal.type(f"{answer}\n")
        assert terminal.end() == 0
        assert "Its first Company Admin is ada@example.com" in terminal.text
        assert PASSWORD not in terminal.text
    assert fresh("users", "--json").json[0]["address"] == "ada@example.com"


def _says(terminal: Terminal, text: str) -> bool:
    return text.encode() in terminal.output
