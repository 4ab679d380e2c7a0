"""Everything about one row, to read: label and value, line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Problem
from core.reading import invitations
from core.reading.invitations import InvitationRow
from core.values import Address
from tui.screens.record_words import hours_text
from tui.text import content, fit, shown, wrap

if TYPE_CHECKING:
    from tui.app import Console

Facts = Sequence[tuple[str, str]]
_LABEL = 18
_MAIL_MEANINGS = {
    "waiting": "waiting to be sent",
    "sending": "being sent right now",
    "sent": "handed to the mail server; if nothing arrives, have the spam folder checked, then press r",
    "failed": "refused; correct the address and invite it anew, or hand over the link (L)",
    "dropped": "not sent, because the link was dead by then",
    "none": "no mail was queued",
}


class FactsScreen(ModalScreen[None], inherit_bindings=False):
    """Shows facts; any of the closing keys goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+g", "dismiss", show=False, id="facts.close"),
        Binding("down,j", "scroll(1)", show=False, id="facts.down"),
        Binding("up,k", "scroll(-1)", show=False, id="facts.up"),
    ]

    def __init__(self, title: str, facts: Facts) -> None:
        """Show `facts` under `title`; values may be raw, they are made harmless here."""
        super().__init__()
        self._title, self._facts = title, facts

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel tall"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            with VerticalScroll(id="facts", can_focus=False):
                yield Static("", id="facts-text", markup=False)
            yield Static("↑↓ scroll   Esc close", classes="panel-keys", markup=False)

    def on_resize(self) -> None:
        """Break long values at the new width."""
        self.call_after_refresh(self._draw)

    def action_scroll(self, step: int) -> None:
        """Scroll by lines."""
        self.query_one("#facts", VerticalScroll).scroll_relative(y=step, animate=False)

    def _draw(self) -> None:
        room = max(20, self.query_one("#facts").size.width - _LABEL)
        lines: list[str] = []
        for label, value in self._facts:
            first, *rest = wrap(value, room)
            lines.append(fit(shown(label), _LABEL) + first)
            lines += [" " * _LABEL + line for line in rest]
        self.query_one("#facts-text", Static).update(content_lines(lines))


def content_lines(lines: Sequence[str]) -> Text:
    """Return lines for a widget; each was made harmless before."""
    return Text("\n".join(lines), no_wrap=True, end="")


def open_facts(console: Console, invitation_id: int, failed: Callable[[Problem], None]) -> None:
    """Read everything about an invitation and show it."""

    def show(found: list[InvitationRow]) -> None:
        if found:
            console.push_screen(FactsScreen(f"Invitation of {found[0].address}", invitation_facts(found[0])))

    console.jobs.ask(lambda look: invitations.rows(look, [invitation_id]), show, failed)


def invitation_facts(row: InvitationRow) -> Facts:
    """Return what there is to say about an invitation, with the mail server's answer (R53)."""
    in_ascii = Address.parse(row.address).ascii
    twin = (("Domain is", in_ascii.rpartition("@")[2]),) if in_ascii != row.address else ()  # P12
    return (
        *twin,
        ("State", row.state),
        ("Role", f"{row.role.label}: {row.role.summary}"),
        ("Department", row.department or "none"),
        ("Learning groups", ", ".join(row.groups) or "none"),
        ("Invited by", row.invited_by or "an account that was deleted"),
        ("Invited", _moment(row.created)),
        ("Valid until", _moment(row.expires)),
        ("Mail", f"{row.mail}: {_MAIL_MEANINGS[row.mail]}"),
        ("Mail sent", _mail_sent(row)),
        ("Server's answer", row.mail_answer or "none"),
        ("Import", row.batch or "single invitation"),
        ("What to do", _next_step(row.state)),
    )


def _mail_sent(row: InvitationRow) -> str:
    late = row.mail_late
    if late is None:
        return _moment(row.mail_sent) or "not yet"
    return (
        f"{_moment(row.mail_sent)}, LATE: {hours_text(late)} after the invitation, whose days count from then"
    )


def _next_step(state: str) -> str:
    return {
        "open": "r sends a new link, L shows this one, X withdraws it",
        "expired": "r sends a new link",
        "accepted": "the person has an account: find them under Users",
        "replaced": "a newer invitation of this address counts",
    }.get(state, "i invites the address anew")


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
