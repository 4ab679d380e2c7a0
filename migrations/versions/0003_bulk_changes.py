"""A row for each bulk change, and what the console remembers for each admin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
# The runs there were so far are in the audit trail: bulk invitations, renewals and withdrawals, and undone ones.
_OLD_RUNS = """
INSERT INTO batches (name, verb, summary, actor_id, actor_label, begun_at, finished_at, done, refused, undoes)
SELECT batch,
       CASE WHEN max(CASE WHEN action = 'batch.undone' THEN 1 ELSE 0 END) = 1 THEN 'undo'
            WHEN max(CASE WHEN action = 'invitation.created' THEN 1 ELSE 0 END) = 1 THEN 'invite'
            ELSE 'withdraw' END,
       '', max(actor_id), max(actor_label), min(at), max(at),
       sum(CASE WHEN action IN ('invitation.created', 'invitation.withdrawn') THEN 1 ELSE 0 END), 0,
       max(CASE WHEN action = 'batch.undone' THEN subject_label END)
FROM audit_events WHERE batch IS NOT NULL GROUP BY batch ORDER BY max(id)
"""
_OLD_UNDOS = """
UPDATE batches SET undone_by = (SELECT max(undo.name) FROM batches AS undo WHERE undo.undoes = batches.name)
"""


def upgrade() -> None:
    """Make the tables, and write down the runs there were."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_label", sa.String(length=254), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.String(length=16), nullable=True),
        sa.Column("undone_by", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("name", name=op.f("uq_batches_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batches_actor_id"), "batches", ["actor_id"], unique=False)
    _views()
    op.execute(_OLD_RUNS)
    op.execute(_OLD_UNDOS)


def downgrade() -> None:
    """Forget them; the audit trail keeps what was done."""
    for table in ("preferences", "saved_views", "batches"):
        op.drop_table(table)


def _views() -> None:
    ordered = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", ordered, nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("descending", sa.Boolean(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "list", "name_key", name=op.f("uq_saved_views_user_id_list_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_preferences_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_preferences")),
    )
