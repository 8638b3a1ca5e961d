"""``python -m simulators simulate``: scenario files in, one JSON object a line out, in the order of the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from gateway.whatif.scenario import read_scenario
from simulators.whatif.run import Run


def simulate(
    files: Iterable[Path], seed: int | None, days: float | None, tell: Callable[[str], None]
) -> None:
    """Play each. Raises ConfigErrors, FoldFailed."""
    for file in files:
        scenario = read_scenario(file)
        scenario = replace(
            scenario,
            seed=scenario.seed if seed is None else seed,
            days=scenario.days if days is None else days,
        )
        tell(json.dumps(Run(scenario).play()))
