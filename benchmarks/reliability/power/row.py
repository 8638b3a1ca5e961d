"""Power loss, as a row: each batch is a life of its own, every beginning of it, and as many others as it takes."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.power.judge import LifeJudge
from benchmarks.reliability.power.recovery import Judge
from benchmarks.reliability.power.states import State, disordered, ordered
from benchmarks.reliability.power.trace import Trace
from benchmarks.reliability.power.workload import recorded
from benchmarks.reliability.row import FINDINGS_KEPT, Outcome, Row, dice

STEPS = 25  # of a life
WHOLLY = 0.002  # share of states that are recovered whole though one like them was


def memory() -> str | None:
    """Where files are in memory: syncing is modelled, and need not be waited for."""
    shm = Path("/dev/shm")  # each run in a folder of its own
    return str(shm) if shm.is_dir() else None


def run(seed: int, number: int, count: int) -> Outcome:
    """One life, and so many states of it."""
    return lose_power(dice("power", seed, number), count, STEPS)


def lose_power(chance: random.Random, count: int, steps: int, *, in_order: bool = True) -> Outcome:
    """So many states of a life of so many steps; `in_order`: all beginnings of it are among them, and come first."""
    with tempfile.TemporaryDirectory(prefix="lotwatch-power-", dir=memory()) as work:
        trace, life = recorded(Path(work).resolve() / "data", chance, steps)

        def states() -> Iterator[State]:
            told = 0
            for state in itertools.islice(ordered(trace), count if in_order else 0):
                told += 1
                yield state
            yield from disordered(trace, chance, count - told)

        judge = LifeJudge(Path(work) / "states", life)
        outcome = judge_all(states(), trace, judge, chance)
        outcome.facts["commits"] += len(life.ends) - 1
        outcome.facts["thinned"] += life.thinned
    return outcome


def judge_all(states: Iterator[State], trace: Trace, judge: Judge, chance: random.Random) -> Outcome:
    """Recover each, until there are enough findings."""
    outcome = Outcome()
    for state in states:
        if outcome.facts["found"] >= FINDINGS_KEPT:
            break
        outcome.count += 1
        outcome.facts[state.how] += 1
        wrong = judge.judged(state.files, trace.promised(state.step), wholly=chance.random() < WHOLLY)
        if wrong:
            outcome.find(f"{state.how} at step {state.step} of {len(trace.steps)}: {wrong}")
    outcome.facts.update(
        {"recovered whole": judge.whole, "SQLite asked": judge.asked, "steps": len(trace.steps)}
    )
    return outcome


ROW = Row(
    "power", "states of the disk after power loss", "a committed prefix with all that was told, by itself",
    per_run=50_000, nightly=100_000_000, budget_s=60, batch=10_000, run=run,
)  # fmt: skip
