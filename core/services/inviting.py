"""Inviting, withdrawing, renewing (R4-R13, R22, D1, D9).

One address and a hundred thousand go the same way: staged in a temporary table, judged there by the rules, written
with INSERT ... SELECT. The number of statements does not depend on the number of rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, Missing, PlanChanged
from core.facts import InvitationFacts, RoleFacts
from core.models import Department, Group, Invitation
from core.ports import ID_BYTES
from core.registration import language_named
from core.roles import Permission, Role
from core.rules import BELOW_OWN, COPY_LINK, WITHDRAW, check, refusal_of
from core.selection import lock_company, picked
from core.services.judging_invitations import Stage, judge
from core.services.runs import finish_run
from core.services.staging_invitations import Line, Staged, Tell, stage_lines, stage_rows
from core.services.writing_invitations import write_judged, write_withdrawn
from core.tally import Tally, Verdict
from core.values import Address, Secret
from core.work import Look, Work, new_batch

__all__ = ["Line", "Offer", "StagedLines", "copy_link", "invite", "invite_many", "renew", "withdraw"]

MOST_DAYS = 90
EXAMPLES = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """What the invited will get.

    Attributes:
        role: strictly below the inviter's own (R7).
        department_id: R6, optional.
        group_ids: R6, optional.
        days: how long the link lives, 1-90; None for the company's setting (R10).
        language: of the mail and the form where the inviter chose one; empty for the company's, and on the page the
            reader's own before it.
    """

    role: Role = Role.LEARNER
    department_id: int | None = None
    group_ids: tuple[int, ...] = ()
    days: int | None = None
    language: str = ""


class StagedLines:
    """Lines that are read and staged before the lock is taken, so that nobody waits for a file or a pipe.

    staged = StagedLines(lines, offer)
    with core.work(sign_in_id, first=staged.stage) as work:
        tally = invite_many(work, staged, offer)
    """

    def __init__(
        self, lines: Iterable[tuple[int, str, str]], offer: Offer, *, progress: Tell | None = None
    ) -> None:
        """Hold `lines` until they are asked for; `progress` hears of the steps `read` and `judge`."""
        self._lines = lines
        self._offer = offer
        self._tell = progress or _tell_nobody

    def stage(self, look: Look) -> None:
        """Refuse what can be refused at once, then read: what the door does first.

        Raises:
            PermissionNeeded, RoleNotBelowOwn: before anything is read (R19). Invalid: `days`, `language`.
        """
        look.require(Permission.INVITE)
        _check_offer(look, self._offer)
        stage_lines(look.db, self._lines, self._tell)


def invite(work: Work, address: str, offer: Offer) -> int:
    """Invite one address; an open invitation of it is replaced and its link dies at once (R8).

    Returns:
        The new invitation's id.

    Raises:
        InvalidAddress, Invalid: the field that is wrong. Missing: no such department or group.
        Refused: RoleNotBelowOwn, AlreadyUser, ArchivedUser, CapReached, GroupFull; nothing was written.
    """
    work.require(Permission.INVITE)
    parsed = Address.parse(address)
    staged = Staged(1, parsed, secrets.token_bytes(ID_BYTES))
    with _judged(work, offer, partial(stage_rows, rows=[staged])) as stage:
        refusal = stage.first_refusal()
        if refusal is not None:
            raise refusal
        _write(stage, offer, batch=None)
    return work.db.scalars(select(Invitation.id).where(Invitation.public_id == staged.public_id)).one()


def invite_many(
    work: Work,
    lines: Iterable[tuple[int, str, str]] | StagedLines,
    offer: Offer,
    *,
    renew: bool = False,
    preview: bool = False,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
    batch: str | None = None,
) -> Tally:
    """Invite every line's address (R17); what cannot be invited is told with its reason, the rest is done.

    Args:
        work: the open transaction.
        lines: each a `Line`, in the order in which places are handed out (D2); taken one by one, so memory does not
            grow with them. A file that may be long, or slow to come, goes as `StagedLines`.
        offer: what all of them will get.
        renew: replace open invitations instead of skipping them (D1).
        preview: judge only; the plan is the real run without its end (D4).
        each_refused: gets every refused row in order; the tally then holds the first hundred as examples.
        progress: hears of the steps `read` (with the lines so far), `judge` and `write`; whatever it raises stops the
            run, and with the transaction nothing is left of it.
        batch: the run's name where it was begun before (`core.services.runs`); otherwise it gets one here.

    Raises:
        RoleNotBelowOwn: before anything else (R19). Invalid, Missing: the offer itself is wrong. AlreadyRun: `batch`.
    """
    work.require(Permission.INVITE)
    _check_offer(work, offer)
    tell = progress or _tell_nobody
    fill = None
    if not isinstance(lines, StagedLines):
        fill = partial(stage_lines, lines=lines, tell=tell)
    with _judged(work, offer, fill, renew=renew) as stage:
        counts = stage.counts()
        verdicts = _verdicts(stage, each_refused) if counts else ()
        done = stage.survivors()
        name = (batch or new_batch()) if done and not preview else None
        if name:
            tell("write", done)
            _write(stage, offer, batch=name)
        if not preview and (name or batch):
            refused = sum(rows for rows, _harmless in counts.values())
            summary = f"invite: {offer.role.label}"
            finish_run(work, name or batch or "", verb="invite", summary=summary, done=done, refused=refused)
        return Tally(done, verdicts, preview, name, stage.places_left(), counts)


def renew(work: Work, invitation_ids: Iterable[int], *, days: int | None = None) -> Tally:
    """Replace invitations by new ones for the same address, role, department and groups (R54); old links die.

    Raises:
        Missing: an id that does not exist. Invalid: `days`.
    """
    work.require(Permission.INVITE)
    with picked(work.db, invitation_ids) as chosen:
        found = work.db.execute(select(Invitation).join(chosen, chosen.c.id == Invitation.id)).scalars().all()
        _all_there(found, work.db.scalars(select(chosen.c.id)).all())
    rows = [
        Staged(
            one.id,
            Address(one.address, one.address_key),
            secrets.token_bytes(ID_BYTES),
            one.role,
            one.department_id,
            one.id,
        )
        for one in found
    ]
    offer = Offer(Role.LEARNER, days=days)
    with _judged(work, offer, partial(stage_rows, rows=rows)) as stage:
        stage.renewing = True
        verdicts = tuple(Verdict.of(refusal, address, id=line) for refusal, line, address in stage.refusals())
        done = stage.survivors()
        batch = new_batch() if len(rows) > 1 and done else None
        if done:
            _write(stage, offer, batch=batch)
        if batch:
            refused = len(verdicts)
            finish_run(work, batch, verb="renew", summary="renew invitations", done=done, refused=refused)
        return Tally(done, verdicts, batch=batch, places_left=stage.places_left())


def withdraw(
    work: Work,
    invitation_ids: Iterable[int],
    *,
    batch: str | None = None,
    preview: bool = False,
    expect: int | None = None,
) -> Tally:
    """Take back open invitations, expired ones too; their links die at once and unsent mails are dropped.

    Args:
        work: the open transaction.
        invitation_ids: which.
        batch: the name of the run that this is a part of; several invitations alone are a run of their own.
        preview: judge only.
        expect: the number of invitations that was confirmed.

    Raises:
        Missing: an id that does not exist. PlanChanged: not `expect` invitations; nothing was written.
    """
    work.require(Permission.INVITE)
    lock_company(work.db)
    with picked(work.db, invitation_ids) as chosen:
        found = work.db.execute(
            select(Invitation.id, Invitation.address, Invitation.role, Invitation.state).join(
                chosen, chosen.c.id == Invitation.id
            )
        ).all()
        missing = work.db.scalar(
            select(func.min(chosen.c.id)).where(chosen.c.id.not_in(select(Invitation.id)))
        )
    if missing is not None:
        raise Missing("invitation", str(missing))
    verdicts = []
    allowed = []
    for row in found:
        refusal = refusal_of(WITHDRAW, work.actor, row)
        if refusal is None:
            allowed.append(row.id)
        else:
            verdicts.append(Verdict.of(refusal, row.address, id=row.id))
    if expect not in {None, len(allowed)}:
        raise PlanChanged(expect or 0, len(allowed))
    if preview:
        return Tally(len(allowed), tuple(verdicts), preview=True)
    own = new_batch() if batch is None and len(allowed) > 1 else None
    name = batch or own
    if allowed:
        write_withdrawn(allowed, work, name)
    if own:
        done, refused = len(allowed), len(verdicts)
        finish_run(work, own, verb="withdraw", summary="withdraw invitations", done=done, refused=refused)
    return Tally(len(allowed), tuple(verdicts), batch=name)


def copy_link(work: Work, invitation_id: int) -> Secret:
    """Return the registration link, to hand over by another way (R53); audited, since it opens the account.

    Raises:
        Missing: no such invitation. Refused: RoleNotBelowOwn, InvitationClosed.
    """
    work.require(Permission.INVITE)
    one = work.db.get(Invitation, invitation_id)
    if one is None:
        raise Missing("invitation", str(invitation_id))
    check(COPY_LINK, work.actor, InvitationFacts(one.address, one.role, one.state, one.expires_at, work.now))
    work.record("invitation.link_copied", "invitation", one.id, one.address)
    return work.ports.links.link_for(one.public_id)


# --- inside -----------------------------------------------------------------------------------------------------


def _tell_nobody(_step: str, _rows: int) -> None:
    pass


def _check_offer(look: Look, offer: Offer) -> None:
    check(BELOW_OWN, look.actor, RoleFacts(offer.role))
    language_named(offer.language)
    if offer.days is not None:
        _check_days(offer.days)


def _check_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid({"days": f"A link can live 1 to {MOST_DAYS} days."})


def _verdicts(stage: Stage, each_refused: Callable[[Verdict], None] | None) -> tuple[Verdict, ...]:
    told = (Verdict.of(problem, address, line=line) for problem, line, address in stage.refusals())
    if each_refused is None:
        return tuple(told)
    examples: list[Verdict] = []
    for verdict in told:
        if len(examples) < EXAMPLES:
            examples.append(verdict)
        each_refused(verdict)
    return tuple(examples)


def _judged(work: Work, offer: Offer, fill: Callable[[Session], None] | None, *, renew: bool = True) -> Stage:
    """Judge what is staged, or what `fill` stages, under the company's lock."""
    company = lock_company(work.db)
    days = company.link_days if offer.days is None else offer.days
    _check_days(days)
    language_named(offer.language)
    _check_places_exist(work, offer)
    if fill is not None:
        fill(work.db)
    return judge(
        work,
        company=company,
        days=days,
        role=int(offer.role),
        department_id=offer.department_id,
        group_ids=offer.group_ids,
        renew=renew,
    )


def _check_places_exist(work: Work, offer: Offer) -> None:
    if offer.department_id is not None and work.db.get(Department, offer.department_id) is None:
        raise Missing("department", str(offer.department_id))
    known = set(work.db.scalars(select(Group.id).where(Group.id.in_(offer.group_ids))))
    for group_id in offer.group_ids:
        if group_id not in known:
            raise Missing("learning group", str(group_id))


def _all_there(found: Sequence[Invitation], wanted: Sequence[int]) -> None:
    missing = set(wanted) - {one.id for one in found}
    if missing:
        raise Missing("invitation", str(min(missing)))


def _write(stage: Stage, offer: Offer, *, batch: str | None) -> None:
    given = {"renews": "yes"} if stage.renewing else {"role": offer.role.slug}
    groups = tuple(dict.fromkeys(offer.group_ids))
    write_judged(stage, group_ids=groups, language=language_named(offer.language), details=given, batch=batch)
