"""The company's record as rows: each field with what it says, and how it is edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.colors import WHITE, contrast
from core.filters import Filter
from core.reading import company
from core.reading.company import CompanyRecord, CompanyRow
from core.reading.lists import Sort
from core.registration import LANGUAGES
from core.values import fold
from core.work import Look

CAP, LOGO, LANGUAGE, COLOR, ADDRESS = "cap", "logo", "language", "color", "address"
IN_ORDER = Sort("field")
LABELS = {
    "name": "Name",
    "email": "Email",
    "phone": "Phone",
    "website": "Website",
    ADDRESS: "Address",
    "link_days": "Days links work",
    LANGUAGE: "Language",
    COLOR: "House color",
    LOGO: "Logo",
    CAP: "Most users",
}
NOTES = {
    "name": "On the console, the page and in every mail.",
    "email": "Where invitees with questions are sent.",
    "phone": "For people only; nothing is sent there.",
    "website": "With https:// in front.",
    ADDRESS: "Of the company.",
    "link_days": "From 1 to 90; counts for invitations from now on, those that are out keep their days.",
    LANGUAGE: "Of mails and of the page, where nobody chose another.",
    COLOR: "Of buttons and links on the page and in mails, such as #0550ae; checked to stand apart from white.",
    LOGO: "A PNG or JPEG of 200,000 bytes at most, by its path; empty takes it away.",
    CAP: "Active users and open invitations count. Only the operator sets it, on the host: academy company set cap=500",
}


@dataclass(frozen=True, slots=True)
class CompanyField:
    """One field.

    Attributes:
        id: its place, from 1.
        name: as core calls it.
        text: what it says, as it is edited.
        told: what it says, for a person.
    """

    id: int
    name: str
    text: str
    told: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return LABELS[self.name]

    @property
    def note(self) -> str:
        """What it is for, as a sentence."""
        return NOTES[self.name]


def company_ids(look: Look, chosen: Filter, _sort: Sort = IN_ORDER) -> Iterator[Sequence[int]]:
    """Yield the places of the fields whose name or value holds every word."""
    yield [
        row.id
        for row in company_rows(look, range(1, len(LABELS) + 1))
        if all((fold(term.value) in fold(f"{row.label} {row.told}")) != term.negated for term in chosen.terms)
    ]


def company_rows(look: Look, wanted: Sequence[int]) -> list[CompanyField]:
    """Return the fields with these places, in that order."""
    record, names = company.record(look), list(LABELS)
    return [_field(each, names[each - 1], record) for each in wanted if 1 <= each <= len(names)]


def _field(place: int, name: str, record: CompanyRecord) -> CompanyField:
    text = record.fields.get(name, "")
    told = text
    if name == LANGUAGE:
        told = LANGUAGES.get(text, text)
    elif name == COLOR and text:
        told = f"{text}, contrast {contrast(text, WHITE):.1f} on white"
    elif name == LOGO and record.logo_size:
        told = f"{record.logo_type.partition('/')[2].upper()}, {record.logo_size:,} bytes"
    elif name == CAP:
        told = _room(record.room)
    return CompanyField(place, name, text, told or "not given")


def _room(room: CompanyRow) -> str:
    held = f"{room.active_users:,} active, {room.live_invitations:,} invited"
    if room.user_cap is None:
        return f"no limit; {held}"
    over = room.active_users + room.live_invitations - room.user_cap
    left = f"{over:,} more than that, so nobody new" if over > 0 else f"{room.places_left:,} places left"
    return f"{room.user_cap:,}; {held}, {left}"
