"""The index that a search in the middle of names and addresses goes by; each database has its own.

SQLite: a full-text table of every three letters in a row of `users.search_key`, without the texts themselves and without
their positions (a fifth of the size and of the time to build), kept by triggers. Two blanks stand behind each text, so that
its last letters begin three letters too, and short words can be looked up by how three letters begin.

PostgreSQL: pg_trgm, which knows no letters beside ASCII where the server's locale is C; so those stand in an index of
their own, letter by letter. Where the extension cannot be made there is no index, and a search walks.
"""

from __future__ import annotations

from sqlalchemy import DDL, Index, Table, event, text

SEARCH, SEARCH_TERMS = "users_search", "users_search_terms"
TRIGRAMS, LETTERS = "ix_users_search_trigrams", "ix_users_search_letters"
LETTERS_OF = "string_to_array(regexp_replace(search_key, '[ -~]', '', 'g'), NULL)"
_TRIGGERS = {
    "users_search_insert": "AFTER INSERT ON users BEGIN {put}; END",
    "users_search_delete": "AFTER DELETE ON users BEGIN {take}; END",
    "users_search_update": "AFTER UPDATE OF search_key ON users WHEN old.search_key IS NOT new.search_key"
    " BEGIN {take}; {put}; END",
}
_PUT = "INSERT INTO users_search (rowid, text) VALUES (new.id, new.search_key || '  ')"
_TAKE = (
    "INSERT INTO users_search (users_search, rowid, text) VALUES ('delete', old.id, old.search_key || '  ')"
)

_OPTIONS = "text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'"

MAKE_TABLES = (
    f"CREATE VIRTUAL TABLE users_search USING fts5({_OPTIONS})",
    "CREATE VIRTUAL TABLE users_search_terms USING fts5vocab('users_search', 'row')",
)
MAKE_TRIGGERS = tuple(
    f"CREATE TRIGGER {name} {body.format(put=_PUT, take=_TAKE)}" for name, body in _TRIGGERS.items()
)
DROP_TRIGGERS = tuple(f"DROP TRIGGER {name}" for name in _TRIGGERS)
FILL = (
    "INSERT INTO users_search (users_search) VALUES ('delete-all')",
    "INSERT INTO users_search (rowid, text) SELECT id, search_key || '  ' FROM users",
)


INDEXES = tuple(
    index.ddl_if(dialect="postgresql")
    for index in (
        Index(TRIGRAMS, text("search_key gin_trgm_ops"), postgresql_using="gin"),
        Index(
            LETTERS,
            text("string_to_array(regexp_replace(search_key, '[ -~]', '', 'g'), NULL)"),
            postgresql_using="gin",
        ),
    )
)


def make_with(users: Table) -> None:
    """Let the search index be made together with the table of people."""
    for statement in (*MAKE_TABLES, *MAKE_TRIGGERS):
        event.listen(users, "after_create", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
    extension = DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # type: ignore[no-untyped-call]
    event.listen(users, "before_create", extension.execute_if(dialect="postgresql"))
