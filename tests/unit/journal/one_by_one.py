"""Where a lot went, asked lot by lot and without any shortcut: what `gateway.journal` has to say, too, only quicker."""

from __future__ import annotations

import math

from gateway.journal import JournalReader
from gateway.journal.exposure import Share, share_in
from gateway.model import LotMade


def by_composition(reader: JournalReader, source: str, least: float) -> dict[str, Share]:
    """Of a source: what compositions say, from lot to lot as long as they hold as much."""
    found: dict[str, Share] = {}
    todo = [source]
    while todo:
        for child in reader.made.children(todo.pop()):
            made = reader.made.made(child)
            if made is None or child in found:
                continue
            low, high, sigma = share_in(made.composition, source)
            share = Share(low, min(1.0, high + max(made.composition.rest)), sigma)
            if share.high >= least:
                found[child] = share
                todo.append(child)
    return found


def followed(reader: JournalReader, lot: str) -> list[LotMade]:
    """Every lot after it, in the order of making."""
    found: dict[str, LotMade] = {}
    todo = [lot]
    while todo:
        for child in reader.made.children(todo.pop()):
            made = reader.made.made(child)
            if made is not None and child not in found and child != lot:
                found[child] = made
                todo.append(child)
    return sorted(found.values(), key=lambda made: (made.time_ns, made.lot))


def by_edges(reader: JournalReader, lot: str) -> dict[str, Share]:
    """Of a lot that was made: by the kilograms of every edge after it, however little; nothing is cut off."""
    known: dict[str, tuple[list[float], float]] = {lot: ([1.0, 1.0], 0.0)}
    found = {}
    for made in followed(reader, lot):
        rows, variances = [], []
        for row, other in enumerate(("mixed", "fifo")):
            edges = [edge for edge in made.inputs if edge.mixing != other]
            total = sum(edge.kg for edge in edges) or math.inf
            parts = [(edge, *known.get(edge.lot, ([0.0, 0.0], 0.0))) for edge in edges]
            share = sum(edge.kg / total * of[row] for edge, of, _ in parts)
            rows.append(share)
            variances.append(
                sum(
                    (edge.sigma_kg / total * (of[row] - share)) ** 2 + (edge.kg / total) ** 2 * before
                    for edge, of, before in parts
                )
            )
        known[made.lot] = rows, max(variances)
        if max(rows) > 0.0:
            found[made.lot] = Share(min(rows), max(rows), math.sqrt(max(variances)))
    return found
