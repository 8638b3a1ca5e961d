"""What a request costs on the bus: so much for asking, so much for each register. Pure; learned from round
trips.

Least squares on (registers, round trip), in which old measurements fade and the first guess counts as a few
of them.
"""

from __future__ import annotations

from gateway.site import Bus

FADE = 0.98  # of the weight of what was measured before, at each measurement
GUESS_WEIGHT = 4.0  # the first guess counts like so many measurements
TURNAROUND_NS = 10_000_000  # what a serial unit takes to think, before anything was measured
SOCKET_NS, SOCKET_WORD_NS = 2_000_000, 5_000  # first guess for Modbus TCP
EXTRA_BYTES = 13  # of a serial read: 8 asked, 5 around the answer


class Cost:
    """The cost of reads from one unit."""

    def __init__(self, asking_ns: float, word_ns: float) -> None:
        self.asking_ns, self.word_ns = asking_ns, word_ns
        points = ((1.0, asking_ns + word_ns), (125.0, asking_ns + 125 * word_ns))
        self._sums = [0.0] * 5
        for words, took in points:
            self._add(words, took, GUESS_WEIGHT / 2)

    @property
    def worth(self) -> float:
        """Registers that cost as much as one more request."""
        return self.asking_ns / max(self.word_ns, 1.0)

    def of(self, words: float) -> float:
        """Nanoseconds of a read of so many registers."""
        return self.asking_ns + self.word_ns * words

    def learn(self, words: float, took_ns: int) -> None:
        """A read of `words` registers took so long."""
        took = min(float(took_ns), 4 * self.of(words))  # one hiccup teaches little
        self._sums = [each * FADE for each in self._sums]
        self._add(words, took, 1.0)
        n, x, y, xx, xy = self._sums
        spread = n * xx - x * x
        if spread > 1e-3 * n * n:
            self.word_ns = max((n * xy - x * y) / spread, 0.0)
        self.asking_ns = max((y - self.word_ns * x) / n, 1_000.0)

    def _add(self, words: float, took: float, weight: float) -> None:
        terms = (1.0, words, took, words * words, words * took)
        self._sums = [each + weight * term for each, term in zip(self._sums, terms, strict=True)]


def first_guess(bus: Bus) -> Cost:
    """Before anything was measured: by the line's speed."""
    if bus.driver == "modbus.tcp":
        return Cost(SOCKET_NS, SOCKET_WORD_NS)
    char = char_ns(bus)
    return Cost(EXTRA_BYTES * char + 2 * silence_ns(bus) + TURNAROUND_NS, 2 * char)


def char_ns(bus: Bus) -> int:
    """One character on a serial line: start bit, data, parity, stop."""
    bits = 1 + bus.data_bits + (bus.parity != "N") + bus.stop_bits
    return bits * 1_000_000_000 // bus.baud


def silence_ns(bus: Bus) -> int:
    """t3.5 (MODBUS over Serial Line V1.02, 2.5.1.1): of 11-bit characters; fixed above 19200 baud."""
    return 1_750_000 if bus.baud > 19_200 else 38_500_000_000 // bus.baud
