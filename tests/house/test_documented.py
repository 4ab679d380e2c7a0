"""The README knows every setting, every command and every key."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import click
import pytest

from tests.house.sources import ROOT, docstrings, sources
from tui import keys
from tui.cli.main import main


def _commands(group: click.Group, path: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        elif command is not None and not command.hidden:
            yield f"{path} {name}"


def _settings() -> set[str]:
    """Return every text in core/settings.py that is the name of a setting."""
    [source] = [source for source in sources("core") if source.name == "core/settings.py"]
    prose = docstrings(source.tree)
    texts = [
        node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and node not in prose
    ]
    return {
        text for text in texts if isinstance(text, str) and text.startswith("ACADEMY_") and text.isupper()
    } - {"ACADEMY_"}


@pytest.fixture(scope="module")
def readme() -> str:
    """Return the README."""
    return (ROOT / "README.md").read_text("utf-8")


def test_every_setting_is_in_the_readme(readme: str) -> None:
    """Each environment variable that the settings read is explained in the README."""
    settings = _settings()
    assert {"ACADEMY_HOME", "ACADEMY_DATABASE_URL", "ACADEMY_PUBLIC_URL"} <= settings
    assert not {name for name in settings if f"`{name}`" not in readme}


def test_every_command_is_in_the_readme(readme: str) -> None:
    """Each command that `academy` knows is shown in the README."""
    commands = list(_commands(main, "academy"))
    assert "academy init" in commands
    assert not [command for command in commands if command not in readme]


def _keys_of_the_console(readme: str) -> set[str]:
    """Return what stands in the first column of the README's first table of keys."""
    table = readme.partition("\n| key | does |\n")[2].partition("\n\n")[0]
    cells = [line.replace("\\|", "BAR").split("|")[1] for line in table.splitlines()]
    words = " ".join(cells[1:]).replace("BAR", "|")
    spans = re.findall("`([^`]+)`", words)
    plain = re.sub("`[^`]+`", " ", words).replace(",", " ").split()
    return {*(span.split()[0] for span in spans), *plain}


def test_the_keys_of_the_readme_are_those_of_the_console(readme: str) -> None:
    """Every key that the help shows is in the README, and every key of the README is one of them."""
    told = _keys_of_the_console(readme)
    commands = {command.shown for command in keys.COMMANDS if command.shown}
    names = {f":{command.name}" for command in keys.COMMANDS}
    moving = {key for shown, _does in keys.MOVING for key in shown.split()}
    assert {"Enter", "|", "Ctrl+P"} <= told
    assert not commands - told
    assert not told - commands - names - moving - {"arrows", "Shift+arrows"}


def test_every_command_has_help() -> None:
    """Each command says in one line what it does."""
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    assert not [
        name for name, command in commands.items() if command is None or not command.get_short_help_str()
    ]
