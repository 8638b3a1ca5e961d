"""A store's book against its stocktakes, and whether what is missing is chance. Pure.

For whoever balances material over days, shifts or weeks: make a `Book` at the first count, give it one `Period` after
another with `counted`, and give the standardised residuals to a `Watch`. All masses are kilograms, sigma is one
standard uncertainty.

A plain weekly residual shares its opening count with the week before: two neighbours are correlated, a small count is
told twice, once with each sign. The book is a Kalman filter (R. E. Kalman, Journal of Basic Engineering 82, 1960) over
what is in the store and what its meters always say too much or too little: its residuals are those of the prediction,
which are independent while nothing is wrong. So a residual divided by its sigma is N(0, 1), and CUSUM limits designed
for independent samples hold. It is also sharper: an old count and a good meter know more than the opening count alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from gateway.design.cusum import CusumScheme

SMALL, LARGE = 0.5, 2.0
"""Allowances of the two pairs of sums, in sigma: for what is small and lasts, and for what is large and new."""


@dataclass(frozen=True, slots=True)
class Period:
    """Between two counts of a store."""

    flow_kg: float  # metered in minus metered out
    flow_sigma_kg: float  # of that, independent from period to period
    bias_kg: float  # of that, the part that is the same every time: what the meters' calibration leaves open
    counted_kg: float  # at the end
    counted_sigma_kg: float


@dataclass(frozen=True, slots=True)
class Book:
    """What is in a store by all that is known, and how well it is known."""

    kg: float
    var: float
    bias: float = 0.0  # of the meters, in units of a period's `bias_kg`
    bias_var: float = 1.0
    both: float = 0.0  # covariance of the two


@dataclass(frozen=True, slots=True)
class Residual:
    """What a count found beyond what the book had; negative: less."""

    kg: float
    sigma_kg: float

    @property
    def z(self) -> float:
        """In sigma: N(0, 1) and independent from count to count while nothing is wrong."""
        return self.kg / self.sigma_kg if self.sigma_kg > 0.0 else 0.0


def opened(counted_kg: float, sigma_kg: float) -> Book:
    """A book begins with a count."""
    return Book(counted_kg, sigma_kg**2)


def counted(book: Book, period: Period) -> tuple[Book, Residual]:
    """The book after a count, and what the count found. Raises ValueError where a sigma is negative or no number."""
    sigmas = (period.flow_sigma_kg, period.bias_kg, period.counted_sigma_kg)
    if not all(math.isfinite(each) and each >= 0.0 for each in sigmas):
        raise ValueError("a standard uncertainty is a number that is not negative")
    b = period.bias_kg
    kg = book.kg + period.flow_kg + b * book.bias
    both = book.both + b * book.bias_var
    var = book.var + b * (book.both + both) + period.flow_sigma_kg**2
    found = Residual(period.counted_kg - kg, math.sqrt(var + period.counted_sigma_kg**2))
    if found.sigma_kg == 0.0:
        return Book(kg, var, book.bias, book.bias_var, both), found
    of_kg, of_bias = var / found.sigma_kg**2, both / found.sigma_kg**2
    after = Book(
        kg + of_kg * found.kg, var * (1.0 - of_kg), book.bias + of_bias * found.kg,
        book.bias_var - of_bias * both, both * (1.0 - of_kg),
    )  # fmt: skip
    return after, found


@dataclass(frozen=True, slots=True)
class Sums:
    """Where the sums of a store stand, in sigma: (up, down) of each allowance."""

    small: tuple[float, float] = (0.0, 0.0)
    large: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Watch:
    """Limits of the sums of one store; both pairs together give one false alarm in `arl0` counts, in the mean."""

    small: float
    large: float

    @staticmethod
    def designed(arl0: float) -> Watch:
        """By run lengths that are computed (`gateway.design`), half of the false alarms for each pair.

        One false alarm a year over four stores counted weekly: ``Watch.designed(4 * 52)``.
        """
        return Watch(_limit(SMALL, 2.0 * arl0), _limit(LARGE, 2.0 * arl0))

    def step(self, sums: Sums, z: float) -> tuple[Sums, str]:
        """The sums after a residual, and "more", "less" or "": whether too much is found by now, or too little.

        Sums that have spoken begin anew. Then open the book anew as well, at the count (`opened`): what was told is
        written off, or the next residuals would tell it again, long after it has ended.
        """
        small, one = _summed(sums.small, z, SMALL, self.small)
        large, two = _summed(sums.large, z, LARGE, self.large)
        said = two or one
        return (Sums(), said) if said else (Sums(small, large), "")


def _summed(sums: tuple[float, float], z: float, k: float, limit: float) -> tuple[tuple[float, float], str]:
    up, down = max(0.0, sums[0] + z - k), max(0.0, sums[1] - z - k)
    return (up, down), "more" if up > limit else "less" if down > limit else ""


@cache
def _limit(k: float, arl0: float) -> float:
    return float(CusumScheme(k).solve(arl0))
