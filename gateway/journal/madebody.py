"""A `LotMade` as the JSON of its row, and back: what `gateway.plain` would make, at a tenth of its price.

A lot that closes is written within microseconds, and a million of them are read again for new indices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gateway.model import Composition, Ingredient, LotMade
from gateway.plain import from_plain, to_plain

_HEAD = ("lot", "kind", "cell", "kg", "sigma_kg")
_TAIL = ("aggregated", "ground", "version", "reason")
_PLAIN = (*_HEAD, *_TAIL, "facts")
_COMPOSITION = Composition.__dataclass_fields__


def plain_of(made: LotMade) -> dict[str, Any]:
    """Its plain form without its time, ready for JSON; numbers that JSON cannot say go the slow way, as words."""
    composition = made.composition
    if not _finite(made):
        return _slow(made)
    return {
        **{name: getattr(made, name) for name in _HEAD},
        "inputs": [
            {"lot": edge.lot, "kg": edge.kg, "sigma_kg": edge.sigma_kg, "mixing": edge.mixing}
            for edge in made.inputs
        ],
        "composition": {name: getattr(composition, name) for name in _COMPOSITION},
        **{name: getattr(made, name) for name in _TAIL},
        "facts": to_plain(made.facts),
    }


def _finite(made: LotMade) -> bool:
    """One sum tells: an infinity or nan anywhere is in it."""
    held = made.composition
    total = made.kg + made.sigma_kg + held.regrind_sigma + held.recycled_sigma
    total += sum(edge.kg + edge.sigma_kg for edge in made.inputs)
    total += sum(held.sigma) + sum(held.rest) + sum(held.recycled)
    return math.isfinite(total + sum(map(sum, held.shares)) + sum(map(sum, held.passes)))


def _slow(made: LotMade) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(made)
    del plain["is"], plain["time_ns"]
    return plain


def made_of(time_ns: int, plain: Mapping[str, Any]) -> LotMade:
    """The event of such a form. Raises ValueError, KeyError or TypeError where it is none."""
    composition = plain["composition"]
    if "is" in composition:
        slow: LotMade = from_plain(LotMade, {**plain, "time_ns": time_ns})
        return slow
    return LotMade(
        time_ns=time_ns,
        inputs=tuple(Ingredient(**edge) for edge in plain["inputs"]),
        composition=composition_of(composition),
        **{name: plain[name] for name in _PLAIN},
    )


def composition_of(plain: Mapping[str, Any]) -> Composition:
    """The composition in such a form."""
    return Composition(
        tuple(plain["sources"]),
        tuple(map(tuple, plain["shares"])),
        tuple(plain["sigma"]),
        tuple(plain["rest"]),
        tuple(map(tuple, plain["passes"])),
        plain["regrind_sigma"],
        tuple(plain["recycled"]),
        plain["recycled_sigma"],
    )
