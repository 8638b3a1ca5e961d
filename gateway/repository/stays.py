"""What the readings of a lot's stay at a cell say: of the tags that the control plan charts there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gateway.epcis.names import Names
from gateway.epcis.sensors import Summary, of_stay
from gateway.epcis.shapes import Event
from gateway.journal import JournalReader
from gateway.journal.lotevents import LotEvents
from gateway.model import BAD_FROM, LotChanged
from gateway.site import Site

LONGEST_NS = (
    24 * 3_600 * 1_000_000_000
)  # of a longer stay nothing is said: its readings are too many to go through
_STEP_NS = 600_000_000_000  # readings of ten minutes are in memory at once


class Stays:
    """Summaries of one journal's stays."""

    def __init__(self, reader: JournalReader, lots: LotEvents, names: Names, site: Site | None) -> None:
        self._reader, self._lots, self._names = reader, lots, names
        self._tags: dict[str, dict[str, str]] = {}  # by cell: uom by tag
        if site is not None:
            uom = {point.tag: point.uom for group in site.groups().values() for point in group.points}
            for row in site.characteristics:
                for tag in (row.tag, *row.tags):
                    if tag in uom:
                        self._tags.setdefault(tag.rpartition("/")[0], {})[tag] = uom[tag]

    def told(self, changed: LotChanged) -> list[Event]:
        """The sensor event of the stay that ended here, if there is one and something was measured."""
        tags = self._tags.get(changed.cell)
        if changed.change != "closed" or changed.role != "product" or not tags:
            return []
        record = self._reader.lot(changed.lot)
        since = [
            window.since_ns
            for window in (record.windows if record else ())
            if window.cell == changed.cell and window.role == "product" and window.until_ns == changed.time_ns
        ]
        if not since or not 0 < changed.time_ns - since[0] <= LONGEST_NS:
            return []
        signalled = self._lots.signalled(since[0], changed.time_ns)
        found = [
            self._summary(tag, uom, since[0], changed.time_ns, signalled=tag in signalled)
            for tag, uom in sorted(tags.items())
        ]
        return of_stay(changed.lot, changed.cell, since[0], changed.time_ns, found, self._names)

    def _summary(self, tag: str, uom: str, from_ns: int, to_ns: int, *, signalled: bool) -> Summary:
        """Two moments added up part by part (Chan, Golub, LeVeque 1983), so that none has to be kept."""
        count, bad, mean, squares = 0, 0, 0.0, 0.0
        low, high = math.inf, -math.inf
        for start, end in _steps(from_ns, to_ns):
            series = self._reader.readings(tag, start, end)
            bad += int(np.count_nonzero(series.quality >= BAD_FROM))
            numbers = series.numbers()
            numbers = numbers[np.isfinite(numbers)]
            if not len(numbers):
                continue
            here, middle = len(numbers), float(np.mean(numbers))
            delta, whole = middle - mean, count + here
            squares += float(np.sum((numbers - middle) ** 2)) + delta * delta * count * here / whole
            mean, count = mean + delta * here / whole, whole
            low, high = min(low, float(np.min(numbers))), max(high, float(np.max(numbers)))
        if not count:
            return Summary(tag, uom, 0, bad, signalled=signalled)
        sdev = math.sqrt(squares / (count - 1)) if count > 1 else 0.0
        return Summary(tag, uom, count, bad, low, high, mean, sdev, signalled)


def _steps(from_ns: int, to_ns: int) -> Iterator[tuple[int, int]]:
    for start in range(from_ns, to_ns, _STEP_NS):
        yield start, min(start + _STEP_NS, to_ns)
