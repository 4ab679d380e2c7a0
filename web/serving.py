"""Runs the page on waitress: threads, no access log, no version in the answers, a clear word when a port is taken."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from types import FrameType
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

from core.errors import Misconfigured
from web.logs import Event, log
from web.parsing import StrictChannel
from web.submits import AT_ONCE

THREADS = AT_ONCE + 8  # so pages are answered while submits wait for the hash gate
_IDLE_SECONDS = 30
_MOST_CONNECTIONS = 500  # slow and silent ones hold a socket, not a thread
_LONGEST_REQUEST = 1024 * 1024  # above the form's own limit, which answers with a page
_LONGEST_HEADERS = 32 * 1024
_PATIENCE = 10.0
_MOST_PORT = 65535


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; `port` 0 takes any free one (see `port_of`).

    Raises:
        Misconfigured: the port is in use or not allowed, or the host is none of this machine.
    """
    if not 0 <= port <= _MOST_PORT:
        raise Misconfigured(f"port {port}", f"a port is a number from 0 to {_MOST_PORT}.")
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family)
    except OSError as error:
        raise Misconfigured(f"port {port}", _reason(error, host, port)) from None


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"it is in use on {host}. Stop the program that holds it, or choose another: --port {min(port + 1, _MOST_PORT)}"
    if error.errno == errno.EACCES:
        return "this user may not listen on it. Choose one above 1023, such as --port 8000"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{host} is not an address of this machine. Choose --host 127.0.0.1, or 0.0.0.0 for all of them"
        )
    return f"{host} cannot be listened on: {error.strerror}."


def port_of(listening: socket.socket) -> int:
    """Return the port that a socket listens on."""
    return int(listening.getsockname()[1])


class PageServer:
    """The page on a listening socket. `start` and `stop` run it beside something else, `run` alone."""

    def __init__(self, app: Flask, listening: socket.socket, *, threads: int = THREADS) -> None:
        """Serve `app` with so many threads; the server owns the socket from now on."""
        self.host, self.port = listening.getsockname()[:2]
        self._sockets: dict[int, Any] = {}
        self._server: Any = create_server(
            app,
            map=self._sockets,
            sockets=[listening],
            threads=threads,
            ident=None,
            channel_timeout=_IDLE_SECONDS,
            connection_limit=_MOST_CONNECTIONS,
            max_request_body_size=_LONGEST_REQUEST,
            max_request_header_size=_LONGEST_HEADERS,
            clear_untrusted_proxy_headers=False,  # ProxyFix takes what the configured number of proxies wrote
        )
        self._server.channel_class = StrictChannel
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="page", daemon=True)

    @property
    def url(self) -> str:
        """Where the page is on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Answer requests from now on, in threads of its own."""
        self._thread.start()
        log(Event.STARTED, host=self.host, port=self.port)

    def stop(self) -> None:
        """Take no new requests, let those under way end, and give the port back."""
        server = self._server
        runs = self._thread.is_alive()
        if runs:
            server.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(server))
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=_PATIENCE)
        self._ending.set()
        if runs:
            server.pull_trigger()
            self._thread.join(_PATIENCE)
            log(Event.STOPPED, host=self.host, port=self.port)
        wasyncore.close_all(self._sockets)

    def _loop(self) -> None:
        """Wait for sockets, as the server's own `run` does, which can only be ended by a signal."""
        while not self._ending.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=self._sockets, count=1)

    def run(self) -> None:
        """Answer requests until SIGINT or SIGTERM; only from the main thread."""
        ended = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            del number, frame
            ended.set()

        earlier = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        self.start()
        try:
            ended.wait()
        finally:
            self.stop()
            for number, handler in earlier.items():
                signal.signal(number, handler)
