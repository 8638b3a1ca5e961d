"""The ranking of a month out of journals, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.journal import JournalReader
from gateway.model import Noted
from gateway.plain import to_plain
from gateway.score.facts import number
from gateway.score.reward import Ranking, Shift, everybody, ranking, who_of
from gateway.score.tables import Cell, lines
from gateway.score.tables import number as shown
from gateway.score.words import said
from gateway.shifts import month_at, month_span, shift_at
from gateway.site import Site

LATE_NS = 3 * 86_400_000_000_000
"""A shift's event may be told so long after the shift: nothing ran in between."""

HEADER = ("month", "place", "who", "mae_pct", "cycles", "marked", "shifts", "pay", "currency", "why", "hash")


class Differing(ValueError):
    """Sites with different rewards cannot be ranked together."""


def ranked(sites: Sequence[tuple[JournalReader, Site]], month: str, *, unfinished: bool = False) -> Ranking:
    """All journals together. Raises ValueError for what is no month, `Differing`.

    `unfinished`: with the shift under way, as `under_way` has it.
    """
    rules = {site.score.reward for _, site in sites}
    if len(rules) > 1:
        names = ", ".join(site.site for _, site in sites)
        raise Differing(f"{names} have different rewards: rank one at a time")
    reward = sites[0][1].score.reward
    shifts: list[Shift] = []
    expected: list[str] = []
    for reader, site in sites:
        expected += everybody(site, reward.by)
        span = month_span(site.shifts, month)
        who = reader.identity
        journal = f"{who.site}/{who.gateway}/{who.epoch}"
        for seq, _, event in reader.events_between(span.from_ns, span.to_ns + LATE_NS, ["ratio_shift"]):
            if isinstance(event, Noted) and month_at(site.shifts, int(number(event, "from_ns"))) == month:
                shifts.append(Shift(journal, seq, who_of(site, event, reward.by), event))
        if unfinished:
            shifts += under_way(reader, site, month)
    found = ranking(month, reward, shifts, expected)
    return replace(found, unfinished=any(each.event.kind == "ratio_lot" for each in shifts))


def under_way(reader: JournalReader, site: Site, month: str) -> list[Shift]:
    """The shift that is not over, as far as lots that began in it tell of it; none if that is of another month.

    A doser's cycles are told once for each cell it feeds: those of the cell with the most cycles count, so none counts
    twice.
    """
    span, who = reader.span(), reader.identity
    if span is None or month_at(site.shifts, (shift := shift_at(site.shifts, span[1])).from_ns) != month:
        return []
    by_cell: dict[tuple[str, str], list[tuple[int, Noted]]] = {}
    for seq, _, event in reader.events_between(shift.from_ns, shift.to_ns + LATE_NS, ["ratio_lot"]):
        if isinstance(event, Noted) and shift.from_ns <= int(number(event, "from_ns")) < shift.to_ns:
            by_cell.setdefault((event.subject, str(event.facts.get("cell"))), []).append((seq, event))
    fullest: dict[str, list[tuple[int, Noted]]] = {}
    for (doser, _), rows in by_cell.items():
        if _cycles(rows) > _cycles(fullest.get(doser, ())):
            fullest[doser] = rows
    made = []
    for rows in fullest.values():
        for seq, event in rows:
            told = replace(event, facts={**event.facts, "team": shift.team})
            journal = f"{who.site}/{who.gateway}/{who.epoch}"
            made.append(Shift(journal, seq, who_of(site, told, site.score.reward.by), told))
    return made


def _cycles(rows: Sequence[tuple[int, Noted]]) -> float:
    return sum(number(event, "cycles") for _, event in rows)


def table(found: Ranking) -> list[tuple[Cell, ...]]:
    """In the order of HEADER."""
    return [
        (
            found.month, row.place or None, row.who, row.mae_pct, row.cycles, sum(row.marked.values()), row.shifts,
            row.pay, found.reward.currency, row.why, found.hash,
        )
        for row in found.rows
    ]  # fmt: skip


def in_words(found: Ranking, language: str) -> list[str]:
    """The table, and what proves it."""
    names = ("place", "who", "mae_pct", "cycles", "pay", "why")
    cells = [
        [
            str(row.place or "-"), row.who, shown(row.mae_pct), str(row.cycles),
            f"{row.pay:,.2f} {found.reward.currency}", _why(row.why, dict(row.marked), language),
        ]
        for row in found.rows
    ]  # fmt: skip
    made = lines([said(language, name) for name in names], cells) if cells else []
    count = sum(len(row.seqs) for row in found.rows)
    made += [said(language, "unfinished")] if found.unfinished else []
    return [*made, f"{count} events, sha256 {found.hash}"]


def _why(why: str, marked: dict[str, int], language: str) -> str:
    parts = [said(language, why)] if why else []
    parts += [f"{name}: {count}" for name, count in sorted(marked.items())]
    return ", ".join(parts)


def plain(found: Ranking) -> dict[str, Any]:
    """Everything, with the numbers of the events behind each row."""
    return {
        "month": found.month,
        "unfinished": found.unfinished,
        "reward": to_plain(found.reward),
        "hash": found.hash,
        "rows": [
            {
                "place": row.place or None, "who": row.who, "mae_pct": row.mae_pct, "cycles": row.cycles,
                "marked": dict(row.marked), "shifts": row.shifts, "pay": row.pay, "why": row.why,
                "events": [{"journal": journal, "seq": seq} for journal, seq in row.seqs],
            }
            for row in found.rows
        ],
    }  # fmt: skip
