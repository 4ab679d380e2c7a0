"""How commands end: the promised exit codes, a sentence or an object, never a traceback."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import StatementError

from core.errors import (
    AlreadySetUp,
    Busy,
    DatabaseAway,
    Invalid,
    Misconfigured,
    Missing,
    PostError,
    Problem,
    Setback,
    SignedOut,
)
from core.settings import Settings
from core.tally import Tally, Verdict
from tests.cli.running import COMMAND, ROOT, Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.ending import Stopped, ended, exit_code_after, exit_code_of
from tui.cli.main import COMMANDS


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (SignedOut(), 1),
        (AlreadySetUp("Engine Works"), 1),
        (Missing("user", "bo@example.com"), 1),
        (Misconfigured("ACADEMY_HOME", "it is gone."), 1),
        (Invalid({"days": "Too many."}), 2),
        (Busy(), 75),
        (DatabaseAway("no answer"), 75),
        (PostError(Setback.AWAY, "no answer"), 75),
        (PostError(Setback.PAUSE, "wrong password"), 1),
    ],
)
def test_each_kind_of_problem_has_its_exit_code(problem: Problem, code: int) -> None:
    """A refusal ends with 1, what cannot be meant with 2, what may be tried again with 75."""
    assert exit_code_of(problem) == code


@pytest.mark.parametrize(("done", "refused", "code"), [(2, 0, 0), (0, 0, 0), (2, 1, 3), (0, 1, 1)])
def test_a_run_over_many_ends_with_what_was_done(done: int, refused: int, code: int) -> None:
    """All done ends with 0, some with 3, nothing in spite of a wish with 1."""
    verdict = Verdict("bo@example.com", "already_user", "There is one.", skips=True)
    assert exit_code_after(Tally(done, (verdict,) * refused)) == code


def _raising(error: BaseException) -> int:
    raise error


def test_an_interrupted_command_ends_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl+C ends with 130 and says nothing."""
    assert ended(lambda: _raising(click.Abort()), as_json=False) == 130
    assert capsys.readouterr() == ("", "")


def test_a_stopped_command_says_why_in_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """A reason is a sentence on stderr, or with --json an object on stdout and nothing else."""
    stopped = Stopped("no_terminal", "There is no terminal.", exit_code=2)
    assert ended(lambda: _raising(stopped), as_json=False) == 2
    assert capsys.readouterr() == ("", "There is no terminal.\n")
    assert ended(lambda: _raising(stopped), as_json=True) == 2
    assert capsys.readouterr() == ('{"error": "no_terminal", "message": "There is no terminal."}\n', "")


def test_a_mistake_of_ours_is_written_down_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected error ends with 1 and one line; its traceback is in a file for the owner, without bound values."""
    monkeypatch.setenv("ACADEMY_HOME", str(tmp_path))
    error = StatementError("broken", "INSERT …", {"password_hash": "scrypt:secret"}, ValueError("bad"))
    assert ended(lambda: _raising(error), as_json=False) == 1
    [path] = tmp_path.glob("crash-*.log")
    told = capsys.readouterr().err
    assert told == f"The command stopped because of a mistake in it. Details are in {path}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Traceback" in path.read_text()
    assert "scrypt:secret" not in path.read_text()


@sqlite_only
@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("nonsense",), 2, "usage"),
        (("users", "--nonsense"), 2, "usage"),
        (("users", "rolle:trainer"), 2, "invalid_filter"),
        (("show", "nobody@example.com"), 1, "missing"),
        (("show", "nobody"), 2, "invalid_address"),
        (("mail", "list", "--state", "lost"), 2, "usage"),
        (("mail", "retry", "77"), 1, "missing"),
    ],
)
def test_a_refused_command_says_the_same_in_both_ways(
    house: House, host: Host, words: tuple[str, ...], code: int, error: str
) -> None:
    """Without --json a sentence is on stderr and stdout is empty, with it an object with code and sentence is on stdout."""
    plain, scripted = host(*words), host(*words, "--json")
    assert (plain.code, plain.out, scripted.code, scripted.err) == (code, "", code, "")
    assert scripted.json["error"] == error
    assert scripted.json["message"] in plain.err.replace("\n", " ")


@sqlite_only
@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("ACADEMY_DATABASE_URL", "mysql://x", "must start with"),
        ("ACADEMY_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", "does not answer"),
        ("ACADEMY_PUBLIC_URL", "http://join.example.com", "https://"),
        ("ACADEMY_PROXY_HOPS", "many", "whole number"),
        ("ACADEMY_HOME", "/dev/null/data", "/dev/null/data"),
    ],
)
def test_a_wrong_setting_is_named(host: Host, setting: str, value: str, told: str) -> None:
    """Each wrong setting stops every command with a sentence, and a database that is away asks to try again."""
    wrong = Host({**host.environment, setting: value})
    if setting == "ACADEMY_HOME":
        wrong = Host({setting: value})
    ran = wrong("users")
    assert ran.code == (75 if "answer" in told else 1)
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_database_that_is_not_there_is_not_made(fresh: Host, tmp_path: Path) -> None:
    """A command on a host without a database says how to set it up and makes nothing."""
    for words in (("users",), ("db", "upgrade"), ("mail", "send")):
        ran = fresh(*words)
        assert (ran.code, "academy init" in ran.err) == (1, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("found", "told"), [("9999", "newer"), ("0000", "academy db upgrade")])
def test_a_database_of_another_age_is_refused(host: Host, settings: Settings, found: str, told: str) -> None:
    """A schema that is too new or too old stops a command with what to do about it."""
    engine = create_engine(settings.database_url.reveal())
    with engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    ran = host("users")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": before})
    engine.dispose()
    assert (ran.code, told in ran.err) == (1, True)


@sqlite_only
def test_a_database_of_today_needs_no_upgrade(host: Host) -> None:
    """Upgrading a database that is up to date says so and names the schema twice in JSON."""
    assert "nothing was changed" in host("db", "upgrade").out
    revisions = host("db", "upgrade", "--json").json
    assert revisions["from"] == revisions["to"]


@sqlite_only
@pytest.mark.slow
def test_a_locked_database_asks_to_try_again(house: House, host: Host, settings: Settings) -> None:
    """While another program holds the write lock, a change ends with 75 and a reading command works."""
    url = settings.database_url.reveal()
    hasty = Host({**host.environment, "ACADEMY_DATABASE_URL": f"{url}?timeout=0.2"})
    lock = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    ran = hasty("invite", "bo@example.com")
    reading = hasty("users", "--json")
    lock.close()
    assert (ran.code, "try again" in ran.err, reading.code) == (75, True, 0)


def test_every_command_has_a_page_of_help(fresh: Host) -> None:
    """`--help` of each command answers without a data folder, naming the command."""
    for name in COMMANDS:
        ran = fresh(name, "--help")
        assert (ran.code, f"academy {name}" in ran.out) == (0, True)


@pytest.mark.slow
def test_the_console_without_a_terminal_is_refused(fresh: Host) -> None:
    """`academy` alone, with pipes instead of a terminal, ends with 2 and a sentence."""
    ran = fresh.process()
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err


@sqlite_only
@pytest.mark.slow
def test_a_full_disk_is_said_and_is_no_mistake_of_ours(house: House, host: Host) -> None:
    """Results that find no room end a command with 1 and the reason; no file with details is written."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = subprocess.run(
            (*COMMAND, "users", "--json"),
            cwd=ROOT,
            env=host.whole_environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode, "No space left" in ran.stderr) == (1, True)
    assert not list(house.core.settings.home.glob("crash-*"))


@sqlite_only
@pytest.mark.slow
def test_a_reader_that_goes_away_causes_no_noise(house: House, host: Host) -> None:
    """When the program behind a pipe ends early, a command ends without a word."""
    for number in range(3):
        house.register(f"bo{number}@example.com")
    writer = subprocess.Popen(
        (*COMMAND, "users"),
        cwd=ROOT,
        env=host.whole_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stderr is not None
    told = writer.stderr.read()
    writer.stderr.close()
    writer.wait(30)
    assert "Traceback" not in told


@sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sender_that_is_told_to_stop_ends_well(house: House, host: Host, number: signal.Signals) -> None:
    """`academy mail send --forever` delivers what is there and ends with 0 on SIGINT and SIGTERM."""
    house.invite("bo@example.com")
    with host.start("mail", "send", "--forever") as process:
        assert process.stderr is not None
        told = [next(process.stderr), next(process.stderr)]
        process.send_signal(number)
        assert process.wait(30) == 0
    assert told[1] == "1 mail sent, 0 failed, 0 put off.\n"
