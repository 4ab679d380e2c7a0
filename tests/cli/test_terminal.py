"""Before the console opens: the terminal must do, and the environment must not do anything."""

from __future__ import annotations

import pytest

from tests.cli.running import COMMAND, Host
from tests.outside.terminal import Terminal
from tui.cli.terminal import scrub


def test_nothing_in_the_environment_loads_code_or_starts_programs() -> None:
    """Variables that load modules, write files, press keys or name programs are removed; the rest stays."""
    environment = {
        "TEXTUAL_DRIVER": "evil:Driver",
        "TEXTUAL_LOG": "/srv/x",
        "TEXTUAL_PRESS": "q",
        "PYTHONSTARTUP": "x.py",
        "BROWSER": "lynx",
        "EDITOR": "vi",
        "VISUAL": "vi",
        "PAGER": "less",
        "LESSOPEN": "|x",
        "SHELL": "/bin/sh",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "ACADEMY_HOME": "/srv/academy",
        "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22",
    }
    scrub(environment)
    assert environment == {
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "ACADEMY_HOME": "/srv/academy",
        "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "kind", "told"),
    [
        ((79, 24), "xterm-256color", "This terminal has 79 columns and 24 lines"),
        ((80, 23), "xterm-256color", "This terminal has 80 columns and 23 lines"),
        ((80, 24), "dumb", "TERM=dumb"),
    ],
)
def test_a_terminal_that_will_not_do_is_refused_in_a_sentence(
    fresh: Host, size: tuple[int, int], kind: str, told: str
) -> None:
    """A terminal that is too small or cannot move its cursor gets one sentence, no escape sequence, and exit code 2."""
    with Terminal(COMMAND, size=size, kind=kind, environment=fresh.own_environment) as terminal:
        assert terminal.end() == 2
        assert told in " ".join(terminal.lines).replace("  ", " ")
        assert b"\x1b" not in terminal.output


@pytest.mark.slow
def test_a_demo_in_a_small_terminal_makes_nothing_up(fresh: Host) -> None:
    """The demo looks at its terminal before it makes up a company."""
    words = (*COMMAND, "demo", "--home", fresh.environment["ACADEMY_HOME"])
    with Terminal(words, size=(60, 20), environment=fresh.own_environment) as terminal:
        assert terminal.end() == 2
    assert fresh("users").code == 1
