"""A plan or a report in words: counts before and after, what follows from it, and each refusal with its sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.filters import Filter, Term
from core.roles import Role
from core.tally import Effects, Move, Tally
from tui import keys
from tui.screens.plan_proposal import WAS, WILL, Asked, Proposal, count_of

_NOTHING = {"department": "no department", "language": "the company's"}
_FIELDS = {"born_on": "date of birth", "postal_address": "address"}
_FILTERED = {"role": "role", "department": "dept", "status": "status", "language": "lang"}
_ANY_STATUS = Term("status", ":", "any", negated=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that a line is about: they can be viewed, left out of the plan, or marked afterwards.

    Attributes:
        title: what they have in common.
        ids: which.
        chosen: narrows `ids` down to those that the filter finds now; None for all of them.
        code: of the refusal, where they are refused.
        left_out: whether they were left out of the plan.
    """

    title: str
    ids: Sequence[int]
    chosen: Filter | None = None
    code: str = ""
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, which may need several on the screen.

    Attributes:
        text: a phrase or a sentence; raw text is made harmless here.
        number: stands in front of it.
        group: the rows it is about, if any.
        style: "", "dim" or "bad"; the words say it all without.
    """

    text: str
    number: int | None = None
    group: Group | None = None
    style: str = ""


def plan_entries(tally: Tally, proposal: Proposal, asked: Asked) -> list[Entry]:
    """Return the lines of a plan."""
    entries = [*_moves(tally, proposal.will), *_refusals(tally)]
    if asked.without:
        group = Group("Left out of the plan", sorted(asked.without), left_out=True)
        entries.append(Entry("left out of the plan; x takes them back in", len(asked.without), group))
    if tally.effects is not None:
        switch = ""  # how to choose otherwise about invitations that lose their sender (D6)
        if loses_invitations(tally.effects, proposal):
            switch = "; o withdraws them instead" if asked.take_over else "; o takes them over instead"
        effects = tally.effects
        if proposal.list_name != keys.USERS:
            effects = replace(effects, invitations_withdrawn=0)  # the rows themselves, told already
        entries += _effects(effects, switch)
        entries += [Entry(note) for note in tally.effects.notes]
    entries += [Entry(fact) for fact in proposal.facts]
    return entries or [Entry("There is nobody to change.")]


def report_entries(tally: Tally, proposal: Proposal) -> list[Entry]:
    """Return the lines of a report."""
    entries = [*_moved(tally, proposal), *_refusals(tally), *_follows(tally)]
    return entries or [Entry("Nothing was to be done.")]


def command_entries(tally: Tally) -> list[Entry]:
    """Return the lines that a command prints, of a plan or of what was done."""
    return [*_moves(tally, WILL if tally.preview else WAS), *_refusals(tally), *_follows(tally)]


def _follows(tally: Tally) -> Iterator[Entry]:
    if tally.effects is not None:
        yield from _effects(tally.effects, "") if tally.preview else _outcome(tally.effects)
        yield from (Entry(note) for note in tally.effects.notes)


def _moves(tally: Tally, will: str) -> Iterator[Entry]:
    moves = tally.effects.moves if tally.effects is not None else ()
    if not moves and tally.done:
        yield Entry(will, tally.done, _group(will, tally.done_ids))
    for move in moves:
        text = move_text(move)
        yield Entry(text, move.people, _group(text, tally.done_ids, chosen=filter_of(move)))


def _moved(tally: Tally, proposal: Proposal) -> Iterator[Entry]:
    """Yield what was changed; once it is, nobody can tell any more who was of which group, so they are one."""
    moves = tally.effects.moves if tally.effects is not None else ()
    texts = [move_text(move) for move in moves]
    if tally.done and len(moves) != 1:
        yield Entry(proposal.was, tally.done, _group(proposal.was, tally.done_ids))
    for move, text in zip(moves, texts, strict=True):
        yield Entry(text, move.people, _group(text, tally.done_ids) if len(moves) == 1 else None)


def _group(title: str, ids: Sequence[int], *, chosen: Filter | None = None, code: str = "") -> Group | None:
    """Return the rows behind a line; None where core does not tell which."""
    return Group(title[:1].upper() + title[1:], ids, chosen, code) if len(ids) else None


def move_text(move: Move) -> str:
    """Return before and after of one group of people."""
    if move.field == "groups":
        return f"join {move.new}" if move.new else f"leave {move.old}"
    old, new = (_value(move.field, text) for text in (move.old, move.new))
    if move.field in {"role", "status", "department"}:
        return f"{old} → {new}"
    name = _FIELDS.get(move.field, move.field.replace("_", " "))
    if move.field in _NOTHING or (old and new):
        return f"{name}: {old} → {new}"
    return f"{name} → {new}" if new else f"{name} changed"


def _value(field: str, text: str) -> str:
    return text or _NOTHING.get(field, "")


def filter_of(move: Move) -> Filter | None:
    """Return the filter that finds the people of a group among all that are to be changed, where there is one."""
    key, value = _FILTERED.get(move.field), move.old
    if key is None:
        return None
    if not value:
        if key != "dept":
            return None
        value = "none"
    role = Role.from_slug(value) if key == "role" else None
    word = Term(key, ":", role.slug if role is not None else value, negated=False)
    return Filter((word,) if key == "status" else (word, _ANY_STATUS))


def _refusals(tally: Tally) -> Iterator[Entry]:
    for code, rows in tally.failed.items():
        yield _refusal(tally, code, rows, "refused")
    for code, rows in tally.skipped.items():
        yield _refusal(tally, code, rows, "unchanged" if code == "unchanged" else "left alone")


def _refusal(tally: Tally, code: str, rows: int, word: str) -> Entry:
    sentence = tally.sentences.get(code) or code.replace("_", " ")
    group = _group(f"{word}: {sentence}", tally.refused_ids.get(code, ()), code=code)
    text = f"{word}{', such as' if rows > 1 else ''}: {sentence}"
    return Entry(text, rows, group, "bad" if word == "refused" else "dim")


def _effects(effects: Effects, switch: str) -> Iterator[Entry]:
    """Yield what else would happen; `switch` says how to choose otherwise about invitations (D6)."""
    told = (
        (effects.sign_ins_lowered, "open sign-in is", "open sign-ins are", "lowered to the new role at once"),
        (effects.sign_ins_closed, "open sign-in ends", "open sign-ins end", "at once"),
        (effects.invitations_withdrawn, "open invitation is", "open invitations are",
         f"withdrawn{switch}"),
        (effects.invitations_taken_over, "open invitation becomes", "open invitations become", f"yours{switch}"),
        (effects.seats_freed, "license seat becomes", "license seats become", "free"),
        (effects.seats_back, "license seat is", "license seats are", "given back"),
        (effects.mails, "mail goes", "mails go", "out"),
    )  # fmt: skip
    yield from _numbered(told)
    yield from _rooms(effects, before="now", after="afterwards")


def loses_invitations(effects: Effects | None, proposal: Proposal) -> bool:
    """Return whether open invitations lose their sender, so that there is something to take over (D6)."""
    if effects is None or not proposal.may_take_over:
        return False
    return effects.invitations_withdrawn + effects.invitations_taken_over > 0


def _outcome(effects: Effects) -> Iterator[Entry]:
    """Yield what else has happened."""
    told = (
        (effects.sign_ins_lowered, "open sign-in", "open sign-ins", "lowered to the new role"),
        (effects.sign_ins_closed, "open sign-in", "open sign-ins", "ended"),
        (effects.invitations_withdrawn, "open invitation", "open invitations", "withdrawn"),
        (effects.invitations_taken_over, "open invitation", "open invitations", "taken over"),
        (effects.seats_freed, "license seat", "license seats", "freed"),
        (effects.seats_back, "license seat", "license seats", "given back"),
        (effects.mails, "mail", "mails", "on the way"),
    )
    yield from _numbered(told)
    yield from _rooms(effects, before="before", after="now")


def _numbered(told: tuple[tuple[int, str, str, str], ...]) -> Iterator[Entry]:
    for number, one, many, rest in told:
        if number:
            yield Entry(f"{one if number == 1 else many} {rest}", number)


def _rooms(effects: Effects, *, before: str, after: str) -> Iterator[Entry]:
    for room in effects.rooms:
        yield Entry(
            f"{room.name or 'Active users'}: {room.before:,} of {room.limit:,} {before}, {room.after:,} {after}"
        )


def refused_in_words(tally: Tally) -> str:
    """Return how many rows were not done and why, for one line; empty where all were."""
    if not tally.refused:
        return ""
    code = next(iter([*tally.failed, *tally.skipped]))
    others = count_of(tally.refused, "row stays as it is", "rows stay as they are")
    return f"{others}. {tally.sentences.get(code, '')}".strip()
