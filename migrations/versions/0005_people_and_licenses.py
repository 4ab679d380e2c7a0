"""Leaving on a date, waiting lists, progress in courses, tasks and warnings; mails about an account go with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
LEAVES = "leaves_on IS NOT NULL"
REGISTERED = "user_id IS NOT NULL"
_TWICE = """
DELETE FROM lesson_completions WHERE id NOT IN
(SELECT min(id) FROM lesson_completions GROUP BY user_id, course_id, lesson)
"""


def upgrade() -> None:
    """Add columns and tables; of lessons that were reported twice one stays."""
    op.add_column("users", sa.Column("leaves_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_users_leaves_on",
        "users",
        ["leaves_on"],
        unique=False,
        sqlite_where=sa.text(LEAVES),
        postgresql_where=sa.text(LEAVES),
    )
    op.create_index(
        "ix_invitations_user_id",
        "invitations",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text(REGISTERED),
        postgresql_where=sa.text(REGISTERED),
    )
    op.add_column(
        "licenses", sa.Column("waiting_list", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _mails()
    op.execute(_TWICE)
    op.drop_index("ix_lesson_completions_user_id", table_name="lesson_completions")
    op.create_index(
        "uq_lesson_completions_lesson", "lesson_completions", ["user_id", "course_id", "lesson"], unique=True
    )
    _seat_waiters()
    _course_progress()
    _tasks()


def downgrade() -> None:
    """Go back; who waits, who leaves and how far somebody is in a course is forgotten."""
    for table in ("notices", "tasks", "course_progress", "seat_waiters"):
        op.drop_table(table)
    op.drop_index("uq_lesson_completions_lesson", table_name="lesson_completions")
    op.create_index("ix_lesson_completions_user_id", "lesson_completions", ["user_id"], unique=False)
    op.drop_index("ix_outbox_user_id", table_name="outbox")
    op.drop_index("ix_invitations_user_id", table_name="invitations")
    op.drop_index("ix_users_leaves_on", table_name="users")
    op.drop_column("outbox", "user_id")
    op.drop_column("licenses", "waiting_list")
    op.drop_column("users", "leaves_on")


def _mails() -> None:
    op.add_column("outbox", sa.Column("user_id", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_user_id", "outbox", ["user_id"], unique=False)


def _person(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id_users")
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE")


def _seat_waiters() -> None:
    op.create_table(
        "seat_waiters",
        sa.Column("license_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["license_id"],
            ["licenses.id"],
            name=op.f("fk_seat_waiters_license_id_licenses"),
            ondelete="CASCADE",
        ),
        _person("seat_waiters"),
        sa.PrimaryKeyConstraint("license_id", "user_id", name=op.f("pk_seat_waiters")),
    )
    op.create_index("ix_seat_waiters_user_id", "seat_waiters", ["user_id"], unique=False)


def _course_progress() -> None:
    op.create_table(
        "course_progress",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_course_progress_percent")),
        _person("course_progress"),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_progress_course_id_courses"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("user_id", "course_id", name=op.f("pk_course_progress")),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last_run_at", MOMENT, nullable=True),
        sa.Column("next_run_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tasks")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "kind", "subject_id", "threshold", "mark", name=op.f("uq_notices_kind_subject_id_threshold_mark")
        ),
        sqlite_autoincrement=True,
    )
