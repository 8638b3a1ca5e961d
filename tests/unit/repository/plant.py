"""Lots of a small plant, in a journal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.model import (
    Composition,
    Entry,
    Event,
    Ingredient,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Severity,
    Signal,
)
from gateway.site import Characteristic, Epcis, Sampling
from tests.unit.journal.plant import T0, Plant, commit, config, make_site, open_journal

S = 1_000_000_000
CELL = "hall/line1/press1"
RESIN, BOX, PALLET, SHIPMENT = "09506000134352:R24-1", "LW-NORTH-000042-C", "PAL 1", "S/7"
SOURCE = Composition((RESIN,), ((0.9,),), (0.01,), (0.1,), ((0.9, 0.1, 0, 0, 0, 0, 0, 0, 0),))


HELD = {"by": "person", "reason": "odd colour", "lot_kind": "box", "cell": CELL, "operator": "17"}
SHIPPED = {"delivery": "D-9", "customer": "ACME"}


def made(lot: str, kind: str, at_s: int, inputs=(), **more) -> LotMade:
    given = {"kg": 25.0, "sigma_kg": 0.01, "composition": SOURCE, "cell": CELL, **more}
    return LotMade(
        T0 + at_s * S,
        lot,
        kind,
        given.pop("cell"),
        given.pop("kg"),
        given.pop("sigma_kg"),
        tuple(inputs),
        given.pop("composition"),
        **given,
    )


def lot_events() -> list[tuple[int, Event]]:
    """(input that caused it, event): 1 config, then scans and entries."""
    box = made(BOX, "box", 300, [Ingredient(RESIN, 20.0, 0.01), Ingredient("regrind 1", 5.0, 0.02)], kg=24.9)
    return [
        (2, LotChanged(T0 + 10 * S, RESIN, "opened", CELL, "material", "x")),
        (2, made(RESIN, "material", 10, facts={"expiry": "2028-12-31", "supplier": "4012345000009", "order": "PO 1"})),
        (3, LotChanged(T0 + 20 * S, BOX, "opened", CELL, "product", BOX, (RESIN,))),
        (3, made("regrind 1", "regrind", 20, kg=5.0, ground=True)),
        (0, Signal(T0 + 60 * S, "temp", f"{CELL}/temp", "imr", "", ("WE1",), 1, 0, -1, 1, 3.0)),
        (4, LotChanged(T0 + 300 * S, BOX, "closed", CELL, "product", BOX)),
        (4, box),
        (5, made(PALLET, "pallet", 400, [Ingredient(BOX, 24.9)], aggregated=True, kg=24.9)),
        (6, Noted(T0 + 410 * S, "lot_held", BOX, Severity.WARNING, HELD)),
        (7, Noted(T0 + 420 * S, "lot_released", BOX, Severity.INFO, {"reason": "looked at", "lot_kind": "box"})),
        (8, made(SHIPMENT, "shipment", 500, [Ingredient(PALLET, 24.9)], aggregated=True, kg=24.9, facts=SHIPPED)),
        (9, replace(box, version=2, reason="recount", kg=24.0)),
        (9, Noted(T0 + 600 * S, "lot_suspect", SHIPMENT, Severity.ALARM, {"by": "source", "low": 0.1, "high": 0.2})),
        (0, Noted(T0 + 601 * S, "gap", "gw1", Severity.WARNING, {})),
    ]  # fmt: skip


def site():
    row = Characteristic("temp", f"{CELL}/temp", "imr", {}, (), Sampling(), "look")
    return replace(
        make_site(), characteristics=(row,), epcis=Epcis("https://lots.example/a/", "4012345000009")
    )


def fill(folder) -> None:
    journal = open_journal(folder)
    at = {2: 10, 3: 20, 4: 300, 5: 400, 6: 410, 7: 420, 8: 500, 9: 600}
    inputs = [NumberedInput(1, config(site(), "one"))]
    for seq, second in at.items():
        instant = Instant(T0 + second * S + 5_000_000, second * S, 1)
        inputs.append(
            NumberedInput(seq, Scan("p", instant, "x") if seq < 6 else Entry("x", instant, "17", {}))
        )
    inputs += Plant().readings(10, 320)
    events = [NumberedEvent(seq, cause, event) for seq, (cause, event) in enumerate(lot_events(), 1)]
    asyncio.run(commit(journal, inputs, events))
    journal.close()
