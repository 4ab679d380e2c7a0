"""`academy backup`, `academy restore` and `academy db move`: nothing is lost, overwritten or left half done."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text, update

from core.copying import checksums
from core.core import Core
from core.dialects import WRITING, open_engine
from core.models import Department, User
from core.ports import Hasher, Post
from core.roles import Role
from core.services.accepting import accept
from core.services.signing_in import sign_in
from core.settings import Settings, make_home
from core.upgrade import MIGRATIONS, upgrade
from core.values import Secret
from tests.cli.running import Host
from tests.databases import Database, sqlite_only
from tests.people import ADMIN_ADDRESS, PASSWORD, House

PEOPLE = 60


def _furnish(house: House) -> tuple[str, set[int]]:
    """Make a company of sixty and open invitations; return a token, and the ids that were given out."""
    ids = {house.register(f"p{number}@example.com", groups=["Night shift"]) for number in range(PEOPLE - 1)}
    gone = house.register("gone@example.com", Role.TRAINER)
    Host.of(house.core.settings)("delete", "gone@example.com", "--confirm", "gone@example.com")
    token = house.token_of(house.invite("eve@example.com", department="Sales", groups=["Q3 onboarding"]))
    return token, ids | {gone, house.admin_id}


def _elsewhere(folder: Path, key: Path) -> Settings:
    """Return another host with the same key file and no database yet."""
    make_home(folder)
    (folder / "key").write_bytes(key.read_bytes())
    (folder / "key").chmod(0o600)
    return Settings(folder, Secret(f"sqlite:///{folder / 'academy.db'}"))


def _opens(settings: Settings, token: str, given: set[int], ports: tuple[Hasher, Post]) -> None:
    """The link in the mail still makes an account, with an id nobody had, and the admin's password still holds."""
    hasher, post = ports
    with Core.open(settings, hasher=hasher, post=post) as core:
        fields = {"first_name": "Eve", "last_name": "Ek", "password": PASSWORD}
        assert accept(core, token, fields).user_id > max(given)
        house = House(core, *_admin(core))
        house.invite("new@example.com")
    host = Host.of(settings)
    assert [each["address"] for each in host("users", "p17@", "--json").json] == ["p17@example.com"]
    assert len(host("users", "--json").json) == PEOPLE + 1


def _admin(core: Core) -> tuple[UUID, int]:
    signed_in = sign_in(core, ADMIN_ADDRESS, PASSWORD, source="tests")
    return signed_in.sign_in_id, signed_in.user_id


def test_a_restored_company_goes_on_where_it_was(
    house: House, host: Host, settings: Settings, tmp_path: Path, hasher: Hasher, post: Post
) -> None:
    """A backup of either database is one private file, and restored elsewhere it holds the same, links included."""
    token, given = _furnish(house)
    file = tmp_path / "academy.backup"
    made = host("backup", str(file), "--json")
    assert (made.code, made.json["file"], made.json["key_file"]) == (0, str(file), str(settings.key_file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == [file.name]
    before = file.read_bytes()
    assert host("backup", str(file)).code == 2
    other = _elsewhere(tmp_path / "other", settings.key_file)
    restored = Host.of(other)("restore", str(file), "--yes", "--json")
    assert restored.code == 0, restored
    assert file.read_bytes() == before
    assert "academy mail pause" in restored.err
    assert checksums(other) == checksums(settings)
    assert sum(each["rows"] for each in restored.json["tables"]) == sum(e.rows for e in checksums(settings))
    _opens(other, token, given, (hasher, post))


def test_a_moved_company_goes_there_and_back(
    house: House, blank_database: Database, settings: Settings, tmp_path: Path, hasher: Hasher, post: Post
) -> None:
    """Moving between the kinds keeps every row and id, tells counts, hides the password and finds people there."""
    if blank_database.url.reveal() == settings.database_url.reveal():
        blank_database = Database(blank_database.kind, Secret(f"sqlite:///{tmp_path / 'moved.db'}"))
    token, given = _furnish(house)
    host = Host.of(settings)
    before = checksums(settings)
    moved = host("db", "move", "-", "--json", typed=blank_database.url.reveal() + "\n")
    assert moved.code == 0, moved
    assert [(each["table"], each["rows"], each["checksum"]) for each in moved.json["tables"]] == [
        (each.table, each.rows, each.checksum) for each in before
    ]
    there = Settings(settings.home, blank_database.url)
    assert "ACADEMY_DATABASE_URL" in moved.err
    assert checksums(there) == before == checksums(settings)
    again = host("db", "move", "-", "--json", typed=blank_database.url.reveal())
    assert (again.code, again.json["error"]) == (1, "misconfigured")
    assert "Engine Works already" in again.json["message"]
    back = _elsewhere(tmp_path / "back", settings.key_file)
    assert Host.of(there)("db", "move", back.database_url.reveal(), "--yes").code == 0
    assert checksums(back) == before
    _opens(there, token, given, (hasher, post))
    _opens(back, token, given, (hasher, post))


def test_a_changed_row_is_noticed(house: House, host: Host, settings: Settings, tmp_path: Path) -> None:
    """A target that changes or refuses what is written keeps nothing of it; and one changed letter changes one checksum."""
    target = _elsewhere(tmp_path / "other", settings.key_file)
    assert Host.of(target)("db", "upgrade").code == 1
    upgrade(target)
    engine = create_engine(target.database_url.reveal())
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER meddle AFTER INSERT ON departments BEGIN"
                " UPDATE departments SET name = name || '!' WHERE id = new.id; END"
            )
        )
    ran = host("db", "move", target.database_url.reveal(), "--yes", "--json")
    assert (ran.code, ran.json["error"]) == (1, "misconfigured")
    assert "the copy of departments differs" in ran.json["message"]
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
    ran = host("db", "move", target.database_url.reveal(), "--yes", "--json")
    assert (ran.code, "refused a row (IntegrityError)" in ran.json["message"]) == (1, True)
    with engine.begin() as connection:
        assert connection.execute(select(User.id)).all() == []
        connection.execute(text("DROP TRIGGER meddle"))
        connection.execute(text("DROP TRIGGER refuse"))
    assert host("db", "move", target.database_url.reveal(), "--yes").code == 0
    assert checksums(target) == checksums(settings)
    with engine.begin() as connection:
        connection.execute(update(Department).where(Department.name == "Sales").values(name="Sale"))
    engine.dispose()
    changed = [
        each.table for each, was in zip(checksums(target), checksums(settings), strict=True) if each != was
    ]
    assert changed == ["departments"]


def test_an_older_backup_is_brought_to_this_schema(
    house: House, host: Host, settings: Settings, tmp_path: Path
) -> None:
    """A file of an older schema is backed up as it is and upgraded in restoring; of a server's that is refused."""
    house.register("bo@example.com")
    engine = open_engine(settings.database_url)
    with engine.execution_options(**WRITING).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    engine.dispose()
    ran = host("backup", str(tmp_path / "old"), "--json")
    if not settings.is_sqlite:
        upgrade(settings)
        assert (ran.code, "has schema 0004" in ran.json["message"]) == (1, True)
        assert not (tmp_path / "old").exists()
        return
    assert (ran.code, ran.json["schema"]) == (0, "0004")
    other = _elsewhere(tmp_path / "other", settings.key_file)
    assert Host.of(other)("restore", str(tmp_path / "old"), "--yes", "--json").json["schema"] == "0004"
    addresses = [each["address"] for each in Host.of(other)("users", "--json").json]
    assert sorted(addresses) == [ADMIN_ADDRESS, "bo@example.com"]


@sqlite_only
def test_what_is_not_restored_and_not_moved(
    house: House, host: Host, settings: Settings, tmp_path: Path
) -> None:
    """No backup of ours, a newer one, a database in use or of another program, no URL: refused, nothing made."""
    file = tmp_path / "good"
    assert host("backup", str(file)).code == 0
    refused = host("restore", str(file), "--yes", "--json")
    assert (refused.code, refused.json["error"]) == (1, "misconfigured")
    assert "Engine Works already" in refused.json["message"]
    other = _elsewhere(tmp_path / "other", settings.key_file)
    for content in (b"", b"hello " * 2000):
        (tmp_path / "bad").write_bytes(content)
        ran = Host.of(other)("restore", str(tmp_path / "bad"), "--yes", "--json")
        assert (ran.code, ran.json["error"]) == (2, "invalid")
        assert "no backup of ours" in ran.json["message"]
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    newer = Host.of(other)("restore", str(file), "--yes")
    assert (newer.code, "Install the newer program" in newer.err) == (1, True)
    assert not (other.home / "academy.db").exists()
    assert Host.of(other)("restore", str(tmp_path / "none"), "--yes").code == 2
    foreign = create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    with foreign.begin() as connection:
        connection.execute(text("CREATE TABLE mine (id INTEGER)"))
    foreign.dispose()
    ran = host("db", "move", f"sqlite:///{tmp_path / 'foreign.db'}", "--yes")
    assert (ran.code, "another program" in ran.err) == (1, True)
    assert host("db", "move", "-", typed="").code == 2


@sqlite_only
@pytest.mark.parametrize(
    "url", ["mysql://root:hidden-word@host/x", "postgresql+psycopg://a:hidden-word@[::1"]
)
def test_a_password_in_the_url_is_never_said(house: House, host: Host, url: str) -> None:
    """A URL that cannot be used is refused without repeating the password in it."""
    ran = host("db", "move", "-", "--json", typed=url)
    assert (ran.code, ran.json["error"]) == (1, "misconfigured")
    assert "hidden-word" not in ran.out + ran.err
