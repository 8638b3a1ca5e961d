"""What finance and management would read of the demo's week and month: balance, reward, scorecard, from the replica.

The supplier's list comes from the simulated plant's own books, with one mistake in it that the balance has to find.
What a short demo cannot tell is said to be too short for it; no number stands in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gateway.demo.stage import Stage, Wishes, declare
from gateway.journal import JournalReader, open_readers
from gateway.journal.errors import JournalBusy, JournalMissing
from gateway.score import balanceshow, rewarded, scorecardshow
from gateway.score.balance import Balance, balances
from gateway.score.compared import Compared, compared
from gateway.score.declared import Figure, figures
from gateway.score.scorecard import scorecard
from gateway.score.words import said
from gateway.shifts import month_at, week_at
from gateway.site import Site

LANGUAGE = "en"


async def reckoned(stage: Stage, wishes: Wishes) -> dict[str, Any]:
    """``{"balance": ..., "reward": ..., "scorecard": ...}``, each with its ``words``; {} where nothing was read."""
    with ExitStack() as stack:
        try:
            readers = open_readers(stage.replicas)
        except (JournalMissing, JournalBusy):
            return {}
        for each in readers:
            stack.enter_context(each)
        reader, site = readers[0], readers[0].site()
        span = reader.span()
        if site is None or span is None:
            return {}
        week, month = week_at(site.shifts, span[1]), month_at(site.shifts, span[1])
        listed = await declare(stage, wishes, week)
        return {
            "balance": _balance(reader, site, week, listed, faults=wishes.faults),
            "reward": _reward(reader, site, month),
            "scorecard": _scorecard(reader, site, month),
        }


def _balance(
    reader: JournalReader, site: Site, week: str, listed: dict[str, object] | str, *, faults: bool
) -> dict[str, Any]:
    rows = balances(reader, site, week)
    stores = [*map(store_in_words, rows)]
    told: dict[str, Any] = {"week": week, "balances": [balanceshow.plain(row) for row in rows]}
    if isinstance(listed, str):
        return told | {"declared": [], "planted": None, "found": None, "words": [listed, *stores]}
    file = Path(str(listed["file"]))
    given = figures(file.read_text("utf-8"))
    differences, lost = compared(rows, given, {})
    mistake = listed["mistake"]
    planted = mistake if isinstance(mistake, Mapping) else None
    found = planted is not None and any(is_found(planted, each) for each in differences)
    words = [
        planted_in_words(planted, len(given), file.name, faults=faults),
        *compared_in_words(differences, lost),
        *stores,
    ]
    return told | {
        "file": str(file),
        "declared": [balanceshow.plain_difference(each) for each in differences],
        "planted": planted,
        "found": found if planted else None,
        "words": words,
    }


def is_found(planted: Mapping[str, object], each: Compared) -> bool:
    """Whether this difference is the planted one, with its row and its kind."""
    cause = each.cause
    return cause is not None and (cause.line_no, cause.kind) == (planted["line_no"], planted["kind"])


def planted_in_words(planted: Mapping[str, object] | None, count: int, file: str, *, faults: bool) -> str:
    """What is wrong in the list, as only the demo knows it."""
    head = f"the supplier's list, {file}: {count} rows"
    if planted is None:
        why = ": too short for one, no figure reaches a kilogram" if faults else ""
        return f"{head}, no mistake planted{why}"
    where = f"line {planted['line_no']}, {planted['material']} {planted['item']}"
    return f"{head}, one mistake planted: {where}, {planted['wrote']} kg for {planted['should_say']} kg"


def compared_in_words(differences: list[Compared], lost: list[Figure]) -> list[str]:
    """What differs from the meters, and what the balance makes of it."""
    made = [_difference(each) for each in differences if each.far]
    agree = sum(each.declared and each.metered and not each.far for each in differences)
    made += [f"line {row.line_no}: {row.material} on {row.line}: no such store" for row in lost]
    return [*made, f"{agree} figure{'s agree' if agree != 1 else ' agrees'} with the meters within 3 sigma"]


def _difference(each: Compared) -> str:
    claim, cause = each.claim, each.cause
    head = (
        f"{each.balance.store.name} {each.item}: declared {claim.kg:,.2f} kg, metered {claim.metered_kg:,.2f} "
        f"({claim.z:+,.0f} sigma)"
    )
    if cause is None:
        return f"{head}: no likely mistake, a real difference or several"
    where = f" in line {cause.line_no}" if cause.line_no else ""
    what = f", it should say {cause.what}" if cause.what else ""
    return f"{head}: {said(LANGUAGE, cause.kind)}{where}{what} ({min(cause.probability, 0.99):.0%} sure)"


def store_in_words(row: Balance) -> str:
    """One store's residual, or why there is none."""
    residual, z = row.residual_kg, row.z
    if residual is None or z is None:
        why = f"nobody counted {', '.join(row.unknown)}" if row.unknown else "its stock is not known"
        return f"store {row.store.name}: no balance, {why}"
    way = "missing" if residual > 0 else "too much"
    verdict = balanceshow.verdict(row)
    what = f"beyond chance: {verdict}" if verdict else "within chance"
    return f"store {row.store.name}: {abs(residual):,.1f} kg {way}, sigma {row.sigma_kg:,.1f} kg: {what}"


def _reward(reader: JournalReader, site: Site, month: str) -> dict[str, Any]:
    found = rewarded.ranked([(reader, site)], month, unfinished=True)
    words = rewarded.in_words(found, LANGUAGE)
    if not any(row.cycles for row in found.rows):
        words = ["too short for a ranking: no box was closed, so no ratio of a lot is known"]
    return rewarded.plain(found) | {"words": words}


def _scorecard(reader: JournalReader, site: Site, month: str) -> dict[str, Any]:
    rows = scorecard(reader, site, month, unfinished=True)
    words = scorecardshow.in_words(rows, LANGUAGE)
    if any(row.number.value is None for row in rows):
        words.append("(- and unknown: too short for it, or nobody has entered what it needs)")
    return {"month": month, "rows": [scorecardshow.plain(row) for row in rows], "words": words}
