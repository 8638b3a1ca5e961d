"""A `LotMade` as the JSON of its row, and back: what `gateway.plain` would make, at a tenth of its price.

A lot that closes is written within microseconds, and a million of them are read again for new indices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gateway.journal.composed import composition_of
from gateway.model import Ingredient, LotMade
from gateway.plain import from_plain, to_plain

_WORDS = ("lot", "kind", "cell", "kg", "sigma_kg", "aggregated", "ground", "version", "reason")
_PLAIN = (*_WORDS, "facts")


def plain_of(made: LotMade) -> dict[str, Any]:
    """Its plain form without time and composition; with both but the time where a number is one JSON cannot say."""
    total = made.kg + made.sigma_kg + sum(edge.kg + edge.sigma_kg for edge in made.inputs)
    if not math.isfinite(total):
        return whole_of(made)
    return {
        **{name: getattr(made, name) for name in _WORDS},
        "inputs": [
            {"lot": edge.lot, "kg": edge.kg, "sigma_kg": edge.sigma_kg, "mixing": edge.mixing}
            for edge in made.inputs
        ],
        "facts": to_plain(made.facts),
    }


def whole_of(made: LotMade) -> dict[str, Any]:
    """Its plain form without its time."""
    plain: dict[str, Any] = to_plain(made)
    del plain["is"], plain["time_ns"]
    return plain


def made_of(time_ns: int, plain: Mapping[str, Any], composition: bytes | None) -> LotMade:
    """The event of such a form. Raises ValueError, KeyError or TypeError where it is none."""
    if composition is None or "composition" in plain:
        slow: LotMade = from_plain(LotMade, {**plain, "time_ns": time_ns})
        return slow
    return LotMade(
        time_ns=time_ns,
        inputs=tuple(Ingredient(**edge) for edge in plain["inputs"]),
        composition=composition_of(composition),
        **{name: plain[name] for name in _PLAIN},
    )
