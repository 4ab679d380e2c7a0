"""The made-up company of `academy demo` and how to sign in to it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.core import Core
from core.errors import Misconfigured
from core.passwords import Password
from core.services.seeding import seed
from core.settings import Settings
from tui.cli.founding import founded

_WORDS = (
    "amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "heron", "ivory", "jetty", "kiosk", "lotus",
    "maple", "north", "ocean", "pearl", "quartz", "river", "slate", "tulip", "umber", "velvet", "willow", "zephyr",
)  # fmt: skip
_KEPT = ("ACADEMY_SMTP_URL", "ACADEMY_MAIL_FROM", "ACADEMY_SIGN_IN_URL")


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A sign-in to a made-up company; everybody in it has the same password."""

    company: str
    address: str
    people: int
    password: str = field(repr=False)


def settings_for(home: Path, port: int, environment: Mapping[str, str]) -> Settings:
    """Return settings for a made-up company: nothing of the host's own but where mails go and where sign-in is.

    Raises:
        Misconfigured: one of these is wrong.
    """
    chosen = {name: environment[name] for name in _KEPT if environment.get(name)}
    own = {"ACADEMY_HOME": str(home), "ACADEMY_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    return Settings.load(own | chosen)


def make_up(settings: Settings, people: int) -> MadeUp:
    """Return the made-up company in a folder; one that was made there before stays as it is.

    Raises:
        AlreadySetUp: the folder belongs to a real company.
    """
    note = settings.home / "demo.json"
    made = _read(note)
    if made is None:
        password = f"{secrets.choice(_WORDS)} {secrets.choice(_WORDS)} {1000 + secrets.randbelow(9000)}"
        with founded(settings) as core:
            made = _seed(core, password, people)
        _write(note, made)
    return made


def _seed(core: Core, password: str, people: int) -> MadeUp:
    password_hash = core.ports.hasher.hash(Password.parse(password))
    with core.operator() as work:
        seeded = seed(work, people=people, password_hash=password_hash)
    return MadeUp(seeded.company, seeded.address, seeded.people, password)


def _read(note: Path) -> MadeUp | None:
    try:
        found: dict[str, Any] = json.loads(note.read_text("utf-8"))
        return MadeUp(**found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        raise Misconfigured(str(note), "the sign-in cannot be read. Choose another --home.") from None


def _write(note: Path, made: MadeUp) -> None:
    facts = {
        "company": made.company,
        "address": made.address,
        "people": made.people,
        "password": made.password,
    }
    handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file)
