"""`academy import`: bulk invitations from a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import in_language
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from core.core import Core
    from core.importing import Detected, Row
    from core.roles import Role
    from core.services.inviting import Offer
    from core.tally import Tally
    from core.work import Look, Work
    from tui.cli.refused_rows import RefusedRows

PIPE = "-"


def roles_named(context: click.Context, parameter: click.Parameter, names: Sequence[str]) -> list[Role]:
    """Return the roles that were typed.

    Raises:
        click.BadParameter: there is none of that name; lists what there is.
    """
    from tui.cli.invite import role_named

    return [role_named(context, parameter, name) for name in names]


@click.command("import")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE",
    callback=roles_named,
    help="Learner where none is given; of several the highest, which includes the others.",
)
@click.option("--department", metavar="NAME", help="For all of them.")
@click.option("--group", "groups", metavar="NAME", multiple=True, help="For all of them; may be repeated.")
@click.option("--create", is_flag=True, help="Make the department and groups that do not exist yet.")
@click.option("--days", type=int, help="How long the links live, 1 to 90 days.")
@in_language
@click.option("--renew", is_flag=True, help="Replace open invitations instead of skipping them.")
@click.option("--preview", is_flag=True, help="Say what would happen; nothing is written.")
@click.option(
    "--rejects",
    metavar="FILE",
    help="Write the rows with errors there, each under its reason; once mended, that file imports as is.",
)
@yes_option
@json_option
def import_people(  # noqa: PLR0913 - click hands over one argument for each option
    *,
    file: str,
    roles: Sequence[Role],
    department: str | None,
    groups: Sequence[str],
    create: bool,
    days: int | None,
    language: str,
    renew: bool,
    preview: bool,
    rejects: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Invite everybody in a file, one address per line; `-` reads standard input.

    All of it happens or nothing. Rows that need no invitation are skipped, rows with errors are told with their
    reason, the rest is invited.
    """
    from core.services.inviting import Offer
    from tui.cli.opening import opened_core
    from tui.cli.outcome import exit_code_of_import, tell_outcome
    from tui.cli.refused_rows import kept_rows

    role = _highest(roles)
    source = Source(file)
    places = Places(department, tuple(dict.fromkeys(groups)), create=create)
    with opened_core() as core, kept_rows(rejects, source=file, yes=yes) as refused:
        offer = Offer(role, days=days, language=language)
        tally = _run(core, source, offer, places, refused, renew=renew, preview=preview)
        refused.place_rejects()
        tell_outcome(tally, source.detected, refused, core.ports.post.describe(), as_json=as_json)
    return exit_code_of_import(tally)


def _highest(roles: Sequence[Role]) -> Role:
    """Return the role to give: the highest, which includes the others (R16); Learner without any (R23)."""
    from core.roles import Role
    from tui.cli.output import say

    role = max(roles, default=Role.LEARNER)
    others = ", ".join(each.label for each in sorted(set(roles), reverse=True) if each != role)
    if others:
        say(f"Of several roles the highest is given: {role.label}, which includes {others}.")
    return role


class Source:
    """The lines of a file or of standard input, opened only when the first of them is asked for."""

    def __init__(self, file: str) -> None:
        """Name it; `-` is standard input."""
        self._file = file
        self._detected: Detected | None = None

    @property
    def detected(self) -> Detected:
        """What was found out; known once the lines are taken."""
        if self._detected is None:
            raise RuntimeError("the lines were not read")
        return self._detected

    def rows(self) -> Generator[Row, None, None]:
        """Yield the lines with content.

        Raises:
            UnreadableFile: it is not there, is no text, or was changed while it was read.
        """
        from core.importing import name_of, open_source
        from tui.cli.output import say

        if self._file != PIPE:
            with open_source(self._file) as opened:
                yield from self._read(opened, name_of(self._file))
            return
        if sys.stdin.isatty():
            say("One address per line; end with Ctrl-D on a line of its own.")
        yield from self._read(sys.stdin.buffer, "Standard input")

    def _read(self, stream: BinaryIO, name: str) -> Generator[Row, None, None]:
        from core.importing import read

        reading = read(stream, name=name)
        yield from reading
        self._detected = reading.detected


class Places:
    """The department and learning groups that were named."""

    def __init__(self, department: str | None, groups: tuple[str, ...], *, create: bool) -> None:
        """Hold the names; `create` makes those that do not exist."""
        self._department = department
        self._groups = groups
        self._create = create

    def check(self, look: Look) -> None:
        """Go on only where every place exists or may be made.

        Raises:
            Missing: listing what there is.
        """
        if not self._create:
            self.known_to(look)

    def known_to(self, look: Look) -> tuple[int | None, tuple[int, ...]]:
        """Return the ids of those that exist.

        Raises:
            Missing: one does not, and making it was not wished.
        """
        from core.selection import department_named, group_named

        department = self._find(look, department_named, self._department) if self._department else None
        groups = [self._find(look, group_named, name) for name in self._groups]
        return department, tuple(dict.fromkeys(found for found in groups if found is not None))

    def made_in(self, work: Work) -> tuple[int | None, tuple[int, ...]]:
        """Return the ids of all of them; those that do not exist are made where that was wished.

        Raises:
            Missing: one does not exist, and making it was not wished. Invalid: it cannot have that name.
        """
        from core.selection import department_named, group_named
        from core.services.places import add_department, add_group

        if self._create:
            if self._department and self._find(work, department_named, self._department) is None:
                add_department(work, self._department)
            for name in self._groups:
                if self._find(work, group_named, name) is None:
                    add_group(work, name)
        return self.known_to(work)

    def _find(self, look: Look, named: Callable[[Session, str], int], name: str) -> int | None:
        from core.errors import Missing

        try:
            return named(look.db, name)
        except Missing:
            if self._create:
                return None
            raise


def _run(
    core: Core,
    source: Source,
    offer: Offer,
    places: Places,
    refused: RefusedRows,
    *,
    renew: bool,
    preview: bool,
) -> Tally:
    """Import in one transaction; the file is read before it begins, so that nobody waits for a slow pipe."""
    from dataclasses import replace

    from core.services.inviting import StagedLines, invite_many
    from tui.cli.progress import Progress

    with core.operator_look() as look:
        places.check(look)
    with closing(source.rows()) as rows, Progress() as progress:
        staged = StagedLines(rows, offer, progress=progress)
        door = core.operator_plan if preview else core.operator
        with door(first=staged.stage) as work:
            department, groups = places.known_to(work) if preview else places.made_in(work)
            tally = invite_many(
                work,
                staged,
                replace(offer, department_id=department, group_ids=groups),
                renew=renew,
                preview=preview,
                each_refused=refused.keep,
                progress=progress,
            )
            refused.write_rejects()
    return tally
