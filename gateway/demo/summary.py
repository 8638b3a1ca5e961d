"""The demo's account of itself: what was served and arrived, what was planted and found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from gateway.model import AlarmChanged, Event, LotChanged, Noted, Signal

_SIGNIFICANT = ("readings", "values", "signals", "alarms", "lots", "lost", "duplicated")


@dataclass(frozen=True)
class Planted:
    """A change that the simulator made on purpose."""

    tag: str
    time_ns: int
    kind: str
    size: float | str
    about: str = (
        "process"  # "process": for charts to find; "sensor", "wire": for quality and the poller to tell;
        # "diversion": nobody measures it; for those to find who compare
    )


def read_planted(file: Path) -> list[Planted]:
    """What the simulator says it planted; none where it wrote no such file."""
    if not file.exists():
        return []
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines() if line]
    return [
        Planted(
            str(row["tag"]),
            int(row["time_ns"]),
            str(row["kind"]),
            row["size"],
            str(row.get("about", "process")),
        )
        for row in rows
    ]


def summarise(
    counts: Mapping[str, int],
    events: Iterable[Event],
    planted: Iterable[Planted],
    accounted: Mapping[str, object],
) -> dict[str, object]:
    """The object that ``demo --json`` ends with; `counts` are the replica's readings and values."""
    listed, told = list(events), list(planted)
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
        "planted": [
            *(_planted_row(each, signals) for each in told if each.about == "process"),
            *(_diverted_row(each, listed) for each in told if each.about == "diversion"),
        ],
        "faults": [_fault_row(each, listed) for each in told if each.about in {"sensor", "wire"}],
    }


def _planted_row(planted: Planted, signals: list[Signal]) -> dict[str, object]:
    found = [signal for signal in signals if signal.tag == planted.tag and signal.time_ns >= planted.time_ns]
    first = min(found, key=lambda signal: signal.time_ns, default=None)
    return _answered(planted, first, "" if first is None else first.chart)


def _diverted_row(planted: Planted, events: list[Event]) -> dict[str, object]:
    """Material that went past every meter, and the alarm of those that were compared."""
    found = (
        event
        for event in events
        if isinstance(event, AlarmChanged)
        and event.kind == "phantom_regrind"
        and event.state == "active"
        and event.time_ns >= planted.time_ns
    )
    first = min(found, key=lambda event: event.time_ns, default=None)
    return _answered(planted, first, "" if first is None else first.kind)


def _answered(planted: Planted, first: Signal | AlarmChanged | None, chart: str) -> dict[str, object]:
    """What was planted, and what said so first."""
    row: dict[str, object] = {
        "tag": planted.tag,
        "time": _iso(planted.time_ns),
        "kind": planted.kind,
        "size": planted.size,
        "signalled": first is not None,
    }
    if first is not None:
        after = round((first.time_ns - planted.time_ns) / 1e9, 3)
        row |= {"after_s": after, "chart": chart, "lots": list(first.lots)}
    return row


def _fault_row(fault: Planted, events: list[Event]) -> dict[str, object]:
    """A fault of a sensor or of the wire, and the notes about its device or tag that came after it."""
    device = fault.tag.rsplit("/", 1)[-1]
    notes = [
        event.kind
        for event in events
        if isinstance(event, Noted)
        and event.time_ns >= fault.time_ns
        and event.subject in {fault.tag, device}
    ]
    return {
        "about": fault.about,
        "tag": fault.tag,
        "time": _iso(fault.time_ns),
        "kind": fault.kind,
        "noted": notes,
    }


def _iso(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="milliseconds")


def table(summary: Mapping[str, object], kept: Path | None = None) -> str:
    """The summary for people. `kept`: the folder that holds the files; None: they are gone."""
    lines = ["", *(f"{name:>12}  {summary[name]:,}" for name in _SIGNIFICANT)]
    for name, head, words in (
        ("planted", "changes made to the process, and what the charts said:", _planted_line),
        (
            "faults",
            "faults of sensors and wires, and what was noted (values are bad meanwhile, never old):",
            _fault_line,
        ),
    ):
        rows = summary[name]
        if isinstance(rows, list) and rows:
            lines += ["", head, *map(words, rows)]
    for name, head, period in _RECKONED:
        told = summary.get(name)
        if isinstance(told, Mapping):
            lines += ["", f"{head} {told[period]}:", *(f"  {line}" for line in told["words"])]
    return "\n".join([*lines, *_more(summary, kept)])


_RECKONED = (
    ("balance", "the material balance of week", "week"),
    ("reward", "the reward ranking of", "month"),
    ("scorecard", "the scorecard of", "month"),
)


def _more(summary: Mapping[str, object], kept: Path | None) -> list[str]:
    """Commands that open what was told last."""
    balance, reward = summary.get("balance"), summary.get("reward")
    if not isinstance(balance, Mapping) or not isinstance(reward, Mapping):
        return []
    folder = "DIR" if kept is None else str(kept)
    listed = f" --declared {folder}/declared.csv" if "file" in balance else ""
    data, month = f"--data {folder}/replicas", reward["month"]
    return [
        "",
        "see more:" if kept else "see more, after a demo with --data DIR:",
        f"  lotwatch balance {data} --week {balance['week']}{listed}",
        f"  lotwatch reward {data} --month {month} --unfinished",
        f"  lotwatch scorecard {data} --month {month} --unfinished --all",
    ]


def _planted_line(row: Mapping[str, object]) -> str:
    said = f"signalled by {row['chart']} after {row['after_s']} s" if row["signalled"] else "not signalled"
    if "/" not in str(row["tag"]):  # of what no device measures
        return f"  {row['tag']}  {row['size']:g} % poured past it, metered by nobody: {said}"
    return f"  {row['tag']}  {row['kind']} {row['size']}: {said}"


def _fault_line(row: Mapping[str, object]) -> str:
    noted = row["noted"]
    said = ", ".join(noted) if isinstance(noted, list) and noted else "bad or late values only"
    return f"  {row['tag']}  {row['kind']}: {said}"
