"""Frames of every driver, as a row: Modbus TCP and RTU, scanner, RFID reader and scales in turn."""

from __future__ import annotations

from benchmarks.reliability.inputs.modbus import rtu, tcp
from benchmarks.reliability.inputs.serials import rfid, scale, scanner
from benchmarks.reliability.row import Outcome, Row, dice

TURNS = (
    tcp,
    rtu,
    tcp,
    scanner,
    tcp,
    rfid,
    tcp,
    tcp,
    scale,
    tcp,
    rtu,
    tcp,
    scanner,
    tcp,
    tcp,
    rfid,
    tcp,
    rtu,
    tcp,
    tcp,
)


def run(seed: int, number: int, count: int) -> Outcome:
    """So many frames of one kind."""
    outcome, kind = Outcome(count), TURNS[number % len(TURNS)]
    kind(dice("frames", seed, number), count, outcome)
    outcome.facts[f"frames of {kind.__name__}"] += count
    return outcome


ROW = Row(
    "frames", "frames that are spoiled", "only typed errors, <= 1 ms each, in step within one frame",
    per_run=1_000_000, nightly=100_000_000, budget_s=60, batch=20_000, run=run,
)  # fmt: skip
