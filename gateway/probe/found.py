"""What a search has found, as rows. Rule: what did not answer is not in here."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field

TABLES = ("holding", "input", "coil", "discrete")
BIT_TABLES = ("coil", "discrete")
Value = float | str | bool


@dataclass(frozen=True, slots=True)
class Area:
    """Addresses that follow each other and all answered."""

    table: str
    first: int
    count: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class Words:
    """An area read some times over: `words[reads, count]`, at `times_ns[reads]` (boottime)."""

    area: Area
    times_ns: tuple[int, ...]
    words: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Guess:
    """One value among the words: where it is and what it likely is."""

    table: str
    address: int
    field: Field
    first: Value  # as it was read first
    last: Value
    sure: float  # bits by which it explains its words better than the next best reading of them does
    counts: bool = False  # it only grew
    idle: bool = False  # zero at every read: the type is anybody's guess
    instead: tuple[str, ...] = ()  # other readings, the likeliest first, such as "int32 CDAB 1234567"

    @property
    def word(self) -> str:
        """How sure, in a word."""
        return "idle" if self.idle else "sure" if self.sure >= 8 else "likely" if self.sure >= 3 else "guess"


@dataclass(slots=True)
class Tables:
    """The areas of one unit by table, and how long a read it takes."""

    areas: list[Area] = field(default_factory=list)
    max_words: int = 125
    absent: list[str] = field(default_factory=list)  # tables whose function the unit has not


@dataclass(slots=True)
class Unit:
    """A unit that answered."""

    unit: int
    baud: int = 0  # 0: not on a serial line
    parity: str = ""
    timeout_ns: int = 0  # that it was given, and answered in
    identity: dict[str, str] = field(default_factory=dict)  # vendor, product, revision, ... and server_id
    tables: Tables = field(default_factory=Tables)
    words: list[Words] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    same_as: int | None = None  # the unit id under which the same device answered before
    whole: bool = True  # the search of it came to its end
