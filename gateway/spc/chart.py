"""What a chart is: the contract that every file of this folder with a ``CHART`` keeps (tests/contracts/test_charts.py).

A chart is a frozen dataclass of parameters, scalars or one element per slot along their first axis. Its state is a
frozen dataclass of arrays with one element per slot along their first axis. What one sample is, `TAKES` says:

- "value": one number; a block is ``[rows, slots]``.
- "subgroup": the members of a subgroup, ``[rows, slots, n]``; nan is a member that is missing.
- "count": a number of items or events; ``[rows, slots]``.
- "count_size": a count and the size of what it was counted in, ``[rows, slots, 2]``.
- "vector": one number of each tag, ``[rows, slots, p]``.

A block without the axis of slots is one slot. A sample that is nan (all of it) is none: it leaves the slot alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import numpy as np

from gateway.spc.track import Floats, Track, as_rows, column
from gateway.stats.constants import d2

Takes = Literal["value", "subgroup", "count", "count_size", "vector"]
WIDE = ("subgroup", "count_size", "vector")
"""What takes more than one number a sample."""

S = TypeVar("S")


class Chart(Protocol[S]):
    """Everything that bank, study and contract suite ask of a chart."""

    RULES: ClassVar[tuple[str, ...]]  # of the main panel; rule 0 is its limits
    TAKES: ClassVar[Takes]

    def start(self) -> S:
        """The state before the first sample."""

    def run(self, state: S, block: Floats) -> tuple[S, Track]:
        """Chart a block. Pure; a block and its rows one by one give the same bits."""

    def standardise(self, state: S, block: Floats) -> tuple[Floats, Floats]:
        """Each sample as z, about standard normal while in control, signed where it has a direction; and what z = 1 is
        in units of the tag (nan where there is no such unit). Both ``[rows, slots]``. `state` is that before the block.
        Asked when there was a signal, of the samples that led to it: need not be fast.
        """

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """The parameters that phase I estimates, with their shape for one slot; `width`: numbers in a sample."""

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Phase I of one slot: every parameter of `learnt` out of samples ``[m]`` or ``[m, width]``.

        What is in `known` is kept as it is. Raises ValueError where the samples cannot tell (they do not vary, ...).
        """


class Individuals:
    """Phase I and z of charts of single values with `center` and `sigma`: mean, and mean moving range over d2(2)."""

    __slots__ = ()
    TAKES: ClassVar[Takes] = "value"

    def standardise(self, state: Any, block: Floats) -> tuple[Floats, Floats]:
        """z = (x - center) / sigma."""
        del state
        x = as_rows(block)
        chart: Any = self
        center, sigma = column(chart.center, x.shape[1]), column(chart.sigma, x.shape[1])
        return (x - center) / sigma, np.broadcast_to(sigma, x.shape)

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center and sigma."""
        del width
        return {"center": (), "sigma": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Raises ValueError where there is no spread."""
        if "sigma" in known:
            sigma = known["sigma"]
        elif baseline.size < 2:
            raise ValueError("one sample has no spread: give more, or mean and sigma")
        else:
            with np.errstate(over="ignore"):
                sigma = np.asarray(np.abs(np.diff(baseline)).mean() / d2(2))
            if not np.isfinite(sigma):
                raise ValueError("the samples are too far apart for this arithmetic")
            if sigma == 0:
                raise ValueError("the samples do not vary, so there are no limits: give sigma")
        center = known.get("center", np.asarray(baseline.mean()))
        return {"center": center, "sigma": sigma}
