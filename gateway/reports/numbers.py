"""Numbers and times as reports print them: no locale, so that the same facts are the same bytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def short(value: float | None, digits: int = 5) -> str:
    """A number of so many digits; "-" where there is none.

    >>> short(1234567.0), short(0.00012345678), short(-0.0), short(None)
    ('1234600', '0.00012346', '0', '-')
    """
    if value is None:
        return "-"
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{float(text):.12f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def kilograms(kg: Mapping[str, float]) -> str:
    """A mass with its interval and standard uncertainty, to the gram.

    >>> kilograms({"low": 1.0, "high": 2.5, "sigma": 0.01}), kilograms({"low": 1.0, "high": 1.0})
    ('1.000 – 2.500 ± 0.010', '1.000')
    """
    return _span(kg, 1.0, 3, " ")


def percent(share: Mapping[str, float]) -> str:
    """A share likewise, in per cent.

    >>> percent({"low": 0.1, "high": 0.1, "sigma": 0.0}), percent({"low": 0.1, "high": 0.2, "sigma": 0.001})
    ('10.00 %', '10.00 – 20.00 ± 0.10 %')
    """
    return f"{_span(share, 100.0, 2, ' ')} %"


def _span(given: Mapping[str, float], factor: float, digits: int, gap: str) -> str:
    least = 0.5 * 10.0**-digits
    low, high, sigma = (factor * given.get(name, 0.0) for name in ("low", "high", "sigma"))
    interval = f"{low:.{digits}f}{gap}–{gap}" if high - low >= least else ""
    return f"{interval}{high:.{digits}f}" + (f" ± {sigma:.{digits}f}" if sigma >= least else "")


def second(text: str | None) -> str:
    """A time to the second, without its zone, which the heading says.

    >>> second("2027-01-15T08:00:00.000000001Z"), second(None)
    ('2027-01-15 08:00:00', '')
    """
    return text[:19].replace("T", " ") if text else ""


def specification(row: Mapping[str, Any]) -> str:
    """What the customer asks for.

    >>> specification({"lsl": 1.0, "usl": 2.0, "target": 1.4}), specification({"lsl": None, "usl": 2.0, "target": None})
    ('1 – 2 (1.4)', '≤ 2')
    """
    low, high, aim = row["lsl"], row["usl"], row["target"]
    if low is None and high is None:
        return "-"
    if low is None or high is None:
        made = f"≥ {short(low)}" if high is None else f"≤ {short(high)}"
    else:
        made = f"{short(low)} – {short(high)}"
    return made + (f" ({short(aim)})" if aim is not None else "")
