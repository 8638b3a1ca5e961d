"""Upper limits of Hotelling's T2: which distribution it has, by what is known and which samples are judged.

T2 = n (x - m)' S**-1 (x - m). With S known it is chi-square. With m the mean of `samples` vectors (or of as many means
of n) and S of `freedom` degrees of freedom: future samples, ``(1 + 1/m) p f / (f - p + 1)`` times F(p, f - p + 1)
(Montgomery, Introduction to Statistical Quality Control, 6th ed., 11.21 and 11.24); the very samples that m and S came
from, beta if they were single (Tracy, Young & Mason 1992), F with 1 - 1/m if they were means of n (11.20). Where f is
that of successive differences these are approximations; benchmarks/multivariate.py measures them.

>>> f"{future(3, 14, 13, 0.01):.2f} {own(3, 14, 13, 0.01):.2f} {known(2, 0.001):.2f}"
'23.62 8.00 13.82'
"""

from __future__ import annotations

from functools import cache

from gateway.stats.special import beta_ppf, chi2_isf, f_isf


@cache
def known(p: int, alpha: float) -> float:
    """Mean and covariance are known."""
    return float(chi2_isf(alpha, p))


@cache
def future(p: int, samples: float, freedom: float, alpha: float) -> float:
    """Phase II: samples that the estimates have not seen."""
    _enough(p, freedom)
    rest = freedom - p + 1
    return (1 + 1 / samples) * p * freedom / rest * float(f_isf(alpha, p, rest))


@cache
def own(p: int, samples: float, freedom: float, alpha: float) -> float:
    """Phase I, single vectors: the samples that the estimates came from.

    With a covariance of successive differences T2 is about chi-square for more than p**2 + 3 p samples; for fewer the
    beta distribution with its degrees of freedom alarms too rarely (Williams, Woodall, Birch & Sullivan 2006).
    """
    _enough(p + 2, freedom)
    if freedom < samples - 1 and samples > p * p + 3 * p:
        return known(p, alpha)
    return (samples - 1) ** 2 / samples * float(beta_ppf(1 - alpha, p / 2, (freedom - p) / 2))


@cache
def own_means(p: int, samples: float, freedom: float, alpha: float) -> float:
    """Phase I, means of subgroups whose pooled covariance is S."""
    return future(p, samples, freedom, alpha) * (1 - 1 / samples) / (1 + 1 / samples)


def _enough(fewest: int, freedom: float) -> None:
    if freedom < fewest:
        text = f"a covariance of {freedom:.1f} degrees of freedom gives no limit where {fewest} are needed"
        raise ValueError(f"{text}: give more samples")
