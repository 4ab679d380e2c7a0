"""What an import says when it is over: to scripts on stdout, to people in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from core.importing import Detected
from core.tally import Tally
from tui.cli.ending import DONE, PARTLY, REFUSED
from tui.cli.output import number_of, say, write, write_json_with_rows
from tui.cli.refused_rows import RefusedRows

_ENCODINGS = {"utf-8": "UTF-8", "windows-1252": "Windows-1252", "mac-roman": "Mac Roman"}
_LINE_ENDS = {"crlf": "CRLF", "lf": "LF", "cr": "CR", "mixed": "in several ways"}


def exit_code_of_import(tally: Tally) -> int:
    """Return what the process ends with; a skipped row is as good as done."""
    if not tally.failed:
        return DONE
    return PARTLY if tally.done else REFUSED


def tell_outcome(tally: Tally, detected: Detected, refused: RefusedRows, post: str, *, as_json: bool) -> None:
    """Print the result, with --json as an object, and say the rest on stderr.

    Args:
        tally: the outcome or the plan.
        detected: what the file was taken for.
        refused: every row that was not done.
        post: where mails go.
        as_json: whether scripts read it.
    """
    skipped, errors = sum(tally.skipped.values()), sum(tally.failed.values())
    say(_what_was_read(detected))
    sentence = _sentence(tally, skipped, errors)
    if as_json:
        say(sentence)
        facts = {name: value for name, value in tally.to_json().items() if name != "rows"} | {
            "created": tally.done,
            "skipped_total": skipped,
            "errors_total": errors,
            "detected": detected.to_json(),
        }
        write_json_with_rows(facts, (verdict.to_json() for verdict in refused))
    else:
        write(sentence)
    _say_reasons("Skipped", tally.skipped, refused)
    _say_reasons("Error", tally.failed, refused)
    _say_what_is_next(tally, errors, refused, post)


def _what_was_read(detected: Detected) -> str:
    encoding = _ENCODINGS.get(detected.encoding, detected.encoding.upper())
    mark = " with a byte-order mark" if detected.bom else ""
    ends = f", lines end {_LINE_ENDS[detected.line_ends]}" if detected.line_ends in _LINE_ENDS else ""
    separator = f", separator {detected.separator}" if detected.separator != "none" else ", no separator"
    heading = ", a heading in the first line" if detected.header else ""
    return f"Read as {encoding}{mark}{ends}{separator}{heading}."


def _sentence(tally: Tally, skipped: int, errors: int) -> str:
    if not tally.done + skipped + errors:
        return "There is no address in it: 0 created, 0 skipped, 0 errors."
    counts = f"{skipped:,} skipped, {number_of(errors, 'error')}."
    if tally.preview:
        room = "" if tally.places_left is None else f" Then {number_of(tally.places_left, 'place')} left."
        return f"Preview, nothing was written: {tally.done:,} would be created, {counts}{room}"
    return f"{tally.done:,} created, {counts}"


def _say_reasons(kind: str, counts: Mapping[str, int], refused: RefusedRows) -> None:
    for code, count in counts.items():
        say(f"{kind}: {code}, {number_of(count, 'line')}")
        examples = refused.examples.get(code, [])
        for verdict in examples:
            say(f"  line {verdict.line}: {verdict.message}")
        if count > len(examples):
            say(f"  and {count - len(examples):,} more")


def _say_what_is_next(tally: Tally, errors: int, refused: RefusedRows, post: str) -> None:
    if refused.rejects_place:
        say(f"The {number_of(errors, 'line')} with errors: {refused.rejects_place}. Mend and import it.")
    if tally.batch is None:
        return
    say(f"Look at them: academy invitations batch:{tally.batch}")
    say(f"Take them back: academy undo {tally.batch}")
    say(f"Mails are {post}. Deliver them: academy mail send (academy serve does it by itself).")
