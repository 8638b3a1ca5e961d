"""A week in which nothing is done to the demo's plant, in virtual time: false alarms against the site's budget.

The plant's noise within a day is 0.7 of the sigma that its plan knows (that of weeks). Here it is all of it, so that
the charts meet just the noise they are designed for; ``--within 0.7`` is the plant's own.

Kilograms are left out: no chart reads what the mass room makes, and at a plant where a bag is emptied each 15 s it is
most of the work.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import replace

from benchmarks._table import Row, machine, print_table
from gateway.config import load
from gateway.config.limits import solved
from gateway.model import AlarmChanged
from gateway.pipeline import Pipeline
from gateway.resources import config_dir
from simulators.plant import machine as physics
from simulators.plant.line import Plant
from simulators.virtual import readings

DAY_S = 86_400


def alarms(days: float, within: float, seed: int) -> int:
    """Signal alarms raised in so many days; `within`: noise as a share of the plan's sigma."""
    physics.WITHIN_A_DAY = within
    site = solved(load(config_dir() / "demo" / "site.yaml"))
    site = replace(site, vessels=(), meters=(), lot_rules=())
    pipeline = Pipeline(site)
    state, raised = pipeline.start(), 0
    for given in readings(Plant(seed), site, round(days * DAY_S)):
        step = pipeline.step(state, given)
        state = step.state
        for event in step.events:
            if isinstance(event, AlarmChanged) and event.kind == "signal" and event.state == "active":
                raised += event.version == 1 or "returned" in str(event.facts)
    return raised


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--within", type=float, default=1.0, help="noise as a share of the plan's sigma")
    given = parser.parse_args()
    budget = load(config_dir() / "demo" / "site.yaml").false_alarms_per_day
    print(machine())
    begun = time.process_time()
    raised = alarms(given.days, given.within, given.seed)
    wanted = budget * given.days
    most = wanted + 1.645 * math.sqrt(wanted)  # one-sided 95 % of a Poisson count with the budget as its mean
    rows = [
        Row(
            f"{given.days:g} days in control, noise {given.within:g} of the plan's sigma",
            "none",
            f"<= {wanted:g} (chance: <= {most:.0f})",
            f"{raised} false alarms in {time.process_time() - begun:.0f} s of CPU",
            reached=raised <= most,
        )
    ]
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
