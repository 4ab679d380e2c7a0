"""The page behind nginx, as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from flask import Flask

from core.core import Core
from core.ports import Links
from tests.outside import nginx
from tests.people import House
from web import create_app
from web.logs import log_to, stop_logging_to
from web.serving import PageServer, listen, port_of


@dataclass
class Site:
    """The page behind nginx.

    Attributes:
        log: what the page writes down. app, server: the page itself, to be changed or stopped.
    """

    house: House
    proxy: nginx.Proxy
    log: StringIO
    app: Flask
    server: PageServer

    def token(self, address: str = "bo@example.com") -> str:
        """Invite somebody and return the token in the link."""
        return self.house.token_of(self.house.invite(address))

    def events(self) -> list[dict[str, Any]]:
        """Return what the page has written down."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@contextmanager
def behind_nginx(house: House, folder: Path) -> Iterator[Site]:
    """Run the page with one proxy in front of it, whose files go into a new `folder`."""
    log, core = StringIO(), house.core
    with ExitStack() as running:
        listening = running.enter_context(listen("127.0.0.1", 0))
        proxy = running.enter_context(nginx.running(folder, port_of(listening)))
        settings = replace(core.settings, public_url=proxy.url, proxy_hops=1)
        ports = replace(core.ports, links=Links.load(settings.key_file, proxy.url))
        running.callback(stop_logging_to, log_to(log))
        app = create_app(running.enter_context(Core(settings, ports)))
        server = PageServer(app, listening)
        server.start()
        running.callback(server.stop)
        yield Site(house, proxy, log, app, server)
