"""Which fault explains the residuals of all stores: a scale that drifts, or material that goes past every meter.

The balances of a site share their meters, so a scale that lies shows in every store that it weighs for, and material
that is diverted in the stores that it leaves and comes to. `gateway.dosing.reconcile` asks which of them it looks like.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gateway.dosing.reconcile import Network, Stream, Verdict, explain
from gateway.score.balance import Balance
from gateway.score.stores import IN
from gateway.sentences import BalanceFault, sentence

WEEKS_MOST = 26


@dataclass(frozen=True, slots=True)
class Fault:
    """What explains the weeks best."""

    verdict: Verdict
    since: str  # week
    weeks: int  # that it is told from
    stores: tuple[str, ...]  # whose residuals are known in all of them


def fault_of(histories: Mapping[str, Sequence[Balance]], calibration: float) -> Fault | None:
    """By store its weeks, ascending; None where nothing is wrong enough, or too little is known.

    Stores without a residual in the newest week are left out; the weeks are those that all others have, up to it.
    """
    known = {name: _tail(rows) for name, rows in histories.items()}
    known = {name: rows for name, rows in known.items() if rows}
    if not known or not any(row.said or _far(row) for rows in known.values() for row in rows):
        return None
    weeks = min(WEEKS_MOST, *(len(rows) for rows in known.values()))
    rows = {name: each[-weeks:] for name, each in known.items()}
    stores = tuple(rows)
    names = dict.fromkeys(
        (flow.stream.meter, flow.stream.part, flow.stream.vessel, flow.stream.store, flow.stream.kind)
        for each in rows.values() for row in each for flow in row.flows
    )  # fmt: skip
    places = {name: at for at, name in enumerate(names)}
    moved, own = np.zeros((weeks, len(names))), np.zeros((weeks, len(names)))
    scales: dict[str, float] = {}
    for each in rows.values():
        for t, row in enumerate(each):
            for flow in row.flows:
                stream = flow.stream
                at = places[stream.meter, stream.part, stream.vessel, stream.store, stream.kind]
                moved[t, at] += flow.kg
                own[t, at] = math.hypot(own[t, at], flow.sigma_kg)
                if flow.bias_kg:
                    scales[stream.meter] = calibration
    total = np.maximum(moved.sum(axis=0), 1e-9)
    streams = tuple(
        Stream(
            f"{meter}/{part}/{store}", "" if kind in IN else store, store if kind in IN else "", meter,
            float(np.sqrt((own[:, at] ** 2).sum()) * math.sqrt(weeks) / total[at]),
        )
        for at, (meter, part, _, store, kind) in enumerate(names)
    )  # fmt: skip
    residuals = np.array([[row.residual_kg or 0.0 for row in each] for each in rows.values()]).T
    counts = np.array([_counted(each) for each in rows.values()])
    found = explain(Network(stores, streams, scales), residuals, moved, counts)
    if not found.kind:
        return None
    return Fault(found, next(iter(rows.values()))[found.since].week, weeks, stores)


def in_words(fault: Fault, lang: str) -> str:
    """One sentence or two."""
    said = fault.verdict
    told = BalanceFault(
        said.kind,
        said.about,
        said.size,
        said.sigma,
        fault.since,
        fault.weeks,
        said.share,
        said.sure,
        said.also,
    )
    return sentence(told, "", lang)


def plain(fault: Fault | None) -> dict[str, Any] | None:
    """As JSON says it."""
    if fault is None:
        return None
    verdict = {**asdict(fault.verdict), "about": list(fault.verdict.about)}
    verdict["also"] = [list(each) for each in fault.verdict.also]
    return {**verdict, "sure": fault.verdict.sure, "since": fault.since, "weeks": fault.weeks,
            "stores": list(fault.stores)}  # fmt: skip


def _tail(rows: Sequence[Balance]) -> list[Balance]:
    """The newest weeks, without a hole, whose residual is known."""
    made: list[Balance] = []
    for row in reversed(rows):
        if row.residual_kg is None or not row.whole:
            break
        made.append(row)
    return made[::-1]


def _counted(rows: Sequence[Balance]) -> float:
    sigmas = [row.closing.sigma_kg for row in rows if row.closing is not None]
    return math.sqrt(sum(each**2 for each in sigmas) / len(sigmas)) if sigmas else 0.0


def _far(row: Balance) -> bool:
    z = row.z
    return z is not None and abs(z) > _FAR


_FAR = 3.0
