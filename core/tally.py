"""What a bulk verb answers: done, skipped and failed by reason, with every row that was not done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row that was refused.

    Attributes:
        address: as it stood in the row, or that of the person.
        code: the refusal's code.
        message: the refusal's sentence.
        skips: whether it counts as skipped (harmless) rather than failed.
        line: line number in the file, where the rows came from one.
        id: the subject's id, where the rows are things that exist.
    """

    address: str
    code: str
    message: str
    skips: bool
    line: int | None = None
    id: int | None = None

    @classmethod
    def of(
        cls,
        refusal: Refused | Invalid,
        address: str,
        *,
        line: int | None = None,
        id: int | None = None,  # noqa: A002 - the promised key
    ) -> Verdict:
        """Return the verdict that tells of `refusal`."""
        return cls(address, refusal.code, refusal.message, refusal.skips, line, id)

    def to_json(self) -> dict[str, Any]:
        """Return the promised keys: `line` or `id`, `address`, `code`."""
        place: dict[str, Any] = {"line": self.line} if self.line is not None else {"id": self.id}
        return place | {"address": self.address, "code": self.code}


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome, or with `preview` the plan, of one run.

    Attributes:
        done: how many rows were (or would be) changed.
        verdicts: the rows that were not, in order.
        batch: the name the run's audit rows share; None for a preview or where nothing was done.
        places_left: room under the cap after the run, None without a cap or where it plays no part.
        counts: reason code -> rows and whether they count as skipped, where `verdicts` holds examples only.
    """

    done: int
    verdicts: tuple[Verdict, ...] = ()
    preview: bool = False
    batch: str | None = None
    places_left: int | None = None
    counts: Mapping[str, tuple[int, bool]] | None = None

    @property
    def skipped(self) -> Mapping[str, int]:
        """Reason code -> rows that were harmlessly left alone."""
        return self._count(skips=True)

    @property
    def failed(self) -> Mapping[str, int]:
        """Reason code -> rows that somebody has to look at."""
        return self._count(skips=False)

    @property
    def refused(self) -> int:
        """How many rows were not done, for whatever reason."""
        return sum(self.skipped.values()) + sum(self.failed.values())

    def to_json(self) -> dict[str, Any]:
        """Return the promised keys of a bulk verb."""
        return {
            "batch": self.batch,
            "preview": self.preview,
            "done": self.done,
            "skipped": dict(self.skipped),
            "failed": dict(self.failed),
            "rows": [verdict.to_json() for verdict in self.verdicts],
        }

    def _count(self, *, skips: bool) -> Mapping[str, int]:
        if self.counts is not None:
            return {code: rows for code, (rows, harmless) in self.counts.items() if harmless == skips}
        return Counter(verdict.code for verdict in self.verdicts if verdict.skips == skips)
