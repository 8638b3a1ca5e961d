"""Recordings: CSV with a first column of times, separated by ``;`` (as SKAB) or ``,``; written and read.

The simulator writes one with what real ones have: irregular times, a gap, the same time twice, missing values, spikes,
a frozen stretch. A value is read as the shortest decimal of its float32, which is what a register holds.
"""

from __future__ import annotations

import csv
import math
import random
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulators.plant.line import Plant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RecordingError(ValueError):
    """The file is no recording; says where."""


@dataclass(frozen=True)
class Recording:
    """Rows of numbers with their times. Values are those of float32, missing ones nan."""

    names: tuple[str, ...]  # as point names
    times_ms: tuple[int, ...]  # since 1970 in UTC; recordings say no zone
    rows: tuple[tuple[float, ...], ...]


def float32(value: float) -> float:
    """The nearest number a float32 register can hold."""
    return struct.unpack(">f", struct.pack(">f", value))[0]  # type: ignore[no-any-return] # one float


def read_recording(file: Path) -> Recording:
    """The whole file. Raises RecordingError naming file and line."""
    text = file.read_text("utf-8-sig")
    head = text.split("\n", 1)[0]
    lines = list(csv.reader(text.splitlines(), delimiter=";" if ";" in head else ","))
    if not lines or len(lines[0]) < 2:
        raise RecordingError(f"{file}:1: no columns beside the time")
    names = _point_names(lines[0][1:])
    times, rows = [], []
    for number, cells in enumerate(lines[1:], 2):
        if not cells:
            continue
        if len(cells) != len(lines[0]):
            raise RecordingError(f"{file}:{number}: {len(cells)} cells under {len(lines[0])} columns")
        try:
            times.append(_milliseconds(cells[0]))
            rows.append(tuple(_number(cell) for cell in cells[1:]))
        except ValueError as error:
            raise RecordingError(f"{file}:{number}: {error}") from None
    if not rows:
        raise RecordingError(f"{file}: no rows")
    return Recording(tuple(names), tuple(times), tuple(rows))


def _milliseconds(cell: str) -> int:
    when = datetime.fromisoformat(cell)
    return (when.replace(tzinfo=when.tzinfo or UTC) - _EPOCH) // timedelta(milliseconds=1)


def _number(cell: str) -> float:
    return float32(float(cell)) if cell.strip() else math.nan


def _point_names(titles: Sequence[str]) -> list[str]:
    """Lower case words joined by _; a second one of a name gets a number."""
    names: list[str] = []
    for title in titles:
        name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "column"
        name = name if name[0].isalpha() else f"c_{name}"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


COLUMNS = (
    ("blender1", "regrind_share"),
    ("dryer1", "temperature"),
    ("dryer1", "dew_point"),
    ("press1", "cushion"),
    ("press1", "part_weight"),
    ("press1", "peak_pressure"),
    ("press2", "melt_temperature"),
    ("silo1", "level"),
)


def write_glitches(file: Path, rows: int = 1500, seed: int = 1) -> None:
    """A recording of the plant at about 1 Hz, with glitches."""
    plant, chance = Plant(seed), random.Random(f"{seed}/glitches")
    when = datetime(2026, 3, 2, 6, 0, 0, tzinfo=UTC)
    frozen: dict[int, float] = {}
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(["datetime", *(f"{machine} {what}" for machine, what in COLUMNS)])
        for row in range(rows):
            step = _irregular(row, chance)
            plant.step(step)
            when += timedelta(seconds=step)
            values = [float(plant.machines[machine].signals[what]) for machine, what in COLUMNS]
            cells = [_cell(row, place, value, chance, frozen) for place, value in enumerate(values)]
            writer.writerow([when.replace(tzinfo=None).isoformat(" ", "milliseconds"), *cells])


def _irregular(row: int, chance: random.Random) -> float:
    if row % 211 == 210:
        return 0.0  # the same time twice
    if row % 389 == 388:
        return 47.0  # the logger was away
    return round(max(chance.gauss(1.0, 0.08), 0.02), 3)


def _cell(row: int, place: int, value: float, chance: random.Random, frozen: dict[int, float]) -> str:
    draw = chance.random()
    if draw < 0.004:
        return ""  # the sensor said nothing
    if draw < 0.006:
        value *= 40.0  # a spike
    if 700 <= row < 760 and place == 2:
        value = frozen.setdefault(place, value)
    return repr(round(value, 4))
