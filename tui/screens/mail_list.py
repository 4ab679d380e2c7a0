"""The mails: what is to go to whom, and the mail server's answers in its own words (R53)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from core import filter_keys
from core.filters import Filter, Term
from core.reading import mail
from core.reading.mail import LineRow, MailRow
from core.services import mailing
from core.tally import Tally
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.completing import completer
from tui.screens.facts import Facts, FactsScreen
from tui.screens.listing import ListKind
from tui.screens.questions import Question
from tui.screens.record_words import day_text, hours_text, moment_text, word_of
from tui.widgets.columns import Cell, Column

MOST_BY_ONE_KEY = 25  # above this the number has to be typed
_MAIL_STYLES = {"failed": "bad", "dropped": "dim"}
_MAIL_MEANINGS = {
    "waiting": "leaves when its time has come",
    "sending": "being handed over right now",
    "sent": "handed to the mail server",
    "failed": "the server refused it; r tries again",
    "dropped": "not sent, because what it was about was over by then",
}


def _next(row: MailRow) -> Cell:
    if row.sent_at is not None:
        return Cell(moment_text(row.sent_at))
    if row.state == "waiting":
        return Cell(moment_text(row.due_at))
    return Cell("")


def _state(row: MailRow) -> Cell:
    is_late = row.late is not None and row.sent_at is not None
    return Cell(f"{row.state} late", "bad") if is_late else Cell(row.state, _MAIL_STYLES.get(row.state, ""))


def _sent(row: MailRow) -> str:
    if row.sent_at is None:
        waits = f"; waits for {hours_text(row.late)} by now" if row.late else ""
        return "never" if row.state == "dropped" else f"not yet{waits}"
    late = f", LATE: {hours_text(row.late)} after it was queued" if row.late else ""
    return f"{moment_text(row.sent_at)} UTC{late}"


def mail_facts(row: MailRow) -> Facts:
    """Return everything about one mail, with the server's answer in its own words."""
    return (
        ("To", row.to),
        ("Kind", row.kind_words),
        ("State", f"{row.state}: {_MAIL_MEANINGS[row.state]}"),
        ("Tries", f"{row.attempts:,}"),
        ("Queued", f"{moment_text(row.created)} UTC"),
        ("Due", f"{moment_text(row.due_at)} UTC"),
        ("Sent", _sent(row)),
        ("Server's answer", row.last_error or "none"),
        ("Bulk change", row.batch or "none; a single mail"),
    )


def line_text(row: LineRow) -> str:
    """Return how the line stands, for one line: paused or not, how fast, how many in which state."""
    state = f"PAUSED: {row.reason or 'no reason given'}" if row.paused else "Mails leave"
    rate = f", {row.per_minute:,} a minute at most" if row.per_minute else ""
    counts = ", ".join(f"{number:,} {name}" for name, number in row.counts.items() if number) or "none queued"
    late = f" The oldest waits for {hours_text(row.late)} by now." if row.late else ""
    return f"{state}{rate}. {counts}.{late}"


def _mail_words(row: MailRow, column: str) -> tuple[Term, ...]:
    values = {
        "to": row.to,
        "kind": row.kind,
        "state": row.state,
        "batch": row.batch,
        "created": day_text(row.created),
    }
    return word_of(column, values.get(column, ""))


MAIL_COLUMNS: tuple[Column[MailRow], ...] = (
    Column(key="to", title="To", show=lambda row: row.to, width=24, least=22, most=44, priority=1, sortable=False),
    Column(key="kind", title="Kind", show=lambda row: row.kind_words, width=12, least=10, most=24, priority=4, sortable=False),
    Column(key="state", title="State", show=_state, width=9, least=9, most=9, priority=2, sortable=False),
    Column(key="tries", title="Tries", show=lambda row: f"{row.attempts:,}", width=5, least=5, most=6, priority=6, align="right", sortable=False),
    Column(key="due", title="Sent or due", show=_next, width=16, least=16, most=16, priority=5, sortable=False),
    Column(key="answer", title="Server's answer", show=lambda row: row.last_error, width=16, least=12, most=80, priority=3, sortable=False),
    Column(key="created", title="Queued", show=lambda row: moment_text(row.created), width=16, least=16, most=16, priority=7),
    Column(key="batch", title="Bulk change", show=lambda row: row.batch, width=11, least=11, most=12, priority=8, sortable=False),
)  # fmt: skip

MAIL = ListKind(
    name=keys.MAIL,
    complete=completer(keys.MAIL),
    title="Mail",
    columns=MAIL_COLUMNS,
    parse=filter_keys.parse_mail,
    ids=mail.ids,
    rows=mail.rows,
    sort=mail.NEWEST_FIRST,
    empty="No mail yet. Press T to send one to yourself.",
    words=_mail_words,
)


class MailList(ActingList[MailRow]):
    """The mails."""

    def open_row(self, row_id: int) -> None:
        """Show a mail and the server's answer in full."""

        def show(found: list[MailRow]) -> None:
            if found:
                self.console.push_screen(FactsScreen(f"Mail to {found[0].to}", mail_facts(found[0])))

        self.jobs.ask(partial(_mail_rows, row_id), show, self.fail)

    def read(self) -> None:
        """Read the list anew, and how the line stands."""
        super().read()
        self.jobs.ask(mail.line, partial(self._tell_line, self.filter), self.fail, latest="mail line")

    def do_retry(self, _argument: str) -> None:
        """Try the marked mails, or this one, again."""
        targets = list(self.grid.target_ids)
        if not targets:
            self.say("There is no mail to try again. Press T to send one to yourself.")
        elif len(targets) == 1:
            self._retry(targets)
        else:
            self._ask_to_retry(targets)

    def do_test_mail(self, argument: str) -> None:
        """Send a mail to oneself, or to an address, through the same line as every other mail."""
        address = argument or self._own_address()

        def queued(_mail_id: int) -> None:
            self.say(f"A test mail to {address} is queued. {self.console.mail_description}")
            self.do_refresh("")

        self.jobs.change(partial(mailing.queue_test, address=address), queued, self.fail)

    def do_mail_preview(self, argument: str) -> None:
        """Show the mail of a kind, else of the kind under the cursor, in a language, else in the company's."""
        from tui.screens.mail_preview import MailPreview  # noqa: PLC0415 - writing mails costs 30 ms, opened by hand

        kind, _, language = argument.partition(" ")
        if not kind and self.row is not None:
            kind = self.row.kind
        self.console.push_screen(
            MailPreview(kind.replace("-", "_") or next(iter(mail.KINDS)), language.strip())
        )

    def _own_address(self) -> str:
        signed_in = self.console.signed_in
        return signed_in.address if signed_in is not None else ""

    def _ask_to_retry(self, targets: Sequence[int]) -> None:
        hidden = self.grid.marks.hidden
        aside = f" ({hidden:,} of them hidden by the filter)" if hidden else ""
        typed = str(len(targets)) if len(targets) > MOST_BY_ONE_KEY else ""

        def confirmed(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self._retry(targets)

        sentence = f"Try {len(targets):,} marked mails again{aside}?"
        question = Question(sentence, "Mails that were sent or dropped stay as they are.", typed=typed)
        self.console.push_screen(question, confirmed)

    def _retry(self, targets: Sequence[int]) -> None:
        def told(tally: Tally) -> None:
            self.grid.forget_marks(targets)
            self.say(_retried(tally))
            self.do_refresh("")

        self.jobs.change(partial(mailing.retry, mail_ids=targets), told, self.fail)

    def _tell_line(self, chosen: Filter, row: LineRow) -> None:
        if chosen == self.filter:
            narrowed = f"/{chosen}  " if chosen.terms else ""
            self.about = narrowed + line_text(row)
            self._show_status()


def _retried(tally: Tally) -> str:
    done = (
        f"{tally.done:,} {'mail is' if tally.done == 1 else 'mails are'} tried again." if tally.done else ""
    )
    reasons = " ".join(dict.fromkeys(verdict.message for verdict in tally.verdicts))
    return f"{done} {reasons}".strip()


def _mail_rows(row_id: int, look: Any) -> list[MailRow]:
    return mail.rows(look, [row_id])


def mail_list() -> MailList:
    """Return a new list of mails."""
    return MailList(MAIL)
