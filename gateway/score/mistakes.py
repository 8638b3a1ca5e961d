"""Why a declared figure may differ from a metered one: the mistakes that people make in lists, weighed. Pure.

Each possible mistake says what the figure would have been without it. How well that fits what was metered is a normal
density with the sigma of the difference; how likely people make the mistake at all, shared among the ways in which it
could have been made here, is its prior. Against them stands a difference that is real: anything up to the size of the
figures, all alike. What has most of the probability is named (Bayes; the priors are our choice and stand below).

>>> from gateway.score.declared import Figure
>>> row = Figure(2, "2026-W46", "a/l", "pp", "received", "1520.0", "kg")
>>> explain(Claim((row,), metered_kg=1250.0, sigma_kg=1.0))[0].kind
'digit_swap'
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.score.declared import UNITS, Figure

PRIORS = {
    "digit_swap": 0.12,
    "decimal_slip": 0.10,
    "unit": 0.10,
    "forgotten_row": 0.18,
    "doubled_row": 0.15,
    "wrong_week": 0.15,
    "real": 0.20,
}
"""Of a difference that chance does not explain."""
SURE = 0.5
"""Probability from which on a cause is called the likely one."""
LEAST_KG = 1e-3
"""Nobody knows a mass of a week better than to a gram."""
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Claim:
    """What was declared of one item of one store and week, and what was metered."""

    rows: tuple[Figure, ...]
    metered_kg: float
    sigma_kg: float  # of the metered figure
    singles: tuple[tuple[float, str], ...] = ()  # metered deliveries one by one: (kg, which)
    neighbours: tuple[
        tuple[Figure, float], ...
    ] = ()  # rows of weeks beside it, and what is too much there, in kg

    @property
    def kg(self) -> float:
        return math.fsum(row.kg for row in self.rows)

    @property
    def sigma(self) -> float:
        """Of the difference: weighing, and how the rows were rounded."""
        return math.hypot(LEAST_KG, self.sigma_kg, *(row.rounding_kg for row in self.rows))

    @property
    def z(self) -> float:
        """Declared less metered, in sigma."""
        return (self.kg - self.metered_kg) / self.sigma


@dataclass(frozen=True, slots=True)
class Cause:
    """One explanation."""

    kind: str  # of PRIORS
    probability: float
    corrected_kg: float  # the sum as it would be without the mistake
    line_no: int = 0  # of the row; 0: of none
    what: str = ""  # what the row should say


def explain(claim: Claim) -> tuple[Cause, ...]:
    """Explanations of a difference, the likeliest first; none that is less likely than 2 %."""
    sigma = claim.sigma
    size = max(claim.kg, claim.metered_kg, 10.0 * sigma)
    weighed: list[tuple[float, Cause]] = [
        (PRIORS["real"] / (2.0 * size), Cause("real", 0.0, claim.kg)),
    ]
    for kind, find in _FINDERS.items():
        found = list(find(claim))
        for cause in found:
            fits = math.exp(-0.5 * ((cause.corrected_kg - claim.metered_kg) / sigma) ** 2)
            weighed.append((PRIORS[kind] / len(found) * fits / (sigma * math.sqrt(2.0 * math.pi)), cause))
    total = math.fsum(weight for weight, _ in weighed)
    best: dict[tuple[str, int, str], Cause] = {}
    for weight, cause in sorted(weighed, key=lambda each: -each[0]):
        probability = weight / total
        if probability >= _LEAST:
            key = (cause.kind, cause.line_no, cause.what)
            best.setdefault(
                key, Cause(cause.kind, probability, cause.corrected_kg, cause.line_no, cause.what)
            )
    return tuple(best.values())


def likely(causes: tuple[Cause, ...]) -> Cause | None:
    """The mistake that is likelier than all else together; of several ways of it the likeliest, for all of them."""
    kinds: dict[str, float] = {}
    for each in causes:
        kinds[each.kind] = kinds.get(each.kind, 0.0) + each.probability
    best = max(kinds, key=lambda kind: kinds[kind], default="real")
    if best == "real" or kinds[best] < SURE:
        return None
    first = next(each for each in causes if each.kind == best)
    return replace(first, probability=min(kinds[best], 1.0))


def _instead(claim: Claim, kind: str, row: Figure, text: str, unit: str) -> Cause:
    kg = float(text) * UNITS[unit]
    return Cause(kind, 0.0, claim.kg - row.kg + kg, row.line_no, f"{text} {unit}")


def _swaps(claim: Claim) -> Iterator[Cause]:
    for row in claim.rows:
        digits = list(row.text)
        for at in range(len(digits) - 1):
            after = at + 2 if digits[at + 1] == "." else at + 1
            if digits[at].isdigit() and after < len(digits) and digits[at] != digits[after]:
                swapped = digits.copy()
                swapped[at], swapped[after] = digits[after], digits[at]
                if swapped[0] == "0" and swapped[1].isdigit():
                    continue  # nobody meant to write 04.0
                yield _instead(claim, "digit_swap", row, "".join(swapped), row.unit)


def _slips(claim: Claim) -> Iterator[Cause]:
    for row in claim.rows:
        for places in (-3, -2, -1, 1, 2, 3):
            if float(row.text):
                yield _instead(claim, "decimal_slip", row, f"{float(row.text) * 10.0**places:.12g}", row.unit)


def _units(claim: Claim) -> Iterator[Cause]:
    for row in claim.rows:
        for unit in UNITS:
            if unit != row.unit and float(row.text):
                yield _instead(claim, "unit", row, row.text, unit)


def _forgotten(claim: Claim) -> Iterator[Cause]:
    """A delivery that was metered and is on no row; where deliveries are not known one by one, none is suggested."""
    for kg, which in claim.singles:
        if not any(abs(row.kg - kg) <= 3.0 * max(row.rounding_kg, 1e-3 * kg) for row in claim.rows):
            yield Cause("forgotten_row", 0.0, claim.kg + kg, 0, f"{kg:.12g} kg, {which}")


def _doubled(claim: Claim) -> Iterator[Cause]:
    """A row that is there twice: the same document, or the same amount."""
    for at, row in enumerate(claim.rows):
        for other in claim.rows[:at]:
            same = row.document == other.document if row.document or other.document else True
            if same and (row.text, row.unit) == (other.text, other.unit):
                yield Cause("doubled_row", 0.0, claim.kg - row.kg, row.line_no, f"as line {other.line_no}")
                break


def _weeks(claim: Claim) -> Iterator[Cause]:
    """A row of another week, or one of this week that another one lacks."""
    for row, off_kg in claim.neighbours:
        if off_kg > 0.5 * row.kg > 0.0:  # it is too much there
            yield Cause(
                "wrong_week",
                0.0,
                claim.kg + row.kg,
                row.line_no,
                f"of {claim.rows[0].week}" if claim.rows else "",
            )
    lacking = {row.week: off_kg for row, off_kg in claim.neighbours if off_kg < 0.0}
    for week, off_kg in lacking.items():
        for row in claim.rows:
            if -off_kg > 0.5 * row.kg > 0.0:
                yield Cause("wrong_week", 0.0, claim.kg - row.kg, row.line_no, f"of {week}")


_FINDERS = {
    "digit_swap": _swaps,
    "decimal_slip": _slips,
    "unit": _units,
    "forgotten_row": _forgotten,
    "doubled_row": _doubled,
    "wrong_week": _weeks,
}
