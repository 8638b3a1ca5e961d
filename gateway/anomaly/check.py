"""What a check is: the contract that every file of `checks/` keeps (tests/contracts/test_detectors.py).

A check is a frozen dataclass of parameters with one configuration for all data. It looks at one tag, one reading after
another, in plain float arithmetic: nothing but + - * / and the square root touches a state, so that a replay on another
machine comes to the same bits. ``step`` gives the new state and a statistic: large where the reading is strange, and
`SILENT`, which is below zero, where the check cannot tell. What is large, the check need not know:
`gateway.anomaly.tail` ranks the statistic against its own past.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol

SILENT = -1.0


class Seen(NamedTuple):
    """A good reading of a tag, beside what the tag used to do before it (`gateway.anomaly.habit`)."""

    past: int  # good readings before this one
    x: float
    last: float  # the good reading before
    since: float  # seconds from that one to this one
    time: float  # seconds since 1970 UTC; nan where no wall time is known
    level: float  # slow mean
    spread: float  # slow mean distance from it
    z: float  # what the last two readings do not explain, in units of its usual mean size


class Check(Protocol):
    """Everything that a tag's watch and the contract suite ask of a check."""

    USUAL: ClassVar[
        tuple[float, float]
    ]  # 95 % quantile, and mean excess beyond it, on white noise: where tails begin

    WORTH: ClassVar[
        float
    ]  # share of its surprise that counts: below 1 where much that is rare is also harmless

    def start(self) -> Any:
        """The state before the first reading."""

    def step(self, state: Any, seen: Seen) -> tuple[Any, float]:
        """The state after a reading, and the statistic of it, or `SILENT`."""
