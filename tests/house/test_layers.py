"""Who may know whom: the import contracts, and the same once more at run time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.sources import ROOT, imported_modules, sources

HELP = """
import sys
from tui.cli.main import main
sys.argv = ["academy", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code
"""


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _loaded_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after `statement`."""
    report = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}), sep='\\n')"
    return set(_run(sys.executable, "-c", f"{statement}\n{report}").splitlines())


@pytest.mark.slow
def test_the_import_contracts_are_kept() -> None:
    """Import-linter finds every contract of pyproject.toml kept."""
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    assert "0 broken" in _run(sys.executable, "-c", code)


def test_loading_all_of_core_loads_no_front_end() -> None:
    """A Python that has imported every module of core has loaded neither Flask nor Textual nor Click."""
    modules = [source.module for source in sources("core")]
    loaded = _loaded_after(f"import {', '.join(modules)}")
    assert "sqlalchemy" in loaded
    assert not loaded & {"flask", "textual", "click", "wtforms", "flask_wtf", "waitress", "tui", "web"}


def test_help_loads_neither_the_console_nor_the_database() -> None:
    """`academy --help` answers without importing Textual, SQLAlchemy, Flask or Alembic."""
    loaded = _loaded_after(HELP)
    assert "click" in loaded
    assert not loaded & {"textual", "sqlalchemy", "flask", "alembic"}


def test_migrations_import_nothing_of_ours() -> None:
    """A migration never changes with the code, because it imports none of it."""
    ours = [
        (source.at(node), name)
        for source in sources("migrations")
        for node, name in imported_modules(source.tree)
        if name.partition(".")[0] in {"core", "tui", "web", "tests"}
    ]
    assert not ours
