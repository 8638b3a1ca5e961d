"""Control charts as plain data: what a characteristic's chart shows now, or showed, and what happened meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gateway.bank.drawing import Drawn
from gateway.journal import JournalReader
from gateway.site import Characteristic, Site
from gateway.spc import load_chart
from gateway.spc.track import Floats, Track, violated
from gateway.views.capable import capable
from gateway.views.chartmarks import marks
from gateway.views.moments import iso
from gateway.views.past import Past

Charts = Callable[[str], tuple[Drawn, ...]]
"""The charts of a characteristic, the one in force first: of a fold that runs."""


def characteristics(site: Site) -> list[dict[str, Any]]:
    """Those that are charted, as a list to choose from; of several revisions one."""
    rows = {row.id: row for row in reversed(site.characteristics) if row.method}
    return [
        {
            "id": row.id,
            "tag": row.tag,
            "method": row.method,
            "reaction": row.reaction,
            "reaction_zh": row.line.reaction_zh,
            "about": row.line.about,
        }
        for row in reversed(rows.values())
    ]


def about(site: Site, row: Characteristic) -> dict[str, Any]:
    """The row of the plan."""
    every = {**site.groups(), **site.derived()}
    uoms = {point.tag: point.uom for group in every.values() for point in group.points}
    uoms |= {check.tag: check.uom for check in site.checks}
    single = row.sampling.size == 1 and load_chart(row.method).TAKES == "value"
    return {
        "id": row.id, "tag": row.tag, "uom": uoms.get(row.tag, ""), "method": row.method, "reaction": row.reaction,
        "reaction_zh": row.line.reaction_zh,
        "usl": row.usl, "lsl": row.lsl, "target": row.target, "about": row.line.about, "plan": row.line.plan,
        "revision": row.line.revision, "owner": row.line.owner, "singles": single, "listen": _listened(site, row),
        "key_names": [tag.rpartition("/")[2] for tag in row.key],
    }  # fmt: skip


def _listened(site: Site, row: Characteristic) -> list[str]:
    """Tags whose readings may bring a sample: its own, or of a derived one those of its cell."""
    groups = site.groups().values()
    if any(point.tag == row.tag for group in groups for point in group.points):
        return [row.tag]
    cell = row.tag.rpartition("/")[0]
    heads = [group.points[0].tag for group in groups if group.points]
    return [tag for tag in heads if tag.rpartition("/")[0] == cell] or heads[:8]


def chart(
    reader: JournalReader,
    row: Characteristic,
    charts: Sequence[Drawn],
    key: str | None,
    *,
    lean: bool = False,
) -> dict[str, Any]:
    """The chart of a key that a fold draws now, or of the one in force where `key` is None.

    `lean`: without what changes slowly, capability and histogram.
    """
    shown = next((each for each in charts if each.key == key), charts[0] if charts else None)
    plain: dict[str, Any] = {
        "keys": [{"key": each.key, "active": each.active, "samples": len(each.times)} for each in charts],
        "chart": None,
    }
    if shown is None:
        return plain
    plain["chart"] = {
        "key": shown.key, "active": shown.active, "learning": shown.learning,
        "limits": {
            "version": shown.limits.version, "samples": shown.limits.samples, "baseline": shown.limits.baseline,
            "arl0": shown.limits.arl0,
        },
        **_drawn(shown.times, shown.panels),
    }  # fmt: skip
    if len(shown.times):
        span = int(shown.times[0]), int(shown.times[-1]) + 1
        plain |= marks(reader, row, shown.key, span)
    if not lean:
        calm = _calm(plain.get("signals"), plain["chart"])
        plain |= capable(row, shown.samples, in_control=calm)
    return plain


def chart_past(reader: JournalReader, row: Characteristic, key: str, found: Past | None) -> dict[str, Any]:
    """The chart as it was."""
    if found is None or not len(found.times):
        return {"past": None}
    span = int(found.times[0]), int(found.times[-1]) + 1
    happened = marks(reader, row, key, span)
    changes = [{"time_ms": at // 1_000_000, "key": to} for at, to in found.changeovers]
    drawn = _drawn(found.times, found.panels)
    calm = _calm(happened["signals"], drawn)
    return {
        "past": {
            "key": key, "from_ms": found.from_ns // 1_000_000, "learnt_ms": found.learnt_ns // 1_000_000, **drawn,
        },
        **happened, "changeovers": changes, **capable(row, found.samples, in_control=calm),
    }  # fmt: skip


def _calm(signals: Any, drawn: Mapping[str, Any]) -> bool:
    """No signal began here, and no mark stands: one that began before is told once, and goes on."""
    return not signals and not any(panel["rules"] for panel in drawn["panels"])


def points(plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The samples of a chart's plain data as a table, panel by panel."""
    drawn = plain.get("past") or plain.get("chart") or {"times": [], "panels": []}
    return [
        {
            "time": iso(time_ms * 1_000_000), "panel": panel["name"],
            **{name: _at(panel[name], i) for name in ("value", "center", "lcl", "ucl")},
            "rules": panel["rules"].get(i, []),
        }
        for panel in drawn["panels"]
        for i, time_ms in enumerate(drawn["times"])
    ]  # fmt: skip


def _at(line: Any, i: int) -> float | None:
    value: float | None = line[i] if isinstance(line, list) else line
    return value


def _drawn(times: Any, panels: Sequence[Track]) -> dict[str, Any]:
    return {"times": (times // 1_000_000).tolist(), "panels": [_panel(panel) for panel in panels]}


def _panel(panel: Track) -> dict[str, Any]:
    """A line that does not vary is one number."""
    rules = {int(i): list(violated(int(panel.rules[i]), panel.names)) for i in np.flatnonzero(panel.rules)}
    lines = {name: _line(getattr(panel, name)) for name in ("center", "lcl", "ucl")}
    return {"name": panel.name, "value": _numbers(panel.value), **lines, "rules": rules}


def _line(values: Floats) -> list[float | None] | float | None:
    first = values[0] if len(values) else math.nan
    same = bool((values == first).all()) or bool(np.isnan(values).all())
    return finite(float(first)) if same else _numbers(values)


def _numbers(values: Floats) -> list[float | None]:
    """Numbers of JSON: it has neither nan nor infinities."""
    return [finite(value) for value in values.tolist()]


def finite(value: float) -> float | None:
    """A number that JSON can say."""
    return value if math.isfinite(value) else None
