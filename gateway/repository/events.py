"""The EPCIS events of one journal, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.epcis.held import of_noted
from gateway.epcis.made import of_made
from gateway.epcis.moved import of_changed
from gateway.epcis.names import Names, private_base
from gateway.epcis.shapes import Event
from gateway.journal import JournalReader
from gateway.journal.lotevents import LotEvent, LotEvents
from gateway.model import LotChanged, LotMade, Noted
from gateway.repository.stays import Stays
from gateway.site import Site

_KINDS_KEPT = 50_000


class Place(NamedTuple):
    """Where an EPCIS event comes from: the lot event's time and number, and which of its events it is."""

    time_ns: int
    seq: int
    part: int


class EventStream:
    """One journal's events; closes its reader. Not for two threads at once. Raises JournalError."""

    def __init__(self, reader: JournalReader) -> None:
        self.reader = reader
        self.lots = LotEvents(reader.folder)
        self._kinds: dict[str, str] = {}
        self._set(self.reader.site())

    def refresh(self) -> bool:
        """Take the config that is in force now; whether it is another one."""
        site = self.reader.site()
        if site == self._site:
            return False
        self._set(site)
        return True

    def _set(self, site: Site | None) -> None:
        self._site = site
        base = (site.epcis.base if site else "") or private_base(self.reader.identity.site)
        self.names = Names(base, site.epcis.gln if site else "", self._kind_of)
        self._stays = Stays(self.reader, self.lots, self.names, site)

    def close(self) -> None:
        self.reader.close()
        self.lots.close()

    def told(self, found: LotEvent) -> list[Event]:
        """The EPCIS events of one lot event."""
        (seq, _, event), recorded = found
        if isinstance(event, LotMade):
            self._remember(event.lot, event.kind)
            before = self.lots.amended(event.lot, event.version, seq) if event.version > 1 else None
            amended = before.event if before is not None and isinstance(before.event, LotMade) else None
            return of_made(event, self.names, recorded, amended)
        if isinstance(event, LotChanged):
            return of_changed(event, self.names, recorded) + self._stays.told(event)
        return of_noted(event, self.names, recorded) if isinstance(event, Noted) else []

    def placed(self, found: Iterable[LotEvent]) -> Iterator[tuple[Place, Event]]:
        """EPCIS events with their places, in order."""
        for each in found:
            time_ns, seq = each.numbered.event.time_ns, each.numbered.seq
            for part, event in enumerate(self.told(each)):
                yield Place(time_ns, seq, part), event

    def between(self, from_ns: int, to_ns: int) -> Iterator[Event]:
        """Every event of a span of time, as long as there are any; little is in memory."""
        for found in self.lots.between(from_ns, to_ns):
            yield from self.told(found)

    def of_lots(self, lots: Sequence[str], from_ns: int, to_ns: int) -> list[LotEvent]:
        """Lot events that name one of these lots, in the order of time."""
        found = self.lots.numbered(self.lots.of_lots(lots))
        some = [each for each in found if from_ns <= each.numbered.event.time_ns < to_ns]
        return sorted(some, key=lambda each: (each.numbered.event.time_ns, each.numbered.seq))

    def _kind_of(self, lot: str) -> str:
        known = self._kinds.get(lot)
        if known is None:
            known = self.lots.kind(lot)
            if known:
                self._remember(lot, known)
        return known

    def _remember(self, lot: str, kind: str) -> None:
        if len(self._kinds) >= _KINDS_KEPT:
            self._kinds.clear()
        self._kinds[lot] = kind
