"""The line of mails: paused or not, how many a minute; and an index that gives due mails in the order they leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
UNFINISHED = "state IN ('waiting', 'sending')"


def upgrade() -> None:
    """Make the table and the index anew."""
    op.create_table(
        "mail_line",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("next_slot_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_line_one_row")),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_mail_line_per_minute")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_line")),
    )
    _index("priority", "due_at", "id")


def downgrade() -> None:
    """Go back to mails that are neither paused nor slowed."""
    _index("priority", "due_at")
    op.drop_table("mail_line")


def _index(*columns: str) -> None:
    # Without the id PostgreSQL sorts all mails of a bulk run, which are due at one moment, for each claim.
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        list(columns),
        unique=False,
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )
