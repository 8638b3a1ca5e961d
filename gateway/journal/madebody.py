"""A `LotMade` as the JSON of its row, and back: what `gateway.plain` would make, at a tenth of its price.

A lot that closes is written within microseconds, and a million of them are read again for new indices. So its row is
its canonical bytes (`gateway.proof.canonical`) without the composition, and both are made in one go. Rows of before say
what has its default, too, and not what they are and when; they are read as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.journal.composed import composition_of
from gateway.model import Ingredient, LotMade
from gateway.plain import from_plain, to_plain
from gateway.proof.canonical import plain_bytes


class MadeText(NamedTuple):
    """The event without its composition, and its canonical bytes with it."""

    body: bytes
    canonical: bytes


def text_of(made: LotMade, composition: bytes) -> MadeText | None:
    """`composition`: its canonical bytes. None where a number is one that JSON cannot say."""
    inputs = made.inputs
    total = made.kg + made.sigma_kg + sum([edge.kg + edge.sigma_kg for edge in inputs])  # quicker
    if not math.isfinite(total):
        return None
    head: dict[str, Any] = {"aggregated": made.aggregated} if made.aggregated else {}
    head["cell"] = made.cell
    rest: dict[str, Any] = {"facts": to_plain(made.facts)} if made.facts else {}
    if made.ground:
        rest["ground"] = made.ground
    rest["inputs"] = [_edge(edge) for edge in inputs]
    rest["is"] = "LotMade"
    rest["kg"] = float(made.kg)
    rest["kind"] = made.kind
    rest["lot"] = made.lot
    if made.reason:
        rest["reason"] = made.reason
    rest["sigma_kg"] = float(made.sigma_kg)
    rest["time_ns"] = made.time_ns
    if made.version != 1:
        rest["version"] = made.version
    before, after = plain_bytes(head)[:-1], plain_bytes(rest)[1:]
    return MadeText(b"%b,%b" % (before, after), b'%b,"composition":%b,%b' % (before, composition, after))


def _edge(edge: Ingredient) -> dict[str, Any]:
    plain: dict[str, Any] = {"kg": float(edge.kg), "lot": edge.lot}
    if edge.mixing:
        plain["mixing"] = edge.mixing
    if edge.sigma_kg:
        plain["sigma_kg"] = float(edge.sigma_kg)
    return plain


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
        time_ns,
        plain["lot"],
        plain["kind"],
        plain["cell"],
        plain["kg"],
        plain["sigma_kg"],
        tuple([Ingredient(**edge) for edge in plain["inputs"]]),
        composition_of(composition),
        plain.get("aggregated", False),
        plain.get("ground", False),
        plain.get("version", 1),
        plain.get("reason", ""),
        plain.get("facts", {}),
    )
