"""`academy serve`: the registration page on a production server, with the mails delivered and the tasks run beside it."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; that of the public URL, else 8000."
)
def serve(*, host: str, port: int | None) -> int:
    """Serve the registration page, deliver mails and run tasks, until SIGINT or SIGTERM."""
    from tui.cli.delivering import delivering, say_what_happened
    from tui.cli.opening import opened_core
    from tui.cli.output import say
    from tui.cli.page import default_port, listen, log_to_stderr, page_of

    with opened_core() as core:
        url = core.settings.public_url
        page = page_of(core, listen(host, default_port(url) if port is None else port))
        log_to_stderr()
        say(f"The page answers at {page.url}; links lead to {url}. Mails are {core.ports.post.describe()}.")
        with delivering(core, say_what_happened):
            page.run()
        say("The page has stopped.")
    return 0
