"""What the server's answers about a scanned lot take, in CPU time: what it is made of, where it went, and the rest.

Of each lot the quickest of three, with a reader that nobody asked anything before: the pages' helper keeps nothing of a
lot. What the browser and the wire take is not in it.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from benchmarks._table import Row
from gateway.journal import JournalReader
from gateway.journal.database import open_for_writing
from gateway.web.pages.lot import PAGE
from gateway.web.pages.page import Asked
from gateway.web.pages.rendered import rendered

TRIES = 3
PARTS = {
    "made": {"part": "made"},
    "first": {"part": "went", "first": "100"},
    "all": {"part": "went"},
    "rest": {"part": "rest"},
}


def answered(folder: Path, lots: list[tuple[str, str]]) -> list[Row]:
    """Rows by kind of lot."""
    open_for_writing(folder).close()  # one that was kept may have a schema of before
    took: dict[str, list[list[float]]] = {}
    for kind, lot in lots:
        took.setdefault(kind, []).append([_quickest(folder, {"lot": lot, **part}) for part in PARTS.values()])
    rows = []
    for kind, some in took.items():
        middle, most = np.median(some, axis=0), np.max(some, axis=0)
        got = ", ".join(f"{mid:.0f}/{worst:.0f}" for mid, worst in zip(middle, most, strict=True))
        first = float(most[0] + most[1])
        rows.append(
            Row(
                f"{kind}, {len(some)} lots: made of, first 100 of went into, all of it, the rest: median/worst",
                "",
                "",
                f"{got} ms; painted after {first:.0f} ms at most",
            )
        )
    return rows


def _quickest(folder: Path, given: dict[str, str]) -> float:
    tries = []
    for _ in range(TRIES):
        with JournalReader(folder) as reader:
            began = time.process_time()
            rendered(PAGE, Asked([reader], given, 0))
            tries.append((time.process_time() - began) * 1e3)
    return min(tries)
