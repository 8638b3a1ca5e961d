"""The rows there are. Each is imported when it is asked for: some want servers, others a compiler's work."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.reliability import codec, kills, lines, ports, schemas
from benchmarks.reliability.inputs import configs, frames, payloads, scans, web
from benchmarks.reliability.power import row as power
from benchmarks.reliability.row import Row


def rows() -> Iterable[Row]:
    """In the order of the table."""
    inputs = (frames.ROW, scans.ROW, payloads.ROW, configs.ROW, web.ROW)
    return (kills.ROW, power.ROW, *inputs, lines.ROW, codec.ROW, ports.ROW, schemas.ROW)
