"""The demo's account of itself: what was served and arrived, what was planted and found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from gateway.model import AlarmChanged, Event, LotChanged, Signal

_SIGNIFICANT = ("readings", "values", "signals", "alarms", "lots", "lost", "duplicated")


@dataclass(frozen=True)
class Planted:
    """A change that the simulator made on purpose."""

    tag: str
    time_ns: int
    kind: str
    size: float | str


def read_planted(file: Path) -> list[Planted]:
    """What the simulator says it planted; none where it wrote no such file."""
    if not file.exists():
        return []
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines() if line]
    return [Planted(str(row["tag"]), int(row["time_ns"]), str(row["kind"]), row["size"]) for row in rows]


def summarise(
    counts: Mapping[str, int],
    events: Iterable[Event],
    planted: Iterable[Planted],
    accounted: Mapping[str, object],
) -> dict[str, object]:
    """The object that ``demo --json`` ends with; `counts` are the replica's readings and values."""
    listed = list(events)
    signals = [event for event in listed if isinstance(event, Signal)]
    alarms = {event.alarm for event in listed if isinstance(event, AlarmChanged)}
    lots = {event.lot for event in listed if isinstance(event, LotChanged)}
    return {
        "readings": counts["readings"],
        "values": counts["values"],
        "signals": len(signals),
        "alarms": len(alarms),
        "lots": len(lots),
        "lost": accounted["lost"],
        "duplicated": accounted["duplicated"],
        "planted": [_planted_row(each, signals) for each in planted],
    }


def _planted_row(planted: Planted, signals: list[Signal]) -> dict[str, object]:
    found = [signal for signal in signals if signal.tag == planted.tag and signal.time_ns >= planted.time_ns]
    first = min(found, key=lambda signal: signal.time_ns, default=None)
    row: dict[str, object] = {
        "tag": planted.tag,
        "time": datetime.fromtimestamp(planted.time_ns / 1e9, UTC).isoformat(timespec="milliseconds"),
        "kind": planted.kind,
        "size": planted.size,
        "signalled": first is not None,
    }
    if first is not None:
        row |= {
            "after_s": round((first.time_ns - planted.time_ns) / 1e9, 3),
            "chart": first.chart,
            "lots": list(first.lots),
        }
    return row


def table(summary: Mapping[str, object]) -> str:
    """The summary for people."""
    lines = ["", *(f"{name:>12}  {summary[name]:,}" for name in _SIGNIFICANT)]
    planted = summary["planted"]
    if isinstance(planted, list) and planted:
        lines += ["", "planted by the simulator, and what the gateway said:"]
        lines += [_planted_line(row) for row in planted]
    return "\n".join(lines)


def _planted_line(row: Mapping[str, object]) -> str:
    said = f"signalled by {row['chart']} after {row['after_s']} s" if row["signalled"] else "not signalled"
    return f"  {row['tag']}  {row['kind']} {row['size']}: {said}"
