"""A week's balances as plain data, as rows of a table, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.score.balance import Balance, equation
from gateway.score.compared import Compared
from gateway.score.declared import Figure
from gateway.score.stock import Stock
from gateway.score.tables import Cell, lines, number
from gateway.score.words import said

HEADER = (
    "site", "week", "line", "store", "material", "opening", "received", "ground", "moved_in", "dosed", "scrapped",
    "moved_out", "closing", "residual", "sigma", "z", "book z", "verdict",
)  # fmt: skip
DECLARED_HEADER = (
    "site", "week", "line", "store", "material", "item", "declared", "metered", "difference", "sigma", "z",
    "likely cause", "probability", "line_no", "should_say",
)  # fmt: skip
FAR = 3.0


def verdict(row: Balance) -> str:
    """Missing, too much, or nothing: by the sums, or by the week alone."""
    if row.said:
        return row.said
    z = row.z
    return "" if z is None or abs(z) <= FAR else "missing" if z > 0 else "too much"


def table(rows: Iterable[Balance]) -> list[tuple[Cell, ...]]:
    """In the order of HEADER."""
    return [
        (
            row.site, row.week, row.store.line, row.store.name, row.store.material, *equation(row).values(),
            row.sigma_kg, row.z, row.book_z, verdict(row),
        )
        for row in rows
    ]  # fmt: skip


def declared_table(rows: Iterable[Compared]) -> list[tuple[Cell, ...]]:
    """In the order of DECLARED_HEADER."""
    made: list[tuple[Cell, ...]] = []
    for row in rows:
        store, cause = row.balance.store, row.cause
        found = (
            (row.claim.metered_kg, row.off_kg, row.claim.sigma, row.claim.z) if row.metered else (None,) * 4
        )
        made.append((
            row.balance.site, row.balance.week, store.line, store.name, store.material, row.item, row.claim.kg, *found,
            cause.kind if cause else "", cause.probability if cause else None, cause.line_no if cause else None,
            cause.what if cause else "",
        ))  # fmt: skip
    return made


def in_words(rows: Sequence[Balance], language: str) -> list[str]:
    """The table, and below it what makes it doubtful."""
    header = [said(language, name) for name in HEADER[2:]]
    cells = [[_text(cell) for cell in row[2:-1]] + [said(language, str(row[-1]))] for row in table(rows)]
    made = lines(header, cells)
    made += [f"  {row.store.name}: {doubt.words(language)}" for row in rows for doubt in row.doubts()]
    return made


def differences_in_words(rows: Sequence[Compared], lost: Sequence[Figure], language: str) -> list[str]:
    """Each difference; a likely mistake with its line and what it should say."""
    names = ("store", "item", "declared", "metered", "difference", "sigma", "z", "likely cause")
    cells = []
    for row in rows:
        why = "" if row.metered else said(language, "not metered")
        if row.cause is not None:
            where = f", line {row.cause.line_no}" if row.cause.line_no else ""
            what = f": {row.cause.what}" if row.cause.what else ""
            why = f"{said(language, row.cause.kind)}{where}{what} ({row.cause.probability:.0%})"
        elif row.far:
            why = said(language, "real" if row.declared else "not declared")
        found = (
            [
                number(row.claim.metered_kg),
                number(row.off_kg),
                number(row.claim.sigma),
                number(row.claim.z, 1),
            ]
            if row.metered
            else ["-"] * 4
        )
        cells.append([row.balance.store.name, said(language, row.item), number(row.claim.kg), *found, why])
    made = lines([said(language, name) for name in names], cells) if cells else []
    made += [
        f"  line {row.line_no}: {row.material} on {row.line}: {said(language, 'no such store')}"
        for row in lost
    ]
    return made


def plain(row: Balance) -> dict[str, Any]:
    """Everything, down to the streams and what each is made of."""
    return {
        "site": row.site, "store": row.store.name, "material": row.store.material, "line": row.store.line,
        "vessels": list(row.store.vessels), "week": row.week, "from": _iso(row.from_ns), "to": _iso(row.to_ns),
        "whole": row.whole, "kg": equation(row), "sigma_kg": row.sigma_kg, "z": row.z, "book_z": row.book_z,
        "sums": {
            "too_much": max(row.cusum.small[0], row.cusum.large[0]),
            "missing": max(row.cusum.small[1], row.cusum.large[1]),
        },
        "verdict": verdict(row), "doubts": [each.words() for each in row.doubts()],
        "doubts_zh": [each.words("zh") for each in row.doubts()],
        "opening": _stock(row.opening), "closing": _stock(row.closing),
        "streams": [
            {
                "kind": each.stream.kind, "meter": each.stream.meter, "vessel": each.stream.vessel, "kg": each.kg,
                "sigma_kg": each.sigma_kg, "bias_kg": each.bias_kg, "weighings": each.weighings,
                "singles": [
                    {"at": _iso(one.time_ns), "kg": one.kg, "what": one.what, "seq": one.seq} for one in each.singles
                ],
            }
            for each in row.flows
        ],
    }  # fmt: skip


def plain_difference(row: Compared) -> dict[str, Any]:
    """One declared item, with every explanation that is not negligible."""
    return {
        "site": row.balance.site, "store": row.balance.store.name, "week": row.balance.week, "item": row.item,
        "declared_kg": row.claim.kg, "lines": [each.line_no for each in row.claim.rows],
        "metered_kg": row.claim.metered_kg if row.metered else None,
        "difference_kg": row.off_kg if row.metered else None,
        "sigma_kg": row.claim.sigma if row.metered else None, "z": row.claim.z if row.metered else None,
        "likely": row.cause.kind if row.cause else None,
        "causes": [
            {
                "kind": each.kind, "probability": each.probability, "line": each.line_no, "should_say": each.what,
                "sum_kg": each.corrected_kg,
            }
            for each in row.causes
        ],
    }  # fmt: skip


def _stock(found: Stock | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"kg": found.kg, "sigma_kg": found.sigma_kg, "how": found.how, "events": list(found.seqs)}


def _text(cell: Cell) -> str:
    return number(cell) if isinstance(cell, float) or cell is None else str(cell)


def _iso(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
