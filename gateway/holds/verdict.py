"""Whether a lot keeps a rule, may break it, or breaks it. Pure.

A share is an interval, and each end is known to a weighing. A rule is *broken* where the whole interval is beyond the
limit and stays there when it is moved back by the expanded uncertainty, twice the standard one (JCGM 100:2008, 6.3.3,
about 95 %); it *may be broken* where any of it is beyond. That is the decision rule of ISO 14253-1: who says that
something does not conform has to show it, and who says that it conforms too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from gateway.genealogy.bounds import Bound
from gateway.model import Composition, LotMade, Plain
from gateway.site import LotRule, Material

COVERAGE = 2.0
KNOWN_MOST = 10_000
SLACK = 1e-9  # a share of exactly the limit keeps it, whatever the last bits say
REGRIND, PASSES, APART, EXPIRED = "regrind", "passes", "apart", "expired"


@dataclass(frozen=True, slots=True)
class Breach:
    """What of a rule a lot breaks, or may break. Shares of its mass, uncertainty of the weighings included."""

    what: str  # "regrind", "passes", "apart", "expired"
    low: float
    high: float
    limit: float
    sure: bool  # False: it may
    about: str = ""  # materials or lots

    def plain(self) -> dict[str, Plain]:
        return {
            "what": self.what, "low": self.low, "high": self.high, "limit": self.limit, "sure": self.sure,
            **({"about": self.about} if self.about else {}),
        }  # fmt: skip


class Materials:
    """Which material a source is of."""

    def __init__(self, materials: Iterable[Material]) -> None:
        self._patterns = {material.name: _pattern(material.lots) for material in materials}
        self._known: dict[str, frozenset[str]] = {}  # by source: its materials; only what the patterns say

    def of(self, name: str, sources: Iterable[str]) -> tuple[str, ...]:
        """Those of the sources that are of a material."""
        known = self._known
        if len(known) > KNOWN_MOST:
            known.clear()
        found = []
        for lot in sources:
            materials = known.get(lot)
            if materials is None:
                matching = (each for each, pattern in self._patterns.items() if pattern.fullmatch(lot))
                materials = known[lot] = frozenset(matching)
            if name in materials:
                found.append(lot)
        return tuple(found)


@cache
def _pattern(lots: tuple[str, ...]) -> re.Pattern[str]:
    each = (".*".join(re.escape(part) for part in lot.split("*")) for lot in lots)
    return re.compile("|".join(f"(?:{one})" for one in each), re.DOTALL)


def judged(
    rule: LotRule, made: LotMade, materials: Materials, expired: Collection[str]
) -> tuple[Breach, ...] | None:
    """What of the rule the lot breaks or may break; None where the rule is not for it.

    `expired`: sources that were used after their expiry date.
    """
    composition = made.composition
    if not _concerns(rule, made, materials):
        return None
    found = [_regrind(rule, composition), _passes(rule, composition)]
    found += [_apart(rule, composition, materials, *pair) for pair in rule.apart]
    if rule.expired and (old := tuple(lot for lot in composition.sources if lot in expired)):
        share = share_of(composition, old, kept_only=True)
        found.append(_beyond(EXPIRED, share, rule.trace, ", ".join(old[:5])))
    return tuple(breach for breach in found if breach is not None)


def share_of(composition: Composition, lots: Collection[str], *, kept_only: bool = False) -> Bound:
    """Share of all these sources together; `kept_only`: without what they may have in the rest.

    Its uncertainty is the sum of theirs: it is not known how much their weighings have in common.
    """
    at = [place for place, lot in enumerate(composition.sources) if lot in lots]
    sums = [sum(row[place] for place in at) for row in composition.shares]
    rest = 0.0 if kept_only else max(composition.rest)
    sigma = sum(composition.sigma[place] for place in at)
    return Bound(min(sums, default=0.0), min(max(sums, default=0.0) + rest, 1.0), sigma)


def widened(share: Bound) -> tuple[float, float]:
    """The interval with the expanded uncertainty on either side."""
    reach = COVERAGE * share.sigma
    return max(share.low - reach, 0.0), min(share.high + reach, 1.0)


def _concerns(rule: LotRule, made: LotMade, materials: Materials) -> bool:
    if made.kind not in rule.kinds or (rule.cells and made.cell not in rule.cells):
        return False
    if rule.parts and made.facts.get("part") not in rule.parts:
        return False
    if not rule.materials:
        return True
    sources = made.composition.sources
    inside = {lot for name in rule.materials for lot in materials.of(name, sources)}
    return bool(inside) and share_of(made.composition, inside).high >= rule.trace - SLACK


def _regrind(rule: LotRule, composition: Composition) -> Breach | None:
    rows = [sum(row[1:]) for row in composition.passes]
    return _beyond(REGRIND, Bound(min(rows), max(rows), composition.regrind_sigma), rule.max_regrind)


def _passes(rule: LotRule, composition: Composition) -> Breach | None:
    if rule.max_passes is None:
        return None
    above = [sum(row[rule.max_passes + 1 :]) for row in composition.passes]
    return _beyond(PASSES, Bound(min(above), max(above), 0.0), rule.passes_share, str(rule.max_passes))


def _apart(
    rule: LotRule, composition: Composition, materials: Materials, one: str, other: str
) -> Breach | None:
    """Both have to be there; what is told is the share of the one that is less."""
    sources = composition.sources
    found = [set(materials.of(name, sources)) for name in (one, other)]
    shares = [share_of(composition, lots, kept_only=True) for lots in found]
    return _beyond(APART, min(shares), rule.trace, f"{one} with {other}")


def _beyond(what: str, share: Bound, limit: float, about: str = "") -> Breach | None:
    low, high = widened(share)
    if high <= limit + SLACK:
        return None
    return Breach(what, low, high, limit, low > limit + SLACK, about)


def worst(breaches: Iterable[Breach]) -> Breach:
    """The one to name first: a sure one, then the one furthest beyond its limit."""
    return max(breaches, key=lambda each: (each.sure, each.low - each.limit, each.high - each.limit))


def facts_of(breaches: Iterable[Breach]) -> Mapping[str, Plain]:
    """As events carry them."""
    return {"breaches": [breach.plain() for breach in breaches]}
