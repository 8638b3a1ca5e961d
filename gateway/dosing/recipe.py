"""What each component of a batch should be, in % of the batch: recipes with regrind, closed and open loop. Pure.

OPC 40082-4 (dosing systems), 13.2 knows main material, additives, and regrind of two kinds. Closed loop: the regrind
has the composition of the recipe, so only what is not regrind gets additives, and the rest of them arrives inside the
regrind. Open loop: nobody knows its composition, so it is a component like another and additives are of the whole.

>>> additives = Part("a", "additive", 9.0), Part("b", "additive", 10.0)
>>> parts = (Part("natural", "main"), *additives, Part("mill", "regrind", 25.0))
>>> doses(parts, "closed")
{'natural': 60.75, 'a': 6.75, 'b': 7.5, 'mill': 25.0}
>>> doses(parts, "open")
{'natural': 56.0, 'a': 9.0, 'b': 10.0, 'mill': 25.0}
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

KINDS = ("main", "additive", "regrind")
LOOPS = ("closed", "open")
OF = ("batch", "main")
_WHOLE = 100.0
_PLAY = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """One component as the recipe has it."""

    name: str
    kind: str  # of KINDS
    pct: float = 0.0  # as the recipe says; of the main material: nothing, it is what is left
    of: str = (
        "batch"  # of an additive: of OF; "main": so much per hundred of main material, as colour often is
    )


def doses(parts: Iterable[Part], loop: str) -> dict[str, float]:
    """Setpoints in % of the batch, by name. `loop`: of LOOPS; without regrind both are the same.

    One part is the main material and gets what is left. Raises ValueError where the recipe is more than a batch.
    """
    rows = tuple(parts)
    _check(rows, loop)
    regrind = sum(part.pct for part in rows if part.kind == "regrind")
    fresh = _WHOLE - regrind if loop == "closed" else _WHOLE
    fixed = sum(part.pct * fresh / _WHOLE for part in rows if part.kind == "additive" and part.of == "batch")
    per_main = sum(part.pct for part in rows if part.kind == "additive" and part.of == "main") / _WHOLE
    main = (_WHOLE - regrind - fixed) / (1.0 + per_main)
    if main < -_PLAY:
        raise ValueError(f"the recipe is more than a batch: {_WHOLE - main:g} % without the main material")
    made = {}
    for part in rows:
        if part.kind == "main":
            made[part.name] = max(main, 0.0)
        elif part.kind == "regrind":
            made[part.name] = part.pct
        else:
            made[part.name] = part.pct * (fresh if part.of == "batch" else max(main, 0.0)) / _WHOLE
    return made


def inside(parts: Iterable[Part]) -> dict[str, float]:
    """What of each additive arrives inside the regrind of a closed loop, in % of the batch."""
    rows = tuple(parts)
    dosed, whole = doses(rows, "closed"), _of_product(rows)
    return {part.name: whole[part.name] - dosed[part.name] for part in rows if part.kind == "additive"}


def _of_product(rows: tuple[Part, ...]) -> dict[str, float]:
    """Additives in what is moulded when the loop has settled: as if there were no regrind."""
    return doses(tuple(part for part in rows if part.kind != "regrind"), "open")


def _check(rows: tuple[Part, ...], loop: str) -> None:
    if loop not in LOOPS:
        raise ValueError(f'a loop is "closed" or "open", not "{loop}"')
    if sum(part.kind == "main" for part in rows) != 1:
        raise ValueError("a recipe has one main material")
    for part in rows:
        if part.kind not in KINDS or part.of not in OF:
            raise ValueError(f'"{part.name}" is neither main material, additive nor regrind')
        if not (math.isfinite(part.pct) and 0.0 <= part.pct <= _WHOLE):
            raise ValueError(f'{part.pct:g} % of "{part.name}" is no share')
