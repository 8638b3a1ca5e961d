"""The monthly ranking by ratio precision, and what it pays: from the events of the journal, the same for everybody.

Who is ranked by: the mean absolute error of the setpoint over good cycles, in points of the batch, of all shifts whose
plant day is in the month (`ratio_shift`; cycles that cannot tell are in none of them). An error that a doser reckons in
per cent of the setpoint is turned into points. A component without a setpoint cannot miss it and does not count.

In the open: who has too few cycles is listed without a place, and so is a doser that said nothing. Errors that are the
same to 0.001 points are a tie: the places are shared, and so is what they pay together (1, 1, 3). A band with a limit
is not handed on. `Ranking.hash` is over the rules and every event that counted, so whoever holds a copy of the journal
gets the same ranking or sees that the records differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.model import Noted
from gateway.plain import digest, to_plain
from gateway.score.facts import number
from gateway.site import Site
from gateway.site.score import Band, Reward

TIE_PCT = 1e-3


@dataclass(frozen=True, slots=True)
class Shift:
    """One event that counts, with where it is."""

    journal: str  # site/gateway/epoch
    seq: int
    who: str
    event: Noted


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line or team."""

    who: str
    place: int  # 0: not ranked
    mae_pct: float | None
    cycles: int
    marked: Mapping[str, int]  # cycles that could not tell, by reason
    shifts: int  # with a good cycle
    pay: float
    why: str = ""  # "too few cycles", "no reading", "tie", "beyond the band", ""
    seqs: tuple[tuple[str, int], ...] = ()  # journal, seq of each event


@dataclass(frozen=True, slots=True)
class Ranking:
    """A month."""

    month: str
    reward: Reward
    rows: tuple[Ranked, ...]  # by place; who has none is last
    hash: str  # sha256 of rules and events
    unfinished: bool = False  # whether the shift under way is in it, by its lots: nothing is paid on that


@dataclass(slots=True)
class _Sum:
    error: float = 0.0
    cycles: int = 0  # times components
    by_shift: dict[tuple[str, int, str], int] = field(default_factory=dict)  # cycles, whatever the components
    marked: dict[tuple[str, int, str], Mapping[str, int]] = field(default_factory=dict)
    seqs: list[tuple[str, int]] = field(default_factory=list)


def who_of(site: Site, event: Noted, by: str) -> str:
    """Whom a shift's event is about: ``site area/line``, or ``site team``; "": nobody."""
    if by == "team":
        team = event.facts.get("team")
        return f"{site.site} {team}" if isinstance(team, str) and team else ""
    cell = next((doser.cell for doser in site.dosers if doser.name == event.subject), "")
    return f"{site.site} {cell.rpartition('/')[0]}" if cell else ""


def everybody(site: Site, by: str) -> list[str]:
    """Who could be ranked."""
    if by == "team":
        teams = site.shifts.teams
        names = dict.fromkeys(team for row in teams.rows for team in row if team) if teams else {}
        return [f"{site.site} {team}" for team in names]
    return list(dict.fromkeys(f"{site.site} {doser.cell.rpartition('/')[0]}" for doser in site.dosers))


def ranking(month: str, reward: Reward, shifts: Iterable[Shift], expected: Iterable[str]) -> Ranking:
    """Rank a month's shifts. `expected`: everybody who could be in it. Pure."""
    sums: dict[str, _Sum] = {who: _Sum() for who in expected}
    counted: list[Shift] = []
    for shift in sorted(shifts, key=lambda each: (each.journal, each.seq)):
        if shift.who and _counts(reward, shift.event):
            _add(sums.setdefault(shift.who, _Sum()), shift)
            counted.append(shift)
    rows = _placed(reward, sums)
    evidence: dict[str, Any] = {
        "month": month,
        "reward": to_plain(reward),
        "events": [[each.journal, each.seq, to_plain(each.event)] for each in counted],
    }
    return Ranking(month, reward, tuple(rows), digest(evidence))


def _counts(reward: Reward, event: Noted) -> bool:
    wanted = not reward.component or event.facts.get("component") == reward.component
    return wanted and (number(event, "setpoint_pct") > 0.0 or not number(event, "cycles"))


def _add(into: _Sum, shift: Shift) -> None:
    event = shift.event
    cycles = int(number(event, "cycles"))
    mae = number(event, "mae_pct")
    if event.facts.get("basis") == "of setpoint":
        mae *= number(event, "setpoint_pct") / 100.0
    into.error += mae * cycles
    into.cycles += cycles
    # the components of one doser and recipe share their cycles
    key = (f"{shift.journal} {event.subject}", int(number(event, "from_ns")), str(event.facts.get("recipe")))
    into.by_shift[key] = max(cycles, into.by_shift.get(key, 0))
    marked = event.facts.get("cycles_marked")
    if isinstance(marked, Mapping):
        into.marked[key] = {str(name): int(str(count)) for name, count in marked.items()}
    into.seqs.append((shift.journal, shift.seq))


def _placed(reward: Reward, sums: Mapping[str, _Sum]) -> list[Ranked]:
    made: list[tuple[float, str, Ranked]] = []
    for who, each in sums.items():
        cycles = sum(each.by_shift.values())
        mae = each.error / each.cycles if each.cycles else None
        marked: dict[str, int] = {}
        for row in each.marked.values():
            for name, count in row.items():
                marked[name] = marked.get(name, 0) + count
        why = "no reading" if not each.seqs else "too few cycles" if cycles < reward.least_cycles else ""
        shifts = sum(count > 0 for count in each.by_shift.values())
        row_of = Ranked(who, 0, mae, cycles, marked, shifts, 0.0, why, tuple(each.seqs))
        made.append((math.inf if why or mae is None else mae, who, row_of))
    made.sort(key=lambda each: each[:2])
    ranked = [each for _, _, each in made]
    return _paid(reward, [each for each in ranked if not each.why]) + [each for each in ranked if each.why]


def _paid(reward: Reward, rows: Sequence[Ranked]) -> list[Ranked]:
    """Places and pay; `rows` are ascending by their error."""
    bands = {band.place: band for band in reward.bands}
    made: list[Ranked] = []
    at = 0
    while at < len(rows):
        first = rows[at].mae_pct or 0.0
        tied = [row for row in rows[at:] if (row.mae_pct or 0.0) - first < TIE_PCT]
        mine = [bands[place] for place in range(at + 1, at + len(tied) + 1) if place in bands]
        for row in tied:
            pay = sum(band.pay for band in mine if _within(band, row)) / len(tied)
            why = "tie" if len(tied) > 1 else ""
            if mine and not pay:
                why = "beyond the band"
            made.append(
                Ranked(row.who, at + 1, row.mae_pct, row.cycles, row.marked, row.shifts, pay, why, row.seqs)
            )
        at += len(tied)
    return made


def _within(band: Band, row: Ranked) -> bool:
    return not band.within_pct or (row.mae_pct or 0.0) <= band.within_pct
