"""SIGKILL over gateway, broker, worker and database: the rounds of `benchmarks.kills`, a batch each."""

from __future__ import annotations

from benchmarks.kills import KILLS_A_ROUND, round_of
from benchmarks.reliability.row import Outcome, Row
from tests.kills.starts import RESTART_S, usual_s


def run(seed: int, number: int, count: int) -> Outcome:
    """One round. Raises `tests.kills.stage.NoServer` where a server is not installed."""
    told = round_of(seed, number, min(count, KILLS_A_ROUND))
    outcome = Outcome(told["kills"])
    outcome.facts.update(told["suffered"])
    outcome.facts["starts"] = len(told["starts"])
    if told["starts"] and (usual := usual_s(told["starts"])) >= RESTART_S:
        outcome.find(f"a start of the gateway takes {usual:.1f} s of CPU")
    outcome.facts.update({name: told["account"][name] for name in ("codes", "read", "lost", "doubled")})
    if not told["whole"]:
        outcome.find(f"not whole: {[told['stuck'], *told['ended'], *told['account']['findings']]}")
    return outcome


ROW = Row(
    "kills", "SIGKILLs of gateway, broker, worker and database", "nothing committed lost or doubled; a restart < 2 s",
    per_run=60, nightly=20_000, budget_s=150, batch=KILLS_A_ROUND, run=run,
)  # fmt: skip
