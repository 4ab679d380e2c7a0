"""What a database says about its own schema, in words that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

# Columns, constraints and indexes with the text PostgreSQL itself would write for them.
_POSTGRES = {
    "column": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, co.collname,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT r.conrelid::regclass::text, r.conname, pg_get_constraintdef(r.oid), r.condeferrable, r.convalidated
        FROM pg_constraint r JOIN pg_namespace n ON n.oid = r.connamespace WHERE n.nspname = 'public'""",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sequence": """
        SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences WHERE schemaname = 'public'""",
    "trigger": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "view": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
}


def schema_of(connection: Connection) -> set[tuple[object, ...]]:
    """Return everything that makes up the schema, but the table that Alembic keeps its revision in."""
    rows = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    return {row for row in rows if "alembic_version" not in str(row)}


def _postgresql(connection: Connection) -> Iterator[tuple[object, ...]]:
    for kind, query in _POSTGRES.items():
        for row in connection.execute(text(query)):
            yield (kind, *row)


def _sqlite(connection: Connection) -> Iterator[tuple[object, ...]]:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    for kind, name, table, sql in connection.execute(text(query)):
        plain = re.sub(r"\s+", " ", sql.replace('"', ""))
        if kind != "table":
            yield (kind, name, table, plain)
            continue
        head, _, rest = plain.partition("(")
        body, _, tail = rest.rpartition(")")
        columns = 0
        for part in _parts(body):
            is_constraint = part.startswith(("CONSTRAINT", "CHECK", "PRIMARY", "UNIQUE", "FOREIGN"))
            columns += not is_constraint
            yield (kind, head.strip(), tail.strip(), part, 0 if is_constraint else columns)


def _parts(body: str) -> Iterator[str]:
    """Yield what stands between the commas of a table's definition, those inside brackets left alone."""
    depth, part = 0, ""
    for char in body:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += char
    yield part.strip()
