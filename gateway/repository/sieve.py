"""Which lot events cannot answer a query, told before any EPCIS event is made of them."""

from __future__ import annotations

from gateway.epcis.held import DECISIONS
from gateway.epcis.moved import STEPS
from gateway.epcis.query import Query
from gateway.model import Event, LotChanged, LotMade, Noted

_OF_SOURCES = frozenset({"receiving", "commissioning"})
_OF_OTHERS = frozenset({"creating_class_instance", "commissioning", "packing", "loading"})
_OF_SHIPMENTS = frozenset({"shipping"})


def may_answer(query: Query, event: Event) -> bool:
    """False only where no EPCIS event of it can be an answer, by its business step or type."""
    types = query.words.get("type")
    if types is not None and not isinstance(event, LotMade) and "ObjectEvent" not in types:
        return False
    wanted = query.words.get("bizStep")
    return wanted is None or not wanted.isdisjoint(_steps(event))


def _steps(event: Event) -> frozenset[str]:
    if isinstance(event, LotMade):
        # An amended version says once more what the one before said, which may have had inputs where it has none.
        steps = _OF_SOURCES | _OF_OTHERS if event.version > 1 else _OF_OTHERS if event.inputs else _OF_SOURCES
        return steps | _OF_SHIPMENTS if event.kind == "shipment" or event.version > 1 else steps
    if isinstance(event, LotChanged):
        return frozenset({STEPS.get(event.change, "other"), "sensor_reporting"})
    return frozenset({str(DECISIONS[event.kind]["bizStep"])} if isinstance(event, Noted) else ())
