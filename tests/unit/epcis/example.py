"""The example of docs/reference/epcis.md: ``python -m tests.unit.epcis.example`` prints it."""

from __future__ import annotations

import json

from gateway.epcis.documents import document_pieces
from gateway.epcis.made import of_made
from gateway.epcis.moved import of_changed
from gateway.epcis.names import Names
from gateway.epcis.sensors import Summary, of_stay
from gateway.model import Composition, Ingredient, LotChanged, LotMade

T0 = 1_800_000_000_000_000_000  # 2027-01-15 08:00 UTC
S = 1_000_000_000
RESIN, REGRIND, BOX, PALLET = (
    "09506000134352:R24-0001",
    "regrind-17",
    "LW-NORTH-000042-C",
    "sscc:376104250021234569",
)
PRESS = "moulding/line1/press1"
NAMES = Names("https://lots.example.com/", "4012345000009")
OF_BOX = Composition(
    (RESIN,), ((0.99,),), (0.004,), (0.01,), ((0.8, 0.15, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),), 0.004
)
OF_RESIN = Composition((RESIN,), ((1.0,),), (0.0,), (0.0,), ((1.0, *(0.0,) * 8),))


def example() -> dict:
    """One resin lot received, one box made of it and of regrind, recounted later; its readings; a pallet."""
    resin = LotMade(
        T0,
        RESIN,
        "material",
        "moulding/line1/blending",
        25.0,
        0.005,
        (),
        OF_RESIN,
        facts={"order": "PO-4711"},
    )
    box = LotMade(
        T0 + 3600 * S, BOX, "box", PRESS, 12.4, 0.02,
        (Ingredient(RESIN, 10.0, 0.01), Ingredient(REGRIND, 2.5, 0.01)), OF_BOX, facts={"part": "housing"},
    )  # fmt: skip
    recounted = LotMade(
        box.time_ns,
        BOX,
        "box",
        PRESS,
        12.1,
        0.02,
        box.inputs,
        OF_BOX,
        version=2,
        reason="recount",
        facts=box.facts,
    )
    cushion = Summary(f"{PRESS}/melt_temperature", "Cel", 3600, 2, 228.1, 233.9, 231.02, 0.61, signalled=True)
    pallet = LotMade(
        T0 + 7200 * S, PALLET, "pallet", "moulding/line1/packing", 12.4, 0.02, (Ingredient(BOX, 12.4),), OF_BOX,
        aggregated=True,
    )  # fmt: skip
    events = [
        *of_made(resin, NAMES, T0 + S),
        *of_changed(LotChanged(T0 + 60 * S, BOX, "opened", PRESS, "product", BOX, (RESIN,)), NAMES),
        *of_made(box, NAMES),
        *of_stay(BOX, PRESS, T0 + 60 * S, box.time_ns, [cushion], NAMES),
        *of_made(pallet, NAMES),
        *of_made(recounted, NAMES, T0 + 86_400 * S, box),
    ]
    whole: dict = json.loads(b"".join(document_pieces(events, T0 + 90_000 * S)))
    return whole


def lines(whole: dict) -> list[str]:
    """The document with a member of an event a line."""
    events = []
    for event in whole["epcisBody"]["eventList"]:
        members = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in event.items()]
        events.append(",\n".join(members))
    head = json.dumps({**whole, "epcisBody": {}})[:-3]
    return [head + '{"eventList": [{', "\n}, {\n".join(events), "}]}}"]


if __name__ == "__main__":
    print("\n".join(lines(example())))  # noqa: T201
