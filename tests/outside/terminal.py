"""A terminal of one's own for a program: a real pty, its screen kept by a terminal emulator, every byte counted."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

ENTER, ESCAPE, TAB = "\r", "\x1b", "\t"
PAGE_DOWN, DOWN = "\x1b[6~", "\x1b[B"
LONGEST_WAIT = 30.0
QUIET = 0.4
_CHUNK = 65_536
# Questions a program asks its terminal; the emulator would draw their last letters.
_QUESTIONS = re.compile(rb"\x1b\[\??[0-9;]*\$p|\x1b\[[<>=][0-9;]*u")
ENVIRONMENT = ("PATH", "HOME", "LANG", "USER", "LOGNAME")


class Terminal:
    """A program on a pty of its own, as a session of its own, the way sshd or a terminal window starts one."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        kind: str = "xterm-256color",
    ) -> None:
        """Start `command`.

        Args:
            command: program and arguments.
            size: columns and lines.
            environment: in addition to the little that every program needs.
            kind: the value of TERM.
        """
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.output = bytearray()
        self.master, slave = os.openpty()
        self._resize_pty(size)
        self.settings_before = termios.tcgetattr(slave)
        little = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - nothing else makes the pty the one that hangs up
            env={**little, "TERM": kind, **(environment or {})},
        )
        self._slave = slave

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(LONGEST_WAIT)
        self.hang_up()
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    # --- typing and looking ---------------------------------------------------------------------------------------

    def type(self, *texts: str) -> None:
        """Send texts in one write, as a fast or lagging connection does."""
        os.write(self.master, "".join(texts).encode())

    def read(self, seconds: float) -> bytes:
        """Return what the program writes next, nothing after `seconds` without any."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        if not ready:
            return b""
        try:
            data = os.read(self.master, _CHUNK)
        except OSError:  # the program has ended and nobody holds the other side
            return b""
        self.output += data
        self._stream.feed(_QUESTIONS.sub(b"", data))
        return data

    def wait(self, holds: Callable[[], bool], what: str = "") -> None:
        """Read until something holds.

        Raises:
            TimeoutError: with the screen, after half a minute.
        """
        end = time.monotonic() + LONGEST_WAIT
        while not holds():
            left = end - time.monotonic()
            if left <= 0 or (self.process.poll() is not None and not self.read(0)):
                if holds():
                    return
                raise TimeoutError(f"{what} never came:\n" + "\n".join(self.lines))
            self.read(min(left, 0.1))

    def wait_for(self, text: str) -> None:
        """Read until the screen shows `text`."""
        self.wait(lambda: text in self.text, text)

    def wait_without(self, text: str) -> None:
        """Read until the screen no longer shows `text`."""
        self.wait(lambda: text not in self.text, f"a screen without {text}")

    def settle(self, seconds: float = QUIET) -> bytes:
        """Read until nothing comes for `seconds`; return what came."""
        start = len(self.output)
        while self.read(seconds):
            pass
        return bytes(self.output[start:])

    def press(self, *keys: str) -> bytes:
        """Type and settle; return what came back."""
        self.settle(0.05)
        self.type(*keys)
        return self.settle()

    @property
    def lines(self) -> list[str]:
        """The screen's lines, blanks at their ends cut off."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    # --- the outside world ----------------------------------------------------------------------------------------

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self.screen.resize(lines, columns)
        self._resize_pty((columns, lines))

    def hang_up(self) -> None:
        """Let the connection drop: the kernel tells the program's session."""
        for name in ("_slave", "master"):
            if getattr(self, name, -1) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def settings_now(self) -> list[object]:
        """Return the line settings of the terminal, to compare with `settings_before`."""
        return termios.tcgetattr(self._slave)

    def end(self) -> int:
        """Wait for the program to end by itself; return its exit code."""
        end = time.monotonic() + LONGEST_WAIT
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        code = self.process.wait(0.1)
        self.settle(0.05)
        return code

    def _resize_pty(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
