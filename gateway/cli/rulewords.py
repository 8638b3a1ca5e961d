"""Run rules as people write them: by name in any case, by number, by span, or a whole family."""

from __future__ import annotations

import re

_FAMILIES = {"WE": 4, "N": 8, "AIAG": 8}  # how many rules each has
_ALSO = {"WESTERN-ELECTRIC": "WE", "NELSON": "N"}
_SPAN = re.compile(r"([A-Z]*)([1-8])-([A-Z]*)([1-8])")


def rule_names(text: str) -> tuple[str, ...]:
    """The names that are meant, each once, in their order. A word that is no rule is left for the chart to refuse.

    >>> rule_names("1,n2, N5"), rule_names("WE"), rule_names("N1-N3"), rule_names("none")
    (('WE1', 'N2', 'N5'), ('WE1', 'WE2', 'WE3', 'WE4'), ('N1', 'N2', 'N3'), ())
    """
    if text.strip().lower() == "none":
        return ()
    words = [word.strip() for word in text.split(",")]
    return tuple(dict.fromkeys(name for word in words if word for name in _meant(word)))


def _meant(word: str) -> list[str]:
    upper = word.upper()
    family = _ALSO.get(upper, upper)
    if family in _FAMILIES:
        return [f"{family}{number}" for number in range(1, _FAMILIES[family] + 1)]
    span = _SPAN.fullmatch(upper)
    if span is not None and span[3] in {"", span[1]} and span[2] < span[4]:
        return [_one(f"{span[1]}{number}") for number in range(int(span[2]), int(span[4]) + 1)]
    return [_one(upper if upper.startswith(tuple(_FAMILIES)) else word)]


def _one(name: str) -> str:
    """1 to 4 alone are those of Western Electric, the first that were numbered."""
    return f"WE{name}" if name in {"1", "2", "3", "4"} else name
