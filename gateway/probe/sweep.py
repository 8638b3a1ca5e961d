"""Which units are asked for, at which settings of a serial line, and how long each is waited for. Pure.

The law: a question that nobody answers costs its own bytes, those of an answer, and the time a device takes to think.
All units of a line have the same settings: where one answered, the other settings are not tried.

The wait: 247 ids x 6 bauds x 3 parities are 4446 questions; with `THINK_NS` for each they take less than ten minutes.
A unit that thinks for longer is not lost: its late answer is heard while the next is asked, and it is asked once more,
patiently. Source of the bytes: MODBUS over Serial Line V1.02, 2.5.1; of the answer, an exception or one register.

>>> round(worst_ns(range(1, 248), settings(BAUDS, PARITIES)) / 60e9, 1)
8.5
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BAUDS = (9600, 19_200, 38_400, 115_200, 57_600, 4800)
"""The likeliest first; 19200 is the standard's own (V1.02, 3.1)."""

PARITIES = ("N", "E", "O")
IDS = range(1, 248)
THINK_NS = 100_000_000
PATIENT_NS = 1_000_000_000  # for one that was heard late
TCP_WAIT_NS = 1_000_000_000
TCP_IDS = (1, 255, 0)
"""Asked for where nobody says which: a device of its own mostly answers to one of these."""

_ASKED, _ANSWER = 8, 7  # characters
_OPENING_NS = 20_000_000  # a port at other settings


@dataclass(frozen=True, slots=True)
class Setting:
    """How a serial line is set; eight data bits, one stop bit."""

    baud: int
    parity: str

    @property
    def char_ns(self) -> int:
        """One character."""
        return (10 + (self.parity != "N")) * 1_000_000_000 // self.baud

    @property
    def wait_ns(self) -> int:
        """From the question's first bit until nobody will answer any more."""
        return (_ASKED + _ANSWER) * self.char_ns + THINK_NS

    @property
    def silence_ns(self) -> int:
        """Between frames: 3.5 characters of 11 bits, above 19200 baud 1.75 ms (V1.02, 2.5.1.1)."""
        return 1_750_000 if self.baud > 19_200 else 38_500_000_000 // self.baud


def settings(bauds: Sequence[int], parities: Sequence[str]) -> list[Setting]:
    """All of them, the likeliest first."""
    return [Setting(baud, parity) for baud in bauds for parity in parities]


def worst_ns(ids: Sequence[int], lines: Iterable[Setting]) -> int:
    """How long it takes to learn that nobody is there."""
    return sum(_OPENING_NS + len(ids) * (each.wait_ns + each.silence_ns) for each in lines)


def numbers(text: str, most: int) -> list[int]:
    """Numbers and ranges as people write them. Raises ValueError.

    >>> numbers("1-3,10", 247)
    [1, 2, 3, 10]
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()):
            raise ValueError(f"{part.strip()!r} is no number and no range such as 1-20")
        first, last = int(low), int(high) if dash else int(low)
        if first > last or last > most:
            raise ValueError(f"{part.strip()}: numbers are 0 to {most}, the smaller one first")
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)
