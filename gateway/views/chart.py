"""Control charts as plain data: what a characteristic's chart shows now, with its signals, and how capable it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gateway.bank.drawing import Drawn
from gateway.journal import JournalReader
from gateway.model import Signal
from gateway.site import Characteristic, Site
from gateway.spc.track import Floats, Track, violated
from gateway.stats.constants import d2
from gateway.study.capability import Spec, capability
from gateway.study.within import freedom_of
from gateway.views.moments import iso

Charts = Callable[[str], tuple[Drawn, ...]]
"""The charts of a characteristic, the one in force first: of a fold that runs."""

_LEAST = 20  # samples for a capability
_BARS = 24


def characteristics(site: Site) -> list[dict[str, Any]]:
    """Those that are charted, as a list to choose from."""
    return [
        {"id": row.id, "tag": row.tag, "method": row.method, "reaction": row.reaction}
        for row in site.characteristics
        if row.method
    ]


def chart(
    reader: JournalReader, site: Site, row: Characteristic, charts: Sequence[Drawn], key: str
) -> dict[str, Any]:
    """One characteristic with the chart of a key, or of the one in force where `key` is ""."""
    shown = next((each for each in charts if each.key == key), charts[0] if charts else None)
    uoms = {
        point.tag: point.uom for group in (site.groups() | site.derived()).values() for point in group.points
    }
    plain: dict[str, Any] = {
        "id": row.id, "tag": row.tag, "uom": uoms.get(row.tag, ""), "method": row.method, "reaction": row.reaction,
        "usl": row.usl, "lsl": row.lsl, "target": row.target,
        "keys": [{"key": each.key, "active": each.active, "samples": len(each.times)} for each in charts],
        "chart": None,
    }  # fmt: skip
    if shown is not None:
        plain["chart"] = _chart(shown)
        plain["signals"] = _signals(reader, row, shown)
        plain["capability"] = _capability(row, shown, plain["signals"])
        plain["histogram"] = _histogram(shown)
    return plain


def _chart(shown: Drawn) -> dict[str, Any]:
    return {
        "key": shown.key, "active": shown.active, "learning": shown.learning,
        "limits": {
            "version": shown.limits.version, "samples": shown.limits.samples, "baseline": shown.limits.baseline,
            "arl0": shown.limits.arl0,
        },
        "times": (shown.times // 1_000_000).tolist(),
        "panels": [_panel(panel) for panel in shown.panels],
    }  # fmt: skip


def _panel(panel: Track) -> dict[str, Any]:
    rules = {int(i): list(violated(int(panel.rules[i]), panel.names)) for i in np.flatnonzero(panel.rules)}
    lines = {name: _numbers(getattr(panel, name)) for name in ("value", "center", "lcl", "ucl")}
    return {"name": panel.name, **lines, "rules": rules}


def _numbers(values: Floats) -> list[float | None]:
    """Numbers of JSON: it has neither nan nor infinities."""
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _signals(reader: JournalReader, row: Characteristic, shown: Drawn) -> list[dict[str, Any]]:
    if not len(shown.times):
        return []
    found = reader.events_between(int(shown.times[0]), int(shown.times[-1]) + 1, ["Signal"])
    return [
        {
            "time": iso(event.time_ns), "time_ms": event.time_ns // 1_000_000, "rules": list(event.rules),
            "value": event.value, "size_sigma": event.size_sigma, "lots": list(event.lots_since or event.lots),
            "change": None if event.change is None else {
                "at_ms": event.change.time_ns // 1_000_000, "from_ms": event.change.from_ns // 1_000_000,
                "to_ms": event.change.to_ns // 1_000_000, "size": event.change.size,
                "size_sigma": event.change.size_sigma,
            },
        }
        for _, _, event in found
        if isinstance(event, Signal) and event.characteristic == row.id and event.key == shown.key
    ]  # fmt: skip


def _individuals(shown: Drawn) -> Floats | None:
    """Samples that are single values of the process; None where the chart plots something else."""
    if shown.samples.shape[1] != 1:
        return None
    values = shown.samples[:, 0]
    return values[~np.isnan(values)]


def _histogram(shown: Drawn) -> dict[str, Any] | None:
    values = _individuals(shown)
    if values is None or len(values) < _LEAST:
        return None
    counts, edges = np.histogram(values, bins=min(_BARS, max(5, round(math.sqrt(len(values))))))
    return {"counts": counts.tolist(), "edges": edges.tolist()}


def _capability(row: Characteristic, shown: Drawn, signals: Sequence[Any]) -> dict[str, Any] | None:
    """Of the samples on the chart; `in_control` says whether it means anything."""
    values = _individuals(shown)
    if values is None or len(values) < _LEAST or (row.usl is None and row.lsl is None):
        return None
    within = float(np.abs(np.diff(values)).mean()) / d2(2)
    if not within > 0:
        return None
    spec = Spec(*(math.nan if each is None else each for each in (row.lsl, row.usl, row.target)))
    found = capability(values, spec, (within, freedom_of(None, values)))
    indices = {
        name: {part: _finite(getattr(getattr(found, name), part)) for part in ("value", "low", "high")}
        for name in ("cp", "cpk", "pp", "ppk", "cpm")
    }
    return {**indices, "n": len(values), "ppm": _finite(found.ppm_overall), "in_control": not signals}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
