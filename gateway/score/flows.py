"""What crossed the edge of a store between two instants, stream by stream, with where the number comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gateway.codes.identify import Identified, lot_of
from gateway.journal import JournalReader
from gateway.mass.scans import net_weight
from gateway.model import Noted, Scan
from gateway.score.doubts import Doubt
from gateway.score.facts import number
from gateway.score.metered import Weighed, weighed
from gateway.score.stores import Stream
from gateway.site import ScanPoint, Site

SIGMA_OF_LABEL = 0.001
"""Standard uncertainty of a printed net weight, as a share of it (as in `gateway.mass.scans`)."""


@dataclass(frozen=True, slots=True)
class Single:
    """One delivery, bag or weighing by hand: what a row of a list may have forgotten."""

    time_ns: int
    kg: float
    what: str  # lot, or meter
    seq: int = 0  # of the input or event; 0: out of readings


@dataclass(frozen=True, slots=True)
class Flowed:
    """Kilograms of one stream in a span, never negative."""

    stream: Stream
    kg: float
    sigma_kg: float  # of weighing, independent from week to week
    bias_kg: float  # that its calibration leaves open, the same every week
    singles: tuple[Single, ...] = ()
    weighings: int = 0
    doubts: tuple[Doubt, ...] = ()


@dataclass(slots=True)
class Flows:
    """Of one journal; what was read once is remembered."""

    reader: JournalReader
    site: Site
    _weighed: dict[tuple[str, int, int], Weighed] = field(default_factory=dict)
    _scrapped: dict[tuple[int, int], list[tuple[int, Noted]]] = field(default_factory=dict)

    def meter(self, name: str, t0: int, t1: int) -> Weighed:
        """What one meter weighed in [t0, t1)."""
        key = (name, t0, t1)
        if key not in self._weighed:
            meter = next(each for each in self.site.meters if each.name == name)
            self._weighed[key] = weighed(self.reader, self.site, meter, t0, t1)
        return self._weighed[key]

    def flowed(self, stream: Stream, t0: int, t1: int) -> Flowed:
        """One stream in [t0, t1)."""
        if stream.part < 0:
            return self._bags(
                stream, next(p for p in self.site.scan_points if p.name == stream.meter), t0, t1
            )
        found = self.meter(stream.meter, t0, t1)
        amount = found.sums[stream.part]
        kg = amount.kg * stream.share
        singles = tuple(Single(at, each * stream.share, stream.meter) for at, each in found.single.items())
        return Flowed(
            stream, kg, math.sqrt(amount.var) * stream.share, kg * self.site.score.calibration,
            singles if stream.kind == "received" else (), found.cycles, _doubts(found),
        )  # fmt: skip

    def scrapped(self, vessels: tuple[str, ...], store: str, t0: int, t1: int) -> list[Flowed]:
        """What people threw away out of these vessels."""
        if (t0, t1) not in self._scrapped:
            self._scrapped[t0, t1] = [
                (seq, event)
                for seq, _, event in self.reader.events_between(t0, t1, ["scrapped"])
                if isinstance(event, Noted)
            ]
        made = []
        for vessel in vessels:
            rows = [(seq, event) for seq, event in self._scrapped[t0, t1] if event.subject == vessel]
            if not rows:
                continue
            singles = tuple(
                Single(event.time_ns, number(event, "kg"), str(event.facts.get("reason")), seq)
                for seq, event in rows
            )
            sigma = math.hypot(*(number(event, "sigma_kg") for _, event in rows))
            stream = Stream(store, "scrapped", "entered", -1, vessel=vessel)
            made.append(Flowed(stream, sum(each.kg for each in singles), sigma, 0.0, singles, len(rows)))
        return made

    def _bags(self, stream: Stream, point: ScanPoint, t0: int, t1: int) -> Flowed:
        """Bags emptied into a vessel: scans with a weight; the fold has said which of them are one bag."""
        again = {
            (event.time_ns, event.subject)
            for _, _, event in self.reader.events_between(t0, t1, ["bag_repeated"])
            if isinstance(event, Noted)
        }
        singles, unknown = [], 0
        for seq, given in self.reader.others_between(t0, t1, ["Scan"]):
            if not isinstance(given, Scan) or given.point != point.name or given.phase == "left":
                continue
            found = lot_of(given.code, given.symbology)
            if not isinstance(found, Identified) or (given.at.time_ns, found.lot) in again:
                continue
            kg = net_weight(given.code, given.symbology) or point.kg
            if kg:
                singles.append(Single(given.at.time_ns, kg, found.lot, seq))
            unknown += not kg
        kg = sum(each.kg for each in singles)
        sigma = math.hypot(*(SIGMA_OF_LABEL * each.kg for each in singles))
        doubts = (Doubt("bags", n=unknown),) if unknown else ()
        return Flowed(stream, kg, sigma, 0.0, tuple(singles), len(singles), doubts)


def _doubts(found: Weighed) -> tuple[Doubt, ...]:
    meter, cleared = found.meter, len(found.cleared)
    said = [
        None if found.seen else Doubt("unread", meter),
        Doubt("cleared", meter, cleared) if cleared else None,
        Doubt("unseen", meter, found.guessed, found.cycles) if found.guessed else None,
        Doubt("unknown", meter, found.unknown) if found.unknown else None,
    ]
    return tuple(each for each in said if each is not None)
