"""The Numenta Anomaly Benchmark's own series, from a folder that holds them: never part of this project.

Of the files of each of its folders, by name, every second one from the first on was looked at while the score was made;
the others were not.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks._nab import PROFILES, Floats, Windows, at, best
from benchmarks._table import Row
from gateway.anomaly import Watcher

SECOND = 10**9
PUBLISHED = {  # its README's table: NAB v1.1
    "standard": "HTM 70, CAD OSE 69.9, KNN CAD 58.0, relative entropy 54.6, windowed Gaussian 39.6",
    "low FP": "HTM 62, CAD OSE 67.0, KNN CAD 43.4, relative entropy 47.6, windowed Gaussian 20.9",
    "low FN": "HTM 75, CAD OSE 73.2, KNN CAD 64.8, relative entropy 58.8, windowed Gaussian 47.4",
}
TO_BEAT = {"standard": 58.0, "low FP": 47.6, "low FN": 64.8}  # the best of those that are simple


def corpus(folder: Path) -> list[Row]:
    """Scores of all files by one threshold, and of the files that were not looked at by the threshold of the others."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text("utf-8"))
    seen: list[tuple[Floats, Windows]] = []
    unseen: list[tuple[Floats, Windows]] = []
    for place in sorted(path for path in (folder / "data").iterdir() if path.is_dir()):
        for number, file in enumerate(sorted(place.glob("*.csv"))):
            done = scored(file, labels[f"{place.name}/{file.name}"])
            (unseen if number % 2 else seen).append(done)
    rows = []
    for profile in PROFILES:
        whole, _ = best(seen + unseen, profile)
        mine, threshold = best(seen, profile)
        its, _ = best(unseen, profile)
        held = at(unseen, profile, threshold)
        rows.append(
            Row(
                f"NAB {profile.name}, {len(seen) + len(unseen)} files",
                PUBLISHED[profile.name],
                f"> {TO_BEAT[profile.name]}",
                f"{whole:.1f}; looked at {mine:.1f}; held out {held:.1f} by their threshold, {its:.1f} by the best",
                reached=min(whole, held) > TO_BEAT[profile.name],
            )
        )
    return rows


def scored(file: Path, spans: list[list[str]]) -> tuple[Floats, Windows]:
    """The score of each row, and the windows of the labels."""
    with file.open(encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    stamps = [row[0] for row in rows]
    watcher = Watcher(1)
    state, scores, clock, last = watcher.start(), np.zeros(len(rows)), 0, None
    for row, (stamp, value) in enumerate(rows):
        now = int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()) * SECOND
        clock += max(0, now - last) if last is not None else 0
        last = now
        state, said = watcher.step(state, clock, now, [float(value)])
        scores[row] = said.device
    return scores, [
        (stamps.index(first.split(".")[0]), stamps.index(end.split(".")[0])) for first, end in spans
    ]
