"""The scorecard: every line of every site in a month, the chosen drivers with goal, trend and owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, LotChanged, Noted, NumberedEvent
from gateway.score.balance import Balance, balances
from gateway.score.board import KINDS, board, steps_of
from gateway.score.flows import Flows
from gateway.score.machines import ran
from gateway.score.numbers import DEFAULT_GOALS, HIGH, Month, Number, numbers
from gateway.score.reward import Ranked
from gateway.score.rewarded import ranked
from gateway.score.yields import Count, counted_by_machine, counted_by_people, stays_at
from gateway.shifts import month_span, months_before, week_at, weeks_before
from gateway.site import Site
from gateway.site.score import NUMBERS, Driver

_DAY_NS = 86_400_000_000_000
LOTS_BACK_NS = 120 * _DAY_NS
"""Lots and orders are looked for so far back."""
SAME = 0.005
"""A change of less than this share of the value is no trend."""
_EVENTS = (*KINDS, "AlarmChanged", "check_done", "check_missed")


@dataclass(frozen=True, slots=True)
class Scored:
    """One number of one line, beside its goal and the month before."""

    site: str
    line: str
    number: Number
    driver: Driver | None  # None: it is none, and is listed all the same
    before: float | None  # the value of the month before
    journal: str  # site/gateway/epoch: what seqs are of

    @property
    def goal(self) -> float | None:
        return self.driver.goal if self.driver else DEFAULT_GOALS.get(self.number.name)

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.number.meets(self.goal)

    @property
    def trend(self) -> str:
        """Better, worse or the same; nothing where one of the two is not known."""
        now, before = self.number.value, self.before
        if now is None or before is None:
            return ""
        if abs(now - before) <= SAME * max(abs(now), abs(before)):
            return "same"
        return "better" if (now > before) == (self.number.name in HIGH) else "worse"


def scorecard(
    reader: JournalReader, site: Site, month: str, names: Sequence[str] = (), *, unfinished: bool = False
) -> list[Scored]:
    """The drivers, or all numbers, or those that are named. Raises ValueError for what is no month.

    `unfinished`: the ratio with the shift under way, as `gateway.score.rewarded.under_way` has it.
    """
    drivers = {driver.number: driver for driver in site.score.drivers}
    wanted = tuple(names) or tuple(drivers) or NUMBERS
    who = reader.identity
    journal = f"{who.site}/{who.gateway}/{who.epoch}"
    made = []
    now = _lines(reader, site, month, wanted, unfinished=unfinished)
    before = _lines(reader, site, months_before(month, 1), wanted)
    for line, found in now.items():
        old = before.get(line, {})
        made += [
            Scored(
                site.site,
                line,
                found[name],
                drivers.get(name),
                old[name].value if name in old else None,
                journal,
            )
            for name in wanted
        ]
    return made


def _lines(
    reader: JournalReader, site: Site, month: str, names: Iterable[str], *, unfinished: bool = False
) -> dict[str, dict[str, Number]]:
    wanted = frozenset(names)
    found = months(reader, site, month, wanted, unfinished=unfinished)
    return {row.line: numbers(row, wanted) for row in found}


def months(
    reader: JournalReader, site: Site, month: str, wanted: frozenset[str], *, unfinished: bool = False
) -> list[Month]:
    """What is known of every line in a month; only what the wanted numbers need is read."""
    whole, span = month_span(site.shifts, month), reader.span()
    newest = max(reader.last_event_ns(), span[1] if span else 0) + 1
    to_ns = min(whole.to_ns, newest)
    if to_ns <= whole.from_ns or (span is not None and whole.to_ns <= span[0]):
        return []
    read_from = max(whole.from_ns, span[0]) if span else whole.from_ns
    events = sorted(
        reader.events_between(whole.from_ns - LOTS_BACK_NS, to_ns, _EVENTS), key=lambda each: each.seq
    )
    of_lot = _lines_of_lots(events)
    lots_board = board(site, events, to_ns) if "otd" in wanted else None
    flows = Flows(reader, site)
    counts = _counts(flows, events, of_lot, read_from, to_ns) if wanted & {"rty", "fty", "ppm"} else []
    machines = (
        [ran(flows, each, read_from, to_ns) for each in site.score.machines]
        if wanted & {"oee", "energy_per_part", "scrap_share"}
        else []
    )
    weeks = _balances(reader, site, read_from, to_ns) if "residual_z" in wanted else []
    ratios = _ratios(reader, site, month, unfinished=unfinished) if "ratio_mae" in wanted else {}
    return [
        Month(
            line, read_from, to_ns, whole.from_ns, whole.to_ns,
            [each for each in events if _about(each, line, of_lot)],
            [each for each in counts if each.line == line],
            sum(row.tag.startswith(f"{line}/") for row in site.characteristics),
            lots_board, ratios.get(f"{site.site} {line}"),
            [row for row in weeks if row.store.line == line],
            [each for each in machines if each.machine.cell.startswith(f"{line}/")],
            frozenset(lot for lot, its in of_lot.items() if its == line),
        )
        for line in dict.fromkeys(cell.rpartition("/")[0] for cell in site.cells)
    ]  # fmt: skip


def _lines_of_lots(events: Iterable[NumberedEvent]) -> dict[str, str]:
    """A lot is of the line where it was seen first."""
    found: dict[str, str] = {}
    for _, _, event in events:
        if isinstance(event, LotChanged) and event.cell:
            found.setdefault(event.lot, event.cell.rpartition("/")[0])
    return found


def _about(numbered: NumberedEvent, line: str, of_lot: dict[str, str]) -> bool:
    event = numbered.event
    if isinstance(event, AlarmChanged):
        return event.tag.startswith(f"{line}/") or bool(event.lots and of_lot.get(event.lots[0]) == line)
    if isinstance(event, Noted) and event.kind.startswith("check_"):
        cell = event.facts.get("cell")
        # a check that names no place is of every line
        return not isinstance(cell, str) or cell.startswith(f"{line}/")
    return False


def _counts(
    flows: Flows, events: list[NumberedEvent], of_lot: dict[str, str], t0: int, t1: int
) -> list[Count]:
    step_of = {cell: step.name for step in steps_of(flows.site) for cell in step.cells}
    inside = [each for each in events if t0 <= each.event.time_ns < t1]
    made = counted_by_people(inside, of_lot)
    by_time = sorted(events, key=lambda each: (each.event.time_ns, each.seq))
    for meter in flows.site.meters:
        if meter.kind == "shots" and meter.good:
            name = step_of.get(meter.cell, meter.cell.rpartition("/")[2])
            stays = stays_at(by_time, meter.cell, t1)
            made += counted_by_machine(
                flows.meter(meter.name, t0, t1).made, stays, name, meter.cell.rpartition("/")[0]
            )
    return made


def _balances(reader: JournalReader, site: Site, t0: int, t1: int) -> list[Balance]:
    """Of the weeks that end in the month, and of the newest one where none has ended yet."""
    week, last = week_at(site.shifts, t0), week_at(site.shifts, t1 - 1)
    weeks = [week]
    while weeks[-1] != last:
        weeks.append(weeks_before(weeks[-1], -1))
    rows = [row for each in weeks for row in balances(reader, site, each)]
    ended = [row for row in rows if t0 < row.to_ns <= t1]
    return ended or rows


def _ratios(reader: JournalReader, site: Site, month: str, *, unfinished: bool) -> dict[str, Ranked]:
    by_line = replace(site, score=replace(site.score, reward=replace(site.score.reward, by="line")))
    return {row.who: row for row in ranked([(reader, by_line)], month, unfinished=unfinished).rows}
