"""An import tells the truth: its numbers are those of the database, whatever the file is like (R18, D3, D4)."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

from hypothesis import example, given
from hypothesis import strategies as st

from core.core import Core
from core.errors import UnreadableFile
from core.importing import Reject, read, write_rejects
from core.models import AuditEvent, Invitation, OutboxMail, User
from core.services.inviting import Offer, StagedLines, invite_many
from core.tally import Tally, Verdict
from tests.people import House
from tests.properties.effort import effort
from tests.services import rows

KNOWN = ("ada@example.com", "user@example.com", "gone@example.com", "open@example.com")
LOCALS = st.integers(0, 9999).map("p{}".format) | st.sampled_from(
    ["bo", "BO", "cy", "di.di", "é", "o'neil", "x y", "", '"q"', "a" * 70]
)
DOMAINS = st.sampled_from(
    ["example.com", "Example.COM", "bücher.example", "xn--bcher-kva.example", "nowhere", ""]
)
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS) | st.sampled_from(KNOWN)
CONTENTS = (
    ADDRESSES
    | st.sampled_from(
        ["email", "# aside", "", " ", ";;", '"', '"bo@example.com"', "Bo <bo@example.com>", "\0", "\x1a"]
    )
    | st.text(max_size=12)
)
LINES = st.builds(
    "{}{}{}".format, st.sampled_from(["", " ", "\u200b"]), CONTENTS, st.sampled_from(["", ";", ",y", "\t"])
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXTS = st.builds(
    lambda lines, end, encoding: end.join(lines).encode(encoding, "replace"),
    st.lists(LINES, max_size=25),
    ENDS,
    ENCODINGS,
)
FILES = TEXTS | st.binary(max_size=200) | st.builds(bytes.__add__, TEXTS, st.binary(max_size=8))


def run(house: House, file: bytes, *, renew: bool, preview: bool) -> tuple[Tally, list[Verdict]]:
    """Import a file as the admin; return the tally and every row that was not done."""
    refused: list[Verdict] = []
    staged = StagedLines(read(BytesIO(file)), Offer())
    with house.core.work(house.admin, first=staged.stage) as work:
        tally = invite_many(work, staged, Offer(), renew=renew, preview=preview, each_refused=refused.append)
    return tally, refused


def counts(core: Core) -> tuple[int, int, int]:
    """Return how many invitations, mails of invitations, and events of their making there are."""
    return (
        rows.count(core, Invitation),
        rows.count(core, OutboxMail),
        rows.actions(core)["invitation.created"],
    )


def lines_with_content(file: bytes) -> int:
    """Return what the reading says stands in the file, asked a second time."""
    return sum(1 for _ in read(BytesIO(file)))


def check_told(tally: Tally, refused: Sequence[Verdict], file: bytes) -> None:
    """Check that the tally agrees with the rows it names and with the file."""
    by_kind = [Counter(each.code for each in refused if each.skips == skips) for skips in (True, False)]
    assert [dict(tally.skipped), dict(tally.failed)] == [dict(each) for each in by_kind]
    assert tally.done + tally.refused == lines_with_content(file)
    numbers = [each.line for each in refused]
    assert numbers == sorted(set(numbers), key=lambda number: number or 0)


def test_the_numbers_told_are_those_of_the_database(company: House) -> None:
    """For any file the plan, the run and the tables agree, and a second run of it creates nothing."""
    company.register("user@example.com")
    rows.archive(company.core, company.register("gone@example.com"))
    company.invite("open@example.com")

    @effort(60, 80)
    @given(file=FILES, renew=st.booleans(), room=st.none() | st.integers(0, 5))
    @example(file=b"bo\0@example.com\nbo@example.com\0\n", renew=False, room=None)
    @example(file=codecs.BOM_UTF16_LE + "E-Mail\r\nbo@example.com".encode("utf-16-le"), renew=True, room=0)
    def agree(file: bytes, *, renew: bool, room: int | None) -> None:
        leave_room(company.core, room)
        before = counts(company.core)
        try:
            plan, planned = run(company, file, renew=renew, preview=True)
        except UnreadableFile:
            assert counts(company.core) == before
            return
        assert counts(company.core) == before
        tally, refused = run(company, file, renew=renew, preview=False)
        assert (plan.done, planned) == (tally.done, refused)
        check_told(tally, refused, file)
        assert counts(company.core) == tuple(each + tally.done for each in before)
        made_by(company, tally)
        again, _ = run(company, file, renew=False, preview=False)
        assert again.done == 0
        check_rejects(company, refused)

    agree()


def leave_room(core: Core, room: int | None) -> None:
    """Set the cap so that this many places are left; None for no cap."""
    used = rows.count(core, User) + list(rows.states(core).values()).count("open")
    rows.set_cap(core, None if room is None else used + room)


def made_by(house: House, tally: Tally) -> None:
    """Check that the batch holds exactly what was done."""
    if tally.batch is None:
        assert tally.done == 0
        return
    with house.core.operator_look() as look:
        found = look.db.query(AuditEvent).filter_by(batch=tally.batch, action="invitation.created").count()
    assert found == tally.done


def check_rejects(house: House, refused: Sequence[Verdict]) -> None:
    """Check that the rows with errors, written as a file and not mended, are as many rows that nobody is invited by.

    One that reads like a heading is taken for one when it comes first.
    """
    failed = [Reject(each.line or 0, each.address, each.message) for each in refused if not each.skips]
    file = BytesIO()
    assert write_rejects(file, failed) == len(failed)
    tally, _ = run(house, file.getvalue(), renew=False, preview=True)
    assert (tally.done, tally.refused) == (0, len(failed))
