"""Run lengths against published tables and against simulation: python -m benchmarks arl_tables

Every number of a table is compared; a row says how many are within 0.2 % or half the last printed digit, and which is
farthest off. Where one is not, a simulation of the chart, or the author's own method, says what is right. Seconds are
CPU time of a process that has numpy loaded, the median of five.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from benchmarks._printed import LIMITS, TABLES, Limits, Table
from benchmarks._run_lengths import chain_of_runger_and_prabhu, of_chart, of_mewma
from benchmarks._table import Row, machine, print_table
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme
from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.multi_cusum import MultiCusum
from gateway.spc.self_starting_cusum import SelfStartingCusum

SHARE = 0.002  # of the printed number, or half its last digit
RUNS = 100_000
SIGMAS = 3.5  # of the simulation's error: with some twenty rows more than that would be no chance
REACH = "0.2 % or half a digit"


def _half_digit(text: str) -> float:
    places = len(text.partition(".")[2])
    return float(0.5 * 10.0**-places)


def _compared(source: str, pairs: list[tuple[float, str, str]], note: str) -> Row:
    """Computed and printed numbers, with where they are in the table."""
    good, worst, off = 0, "", 0.0
    for got, text, where in pairs:
        printed = float(text)
        away = abs(got - printed)
        good += away <= max(SHARE * printed, _half_digit(text) * (1 + 1e-9))
        if away / max(SHARE * printed, _half_digit(text)) > off:
            off = away / max(SHARE * printed, _half_digit(text))
            worst = f"{got:.5g} for {text}{where}"
    said = f"{good} of {len(pairs)}; farthest {worst}"
    return Row(source, note, REACH, said, "", reached=good == len(pairs))


def _table(table: Table) -> Row:
    got = table.scheme.mean(table.limit, [shift for shift, _ in table.printed]).tolist()
    pairs = [(mean, text, f" at {shift:g}") for mean, (shift, text) in zip(got, table.printed, strict=True)]
    return _compared(table.source, pairs, table.note)


def _limits(limits: Limits) -> Row:
    pairs = [(scheme.solve(arl0), text, "") for scheme, arl0, text in limits.printed]
    return _compared(limits.source, pairs, limits.note)


def _chains() -> Iterator[Row]:
    """The tables of Runger & Prabhu by their own method: what is left of the difference is its coarseness."""
    for table in TABLES:
        scheme = table.scheme
        if "Runger" not in table.source or not isinstance(scheme, MewmaScheme):
            continue
        states = 30 if scheme.p == 2 else 25
        pairs = [
            (
                chain_of_runger_and_prabhu(
                    scheme.p, scheme.weight, table.limit, shift, states if shift else 2 * states
                ),
                text,
                f" at {shift:g}",
            )
            for shift, text in table.printed
        ]
        what = f"... p {scheme.p}: their chain ({states} states, in control {2 * states}) computed anew"
        yield _compared(what, pairs, "what their tables have")


def _simulated(what: str, scheme: Scheme, limit: float, shift: float, got: tuple[float, float]) -> Row:
    mean = float(scheme.mean(limit, shift))
    away = (mean - got[0]) / got[1]
    return Row(
        what,
        f"simulated {got[0]:.5g} +- {got[1]:.2g}",
        f"within {SIGMAS:g} errors",
        f"{mean:.5g}",
        f"{mean / got[0] - 1:+.2%}, {away:+.1f} errors",
        reached=abs(away) <= SIGMAS,
    )


def _simulations() -> Iterator[Row]:
    sums: tuple[tuple[float, float, float, float], ...] = (
        (0.5, 0.0, 3.0, 0.0), (0.5, 1.5, 3.0, 0.0), (0.5, 2.0, 4.0, 3.0), (0.25, 0.0, 8.0, 1.0), (1.5, 0.0, 1.61, 0.0),
    )  # fmt: skip
    for k, head, h, shift in sums:
        what = f"CUSUM k {k}, h {h}, head start {head}, shift {shift:g}"
        got = of_chart(Cusum(0.0, 1.0, k, h, head), shift, RUNS, 1)
        yield _simulated(what, CusumScheme(k, head), h, shift, got)
    averages: tuple[tuple[float, float, Literal["exact", "asymptotic"], float], ...] = (
        (0.2, 2.4, "asymptotic", 0.0), (0.2, 2.4, "exact", 0.0), (0.05, 3.0, "exact", 0.5), (0.05, 3.0, "exact", 1.0),
        (0.05, 3.0, "exact", 2.0), (0.03, 2.437, "exact", 1.0),
    )  # fmt: skip
    for weight, limit, limits, shift in averages:
        what = f"EWMA lambda {weight}, L {limit}, {limits} limits, shift {shift:g}"
        got = of_chart(Ewma(0.0, 1.0, weight, limit, limits), shift, RUNS, 2)
        yield _simulated(what, EwmaScheme(weight, limits), limit, shift, got)
    vectors: tuple[tuple[MewmaScheme, float, float], ...] = (
        (MewmaScheme(2), 8.64, 0.5), (MewmaScheme(4), 12.73, 1.0), (MewmaScheme(20), 37.01, 0.5),
        (MewmaScheme(20), 37.01, 1.0), (MewmaScheme(2, 0.1, "exact"), 6.98, 0.0),
        (MewmaScheme(4, 0.05, "exact"), 9.0, 0.0),
    )  # fmt: skip
    for scheme, h4, shift in vectors:
        what = f"MEWMA p {scheme.p}, lambda {scheme.weight}, h4 {h4}, {scheme.limits} limits, shift {shift:g}"
        yield _simulated(what, scheme, h4, shift, of_mewma(scheme, h4, shift, RUNS // 2, 3))


def _sets() -> Iterator[Row]:
    """Charts that no equation here solves, by running them: several sizes at once, and one that starts itself.

    The limits of the two CUSUMs another program found by stochastic approximation (documentation of
    StatisticalProcessMonitoring.jl 0.1.4). A self-starting CUSUM in control runs
    two samples longer than a CUSUM (Hawkins 1987).
    """
    two = MultiCusum(0.0, 1.0, sizes="0.5 1", intervals="7.290634106470891 4.403721760449869")
    sums: tuple[tuple[str, object, float], ...] = (
        ("two upper CUSUMs, k 0.25 and 0.5, limits found for 370", _FirstOnly(two), 370.0),
        (
            "self-starting CUSUM, k 0.5, h 4: Lucas & Crosier 1982, 168, and 2",
            SelfStartingCusum(0.5, 4.0),
            170.0,
        ),
        (
            "one size up and down, k 0.5, h 4: Lucas & Crosier 1982",
            MultiCusum(0.0, 1.0, sizes="1", intervals="4"),
            168.0,
        ),
    )
    for what, chart, printed in sums:
        mean, error = of_chart(chart, 0.0, RUNS, 5)
        away = abs(mean - printed)
        yield Row(
            what,
            f"printed {printed:g}",
            f"within 0.5 % or {SIGMAS:g} errors",
            f"{mean:.5g} +- {error:.2g}",
            f"{mean / printed - 1:+.2%}",
            reached=away <= max(0.005 * printed, SIGMAS * error),
        )


def _ranks() -> Iterator[Row]:
    """N3 and N4 beside zone rules: the stated method and its error."""
    zones = ("WE1", "WE2", "WE3", "WE4")
    nelson = tuple(f"N{number}" for number in range(1, 9))
    for rules, shift in (
        (("N3",), 0.0), (("N4",), 0.0), (("WE1", "N3"), 0.0), (("WE1", "N4"), 0.0), ((*zones, "N3", "N4"), 0.0),
        (nelson, 0.0), (nelson, 0.5), (nelson, 1.0), (("WE1", "N3"), 1.0), (nelson, 2.0),
    ):  # fmt: skip
        mean = float(ShewhartScheme(rules=rules).mean(3.0, shift))
        got = of_chart(_FirstOnly(Imr(0.0, 1.0, rules)), shift, RUNS // 4, 4)
        exact = len(rules) == 1
        yield Row(
            f"rules {' '.join(rules)}, shift {shift:g}",
            f"simulated {got[0]:.5g} +- {got[1]:.2g}",
            f"within {SIGMAS:g} errors" if exact else "",
            f"{mean:.5g}",
            f"{mean / got[0] - 1:+.1%}",
            reached=abs(mean - got[0]) <= SIGMAS * got[1] if exact else None,
        )


class _FirstOnly:
    """A chart whose main panel alone speaks."""

    def __init__(self, chart: Any) -> None:
        self._chart = chart

    def start(self) -> Any:
        return self._chart.start()

    def run(self, state: Any, block: np.ndarray) -> tuple[Any, Any]:
        state, track = self._chart.run(state, block)
        return state, replace(track, second=None)


def _cpu(work: Callable[[], object]) -> float:
    work()
    spent = []
    for _ in range(5):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return statistics.median(spent)


def _speed() -> Iterator[Row]:
    shifts = [0.0, 0.5, 1.0, 2.0]
    for what, scheme, limit, reach in (
        ("EWMA lambda 0.2, exact", EwmaScheme(0.2), 2.86, 0.05),
        ("EWMA lambda 0.03, exact", EwmaScheme(0.03), 2.48, 0.05),
        ("EWMA lambda 0.2, asymptotic", EwmaScheme(0.2, "asymptotic"), 2.86, 0.05),
        ("CUSUM k 0.5", CusumScheme(), 4.77, 0.05),
        ("CUSUM k 0.5, head start 2", CusumScheme(0.5, 2.0), 4.77, 0.05),
        ("T2 p 5", T2Scheme(5), 18.2, 0.05),
        ("WE1 to WE4", ShewhartScheme(rules=("WE1", "WE2", "WE3", "WE4")), 3.0, 2.0),
        ("N1 to N8", ShewhartScheme(rules=tuple(f"N{number}" for number in range(1, 9))), 3.0, 2.0),
        ("MEWMA p 4, lambda 0.1", MewmaScheme(4, 0.1), 12.73, 2.0),
        ("MEWMA p 20, lambda 0.1", MewmaScheme(20, 0.1), 37.0, 2.0),
    ):
        spent = _cpu(lambda: scheme.run_length(limit, shifts))  # noqa: B023 # called at once
        yield Row(
            f"{what}: evaluate at 4 shifts", "", f"< {reach:g} s", f"{spent:.4f} s", "", reached=spent < reach
        )
        arl0 = 60.0 if isinstance(scheme, ShewhartScheme) else 370.0
        spent = _cpu(lambda: scheme.solve(arl0))  # noqa: B023
        yield Row(
            f"{what}: solve for ARL0 {arl0:g}",
            "",
            f"< {reach:g} s",
            f"{spent:.4f} s",
            "",
            reached=spent < reach,
        )


def main() -> None:
    print(machine())
    rows = [_table(table) for table in TABLES]
    rows += [_limits(limits) for limits in LIMITS]
    rows += [*_chains(), *_simulations(), *_sets(), *_ranks(), *_speed()]
    print_table(rows)


if __name__ == "__main__":
    main()
