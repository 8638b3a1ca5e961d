"""What each characteristic of the plan was while a lot was made: n, mean, spread, limits, capability of individuals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from gateway.journal import JournalReader
from gateway.model import Noted, NumberedEvent, Plain, Signal
from gateway.reports.samples import samples
from gateway.site import Characteristic, Site
from gateway.spc.track import Floats
from gateway.stats.constants import d2
from gateway.stats.sums import deviation, mean
from gateway.study.capability import Spec, capability
from gateway.study.within import freedom_of

LEAST = 20
"""Fewer individuals have no capability that is worth its interval."""


_LIMITS = ("limits_frozen", "limits_tightened", "limits_in_force")
_LIMITS_BACK_NS = 40 * 86_400_000_000_000


class At(Protocol):
    """A stay at a cell."""

    @property
    def cell(self) -> str: ...
    @property
    def from_ns(self) -> int: ...
    @property
    def to_ns(self) -> int | None: ...


def characteristics(
    reader: JournalReader, site: Site, stays: Sequence[At], events: Iterable[NumberedEvent]
) -> list[dict[str, Any]]:
    """A row for each tag of each characteristic whose tag is of a cell where the lot was."""
    signals: dict[str, list[Signal]] = {}
    for numbered in events:
        if isinstance(numbered.event, Signal):
            signals.setdefault(numbered.event.characteristic, []).append(numbered.event)
    span = reader.span()
    groups = (site.groups() | site.derived()).values()
    uoms = {point.tag: point.uom for group in groups for point in group.points}
    centers = _centers(reader, stays)
    rows = []
    for row in site.characteristics:
        spans = [
            (stay.from_ns, stay.to_ns or (span[1] + 1 if span else stay.from_ns))
            for stay in stays
            if row.tag.startswith(f"{stay.cell}/")
        ]
        if not spans or not row.method:
            continue
        for tag in (row.tag, *row.tags):
            values = samples(reader, row, tag, spans)
            rows.append(
                {
                    "id": row.id,
                    "tag": tag,
                    "uom": uoms.get(tag, ""),
                    "method": row.method,
                    "plan": row.line.judged_by,
                    "special": row.line.special,
                    "size": row.sampling.size,
                    "several": bool(row.tags),
                    **_described(values),
                    **_limits(row, signals.get(row.id, []), centers.get(row.id, {})),
                    "outside": _outside(row, values),
                    "signals": len(signals.get(row.id, [])),
                    "capability": _capability(row, values) if not row.tags else None,
                }
            )
    return rows


def _described(values: Floats) -> dict[str, Any]:
    n = len(values)
    return {
        "n": n,
        "mean": mean(values) if n else None,
        "s": deviation(values) if n > 1 else None,
        "min": float(values.min()) if n else None,
        "max": float(values.max()) if n else None,
    }


def _outside(row: Characteristic, values: Floats) -> int:
    """Values beyond the specification."""
    low = -math.inf if row.lsl is None else row.lsl
    high = math.inf if row.usl is None else row.usl
    return int(((values < low) | (values > high)).sum())


def _centers(reader: JournalReader, stays: Sequence[At]) -> dict[str, Mapping[str, Plain]]:
    """By characteristic the facts of its newest limits before the lot was finished: center and sigma."""
    if not stays:
        return {}
    first = min(stay.from_ns for stay in stays)
    last = max(stay.to_ns or stay.from_ns for stay in stays)
    found: dict[str, Mapping[str, Plain]] = {}
    for _, _, event in reader.events_between(first - _LIMITS_BACK_NS, last + 1, _LIMITS):
        if isinstance(event, Noted):
            found[event.subject] = event.facts
    return found


def _limits(row: Characteristic, signals: Sequence[Signal], told: Mapping[str, Plain]) -> dict[str, Any]:
    """The specification; control limits as the lot's last signal had them; center and sigma as they were told."""
    last = signals[-1] if signals else None
    numbers = {name: told.get(name, row.params.get(name)) for name in ("center", "sigma")}
    return {
        "lsl": row.lsl, "usl": row.usl, "target": row.target,
        "lcl": last.lcl if last else None, "ucl": last.ucl if last else None, **numbers,
    }  # fmt: skip


def _capability(row: Characteristic, values: Floats) -> dict[str, Any] | None:
    """None where the chart is not of individuals, where there is no specification, or where there are too few."""
    individuals = row.sampling.size == 1 and row.sampling.every != "lot"
    if not individuals or len(values) < LEAST or (row.usl is None and row.lsl is None):
        return None
    within = float(np.abs(np.diff(values)).mean()) / d2(2)
    if not within > 0.0 or not deviation(values) > 0.0:
        return None
    spec = Spec(*(math.nan if each is None else each for each in (row.lsl, row.usl, row.target)))
    found = capability(values, spec, (within, freedom_of(None, values)))
    return {
        name: {part: _finite(getattr(getattr(found, name), part)) for part in ("value", "low", "high")}
        for name in ("cp", "cpk", "pp", "ppk")
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
