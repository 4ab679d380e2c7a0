"""The audit trail: who changed what and when, with old and new values (R60)."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Any

from core import filter_keys
from core.filters import Filter, Term
from core.reading import audit, batches
from core.reading.audit import AuditRow
from core.reading.batches import BatchRow
from core.reading.history import values_of
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.completing import completer
from tui.screens.facts import Facts, FactsScreen
from tui.screens.listing import ListKind
from tui.screens.record_words import day_text, moment_text, word_of
from tui.widgets.columns import Column

_NAMED = (".edited", ".placed")  # actions that do not say which field it was


def changes_of(row: AuditRow) -> list[tuple[str, str, str]]:
    """Return field, old and new value of everything that an event tells; the field is empty where the action says it."""
    found = values_of(row.details)
    if "old" in row.details or "new" in row.details:
        old, new = (_said(row.details.get(name)) for name in ("old", "new"))
        return [("", old, new), *found]
    return found


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _side(row: AuditRow, side: int) -> str:
    """Return the old (1) or the new (2) values of an event in one line."""
    told = changes_of(row)
    named = len(told) > 1 or row.action.endswith(_NAMED)
    parts = (f"{each[0]}: {each[side]}" if named and each[0] else each[side] for each in told if each[side])
    return "; ".join(parts)


def audit_facts(row: AuditRow) -> Facts:
    """Return everything about one event, field by field."""
    facts = [
        ("When", f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("Who", row.actor),
        ("What", row.action),
        ("On", f"{row.subject_kind} {row.subject}".strip()),
    ]
    for field, old, new in changes_of(row):
        facts.append((field or "value", f"{old} → {new or 'nothing'}" if old else new or "nothing"))
    facts.append(("Bulk change", f"{row.batch}: u takes it back" if row.batch else "none; made alone"))
    return facts


def _audit_words(row: AuditRow, column: str) -> tuple[Term, ...]:
    values = {
        "at": day_text(row.at),
        "action": row.action,
        "subject": row.subject,
        "by": row.actor,
        "batch": row.batch,
    }
    return word_of(column, values.get(column, ""))


AUDIT_COLUMNS: tuple[Column[AuditRow], ...] = (
    Column(key="at", title="When (UTC)", show=lambda row: moment_text(row.at), width=16, least=16, most=16, priority=2),
    Column(key="action", title="What", show=lambda row: row.action, width=20, least=18, most=24, priority=3, sortable=False),
    Column(key="subject", title="On", show=lambda row: row.subject, width=18, least=15, most=34, priority=1, sortable=False),
    Column(key="old", title="Old", show=lambda row: _side(row, 1), width=10, least=10, most=40, priority=5, sortable=False),
    Column(key="new", title="New", show=lambda row: _side(row, 2), width=12, least=12, most=40, priority=4, sortable=False),
    Column(key="by", title="By", show=lambda row: row.actor, width=16, least=12, most=30, priority=6, sortable=False),
    Column(key="batch", title="Bulk change", show=lambda row: row.batch, width=11, least=11, most=12, priority=7, sortable=False),
)  # fmt: skip

AUDIT = ListKind(
    name=keys.AUDIT,
    complete=completer(keys.AUDIT),
    title="Audit",
    columns=AUDIT_COLUMNS,
    parse=filter_keys.parse_audit,
    ids=audit.ids,
    rows=audit.rows,
    sort=audit.NEWEST_FIRST,
    empty="Nothing was changed yet.",
    words=_audit_words,
)


class AuditList(ActingList[AuditRow]):
    """The audit trail."""

    def open_row(self, row_id: int) -> None:
        """Show an event with old and new values in full."""

        def show(found: list[AuditRow]) -> None:
            if found:
                self.console.push_screen(FactsScreen(found[0].action, audit_facts(found[0])))

        self.jobs.ask(partial(_audit_rows, row_id), show, self.fail)

    def do_undo(self, argument: str) -> None:
        """Take back the bulk change of this row, or the one that is named."""
        row = self.row
        if not argument and row is not None and not row.batch:
            self.say(
                "This change was made alone. u takes back bulk changes: rows with a name in the last column."
            )
        else:
            super().do_undo(argument)

    def read(self) -> None:
        """Read the list anew, and what the bulk change was that it is narrowed down to."""
        super().read()
        names = self.filter.of("batch")
        if len(names) == 1 and not names[0].negated:
            told = partial(self._tell_batch, self.filter)
            self.jobs.ask(
                partial(_batch, names[0].value.lower()), told, lambda _problem: None, latest="audit batch"
            )

    def _tell_batch(self, chosen: Filter, row: BatchRow) -> None:
        if row.finished is None:
            outcome = "came to nothing"
        elif row.undone_by:
            outcome = f"undone by {row.undone_by}"
        else:
            outcome = "u takes it back"
        what = row.summary or row.verb
        self._tell_about(chosen, f"{what}: {row.done:,} done, {row.refused:,} not, by {row.actor}; {outcome}")


def _audit_rows(row_id: int, look: Any) -> list[AuditRow]:
    return audit.rows(look, [row_id])


def _batch(name: str, look: Any) -> BatchRow:
    return batches.batch(look, name)


def audit_list() -> AuditList:
    """Return a new audit trail."""
    return AuditList(AUDIT)
