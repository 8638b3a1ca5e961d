"""The numbers of the scorecard: what each is, in which unit, which way is better, and what is behind it.

| number | is | better |
|---|---|---|
| rty | rolled throughput yield, % | high |
| fty | first-time yield over all steps, % | high |
| ppm | first-time rejects in a million parts | low |
| otd | lots of orders due in the month that were shipped by then, % | high |
| ratio_mae | mean absolute ratio error, points of the batch | low |
| in_control | time without a standing signal, of all characteristics' time, % | high |
| ack_minutes | median time from an alarm to its acknowledgement, minutes | low |
| late_checks | checks and duties that were late or missed, % | low |
| residual_z | largest weekly balance residual of a store, in sigma | low |
| oee | OEE index of the machines together, % | high |
| energy_per_part | kWh for a good part | low |
| scrap_share | mass that did not become good parts, % | low |
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.model import AlarmChanged, Noted, NumberedEvent
from gateway.score import yields
from gateway.score.balance import Balance
from gateway.score.board import Board
from gateway.score.machines import Ran
from gateway.score.reward import Ranked
from gateway.site.score import NUMBERS

HIGH = frozenset({"rty", "fty", "otd", "in_control", "oee"})
"""Where more is better."""
UNITS = {
    "rty": "%", "fty": "%", "ppm": "ppm", "otd": "%", "ratio_mae": "%", "in_control": "%", "ack_minutes": "min",
    "late_checks": "%", "residual_z": "sigma", "oee": "%", "energy_per_part": "kWh", "scrap_share": "%",
}  # fmt: skip
DIGITS = {"ppm": 0, "ratio_mae": 3, "energy_per_part": 4}
DEFAULT_GOALS = {"rty": 94.0}
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """One lot, event or reading behind a number."""

    what: str  # in words
    lot: str = ""
    seq: int = 0  # of the event in its journal; 0: out of readings
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """One number of one line in one month."""

    name: str
    value: float | None  # None: nothing says it
    evidence: tuple[Evidence, ...] = ()

    def meets(self, goal: float) -> bool | None:
        if self.value is None:
            return None
        return self.value >= goal if self.name in HIGH else self.value <= goal


@dataclass(frozen=True, slots=True)
class Month:
    """All that is known of one line in one month."""

    line: str
    from_ns: int
    to_ns: int  # of the month, or of what is known
    due_from_ns: int  # the month by the calendar
    due_to_ns: int
    events: Sequence[
        NumberedEvent
    ] = ()  # AlarmChanged since a month before, checks of the month; of the line
    counts: Sequence[yields.Count] = ()
    characteristics: int = 0
    board: Board | None = None
    ratio: Ranked | None = None
    balances: Sequence[Balance] = ()
    machines: Sequence[Ran] = ()
    lots: frozenset[str] = field(default_factory=frozenset)  # that were ever at the line


def numbers(month: Month, names: Iterable[str] = NUMBERS) -> dict[str, Number]:
    """Those that are asked for."""
    return {name: Number(name, *_FINDS[name](month)) for name in names}


Found = tuple[float | None, tuple[Evidence, ...]]


def _yield(measure: Callable[[Sequence[yields.Step]], float], factor: float) -> Callable[[Month], Found]:
    def find(month: Month) -> Found:
        steps = yields.steps_of(month.counts)
        evidence = tuple(
            Evidence(
                f"{each.step}: {each.good:g} good, {each.reject:g} rejects ({each.by})"
                + (f", {each.reason}" if each.reason else ""),
                each.lot, each.seq, each.good / (each.good + each.reject) if each.good + each.reject else None,
            )
            for each in yields.first_counts(month.counts)
        )  # fmt: skip
        return (factor * measure(steps) if steps else None), evidence

    return find


def _otd(month: Month) -> Found:
    """Lots of orders that were due in the month; an order of which no lot was begun counts as one that is late."""
    if month.board is None:
        return None, ()
    due = [
        card
        for card in month.board.cards
        if card.order and month.due_from_ns <= card.order.due_ns < month.due_to_ns and card.lot in month.lots
    ]
    made = [
        Evidence(
            f"order {card.order.order if card.order else ''}: " + ("late" if card.late else "in time")
            + (", order assumed by its part" if card.assumed else ""),
            card.lot, card.seqs[-1] if card.seqs else 0, 0.0 if card.late else 1.0,
        )
        for card in due
        if card.shipped_ns is not None or card.late
    ]  # fmt: skip
    made += [
        Evidence(f"order {order.order}: no lot was begun", "", order.seq, 0.0)
        for order in month.board.waiting
        if month.due_from_ns <= order.due_ns < min(month.due_to_ns, month.to_ns)
    ]
    if not made:
        return None, ()
    return 100.0 * sum(each.value or 0.0 for each in made) / len(made), tuple(made)


def _ratio(month: Month) -> Found:
    row = month.ratio
    if row is None or row.mae_pct is None:
        return None, ()
    seqs = tuple(Evidence("ratio of a shift", "", seq) for _, seq in row.seqs)
    return row.mae_pct, seqs


def _spells(month: Month) -> list[tuple[AlarmChanged, int, int, int]]:
    """Signal alarms: (as raised, seq, from, to) inside the month."""
    made = []
    standing: dict[str, tuple[AlarmChanged, int]] = {}
    for seq, _, event in month.events:
        if not isinstance(event, AlarmChanged) or event.kind != "signal":
            continue
        if event.state in {"active", "acknowledged", "shelved"}:
            standing.setdefault(event.alarm, (event, seq))
        elif event.alarm in standing:
            first, its_seq = standing.pop(event.alarm)
            made.append((first, its_seq, first.time_ns, event.time_ns))
    made += [(first, seq, first.time_ns, month.to_ns) for first, seq in standing.values()]
    inside = [
        (first, seq, max(begin, month.from_ns), min(end, month.to_ns)) for first, seq, begin, end in made
    ]
    return [each for each in inside if each[3] > each[2]]


def _in_control(month: Month) -> Found:
    whole = month.characteristics * (month.to_ns - month.from_ns)
    if whole <= 0:
        return None, ()
    spells = _spells(month)
    evidence = tuple(
        Evidence(
            f"{first.subject}: out of control",
            first.lots[0] if first.lots else "",
            seq,
            (end - begin) / 3.6e12,
        )
        for first, seq, begin, end in spells
    )
    by_subject: dict[str, list[tuple[int, int]]] = {}
    for first, _, begin, end in spells:
        by_subject.setdefault(first.subject, []).append((begin, end))
    out = sum(_united(each) for each in by_subject.values())
    return 100.0 * (1.0 - out / whole), evidence


def _united(spans: list[tuple[int, int]]) -> int:
    total, reached = 0, -(2**63)
    for begin, end in sorted(spans):
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def _ack(month: Month) -> Found:
    """An alarm that nobody has acknowledged yet has waited until now: the median is never too good."""
    raised: dict[str, tuple[AlarmChanged, int]] = {}
    answered: dict[str, int] = {}
    for seq, _, event in month.events:
        if not isinstance(event, AlarmChanged):
            continue
        if event.version == 1 and month.from_ns <= event.time_ns < month.to_ns:
            raised[event.alarm] = (event, seq)
        facts: Mapping[str, object] = event.facts or {}
        at = facts.get("acknowledged_ns", event.time_ns if event.state == "acknowledged" else None)
        if isinstance(at, int) and event.alarm in raised:
            answered.setdefault(event.alarm, at)
    made = []
    for alarm, (event, seq) in raised.items():
        minutes = (answered.get(alarm, month.to_ns) - event.time_ns) / _MINUTE_NS
        word = "" if alarm in answered else ", not acknowledged yet"
        made.append(
            Evidence(
                f"{event.kind} of {event.subject}{word}", event.lots[0] if event.lots else "", seq, minutes
            )
        )
    return (statistics.median(each.value or 0.0 for each in made) if made else None), tuple(made)


def _checks(month: Month) -> Found:
    """Of checks that were done or missed in the month, those done late and those missed."""
    made = []
    for seq, _, event in month.events:
        if not isinstance(event, Noted) or not month.from_ns <= event.time_ns < month.to_ns:
            continue
        if event.kind in {"check_done", "check_missed"}:
            bad = event.kind == "check_missed" or event.facts.get("late") is True
            word = "missed" if event.kind == "check_missed" else "late" if bad else "in time"
            made.append(
                Evidence(f"{event.subject}: {word}", str(event.facts.get("lot", "")), seq, float(bad))
            )
    return (100.0 * sum(each.value or 0.0 for each in made) / len(made) if made else None), tuple(made)


def _residual(month: Month) -> Found:
    rows = [(row, row.book_z if row.book_z is not None else row.z) for row in month.balances]
    known = [(row, abs(z)) for row, z in rows if z is not None]
    evidence = tuple(
        Evidence(f"{row.store.name} in {row.week}: residual {row.residual_kg or 0.0:.3f} kg", "", 0, z)
        for row, z in known
    )
    return (max(z for _, z in known) if known else None), evidence


def _oee(month: Month) -> Found:
    """Of several machines, weighted by their planned busy time."""
    known = [(each, each.oee) for each in month.machines]
    busy = sum(each.busy_s for each, oee in known if oee is not None)
    evidence = tuple(
        Evidence(
            f"{each.machine.name}: {each.run_s / 3600:.1f} of {each.busy_s / 3600:.1f} h, {each.shots} shots",
            "",
            0,
            oee,
        )
        for each, oee in known
    )
    if not busy:
        return None, evidence
    return 100.0 * sum(oee * each.busy_s for each, oee in known if oee is not None) / busy, evidence


def _energy(month: Month) -> Found:
    known = [each for each in month.machines if each.energy_kwh is not None]
    good = sum(each.good for each in known)
    evidence = tuple(
        Evidence(
            f"{each.machine.name}: {each.energy_kwh:.1f} kWh, {each.good:g} good", "", 0, each.energy_per_part
        )
        for each in known
    )
    return (sum(each.energy_kwh or 0.0 for each in known) / good if good else None), evidence


def _scrap(month: Month) -> Found:
    drawn = sum(each.drawn_kg for each in month.machines)
    evidence = tuple(
        Evidence(
            f"{each.machine.name}: {each.rest_kg:.1f} of {each.drawn_kg:.1f} kg", "", 0, each.scrap_share
        )
        for each in month.machines
        if each.drawn_kg
    )
    return (100.0 * sum(each.rest_kg for each in month.machines) / drawn if drawn else None), evidence


_FINDS: Mapping[str, Callable[[Month], Found]] = {
    "rty": _yield(yields.rolled, 100.0),
    "fty": _yield(yields.first_time, 100.0),
    "ppm": _yield(yields.ppm, 1.0),
    "otd": _otd,
    "ratio_mae": _ratio,
    "in_control": _in_control,
    "ack_minutes": _ack,
    "late_checks": _checks,
    "residual_z": _residual,
    "oee": _oee,
    "energy_per_part": _energy,
    "scrap_share": _scrap,
}
