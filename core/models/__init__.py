"""Tables and constraints, nothing else."""

from core.models.audit import AuditEvent
from core.models.base import Base
from core.models.batches import Batch
from core.models.company import Company
from core.models.invitations import Invitation, InvitationGroup
from core.models.learning import Certificate, CourseProgress, LessonCompletion
from core.models.licenses import Course, License, LicenseCourse, Seat, SeatWaiter
from core.models.outbox import MailLine, OutboxMail
from core.models.people import Department, Group, GroupMember, SignIn, SignInFailure, User
from core.models.preferences import Preference, SavedView
from core.models.tasks import Notice, Task

__all__ = [
    "AuditEvent",
    "Base",
    "Batch",
    "Certificate",
    "Company",
    "Course",
    "CourseProgress",
    "Department",
    "Group",
    "GroupMember",
    "Invitation",
    "InvitationGroup",
    "LessonCompletion",
    "License",
    "LicenseCourse",
    "MailLine",
    "Notice",
    "OutboxMail",
    "Preference",
    "SavedView",
    "Seat",
    "SeatWaiter",
    "SignIn",
    "SignInFailure",
    "Task",
    "User",
]
