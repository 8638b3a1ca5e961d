"""A folder of many sites' replicas, and how long the commands take to answer across them: for `benchmarks.fleet`.

Every site makes batches of one resin lot that all of them got, and of one of their own; two boxes a batch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from gateway.ingest.replicas import replica_folder
from gateway.journal import Replica
from gateway.model import Composition, Event, Identity, Ingredient, LotMade, NumberedEvent

T0 = 1_780_000_000 * 10**9
FRESH = ((1.0, *[0.0] * 8),)
SHARED = "RESIN-77"


def make(data: Path, sites: int, batches: int) -> int:
    """Replicas of so many sites; how many lots there are in all."""
    for number in range(sites):
        identity = Identity(f"site{number:03d}", "box", f"{number:08x}")
        events = [NumberedEvent(seq, 0, made) for seq, made in enumerate(_lots(number, batches), 1)]
        with Replica.open(replica_folder(data, identity), identity) as replica:
            replica.store([], events)
    return sites * (2 + 3 * batches)


def _lots(site: int, batches: int) -> list[Event]:
    own = f"RESIN-S{site:03d}"
    made: list[Event] = [_made(name, "material", 0, 1_000.0, (), (name,), (1.0,)) for name in (SHARED, own)]
    for batch in range(batches):
        name = f"B-{site:03d}-{batch:05d}"
        inputs = (Ingredient(SHARED, 30.0, 0.1), Ingredient(own, 70.0, 0.1))
        made.append(_made(name, "batch", 3 * batch + 1, 100.0, inputs, (SHARED, own), (0.3, 0.7)))
        made += [
            _made(f"{name}-{box}", "box", 3 * batch + 1 + box, 50.0, (Ingredient(name, 50.0, 0.01),),
                  (SHARED, own), (0.3, 0.7))
            for box in (1, 2)
        ]  # fmt: skip
    return made


def _made(
    name: str,
    kind: str,
    minute: int,
    kg: float,
    inputs: tuple[Ingredient, ...],
    sources: tuple[str, ...],
    shares: tuple[float, ...],
) -> LotMade:
    composition = Composition(sources, (shares,), (0.001,) * len(shares), (0.0,), FRESH)
    return LotMade(T0 + minute * 60 * 10**9, name, kind, "hall/line/press1", kg, 0.1, inputs, composition)


def asked(data: Path, *words: str) -> tuple[float, bytes]:
    """Seconds of a command as a person waits for it, and what it printed."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *words, "--data", str(data)],
        capture_output=True,
        env=environment,
        check=True,
    )
    return time.monotonic() - began, done.stdout
