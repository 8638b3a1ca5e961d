"""New versions of lots after a correction: the lot that is corrected, and every lot whose composition changes by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.genealogy import source, to_composition
from gateway.genealogy.restate import Correction, restated
from gateway.model import Ingredient, LotMade, Plain
from gateway.restating.swaps import Swap, Swapped, swapped, unknown_lots
from gateway.restating.tables import NEVER, Tables
from gateway.site import Site


def restatement(tables: Tables, site: Site, order: str, body: Mapping[str, Plain]) -> list[LotMade]:
    """What an order of kind "restate" comes to, in the order of making. Raises ValueError where it cannot be.

    ``{"change": "late_scan" | "wrong_scan", "cells", "was", "lot", "from_ns", "to_ns", "kg"}``,
    ``{"change": "recount", "lot", "kg", "sigma_kg", "of"}``, ``{"change": "result", "lot", "result", "value"}``.
    """
    change = str(body["change"])
    if change in ("late_scan", "wrong_scan"):
        return list(_scanned(tables, site, order, change, body))
    if change == "recount":
        return list(_recounted(tables, order, body))
    lot = tables.made(str(body["lot"]))
    if lot is None:
        return []
    return [_next(lot, order, "late_result", facts={str(body["result"]): body["value"]})]


def _scanned(
    tables: Tables, site: Site, order: str, change: str, body: Mapping[str, Plain]
) -> Iterator[LotMade]:
    cells = body["cells"]
    from_ns, to = int(str(body["from_ns"])), body.get("to_ns")
    to_ns = int(str(to)) if to is not None else NEVER
    here = frozenset(str(cell) for cell in cells) if isinstance(cells, list) else frozenset()
    was, right, kg = str(body.get("was") or ""), str(body["lot"]), body.get("kg")
    wrong = frozenset({was} if was else ())
    if change == "late_scan":
        wrong |= unknown_lots(tables, site.site, here, from_ns, to_ns)
    most = float(kg) if isinstance(kg, (int, float)) else float("inf")
    found = swapped(tables, Swap(wrong, right, here, from_ns, to_ns, most))
    gone = body.get("here")
    for lot, part in gone.items() if isinstance(gone, Mapping) else ():
        found.moved[lot] = found.moved.get(lot, 0.0) + float(str(part))
    yield from _sources(tables, order, change, right, found)
    yield from _cone(tables, order, change, found.corrections)


def _sources(tables: Tables, order: str, change: str, right: str, found: Swapped) -> Iterator[LotMade]:
    """The kilograms of the lots that came in: less of the wrong ones, more of the right one if it is new."""
    cell = ""
    for lot, kg in found.moved.items():
        made = tables.made(lot)
        if made is not None and not made.inputs:
            cell = made.cell
            facts: dict[str, Plain] = {"instead": right, "moved_kg": kg}
            yield _next(made, order, change, kg=max(made.kg - kg, 0.0), facts=facts)
    known, total = tables.made(right), sum(found.moved.values())
    if known is None and total > 0.0:
        first = min((tables.made(each.lot) for each in found.corrections), key=_time_ns, default=None)
        yield LotMade(
            _time_ns(first), right, "material", cell, total, 0.0, (), to_composition(source(right)),
            reason=change, facts={"order": order},
        )  # fmt: skip
    elif known is not None and not known.inputs and change == "wrong_scan":
        yield _next(known, order, change, kg=known.kg + total)


def _time_ns(made: LotMade | None) -> int:
    return 0 if made is None else made.time_ns


def _recounted(tables: Tables, order: str, body: Mapping[str, Plain]) -> Iterator[LotMade]:
    lot, kg = str(body["lot"]), float(str(body["kg"]))
    made, part = tables.made(lot), str(body.get("of") or "")
    if made is None:
        return
    sigma_kg = body.get("sigma_kg")
    sigma = float(sigma_kg) if isinstance(sigma_kg, (int, float)) else None
    if not part:
        yield _next(made, order, "recount", kg=kg, sigma_kg=sigma)
        yield from _cone(tables, order, "recount", (Correction(lot, kg=kg),), leave=lot)
        return
    inputs = tuple(_weighed(edge, part, kg, sigma) for edge in made.inputs)
    if inputs == made.inputs:
        return
    yield from _cone(tables, order, "recount", (Correction(lot, inputs=inputs),))


def _weighed(edge: Ingredient, lot: str, kg: float, sigma: float | None) -> Ingredient:
    if edge.lot != lot:
        return edge
    return replace(edge, kg=kg, sigma_kg=edge.sigma_kg if sigma is None else sigma)


def _cone(
    tables: Tables, order: str, reason: str, corrections: tuple[Correction, ...], leave: str = ""
) -> Iterator[LotMade]:
    """Lots with other inputs, and lots made of those, in the order of making."""
    inputs = {each.lot: each.inputs for each in corrections if each.inputs is not None}
    kilograms = {each.lot: each.kg for each in corrections if each.kg is not None}
    vectors = restated(tables, corrections)
    for lot in sorted({*inputs, *vectors} - {leave}, key=tables.order):
        made = tables.made(lot)
        if made is None:
            continue
        composition = to_composition(vectors[lot]) if lot in vectors else made.composition
        edges = inputs.get(lot) or tuple(_taken(tables, edge, kilograms) for edge in made.inputs)
        yield replace(_next(made, order, reason), inputs=edges, composition=composition)


def _taken(tables: Tables, edge: Ingredient, kilograms: Mapping[str, float]) -> Ingredient:
    """An input that took all of a lot that was counted anew."""
    now, made = kilograms.get(edge.lot), tables.made(edge.lot)
    if now is None or made is None or abs(edge.kg - made.kg) > 1e-9 * edge.kg:
        return edge
    return replace(edge, kg=now)


def _next(
    made: LotMade,
    order: str,
    reason: str,
    *,
    kg: float | None = None,
    sigma_kg: float | None = None,
    facts: Mapping[str, Plain] | None = None,
) -> LotMade:
    """The version after this one; it names the one that it amends."""
    return replace(
        made, version=made.version + 1, reason=reason, kg=made.kg if kg is None else kg,
        sigma_kg=made.sigma_kg if sigma_kg is None else sigma_kg,
        facts={**made.facts, **(facts or {}), "amends": made.version, "order": order},
    )  # fmt: skip
