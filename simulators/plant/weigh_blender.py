"""A blender that weighs each batch, as its controller counts: totals that are forgotten, and a ledger that is not.

Weights are whole tenths of a gram. The ledger is the truth: it is never cleared, wraps nowhere and has no unit. What a
controller shows is made of it the hard way, by adding in its own unit and word length.
"""

from __future__ import annotations

from collections.abc import Sequence

TENTHS, GRAMS = 2, 9  # how the load cells count, as a Maguire WSB says it
CYCLES_AROUND = 65_536
SAVED_EVERY = (
    10  # batches: a controller that keeps its totals through a loss of power writes them down so often
)


class WeighBlender:
    """Its totals, count of batches, unit and serial number."""

    def __init__(self, components: int = 4, *, kind: int = TENTHS, bits: int = 32, serial: int = 1) -> None:
        self.kind, self.serial = kind, serial
        self.ledger = [0] * components  # tenths of a gram ever dosed, by component
        self.batches = 0  # ever
        self.totals = [0] * components  # in the unit of `kind`
        self.cycles = 0
        self.last = [0] * components  # the newest batch, in tenths of a gram
        self._around = 2**bits
        self._clearing = False
        self._saved = (list(self.totals), 0)

    @property
    def unit(self) -> int:
        """Tenths of a gram of one count."""
        return 1 if self.kind == TENTHS else 10

    def batch(self, tenths: Sequence[int]) -> None:
        """A batch is finished: load cells that count grams weigh whole grams."""
        self.last = [dose - dose % self.unit for dose in tenths]
        for i, dose in enumerate(self.last):
            self.ledger[i] += dose
            self.totals[i] = (self.totals[i] + dose // self.unit) % self._around
        self.batches += 1
        self.cycles = (self.cycles + 1) % CYCLES_AROUND
        if self._clearing:
            self.clear_now()
        elif self.cycles % SAVED_EVERY == 0:
            self._saved = (list(self.totals), self.cycles)

    def clear(self) -> None:
        """Somebody clears the totals: that happens at the end of the batch, which goes with them."""
        self._clearing = True

    def clear_now(self) -> None:
        """They are cleared at once."""
        self.totals, self.cycles, self._clearing = [0] * len(self.totals), 0, False
        self._saved = (list(self.totals), 0)

    def lose_power(self, totals: str) -> None:
        """`totals` are "kept", "lost", or "restored" from when they were last written down."""
        self._clearing = False
        if totals == "lost":
            self.clear_now()
        elif totals == "restored":
            self.totals, self.cycles = list(self._saved[0]), self._saved[1]

    def count_in(self, kind: int) -> None:
        """The controller counts in the other unit from now on, and works its totals out anew."""
        was, self.kind = self.unit, kind
        self.totals = [round(total * was / self.unit) % self._around for total in self.totals]
        self._saved = (list(self.totals), self.cycles)

    def replace(self, totals: Sequence[int], cycles: int, serial: int) -> None:
        """Another controller is put in its place, with what it has counted elsewhere."""
        self.totals, self.cycles, self.serial, self._clearing = list(totals), cycles, serial, False
        self._saved = (list(self.totals), cycles)
