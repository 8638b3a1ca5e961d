"""The pictures of docs/explanation/choosing-a-chart.md, drawn from what the code computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.pictures import autocorrelation, baseline, drift, run_lengths

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"

DRAWN: dict[str, Callable[[], str]] = {
    "run_lengths.svg": run_lengths.picture,
    "drift.svg": drift.picture,
    "regrind.csv": drift.table,  # the samples of drift.svg, for those who want to try
    "baseline.svg": baseline.picture,
    "autocorrelation.svg": autocorrelation.picture,
}
"""What stands in docs/pictures, and who draws it."""
