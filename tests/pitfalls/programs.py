"""`academy serve` as a process of its own."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

from tests.cli.running import COMMAND, ROOT, Host


@dataclass
class Serving:
    """`academy serve` as a process, and all that it says."""

    process: subprocess.Popen[bytes]
    said: BytesIO = field(default_factory=BytesIO)
    started: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> None:
        """Keep what it says until it ends; runs in a thread of its own."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.write(line)
            told = re.search(rb'"event": "page.started".*"port": (\d+)', line)
            if told:
                self.port = int(told[1])
                self.started.set()


@contextmanager
def serving(host: Host) -> Iterator[Serving]:
    """Lend the running page with its delivery of mails; both have ended when the block is left."""
    one = Serving(
        subprocess.Popen(
            (*COMMAND, "serve", "--port", "0"),
            cwd=ROOT,
            env=host.whole_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    )
    thread = threading.Thread(target=one.listen)
    thread.start()
    try:
        assert one.started.wait(60)
        yield one
    finally:
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(60)
        thread.join()
        if one.process.stdout is not None:
            one.process.stdout.close()
