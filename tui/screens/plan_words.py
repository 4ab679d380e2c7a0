"""A plan or a report in words: counts before and after, what follows from it, and each refusal with its sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.errors import NoSeatLeft, WaitsForSeat
from core.filters import Filter, Term
from core.roles import Role
from core.tally import Effects, Move, Tally
from tui import keys
from tui.screens import plan_seats
from tui.screens.plan_proposal import WAS, WILL, Asked, Proposal, count_of, waiting_in

_NOTHING = {"department": "no department", "language": "the company's", "leaves_on": "none"}
_FIELDS = {"born_on": "date of birth", "postal_address": "address", "leaves_on": "leaving day"}
_FILTERED = {"role": "role", "department": "dept", "status": "status", "language": "lang"}
_SKIPPED = {"unchanged": "unchanged", WaitsForSeat.code: "put on the waiting list"}
_MOST_LINES = 8
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
        lines: of a pasted list or a file, each with its own sentence, where no rows are behind it.
    """

    text: str
    number: int | None = None
    group: Group | None = None
    style: str = ""
    lines: Sequence[tuple[str, str]] = ()


def plan_entries(tally: Tally, proposal: Proposal, asked: Asked) -> list[Entry]:
    """Return the lines of a plan."""
    entries = [*_moves(tally, proposal.will), *_seats(tally, proposal, asked), *_refusals(tally)]
    if asked.without:
        group = Group("Left out of the plan", sorted(asked.without), left_out=True)
        entries.append(Entry("left out of the plan; x takes them back in", len(asked.without), group))
    if tally.effects is not None:
        switch = ""  # how to choose otherwise about invitations that lose their sender (D6)
        if loses_invitations(tally.effects, proposal):
            switch = "; o withdraws them instead" if asked.take_over else "; o takes them over instead"
        effects = tally.effects
        if proposal.gives_seats or asked.seats:  # the notes tell how many seats go and stay
            effects = replace(effects, rooms=tuple(room for room in effects.rooms if room.kind != "seats"))
        if proposal.list_name != keys.USERS:
            effects = replace(effects, invitations_withdrawn=0)  # the rows themselves, told already
        entries += _effects(effects, switch)
        entries += [Entry(note) for note in tally.effects.notes if not proposal.gives_seats]
    entries += [Entry(fact) for fact in proposal.facts]
    return entries or [Entry("There is nobody to change.")]


def report_entries(tally: Tally, proposal: Proposal) -> list[Entry]:
    """Return the lines of a report."""
    told = tally
    if tally.effects is not None and proposal.gives_seats:
        told = replace(
            tally, effects=replace(tally.effects, notes=(), seats_given=0)
        )  # the rows are told already
    entries = [*_moved(tally, proposal), *_refusals(tally), *_follows(told)]
    return entries or [Entry("Nothing was to be done.")]


def command_entries(tally: Tally) -> list[Entry]:
    """Return the lines that a command prints, of a plan or of what was done."""
    return [*_moves(tally, WILL if tally.preview else WAS), *_refusals(tally), *_follows(tally)]


def _follows(tally: Tally) -> Iterator[Entry]:
    effects = tally.effects
    if effects is None:
        return
    yield from _effects(effects, "") if tally.preview else _outcome(effects)
    if tally.preview or not (effects.seats_given or effects.seats_waiting):
        yield from (Entry(note) for note in effects.notes)
        return
    waiting = 0 if WaitsForSeat.code in tally.skipped else effects.seats_waiting  # else told as rows
    told = (
        (effects.seats_given, "license seat", "license seats", "given"),
        (waiting, "person waits", "people wait", "for the next seat"),
        (effects.seats_not_back, "former seat", "former seats", "not given back: no room, or expired"),
    )
    yield from _numbered(told)  # instead of notes, which told what was going to happen


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


def is_short(tally: Tally, proposal: Proposal, asked: Asked) -> bool:
    """Return whether there are more people than seats, so that there is a choice whom to serve (S19)."""
    short = tally.failed.get(NoSeatLeft.code, 0) + tally.skipped.get(WaitsForSeat.code, 0)
    return proposal.gives_seats and (asked.all_or_none or (short > 0 and short + tally.done > 1))


def split_of(tally: Tally, proposal: Proposal) -> str:
    """Return how many get a seat and how many wait for one; empty where nobody is put down to wait."""
    waiting = waiting_in(tally)
    if not waiting or not proposal.gives_seats:
        return ""
    gets = [count_of(tally.done, "gets a seat", "get a seat")] * bool(tally.done)
    return f": {', '.join([*gets, count_of(waiting, 'waits', 'wait')])}"


def _seats(tally: Tally, proposal: Proposal, asked: Asked) -> Iterator[Entry]:
    """Yield how many seats go and stay, whom to serve where they are too few, and which can be given back."""
    only_waits = bool(waiting_in(tally)) and not tally.done and not tally.failed
    if proposal.gives_seats and tally.effects is not None and not only_waits:
        yield from (Entry(note) for note in tally.effects.notes)
    if is_short(tally, proposal, asked):
        yield Entry(
            "All or nobody was chosen; o serves in the order of the list instead."
            if asked.all_or_none
            else "o gives nobody a seat unless there is one for everybody."
        )
    yield from (Entry(plan_seats.told(seat, asked, alone=tally.done == 1)) for seat in proposal.former)


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
        yield _refusal(tally, code, rows, _SKIPPED.get(code, "left alone"))


def _refusal(tally: Tally, code: str, rows: int, word: str) -> Entry:
    sentence = tally.sentences.get(code) or code.replace("_", " ")
    group = _group(f"{word}: {sentence}", tally.refused_ids.get(code, ()), code=code)
    text = f"{word}{', such as' if rows > 1 else ''}: {sentence}{_where(tally, code)}"
    told = [each for each in tally.verdicts if each.code == code and each.line is not None]
    lines = [(f"line {each.line:,}", each.message) for each in told]
    return Entry(text, rows, group, "bad" if word == "refused" else "dim", lines)


def _where(tally: Tally, code: str) -> str:
    """Return the lines of a pasted list or a file that were refused for a reason, as far as they are known."""
    lines = [each.line for each in tally.verdicts if each.code == code and each.line is not None]
    if not lines:
        return ""
    more = " …" if len(lines) > _MOST_LINES else ""
    return f" (line{'s' if len(lines) > 1 else ''} {', '.join(f'{line:,}' for line in lines[:_MOST_LINES])}{more})"


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
        (effects.places_back, "place on a waiting list is", "places on waiting lists are", "given back"),
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
        (effects.places_back, "place on a waiting list", "places on waiting lists", "given back"),
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
    waiting = tally.skipped.get(WaitsForSeat.code, 0)
    parts = [count_of(waiting, "person waits", "people wait") + " for the next seat."] * bool(waiting)
    code = next((each for each in [*tally.failed, *tally.skipped] if each != WaitsForSeat.code), None)
    if code is not None:
        others = count_of(tally.refused - waiting, "row stays as it is", "rows stay as they are")
        parts.append(f"{others}. {tally.sentences.get(code, '')}".strip())
    return " ".join(parts)


def passed_on_in_words(tally: Tally) -> str:
    """Return how many freed seats went to those who waited, for one line; empty where none did."""
    passed_on = tally.effects.seats_passed_on if tally.effects is not None else 0
    return count_of(passed_on, "seat", "seats") + " went to whoever waited longest." if passed_on else ""
