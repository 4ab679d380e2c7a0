"""One judgement of passwords on every way in, quick whatever is typed; nothing else is asked of anybody (ASVS 6.2, 6.3)."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
from sqlalchemy import func, select

from core.core import Core
from core.errors import Invalid, WrongCredentials
from core.models import Base, User
from core.passwords import Password
from core.ports import Hasher
from core.registration import parse_registration
from core.services.accepting import accept
from core.services.signing_in import change_own_password, sign_in
from tests.databases import sqlite_only
from tests.house.sources import ROOMS, ROOT
from tests.people import COMPANY, PASSWORD, House

TOP = 3000
QUICK = 0.005
REFUSED = {
    "short": "viol3t!",
    "common": "password1",
    "common in capitals": "QWERTYUIOP",
    "one character": "zzzzzzzzzzzz",
    "the product": "Online-Academy-2026",
    "the company": "EngineWorks1!",
    "NUL": "violet\x00harbor",
    "too long": "violet harbor " * 80,
}
CONTEXT = ("Ada.Lovelace@example.com", "Ada", "Lovelace", "Harbor Light Works")
WORDS = (
    "Ada",
    "Lovelace",
    "AdaLovelace",
    "HarborLightWorks",
    "OnlineAcademy",
    "academyonline",
    "Harbor Light Works",
)


def _common() -> list[str]:
    text = resources.files("core").joinpath("data/common_passwords.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_most_common_passwords_are_refused_at_once() -> None:
    """Each of the three thousand most used passwords of eight characters or more is refused, as are capitals (6.2.4)."""
    common = _common()[:TOP]
    assert len(common) == TOP
    slowest = 0.0
    for text in common:
        begun = time.process_time()
        for typed in (text, text.upper()):
            with pytest.raises(Invalid, match="most common"):
                Password.parse(typed, context=CONTEXT)
        slowest = max(slowest, time.process_time() - begun)
    assert slowest < QUICK


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("tail", ["1234567", "!!!!!!!!", "-2026-2026", ""])
def test_words_that_everybody_knows_here_make_no_password(word: str, tail: str) -> None:
    """Names, address, company and product are refused in any case, with digits and signs behind them (6.1.2, 6.2.11)."""
    for written in (word, word.upper(), word.lower(), word.swapcase()):
        with pytest.raises(Invalid):
            Password.parse(f"{written}{tail}", context=CONTEXT)


@sqlite_only
@pytest.mark.parametrize("kind", REFUSED)
def test_every_way_to_a_password_refuses_the_same(company: House, kind: str) -> None:
    """The form, the first admin's set-up and a change say the same sentence about the same password (6.1.3, 6.3.4)."""
    typed = REFUSED[kind]
    token = company.token_of(company.invite("bo@example.com"))
    with pytest.raises(Invalid) as by_form:
        accept(company.core, token, {"first_name": "Bo", "last_name": "Berg", "password": typed})
    with pytest.raises(Invalid) as by_change:
        change_own_password(company.core, company.admin, old=PASSWORD, new=typed)
    with pytest.raises(Invalid) as by_set_up:
        Password.parse(typed, context=(company.admin_address, COMPANY))
    assert by_form.value.fields == by_change.value.fields == by_set_up.value.fields
    assert list(by_form.value.fields) == ["password"]


def test_there_is_no_other_way_to_a_password() -> None:
    """Passwords are judged and hashed in the listed modules alone, so a new way has to be added here (6.1.3)."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}

    def using(pattern: str) -> set[str]:
        return {name for name, text in texts.items() if re.search(pattern, text)}

    assert using(r"Password\.parse\(") == {
        "core/registration.py",
        "core/services/signing_in.py",
        "tui/cli/init.py",
        "tui/cli/made_up.py",  # the demo's made-up people
    }
    assert using(r"[Hh]asher(\(\))?\.hash\(") == {
        "core/services/accepting.py",
        "core/services/signing_in.py",
        "tui/cli/init.py",
        "tui/cli/made_up.py",
    }
    assert using("generate_password_hash") == {"core/ports.py"}


def test_each_reason_has_its_own_sentence() -> None:
    """Too short, too common and too obvious are told apart, so that the next try can be a better one (6.2.4)."""
    said = set()
    for typed in ("viol3t!", "password1", "OnlineAcademy1"):
        with pytest.raises(Invalid) as caught:
            parse_registration(
                {"first_name": "Bo", "last_name": "Berg", "password": typed},
                today=date(2026, 3, 2),
            )
        said.add(caught.value.fields["password"])
    assert len(said) == 3


def test_nothing_is_kept_to_age_or_to_hint() -> None:
    """No column holds a password's age, a hint, a question or an answer (6.2.10, 6.4.2)."""
    columns = {
        f"{each.name}.{column.name}" for each in Base.metadata.sorted_tables for column in each.columns
    }
    about = {
        name for name in columns if any(word in name for word in ("password", "hint", "question", "secret"))
    }
    assert about == {"users.password_hash"}


def test_a_fresh_database_has_no_account(core: Core) -> None:
    """Nobody can sign in before somebody has set the company up (6.3.2)."""
    with core.operator_look() as look:
        assert look.db.scalar(select(func.count()).select_from(User)) == 0


@sqlite_only
def test_a_hash_of_another_method_is_renewed_at_the_next_sign_in(core: Core, company: House) -> None:
    """Whoever signs in with the right password gets a hash of today's method, and nobody else does (11.4.2)."""
    company.register("bo@example.com")
    stronger = Hasher("scrypt:256:1:1")
    with Core(core.settings, replace(core.ports, hasher=stronger)) as later:
        with pytest.raises(WrongCredentials):
            sign_in(later, company.admin_address, "not the password", source="tests")
        sign_in(later, company.admin_address, company.password, source="tests")
        with later.operator_look() as look:
            hashes = dict(look.db.execute(select(User.address, User.password_hash)).all())
        assert not stronger.is_weak(hashes[company.admin_address])
        assert stronger.is_weak(hashes["bo@example.com"])
        sign_in(later, company.admin_address, company.password, source="tests")
