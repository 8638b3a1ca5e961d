"""SIGKILL over gateway, broker, worker and database: the rounds of `benchmarks.kills`, a batch each."""

from __future__ import annotations

from benchmarks.kills import KILLS_A_ROUND, round_of
from benchmarks.reliability.row import Outcome, Row


def run(seed: int, number: int, count: int) -> Outcome:
    """One round. Raises `tests.kills.stage.NoServer` where a server is not installed."""
    told = round_of(seed, number, min(count, KILLS_A_ROUND))
    outcome = Outcome(told["kills"])
    outcome.facts.update(told["suffered"])
    outcome.facts.update({name: told["account"][name] for name in ("codes", "read", "lost", "doubled")})
    if not told["whole"]:
        outcome.find(f"not whole: {[told['stuck'], *told['ended'], *told['account']['findings']]}")
    return outcome


ROW = Row(
    "kills", "SIGKILLs of gateway, broker, worker and database", "nothing committed lost, nothing doubled",
    per_run=60, nightly=20_000, budget_s=150, batch=KILLS_A_ROUND, run=run,
)  # fmt: skip
