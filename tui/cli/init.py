"""`academy init`: everything a host needs before anybody can sign in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.passwords import Password
    from core.settings import Settings


@click.command()
@click.option("--company", metavar="NAME", help="The company's name.")
@click.option("--admin", metavar="EMAIL", help="Address of the first Company Admin, who signs in with it.")
@click.option("--first-name", default="", help="The admin's first name.")
@click.option("--last-name", default="", help="The admin's last name.")
@click.option("--password-stdin", is_flag=True, help="Read the admin's password from standard input.")
@json_option
def init(
    *, company: str | None, admin: str | None, password_stdin: bool, as_json: bool, **names: str
) -> None:
    """Make data folder, key, database, company and its first Company Admin.

    Asks for what is missing. Running it again completes what was left half made and changes nothing else.
    """
    from core.ports import Hasher
    from core.registration import NAME_MOST
    from core.services.company import FirstAdmin, company_name, set_up
    from core.settings import Settings
    from core.values import Address, short_text
    from tui.cli.asking import ask
    from tui.cli.founding import founded

    settings = Settings.load()
    _refuse_if_set_up(settings)
    name = company_name(company if company is not None else ask("The company's name", "--company"))
    address = Address.parse(admin if admin is not None else ask("The first Company Admin's email", "--admin"))
    first, last = (
        short_text(names[field], field=field, label=label, most=NAME_MOST)
        for field, label in (("first_name", "First name"), ("last_name", "Last name"))
    )
    password = _password(from_stdin=password_stdin, context=(address.typed, name, first, last))
    admin_account = FirstAdmin(address, Hasher().hash(password), first, last)
    with founded(settings) as core, core.operator() as work:
        set_up(work, name=name, admin=admin_account)
    _tell(settings, name, address.typed, as_json=as_json)


def _refuse_if_set_up(settings: Settings) -> None:
    """Say so before anything is asked; what is half made is not a company yet.

    Raises:
        AlreadySetUp: the database has its company.
    """
    from core.core import Core
    from core.errors import AlreadySetUp, Misconfigured
    from core.reading.company import company

    with contextlib.suppress(Misconfigured), Core.open(settings) as core, core.operator_look() as look:
        raise AlreadySetUp(company(look).name)


def _password(*, from_stdin: bool, context: tuple[str, ...]) -> Password:
    """Return a password that may be used; a person is asked until it is one.

    Raises:
        Invalid: what came from standard input cannot be used.
    """
    from core.errors import Invalid
    from core.passwords import Password
    from tui.cli.asking import ask_password, read_password
    from tui.cli.output import say

    if from_stdin:
        return Password.parse(read_password(), context=context)
    while True:
        typed = ask_password("The admin's password", "--password-stdin")
        try:
            return Password.parse(typed, context=context)
        except Invalid as problem:
            say(problem.message)


def _tell(settings: Settings, company: str, address: str, *, as_json: bool) -> None:
    from core.mail.post import post_for
    from tui.cli.output import say, write, write_json

    if as_json:
        made: dict[str, Any] = {"company": company, "admin": address, "home": str(settings.home)}
        write_json(made | {"public_url": settings.public_url})
        return
    write(f"{company} is set up. Its first Company Admin is {address}.")
    say(
        f"Data folder: {settings.home}. Back it up together with the database; without its key no link works."
    )
    say(
        f"Links lead to {settings.public_url} (ACADEMY_PUBLIC_URL). Mails are {post_for(settings).describe()}."
    )
    say("Next:")
    say("  academy         open the console and sign in")
    say("  academy serve   serve the registration page and deliver mails")
    say("  academy doctor  check settings, files, database, mail and page")
