"""A lot is closed, or its composition amended: judged by every rule that is for it, and for what is in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.holds import expiry
from gateway.holds.findings import Cleared, Concerned, Finding, Found, Left, Ruled, noted
from gateway.holds.spread import noticed, shares, tainted
from gateway.holds.values import (
    EXPIRED_MOST,
    RULE,
    SET_ASIDE,
    SOURCE,
    STREAMS,
    Held,
    Holds,
    Made,
    Rows,
    Why,
    newest,
)
from gateway.holds.verdict import Breach, Materials, judged, worst
from gateway.model import Event, LotMade, Plain, Severity
from gateway.sentences.words import percent
from gateway.site import LotRule, Site


class Rules:
    """What lots are judged by, of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site.site
        self.lot_rules: Sequence[LotRule] = site.lot_rules
        self.results = site.result_limits
        self.materials = Materials(site.materials)
        self.share, self.second_person = site.hold_share, site.second_person
        self.points = {point.name: point for point in site.scan_points}

    def set_aside(self, lot: str, kind: str) -> bool:
        """Whether a lot is a thing that can be put aside. A slice of a stream is not: it has a name by the clock."""
        streams = kind in STREAMS and lot.startswith(f"{self.site}:")
        return kind in SET_ASIDE and not streams


def closed(holds: Holds, rules: Rules, made: LotMade, *, shipped: bool = False) -> tuple[Holds, Found]:
    """`shipped`: the lot has left the site, so it is suspect and not held. Only lots that are amended have."""
    if not made.inputs and (day := expiry.of_facts(made.facts, made.time_ns)) is not None:
        holds = past_day(holds, made.lot, day, made.time_ns)
    found: list[Finding | Event] = []
    for rule in rules.lot_rules:
        breaches = judged(rule, made, rules.materials, holds.expired)
        if breaches is not None:
            holds = _ruled(holds, rule, made, breaches, found, shipped=shipped)
    inside = shares(holds, made) if holds.held else {}
    if inside:
        holds = _of_held(holds, rules, made, inside, found, shipped=shipped)
    return noticed(holds, made), tuple(found)


def past_day(holds: Holds, lot: str, day_ns: int, now_ns: int) -> Holds:
    """The lot is used now: remembered where that is past its day."""
    if now_ns < day_ns or lot in holds.expired:
        return holds
    kept = newest({**holds.expired, lot: day_ns}, EXPIRED_MOST)
    return replace(holds, expired={name: int(str(day)) for name, day in kept.items()})


def _ruled(
    holds: Holds,
    rule: LotRule,
    made: LotMade,
    breaches: tuple[Breach, ...],
    found: list[Finding | Event],
    *,
    shipped: bool,
) -> Holds:
    sure = any(breach.sure for breach in breaches)
    before = holds.held.get(made.lot)
    by_it = before is not None and any(why.by == RULE and why.about == rule.name for why in before.why)
    hold = sure or (bool(breaches) and rule.possible == "hold")
    if by_it:  # its verdict is known, and told
        if not breaches:
            found.append(Cleared(made.lot, made.cell, rule.name))
        return holds
    if hold and not shipped:
        reason = _reason(rule, breaches)
        why = Why(RULE, rule.name, reason, second_person=rule.second_person)
        holds = put(holds, made.lot, why, made.time_ns, made.kind, made.cell)
        facts: dict[str, Plain] = {"by": RULE, "about": rule.name, "reason": reason, "lot_kind": made.kind}
        facts["breaches"] = [breach.plain() for breach in breaches]
        severity = Severity.ALARM if sure else Severity.WARNING
        found.append(noted(made.time_ns, "lot_held", made.lot, severity, cell=made.cell, **facts))
    found.append(
        Ruled(
            made.lot, made.cell, rule.name, breaches, hold, rule.reaction, rule.reaction_zh, shipped=shipped,
            version=made.version,
        )
    )  # fmt: skip
    return holds


def _of_held(
    holds: Holds,
    rules: Rules,
    made: LotMade,
    inside: dict[str, Rows],
    found: list[Finding | Event],
    *,
    shipped: bool,
) -> Holds:
    sources = set(made.composition.sources)
    holds = tainted(holds, made.lot, {lot: rows for lot, rows in inside.items() if lot not in sources})
    rest = max(made.composition.rest, default=0.0)
    if made.kind == "shipment":
        found += _left(holds, rules, made, inside)
        return holds
    for lot, rows in inside.items():
        low, high = min(rows), max(rows) + (rest if lot in sources else 0.0)
        if high >= rules.share:
            one = Made(made.lot, made.kind, made.cell, made.time_ns)
            holds, told = concern(holds, rules, lot, one, (low, high), shipped=shipped)
            found += told
    return holds


def _left(holds: Holds, rules: Rules, made: LotMade, inside: dict[str, Rows]) -> list[Left]:
    """Held boxes and pallets of a shipment by name; else the shipment, for the held material in it."""
    units = [edge.lot for edge in made.inputs if edge.lot in holds.held]
    if units:
        return [Left(lot, made.cell, holds.held[lot].why[-1].reason) for lot in units]
    return [
        Left(made.lot, made.cell, f"{lot}: {holds.held[lot].why[-1].reason}")
        for lot, rows in inside.items()
        if max(rows) >= rules.share
    ]


def concern(
    holds: Holds, rules: Rules, source: str, made: Made, share: tuple[float, float], *, shipped: bool
) -> tuple[Holds, Found]:
    """A lot has enough of a held one in it. What cannot be put aside only passes it on."""
    lot, kind, cell, time_ns = made.lot, made.kind, made.cell, made.time_ns
    held = holds.held.get(source)
    reason = held.why[-1].reason if held is not None else ""
    facts: dict[str, Plain] = {"by": SOURCE, "about": source, "reason": reason, "lot_kind": kind}
    facts |= {"low": share[0], "high": share[1]}
    if not rules.set_aside(lot, kind):
        return holds, ()
    if shipped:
        note = noted(time_ns, "lot_suspect", lot, Severity.ALARM, cell=cell, **facts)
        return holds, (note, Concerned(source, shipped=(lot,), reason=reason))
    before = holds.held.get(lot)
    if before is not None and any(why.by == SOURCE and why.about == source for why in before.why):
        return holds, ()
    second = held is not None and held.second_person
    holds = put(holds, lot, Why(SOURCE, source, reason, second_person=second), time_ns, kind, cell)
    note = noted(time_ns, "lot_held", lot, Severity.WARNING, cell=cell, **facts)
    return holds, (note, Concerned(source, held=(lot,), reason=reason))


def put(holds: Holds, lot: str, why: Why, time_ns: int, kind: str = "", cell: str = "") -> Holds:
    """The lot held for one reason more; somebody who had asked to release it has to ask again."""
    before = holds.held.get(lot)
    if before is None:
        return holds.hold(Held(lot, time_ns, (why,), kind, cell))
    kept = replace(before, why=(*before.why, why), kind=before.kind or kind, cell=before.cell or cell)
    return holds.hold(replace(kept, asked_by=""))


_WORDS = {"regrind": "regrind", "passes": "too often through a screw", "apart": "mixed", "expired": "expired"}


def _reason(rule: LotRule, breaches: tuple[Breach, ...]) -> str:
    first = worst(breaches)
    what = f"{_WORDS[first.what]}{f' ({first.about})' if first.about else ''}"
    share = f"{percent(first.low)} to {percent(first.high)} %"
    return f"rule {rule.name}: {what} {share}, limit {percent(first.limit)} %"
