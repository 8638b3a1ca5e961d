"""How far others are behind a journal, as plain data: brokers, replicas, databases, by the cursors that it keeps."""

from __future__ import annotations

from typing import Any

from gateway.journal import JournalReader

_TOLD = {"mqtt": "broker", "stored": "replica"}
_OWN = ("-config", "-ledger")  # of a publisher's own housekeeping
_WITNESS = "witness"


def lags(reader: JournalReader) -> list[dict[str, Any]]:
    """Of each: what it is, records that it has not, and by how many seconds it is behind the newest input."""
    last = reader.last()
    rows = []
    for name, at in sorted(reader.cursors().items()):
        if name.endswith(_OWN) or name == _WITNESS:
            continue
        waiting = max(last.input - at.input, 0) + max(last.event - at.event, 0)
        seconds = None if not at.input else _seconds(reader, at.input, last.input)
        rows.append({"to": _TOLD.get(name, "database"), "name": name, "waiting": waiting, "seconds": seconds})
    return rows


def _seconds(reader: JournalReader, at: int, last: int) -> float | None:
    """Between two inputs; None where the older one is thinned out already."""
    times = [next((each.input.at.time_ns for each in reader.inputs(seq, seq)), None) for seq in (at, last)]
    then, now = times
    return None if then is None or now is None else max(0.0, round((now - then) / 1e9, 1))
