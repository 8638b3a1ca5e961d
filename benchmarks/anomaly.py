"""The anomaly score: change points of SKAB recordings, false alarms in control, and what a row costs.

``python -m benchmarks.anomaly --data FOLDER --nab FOLDER``: folders of the SKAB recordings, and of the Numenta Anomaly
Benchmark (`data/`, `labels/`); what is absent is not measured. Every second file, by name, was looked
at while the checks were made; the others were not. Each file's start is cut at random, so that no row number helps.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._nab import PROFILES, Windows, at, best
from benchmarks._nab_corpus import corpus
from benchmarks._table import Row, machine, print_table
from gateway.anomaly import Watcher

Floats = NDArray[np.float64]
SECOND = 10**9
WINDOW = 30.0  # seconds from a change point on, in which finding it counts, as SKAB has it
PUBLISHED = {"standard": "MSCRED 32.42", "low FP": "Conv-AE 21.54", "low FN": "MSCRED 40.28"}
TO_BEAT = {"standard": 32.42, "low FP": 21.54, "low FN": 40.28}
CUT = 300  # rows at most that are cut from a file's begin
LEARN = 100  # rows that no share counts


class Scored(NamedTuple):
    """One recording: score of the device, labels, windows of the change points."""

    scores: Floats
    wrong: NDArray[np.bool_]
    windows: Windows


def scored(file: Path, rng: np.random.Generator) -> Scored:
    with file.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream, delimiter=";")
    rows = rows[int(rng.integers(0, CUT)) :]
    labels = [name for name in ("anomaly", "changepoint") if name in head]
    width = len(head) - len(labels)
    times = [datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp() for row in rows]
    values = [[float(field) for field in row[1:width]] for row in rows]
    marks = {name: np.array([float(row[head.index(name)]) > 0 for row in rows]) for name in labels}
    none = np.zeros(len(rows), dtype=bool)
    windows = [
        (int(row), int(np.searchsorted(times, times[row] + WINDOW, "right")) - 1)
        for row in np.flatnonzero(marks.get("changepoint", none))
    ]
    watcher = Watcher(width - 1)
    state, scores = watcher.start(), np.zeros(len(rows))
    for row, (instant, vector) in enumerate(zip(times, values, strict=True)):
        state, said = watcher.step(state, int((instant - times[0]) * SECOND), int(instant * SECOND), vector)
        scores[row] = said.device
    return Scored(scores, marks.get("anomaly", none), windows)


def f1(files: Sequence[Scored]) -> tuple[float, float]:
    """F1 over rows with the threshold that 5 % of the rows in order reach; and what always saying nothing new earns."""
    scores = np.concatenate([each.scores[LEARN:] for each in files])
    wrong = np.concatenate([each.wrong[LEARN:] for each in files])
    said = scores > np.quantile(scores[~wrong], 0.95)
    return 2.0 * float((said & wrong).sum()) / float(said.sum() + wrong.sum()), float(said[~wrong].mean())


def skab(folder: Path) -> list[Row]:
    files = sorted(path for name in ("valve1", "valve2", "other") for path in (folder / name).glob("*.csv"))
    rng = np.random.default_rng(2026)
    every = [scored(file, rng) for file in files]
    seen, unseen = every[::2], every[1::2]
    rows = []
    for profile in PROFILES:
        tuned = [(each.scores, each.windows) for each in seen]
        fresh = [(each.scores, each.windows) for each in unseen]
        mine, threshold = best(tuned, profile, skip=False)
        its, _ = best(fresh, profile, skip=False)
        held = at(fresh, profile, threshold, skip=False)
        rows.append(
            Row(
                f"SKAB change points, NAB {profile.name}",
                PUBLISHED[profile.name],
                f"> {TO_BEAT[profile.name]}",
                f"files looked at {mine:.1f}; held out {held:.1f} by their threshold, {its:.1f} by the best",
                reached=held > TO_BEAT[profile.name],
            )
        )
    for name, part in (("looked at", seen), ("held out", unseen)):
        share, false = f1(part)
        rows.append(
            Row(f"SKAB rows, files {name}: F1", "-", "FPR <= 5 %", f"{share:.2f} at {100 * false:.1f} %")
        )
    quiet = folder / "anomaly-free" / "anomaly-free.csv"
    if quiet.exists():
        loud = scored(quiet, rng).scores
        rows.append(
            Row(
                "SKAB, anomaly-free: rows of score >= 0.5",
                "-",
                "-",
                f"{int((loud >= 0.5).sum())} of {len(loud):,}",
            )
        )
    return rows


def hanging(rng: np.random.Generator, rows: int, phi: float) -> Floats:
    noise, made, last = rng.normal(size=rows), np.empty(rows), 0.0
    for row in range(rows):
        last = phi * last + float(noise[row])
        made[row] = last
    return made


def shifts(rng: np.random.Generator, rows: int) -> Floats:
    """Two levels a day, a row a minute."""
    hour = np.arange(rows) % 1440 / 60.0
    return np.where((hour >= 8) & (hour < 18), 80.0, 20.0) + rng.normal(0, 2, rows)


IN_CONTROL: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "white noise": lambda rng, rows: rng.normal(size=rows),
    "AR(1) 0.9": lambda rng, rows: hanging(rng, rows, 0.9),
    "AR(1) 0.9, coarse": lambda rng, rows: np.round(hanging(rng, rows, 0.9)),
    "two shifts a day": shifts,
    "Student t, 3 degrees": lambda rng, rows: rng.standard_t(3, rows),
}


def quiet(days: int) -> list[Row]:
    """Alarms on a budget of one a day, a row a minute; the first two days teach."""
    rows = []
    for name, made in IN_CONTROL.items():
        series = made(np.random.default_rng(2031), (days + 2) * 1440)
        watcher = Watcher(1, alarms_per_day=1.0)
        state, alarms = watcher.start(), 0
        for row, x in enumerate(series.tolist()):
            instant = row * 60 * SECOND
            state, said = watcher.step(state, instant, instant, [x])
            alarms += said.alarm and row >= 2 * 1440
        rows.append(
            Row(
                f"false alarms a day, {name}",
                "-",
                "<= 1 by budget",
                f"{alarms / days:.2f}",
                reached=alarms <= days,
            )
        )
    return rows


def cost() -> list[Row]:
    rows = []
    rng = np.random.default_rng(3)
    for tags, reach in ((1, 50.0), (20, 100.0)):
        watcher = Watcher(tags)
        series = rng.normal(size=(1200 if tags > 1 else 6000, tags)).tolist()
        state = watcher.start()
        begin = 0.0
        for row, values in enumerate(series):
            if row == 200:
                begin = time.process_time()
            state, _ = watcher.step(state, row * SECOND, row * SECOND, values)
        spent = (time.process_time() - begin) / (len(series) - 200) * 1e6
        rows.append(
            Row(
                f"one row of {tags} tags",
                "-",
                f"<= {reach:.0f} us",
                f"{spent:.0f} us",
                reached=spent <= reach,
            )
        )
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        file = Path(place) / "x.csv"
        values = rng.normal(50, 3, 20_000)
        file.write_text(
            "time,value\n" + "".join(f"{row * 300},{x:.3f}\n" for row, x in enumerate(values)), "utf-8"
        )
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "gateway", "detect", str(file), "-o", str(file.with_suffix(".out"))],
            check=True,
        )
        spent = time.perf_counter() - begin
    rate = len(values) / spent
    shown = f"{rate:,.0f} rows/s (start included)"
    rows.append(Row("lotwatch detect, 20,000 rows", "-", ">= 20,000 rows/s", shown, reached=rate >= 20_000))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    given = os.environ.get("LOTWATCH_BENCH_DATA")
    parser.add_argument(
        "--data", type=Path, default=Path(given) if given else None, help="folder of SKAB recordings"
    )
    parser.add_argument("--nab", type=Path, help="folder of the Numenta Anomaly Benchmark")
    parser.add_argument("--days", type=int, default=30, help="days in control, for each kind of noise")
    asked = parser.parse_args()
    print(machine())
    rows = quiet(asked.days) + cost()
    if asked.data is None:
        print("no recordings: say --data FOLDER")
    else:
        rows += skab(asked.data)
    if asked.nab is None:
        print("no Numenta Anomaly Benchmark: say --nab FOLDER")
    else:
        rows += corpus(asked.nab)
    print_table(rows)


if __name__ == "__main__":
    main()
