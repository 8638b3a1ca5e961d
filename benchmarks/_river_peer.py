"""River's drift detectors, for `adaptive`: run by a Python that has river; prints one JSON object.

ARL0 from a fresh start each time; then the delay after samples of N(0, 1) turn into N(1, 1), over runs without an
earlier signal.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any

from river import __version__, drift  # type: ignore[import-not-found]

Make = Callable[[], Any]
KINDS: dict[str, tuple[Make, int]] = {  # with the samples to count false signals in
    "PageHinkley": (drift.PageHinkley, 400_000),
    "ADWIN, delta 0.15": (lambda: drift.ADWIN(delta=0.15), 1_500_000),
    "ADWIN": (drift.ADWIN, 0),  # a false signal in millions of samples: too long to count here
}


def arl0(make: Make, samples: int) -> float:
    rng, detector, signals = random.Random(1), make(), 0
    for _ in range(samples):
        detector.update(rng.gauss(0.0, 1.0))
        if detector.drift_detected:
            signals, detector = signals + 1, make()
    return samples / max(signals, 1)


def delays(make: Make, before: int, runs: int) -> list[int]:
    rng, found = random.Random(2), []
    for _ in range(runs):
        detector, sample = make(), 0
        while not detector.drift_detected:
            detector.update(rng.gauss(float(sample >= before), 1.0))
            sample += 1
        if sample > before:
            found.append(sample - before)
    return found


def main() -> None:
    before = int(sys.argv[1])
    out: dict[str, Any] = {"river": __version__}
    for name, (make, samples) in KINDS.items():
        delay = delays(make, before, 500)
        out[name] = {"arl0": arl0(make, samples) if samples else None, "delay": sum(delay) / len(delay)}
    print(json.dumps(out))


if __name__ == "__main__":
    main()
