"""Delivering mails and running tasks for as long as a process runs: alone, or beside the page and the console."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.core import Core
from core.errors import Problem
from core.reading.mail import LineRow
from core.services.mailing import Delivery, run_forever
from core.services.tasks import TaskRun, run_tasks_forever
from tui.cli.output import number_of, say

_PATIENCE = 10.0

Report = Callable[[Delivery | Problem | TaskRun], None]


def sentence_of(delivery: Delivery) -> str:
    """Return what a run did, for people."""
    if delivery.is_empty:
        return "No mail is due."
    told = f"{number_of(delivery.sent, 'mail')} sent, {delivery.failed} failed, {delivery.retried} put off"
    dropped = f", {delivery.dropped} no longer wanted" if delivery.dropped else ""
    paused = f" Delivery pauses: {delivery.paused}" if delivery.paused else ""
    resume = " Once that is mended: academy mail resume" if delivery.is_line_paused else ""
    return f"{told}{dropped}.{paused}{resume}"


def line_sentence(line: LineRow) -> str:
    """Return how the line of mails stands, for people."""
    rate = "" if line.per_minute is None else f" At most {number_of(line.per_minute, 'mail')} a minute."
    if not line.paused:
        return f"Mails leave as they are due.{rate}"
    reason = f": {line.reason.rstrip('.')}" if line.reason else ""
    return f"Delivery is paused{reason}. Let mails leave: academy mail resume.{rate}"


def say_what_happened(news: Delivery | Problem | TaskRun) -> None:
    """Say a run or a problem on stderr."""
    if isinstance(news, TaskRun):
        say(f"{news.name}: {news.result}")
    else:
        say(news.message if isinstance(news, Problem) else sentence_of(news))


def deliver_until_stopped(core: Core) -> int:
    """Deliver until SIGINT or SIGTERM, which let the mail under way end; only from the main thread.

    Returns:
        The exit code.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _beside("tasks", run_tasks_forever, core, stop, say_what_happened):
        run_forever(core, stop, report=say_what_happened)
    return 0


@contextmanager
def delivering(core: Core, report: Report = lambda _: None) -> Iterator[None]:
    """Deliver and run tasks for the length of a block; what is under way ends before the block does."""
    stop = threading.Event()
    with (
        _beside("mail", run_forever, core, stop, report),
        _beside("tasks", run_tasks_forever, core, stop, report),
    ):
        yield


@contextmanager
def _beside(
    name: str, loop: Callable[..., None], core: Core, stop: threading.Event, report: Report
) -> Iterator[None]:
    """Run a loop in a thread of its own for the length of a block, so that no loop waits for another."""
    thread = threading.Thread(
        target=loop, args=(core, stop), kwargs={"report": report}, name=name, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_PATIENCE)
