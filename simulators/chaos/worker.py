"""``python -m simulators chaos``: seeds in, one JSON object a line out as each is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from simulators.chaos.memory import Memory
from simulators.chaos.run import Outcome, play
from simulators.chaos.script import Fault, drawn, parse
from simulators.chaos.smallest import smallest

LOOKS = (10, 40)  # at memory, in a run: each costs half a second
TRIES = 24  # runs that look for the smallest explanation


def chaos(
    seeds: Iterable[int],
    hours: float,
    period_s: float,
    script: Path | None,
    record: Path | None,
    tell: Callable[[str], None],
    *,
    explain: bool = True,
    soak: bool = False,
) -> bool:
    """Run each; whether all were whole. `record` gets every line of what happened. Raises ScriptError, NoVfs.

    `soak`: nothing fails, and memory is looked at.
    """
    faults = None if script is None else parse(script.read_text("utf-8"))
    faults = [] if soak else faults
    whole = True
    for seed in seeds:
        seconds = hours * 3600
        if record is None:
            memory = Memory(seconds / min(max(hours * 3, LOOKS[0]), LOOKS[1])) if soak else None
            outcome = play(seed, seconds, period_s=period_s, script=faults, memory=memory)
        else:
            with record.open("w", encoding="utf-8") as out:
                outcome = play(seed, seconds, period_s=period_s, script=faults, out=out)
        whole &= outcome.whole
        said = outcome.plain()
        if not outcome.whole:
            said |= _failure(
                outcome, drawn(seed, seconds) if faults is None else faults, period_s, explain=explain
            )
        tell(json.dumps(said))
    return whole


def _failure(outcome: Outcome, script: Sequence[Fault], period_s: float, *, explain: bool) -> dict[str, Any]:
    """What somebody needs who has to find out why."""
    said: dict[str, Any] = {"script": [str(fault) for fault in script], "newest": outcome.newest}
    if not explain or not script:
        return said
    sort = outcome.account.found[0].what.split(":", 1)[0]

    def fails(part: Sequence[Fault]) -> bool:
        again = play(outcome.seed, outcome.seconds, period_s=period_s, script=part)
        return any(found.what.split(":", 1)[0] == sort for found in again.account.found)

    return said | {"smallest": [str(fault) for fault in smallest(script, fails, TRIES)]}
