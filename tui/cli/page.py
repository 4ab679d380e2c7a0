"""The registration page for commands: the one module of this room that knows the web room."""

from __future__ import annotations

import socket
import sys
from urllib.parse import urlsplit

from core.core import Core
from web import create_app
from web.logs import log_to
from web.serving import PageServer, listen, port_of

__all__ = ["PageServer", "default_port", "listen", "log_to_stderr", "page_of", "port_of"]

_FALLBACK_PORT = 8000


def default_port(public_url: str) -> int:
    """Return the port to listen on where none is named: that of a public URL on this machine, else 8000."""
    parts = urlsplit(public_url)
    return parts.port or _FALLBACK_PORT if parts.scheme == "http" else _FALLBACK_PORT


def page_of(core: Core, listening: socket.socket) -> PageServer:
    """Return the page of `core` on a socket, which it owns from now on."""
    return PageServer(create_app(core), listening)


def log_to_stderr() -> None:
    """Write the page's events to stderr, one JSON object a line."""
    log_to(sys.stderr)
