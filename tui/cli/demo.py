"""`academy demo`: a made-up company, everything running, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import click

from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from pathlib import Path

    from tui.cli.made_up import MadeUp

_FEWEST = 20  # the story needs somebody of each kind


@click.command()
@click.option(
    "--people", type=click.IntRange(1, 2_000_000), default=2000, show_default=True, help="How many people."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the page; any free one by default."
)
@click.option("--home", metavar="DIR", help="A folder to keep the company in.")
@click.option("--seed-only", is_flag=True, help="Make the company, print its sign-in as JSON and end.")
@json_option
def demo(*, people: int, port: int, home: str | None, seed_only: bool, as_json: bool) -> int:
    """Try everything with a made-up company; its folder is removed at the end unless --home names one.

    Without a terminal the whole story is played instead, and each step says what it checked.
    """
    from tui.cli.asking import has_screen

    if seed_only:
        return _seed(_kept(home), port, people)
    with _folder(home) as folder:
        if not has_screen():
            if people < _FEWEST:
                raise click.UsageError(f"The story takes {_FEWEST} people or more: leave --people out.")
            return _play(folder, port, people, as_json=as_json)
        return _show(folder, port, people, keep=home is not None)


def _kept(home: str | None) -> Path:
    """Return the folder to keep the company in; it stays."""
    import tempfile
    from pathlib import Path

    return Path(home or tempfile.mkdtemp(prefix="academy-demo-")).expanduser().absolute()


@contextmanager
def _folder(home: str | None) -> Iterator[Path]:
    """Lend the folder to keep the company in, or one that goes away with everything in it."""
    import signal
    import tempfile
    from pathlib import Path

    if home is not None:
        yield _kept(home)
        return
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryDirectory(prefix="academy-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _leave(_number: int, _frame: object) -> NoReturn:
    """End on SIGTERM through every block that still has to clean up."""
    raise SystemExit(128 + 15)


def _seed(folder: Path, port: int, people: int) -> int:
    from tui.cli.made_up import make_up, settings_for
    from tui.cli.output import write_json

    made = _told(make_up(settings_for(folder, port or 8000, {}), people), people)
    facts = {"company": made.company, "people": made.people, "home": str(folder)}
    write_json({"address": made.address, "password": made.password} | facts)
    return 0


def _play(folder: Path, port: int, people: int, *, as_json: bool) -> int:
    """Play the story; its mails are read as files, so no mail server is asked."""
    from core.core import Core
    from tui.cli.ending import DONE, REFUSED
    from tui.cli.made_up import make_up, settings_for
    from tui.cli.page import listen, page_of, port_of
    from tui.cli.story import play, tell_as_json, tell_as_text
    from tui.cli.story_parts import Story

    listening = listen("127.0.0.1", port)
    settings = settings_for(folder, port_of(listening), {})
    with ExitStack() as stack:
        stack.callback(listening.close)
        made = _told(make_up(settings, people), people)
        core = stack.enter_context(Core.open(settings))
        page = page_of(core, listening)
        page.start()
        stack.callback(page.stop)
        outcomes = play(Story(core, made))
        went_well = tell_as_json(outcomes) if as_json else tell_as_text(outcomes)
    return DONE if went_well else REFUSED


def _show(folder: Path, port: int, people: int, *, keep: bool) -> int:
    """Open the console with the page and the delivery of mails beside it; a dropped line leaves nothing either."""
    from tui.cli.terminal import prepare_terminal

    environment = dict(os.environ)
    prepare_terminal()
    from core.core import Core
    from tui.cli.delivering import delivering
    from tui.cli.made_up import make_up, settings_for
    from tui.cli.output import say
    from tui.cli.page import listen, page_of, port_of

    listening = listen("127.0.0.1", port)
    settings = settings_for(folder, port_of(listening), environment)
    with ExitStack() as stack:
        stack.callback(listening.close)
        say(f"Making up a company with {people:,} people in {folder} …")
        made = _told(make_up(settings, people), people)
        core = stack.enter_context(Core.open(settings))
        page = page_of(core, listening)
        page.start()
        stack.callback(page.stop)
        stack.enter_context(delivering(core))
        from tui.messages import SignInHint
        from tui.running import run_console

        hint = SignInHint(made.address, made.password)
        return run_console(settings, hint=hint, on_hang_up=None if keep else partial(_throw_away, folder))


def _throw_away(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _told(made: MadeUp, people: int) -> MadeUp:
    """Say so where a company that was there before is used."""
    from tui.cli.output import say

    if made.people != people:
        say(f"{made.company} was made up here before, with {made.people:,} people; it is used as it is.")
    return made
