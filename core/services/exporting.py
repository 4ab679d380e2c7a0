"""People's records as one ZIP file: `data.json` for programs, a CSV file of each kind for spreadsheets (R42).

    with core.work(sign_in_id) as work:
        export_to(work, [user_id], Path("records.zip"))

Nothing of it opens an account: no password hash, no link. It is written in chunks, so that any number of people needs
no memory.
"""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.cells import safe_cell
from core.errors import Invalid, Missing
from core.models import AuditEvent, User
from core.roles import Permission, Role
from core.services.exported_records import SECTIONS, Section
from core.work import Look, Work

EXPORTED = "user.exported"
_AT_ONCE = 500
_PRIVATE = 0o600
_BOM = "utf-8-sig"  # spreadsheets read a CSV file as UTF-8 only where it begins with the mark


def export_people(look: Look, user_ids: Sequence[int], file: BinaryIO) -> None:
    """Write everything that is known about some people as a ZIP file.

    Args:
        look: the open transaction; the whole file shows one moment.
        user_ids: whose records, in this order.
        file: gets the bytes; must be able to seek.

    Raises:
        Missing: one of the people does not exist; nothing was written.
    """
    look.require(Permission.MANAGE_PEOPLE)
    wanted = list(dict.fromkeys(user_ids))
    _check_there(look.db, wanted)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with _entry(archive, "data.json", look.now) as entry:
            _write_json(look, wanted, entry)
        for section in SECTIONS:
            with _entry(archive, f"{section.name}.csv", look.now) as entry:
                _write_csv(look.db, wanted, section, entry)


def export_to(work: Work, user_ids: Sequence[int], path: Path) -> None:
    """Write a file of its own, readable by its owner only, and record for each of the people that they were exported.

    Raises:
        Missing: as `export_people`. Invalid: field `export`: there is such a file, which is never overwritten, or it
        cannot be written.
    """
    work.require(Permission.MANAGE_PEOPLE)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE)
        try:
            with os.fdopen(handle, "w+b") as file:
                export_people(work, user_ids, file)
                file.flush()
                os.fsync(handle)  # whoever deletes next can never write it again
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise Invalid({"export": f"{path} is there already. Name another file."}) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise Invalid({"export": f"{path} cannot be written: {reason}. Name another file."}) from None
    _record(work, list(dict.fromkeys(user_ids)))


# --- writing ----------------------------------------------------------------------------------------------------


def _entry(archive: zipfile.ZipFile, name: str, now: datetime) -> IO[bytes]:
    entry = zipfile.ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _PRIVATE << 16
    return archive.open(entry, "w", force_zip64=True)


def _write_json(look: Look, ids: Sequence[int], entry: IO[bytes]) -> None:
    """Write one object: when, and a list of people, each with the profile's keys and a list for each other kind."""
    entry.write(f'{{"exported": {json.dumps(_plain("exported", look.now))}, "people": ['.encode())
    sign = ""
    for chunk in _chunks(ids):
        people: dict[int, dict[str, Any]] = {}
        for section in SECTIONS:
            for person_id, record in _records(look.db, section, chunk):
                if section.name == "profile":
                    people[person_id] = {"id": person_id} | record
                    people[person_id] |= {each.name: [] for each in SECTIONS[1:]}
                else:
                    people[person_id][section.name].append(record)
        for person_id in chunk:
            entry.write(f"{sign}\n{json.dumps(people[person_id], ensure_ascii=False)}".encode())
            sign = ","
    entry.write(b"\n]}\n")


def _write_csv(db: Session, ids: Sequence[int], section: Section, entry: IO[bytes]) -> None:
    with io.TextIOWrapper(entry, encoding=_BOM, newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(("person_id", *section.columns))
        for chunk in _chunks(ids):
            for person_id, record in _records(db, section, chunk):
                writer.writerow((person_id, *(safe_cell(_cell(value)) for value in record.values())))


def _records(db: Session, section: Section, ids: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield records person by person, in the order of `ids`, each person's in the order of the statement."""
    place = {person_id: number for number, person_id in enumerate(ids)}
    for person_id, *values in sorted(db.execute(section.rows(ids)), key=lambda row: place[row.person_id]):
        named = zip(section.columns, values, strict=True)
        yield person_id, {name: _plain(name, value) for name, value in named}


def _plain(name: str, value: Any) -> Any:
    """Return a value as JSON takes it: moments in UTC, roles by their names."""
    if name == "role":
        return Role(value).slug
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


# --- the trail --------------------------------------------------------------------------------------------------


def _check_there(db: Session, ids: Sequence[int]) -> None:
    for chunk in _chunks(ids):
        missing = set(chunk) - set(db.scalars(select(User.id).where(User.id.in_(chunk))))
        if missing:
            raise Missing("user", str(min(missing)))


def _record(work: Work, ids: Sequence[int]) -> None:
    """Write one event for each of the people; the file's name is not told, since it may say more than the trail should."""
    for chunk in _chunks(ids):
        # Held, so that of somebody who is being deleted meanwhile no address is written down again.
        held = select(User.id, User.address).where(User.id.in_(chunk)).order_by(User.id)
        people = work.db.execute(held.with_for_update(read=True, key_share=True))
        events = [
            {
                "at": work.now,
                "action": EXPORTED,
                "actor_id": work.actor.user_id or None,
                "actor_label": work.actor.label,
                "subject_kind": "user",
                "subject_id": row.id,
                "subject_label": row.address,
                "details": {},
            }
            for row in people
        ]
        if events:
            work.db.execute(insert(AuditEvent), events)
