"""Indexes for every order of the list of people, and one for searching in the middle of names and addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ORDERS = {
    "ix_users_sort_key_id_status_search_key": ["sort_key", "id", "status", "search_key"],
    "ix_users_address_key_id_status": ["address_key", "id", "status"],
    "ix_users_department_id_id_status": ["department_id", "id", "status"],
    "ix_users_role_id_status": ["role", "id", "status"],
    "ix_users_created_at_id_status": ["created_at", "id", "status"],
    "ix_users_last_sign_in_at_id_status": ["last_sign_in_at", "id", "status"],
}
BEFORE = {"ix_users_sort_key_id": ["sort_key", "id"], "ix_users_department_id": ["department_id"]}

PUT = "INSERT INTO users_search (rowid, text) VALUES (new.id, new.search_key || '  ')"
TAKE = (
    "INSERT INTO users_search (users_search, rowid, text) VALUES ('delete', old.id, old.search_key || '  ')"
)
OPTIONS = "text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'"
SQLITE_TABLES = (
    f"CREATE VIRTUAL TABLE users_search USING fts5({OPTIONS})",
    "CREATE VIRTUAL TABLE users_search_terms USING fts5vocab('users_search', 'row')",
)
CHANGED = "WHEN old.search_key IS NOT new.search_key"
SQLITE_REST = (
    "INSERT INTO users_search (rowid, text) SELECT id, search_key || '  ' FROM users",
    f"CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN {PUT}; END",
    f"CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN {TAKE}; END",
    f"CREATE TRIGGER users_search_update AFTER UPDATE OF search_key ON users {CHANGED} BEGIN {TAKE}; {PUT}; END",
)
LETTERS = "string_to_array(regexp_replace(search_key, '[ -~]', '', 'g'), NULL)"

SLOWER = "Searching works without it, but reads everybody, which takes a second at a million people."
NO_EXTENSION = (
    "The index for searching in names could not be made: PostgreSQL has no extension pg_trgm for us ({reason})."
    f" {SLOWER} To have it: install PostgreSQL's contrib package, or let the owner of the database run"
    " CREATE EXTENSION pg_trgm; and then CREATE INDEX ix_users_search_trigrams ON users USING gin"
    " (search_key gin_trgm_ops);"
)
NO_FULL_TEXT = (
    "The index for searching in names could not be made: this SQLite has no full-text search ({reason})."
    f" {SLOWER} To have it: use a Python whose SQLite is 3.34 or newer, before the database is set up."
)


def upgrade() -> None:
    """Make the indexes; where the one for searching cannot be made, say so and go on."""
    for name in BEFORE:
        op.drop_index(name, table_name="users")
    for name, columns in ORDERS.items():
        op.create_index(name, "users", columns, unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _full_text()
    else:
        _trigrams()


def downgrade() -> None:
    """Go back to walking through everybody."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS users_search_{name}")
        for name in ("users_search_terms", "users_search"):
            op.execute(f"DROP TABLE IF EXISTS {name}")
    else:
        for name in ("ix_users_search_trigrams", "ix_users_search_letters"):
            op.execute(f"DROP INDEX IF EXISTS {name}")
    for name in ORDERS:
        op.drop_index(name, table_name="users")
    for name, columns in BEFORE.items():
        op.create_index(name, "users", columns, unique=False)


def _full_text() -> None:
    try:
        for statement in SQLITE_TABLES:
            op.execute(statement)
    except sa.exc.OperationalError as error:
        _note(NO_FULL_TEXT, error)
        return
    for statement in SQLITE_REST:
        op.execute(statement)


def _trigrams() -> None:
    op.execute(f"CREATE INDEX ix_users_search_letters ON users USING gin ({LETTERS})")
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError as error:
        _note(NO_EXTENSION, error)
        return
    op.execute("CREATE INDEX ix_users_search_trigrams ON users USING gin (search_key gin_trgm_ops)")


def _note(sentence: str, error: sa.exc.DBAPIError) -> None:
    config = op.get_context().config
    note = config.attributes.get("note") if config is not None else None
    if note is not None:
        note(sentence.format(reason=str(error.orig).strip().splitlines()[0]))
