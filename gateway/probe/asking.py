"""Where a unit answers: which reads to ask, one after another, each by what came to those before. Pure.

A generator: it yields an `Ask`, is sent an `Outcome`, and returns the areas that answer. The law: every address of a
range that was asked for is decided; no more than one read of a single address is spent on one that does not answer, and
some 2 log2(n) reads on n that do. An area grows from the first address that answers by doubling, until a read is
refused; its edge is found by halving. A device that refuses for the length alone (exception 3, or 2 where the very next
address answers) has taught its longest read.

Beyond the ranges only `likely` addresses are tried: where makers like to begin, and one beside, as manuals count
from 1. A device that answers everywhere is left alone when `MANY` have answered.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from gateway.probe.found import BIT_TABLES, TABLES, Area, Tables

ADDRESSES = 65_536
MOST = {"holding": 125, "input": 125, "coil": 2000, "discrete": 2000}
FIRST_RANGE = range(128)
"""Decided, address by address, where nobody says which."""

GROWS_MOST = 512  # addresses from a likely one on, where no range asks for them
MANY = 2048  # addresses that answered, where no range asks for them
DEAF = 8  # addresses in a row without any answer: the table is left


class Outcome(Enum):
    """What came to a read."""

    WORDS = "an answer"
    ADDRESS = "exceptions 2 and 3: not these addresses, or not so many"
    FUNCTION = "exception 1: not this table"
    SILENT = "nothing to trust"


@dataclass(frozen=True, slots=True)
class Ask:
    """A read."""

    table: str
    address: int
    count: int


Steps = Generator[Ask, Outcome, Tables]
_Search = Generator[Ask, Outcome, None]


def likely() -> list[int]:
    """Addresses at which makers begin their tables."""
    hundreds = [*range(200, 1000, 100), *range(1000, 10_000, 1000), *range(10_000, ADDRESSES, 10_000), 40_001]
    bases = [*hundreds, *(1 << power for power in range(8, 16)), *range(0x1000, ADDRESSES, 0x1000)]
    near = {at + beside for at in bases for beside in (-1, 0, 1)}
    return sorted(at for at in near if FIRST_RANGE.stop <= at < ADDRESSES)


def survey(tables: Sequence[str] = TABLES, ranges: Iterable[int] | None = None) -> Steps:
    """Reads that find what answers in some tables. `ranges`: addresses to decide, and no other."""
    found = Tables()
    asked = sorted(set(FIRST_RANGE if ranges is None else ranges))
    beyond = likely() if ranges is None else []
    for table in tables:
        one = _Table(table, found, asked, beyond)
        yield from one.search()
        found.areas += one.areas()
        if one.absent:
            found.absent.append(table)
    return found


class _Table:
    """The search of one table."""

    def __init__(self, table: str, tables: Tables, asked: list[int], beyond: list[int]) -> None:
        self._table, self._tables = table, tables
        self._asked, self._beyond = asked, beyond
        self._good: set[int] = set()
        self._most = MOST[table] if table in BIT_TABLES else tables.max_words
        self._deaf = 0
        self._cut, self._longest_good = False, 0
        self.absent = False

    def areas(self) -> list[Area]:
        """What was found, in order."""
        found: list[Area] = []
        for address in sorted(self._good):
            if found and found[-1].end == address:
                found[-1] = Area(self._table, found[-1].first, found[-1].count + 1)
            else:
                found.append(Area(self._table, address, 1))
        return found

    def search(self) -> _Search:
        """All of it."""
        yield from self._search()
        if self._cut and self._table not in BIT_TABLES:
            self._tables.max_words = min(self._tables.max_words, self._longest_good)

    def _search(self) -> _Search:
        allowed = set(self._asked)
        if self._beyond:
            allowed |= set(range(FIRST_RANGE.stop, FIRST_RANGE.stop + GROWS_MOST))
        yield from self._through(self._asked, allowed, 1)
        if not self._good and not self.absent and self._table not in BIT_TABLES:
            yield from self._through(
                self._asked[::2][:DEAF], allowed, 2
            )  # some answer whole 32-bit values only
        for address in self._beyond:
            if self.absent or self._deaf >= DEAF or len(self._good) >= MANY:
                return
            if address not in self._good:
                near = set(range(address, min(address + GROWS_MOST, ADDRESSES)))
                yield from self._through([address], near, 1)

    def _through(self, addresses: Sequence[int], allowed: set[int], width: int) -> _Search:
        for address in addresses:
            if address in self._good:
                continue
            if self.absent or self._deaf >= DEAF:
                return
            fine = address + width <= ADDRESSES and (yield from self._try(address, width))
            if fine:
                yield from self._grow(address, width, allowed)

    def _try(self, address: int, count: int) -> Generator[Ask, Outcome, bool]:
        outcome = yield Ask(self._table, address, count)
        self._deaf = self._deaf + 1 if outcome is Outcome.SILENT else 0
        self.absent = self.absent or (outcome is Outcome.FUNCTION and not self._good)
        if outcome is Outcome.WORDS:
            self._good.update(range(address, address + count))
        return outcome is Outcome.WORDS

    def _grow(self, first: int, good: int, allowed: set[int]) -> _Search:
        """From an address that answered on, to the end of its area."""
        before = 0
        while True:
            good = yield from self._longest(first, good, self._room(first, allowed))
            self._longest_good = max(self._longest_good, good)
            edge = first + good
            if edge not in allowed or edge in self._good or not (yield from self._try(edge, 1)):
                return
            if (
                good < self._most
            ):  # the next one answers alone: so many are too many, or one area ends at another
                self._cut = True
                self._most = good if good == before else self._most
            first, good, before = edge, 1, good

    def _room(self, first: int, allowed: set[int]) -> int:
        """Addresses in a row, from the first on, that may be asked for in one read."""
        count = 1
        while count < self._most and first + count in allowed:
            count += 1
        return count

    def _longest(self, first: int, good: int, room: int) -> Generator[Ask, Outcome, int]:
        """The longest read that is answered: doubling, then halving."""
        bad = room + 1
        while good < room and bad > room:
            wanted = min(2 * good, room)
            if (yield from self._try(first, wanted)):
                good = wanted
            else:
                bad = wanted
        while bad - good > 1:
            wanted = (good + bad) // 2
            if (yield from self._try(first, wanted)):
                good = wanted
            else:
                bad = wanted
        return good
