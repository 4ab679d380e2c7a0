"""A mail server that takes every envelope, keeps it, and answers the mail itself as it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """A running mail server.

    Attributes:
        offers: what it says to EHLO. heard: MAIL and RCPT lines. mails: what came, as sent.
        answer: what it says to a mail, made from the mail. asked: set once a mail was answered.
    """

    daemon_threads = True

    def __init__(self, *offers: str, answer: Callable[[str], str] = lambda _: "250 taken") -> None:
        """Listen on a port of its own."""
        super().__init__(("127.0.0.1", 0), _Talk)
        self.offers = ["mail.example.com", *offers]
        self.answer = answer
        self.heard: list[str] = []
        self.mails: list[str] = []
        self.asked = threading.Event()

    @property
    def url(self) -> str:
        """Its address, as ACADEMY_SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        """Talk until the other side says goodbye."""
        self._say("220 mail.example.com")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word in {"MAIL", "RCPT"}:
                self.server.heard.append(line)
            if word == "EHLO":
                self._say("\r\n".join([*("250-" + each for each in self.server.offers), "250 HELP"]))
            elif word == "DATA":
                self._say("354 go on")
                self._take("".join(iter(lambda: self.rfile.readline().decode(), ".\r\n")))
            else:
                self._say("221 bye" if word == "QUIT" else "250 ok")

    def _take(self, mail: str) -> None:
        self.server.mails.append(mail)
        self._say(self.server.answer(mail))
        self.server.asked.set()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running(server: MailServer) -> Iterator[MailServer]:
    """Let a mail server run."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with server:
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
