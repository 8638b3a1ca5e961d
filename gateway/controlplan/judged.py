"""What a result says, and what is told of it: verdict, disposition, refusal. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.model import Entry, Noted, Plain, Severity
from gateway.site import Check


def worst(row: Check, values: tuple[float, ...]) -> float:
    """The value that is furthest outside, or nearest to a limit."""
    return max(values, key=lambda value: _beyond(row, value))


def _beyond(row: Check, value: float) -> float:
    over = value - row.usl if row.usl is not None else float("-inf")
    under = row.lsl - value if row.lsl is not None else float("-inf")
    return max(over, under)


def verdict_of(row: Check, value: float, *, doubtful: bool) -> str:
    """Inside, outside, reject; not judged without limits; uncertain: inside, by a doubtful gauge."""
    if row.usl is None and row.lsl is None:
        return "uncertain" if doubtful else "not judged"
    if _beyond(row, value) > 0:
        return "reject" if row.outside == "reject" else "outside"
    return "uncertain" if doubtful else "inside"


def values_of(body: Mapping[str, Plain]) -> tuple[float, ...]:
    """The numbers of an entry."""
    given = body.get("values")
    every = given if isinstance(given, list) and given else [body.get("value")]
    return tuple(float(str(value)) for value in every)


def disposed(
    entry: Entry,
    lot: str,
    word: str,
    plan: str,
    verdicts: Mapping[str, str],
    more: Mapping[str, Plain] | None = None,
) -> Noted:
    """What is to become of a lot: `word` is accept, hold, reject or concession."""
    facts: dict[str, Plain] = {
        "disposition": word,
        "operator": entry.operator,
        "checks": dict(verdicts),
        **(more or {}),
    }
    if plan:
        facts["plan"] = plan
    severity = Severity.WARNING if word in ("hold", "reject") else Severity.INFO
    return Noted(entry.at.time_ns, "lot_disposition", lot, severity, facts)


def refused(entry: Entry, why: str) -> Noted:
    """A result that is not taken."""
    facts: dict[str, Plain] = {"operator": entry.operator, "reason": why}
    return Noted(entry.at.time_ns, "check_refused", str(entry.body.get("result")), Severity.INFO, facts)
