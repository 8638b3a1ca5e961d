"""What a run of chaos came to: how much was given, held and compared, and everything that is not as it must be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from simulators.chaos.world import Found

NAMED = 20  # findings of one sort


@dataclass
class Account:
    """What was given, and what was found."""

    answers: int = 0  # given by devices
    due: int = 0  # of them those for which the gateway has no excuse
    held: int = 0  # in the journal
    uncommitted: int = 0  # due, and lost with a death of the gateway that a gap names
    readings: int = 0
    unconfirmed: int = 0  # readings of unconfirmed time: in the journal, not in the database
    points: int = 0  # in the database
    codes: int = 0
    gaps: int = 0
    signals: int = 0
    refolded: int = 0  # inputs that were folded once more
    events: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)

    def says(self, at_ns: int, what: str) -> None:
        """One finding; of those that begin alike so many are named."""
        self.sorts[what.split(":", 1)[0]] += 1
        if self.sorts[what.split(":", 1)[0]] <= NAMED:
            self.found.append(Found(at_ns, what))

    sorts: Counter[str] = field(default_factory=Counter)
