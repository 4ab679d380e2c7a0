"""The records of people as a ZIP file: complete, readable by programs and spreadsheets, harmless in both (R42)."""

from __future__ import annotations

import csv
import io
import json
import stat
import zipfile
from pathlib import Path

import pytest

from core.errors import Invalid, Missing
from core.services.editing import Edit, edit
from core.services.exporting import export_people, export_to
from tests.people import House
from tests.services import leavers, rows

FILES = (
    "data.json", "profile.csv", "lessons.csv", "progress.csv", "certificates.csv", "seats.csv", "waiting.csv",
    "groups.csv", "history.csv", "sign_ins.csv", "invitations.csv", "mails.csv", "acts.csv", "views.csv", "remembered.csv",
)  # fmt: skip


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the archive, which begins with the mark that spreadsheets want."""
    data = archive.read(name)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.slow
def test_the_records_of_people_are_complete(company: House, tmp_path: Path) -> None:
    """Two people in one file, in the order asked for: every kind of record in JSON, and the same in CSV."""
    leaver = leavers.with_a_past(company)
    bo = company.register("bo@example.com", department="Sales")
    path = tmp_path / "records.zip"
    with company.core.operator() as work:
        export_to(work, [bo, leaver.id, bo], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert tuple(archive.namelist()) == FILES
        data = json.loads(archive.read("data.json"))
        profile, certificates = table(archive, "profile.csv"), table(archive, "certificates.csv")
        history, invitations = table(archive, "history.csv"), table(archive, "invitations.csv")
        whole = b"".join(archive.read(name) for name in FILES)
    assert data["exported"] == "2026-03-02T09:00:00Z"
    first, second = data["people"]
    assert (first["id"], first["department"], first["lessons"]) == (bo, "Sales", [])
    assert second["first_name"] == "Žofinka"
    assert (second["role"], second["born_on"], second["groups"]) == (
        "company-admin", "1987-03-27", [{"group": "Night shift"}],
    )  # fmt: skip
    assert second["lessons"] == [{"course": "Bees", "lesson": "Hives", "completed": "2026-03-02T09:00:00Z"}]
    assert second["progress"][0]["percent"] == 40
    assert [each["license"] for each in second["seats"]] == ["Premium Sales"]
    assert len(second["sign_ins"]) == 2
    assert [each["license"] for each in second["waiting"]] == ["Safety"]
    assert {each["kind"] for each in second["mails"]} == {"invitation", "account_ready", "test"}
    assert {each["address"] for each in second["mails"]} >= {leavers.OLD_ADDRESS, leavers.ADDRESS}
    assert {each["action"] for each in second["acts"]} >= {"user.signed_in", "invitation.created"}
    assert second["views"] == [{"list": "users", "name": "mine", "filter": "role:learner"}]
    assert second["remembered"] == [{"key": "prompt.history", "value": ["cy"]}]
    assert b"cy@example.com" not in whole
    assert [row["phone"] for row in profile] == ["", f"'{leavers.EDITS['phone']}"]
    assert certificates == [
        {"person_id": str(leaver.id), "course": "Bees", "number": "'=B-17", "issued": "2026-03-02T09:00:00Z"}
    ]
    assert json.loads(next(row for row in history if row["action"] == "user.archived")["details"])
    assert [row["address"] for row in invitations] == ["bo@example.com", leavers.OLD_ADDRESS]
    assert b"scrypt" not in whole
    exported = rows.events(company.core, "user.exported")
    assert [(each.subject_id, each.details) for each in exported] == [(leaver.id, {}), (bo, {})]


def test_cells_that_look_like_formulas_are_texts(company: House) -> None:
    """In CSV a cell never begins like a formula; JSON keeps what was typed."""
    bo = company.register("bo@example.com")
    evil = ("=1+1", "\uff1d1", "-1", "@SUM(A1)")
    buffer = io.BytesIO()
    with company.core.operator() as work:
        fields = ("first_name", "last_name", "job_title", "postal_address")
        edit(work, Edit(bo, dict(zip(fields, evil, strict=True))))
        export_people(work, [bo], buffer)
    with zipfile.ZipFile(buffer) as archive:
        [row] = table(archive, "profile.csv")
        [person] = json.loads(archive.read("data.json"))["people"]
    assert [row[field] for field in fields] == [f"'{text}" for text in evil]
    assert [person[field] for field in fields] == list(evil)


def test_an_export_overwrites_nothing_and_leaves_nothing_half(company: House, tmp_path: Path) -> None:
    """A file that is there, a folder that is not, a name that is none, a person who is gone: said, nothing is left."""
    path = tmp_path / "records.zip"
    path.write_text("mine")
    for place in (path, tmp_path, tmp_path / "no" / "records.zip", Path("a\0b")):
        with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
            export_to(work, [company.admin_id], place)
        assert "Name another" in caught.value.fields["export"]
    with pytest.raises(Missing), company.core.work(company.admin) as work:
        export_to(work, [company.admin_id, 4711], tmp_path / "other.zip")
    assert [each.name for each in tmp_path.glob("*.zip")] == ["records.zip"]
    assert path.read_text() == "mine"
    assert not rows.events(company.core, "user.exported")
