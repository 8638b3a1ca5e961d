"""What becomes what, by the table of docs/reference/epcis.md, where no journal is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.epcis.held import of_noted
from gateway.epcis.made import of_made
from gateway.epcis.names import Names, is_uri
from gateway.epcis.sensors import Summary, of_stay
from gateway.model import Ingredient, LotMade, Noted, Severity
from tests.unit.epcis.example import BOX, NAMES, OF_BOX, OF_RESIN, PRESS, RESIN, T0
from tests.unit.epcis.official import assert_valid

LOT = LotMade(T0, BOX, "box", PRESS, 12.0, 0.02, (Ingredient(RESIN, 12.0),), OF_BOX)
BAG = LotMade(T0, RESIN, "material", PRESS, 25.0, 0.0, (), OF_RESIN)


def told(made, names=NAMES):
    events = of_made(made, names)
    assert_valid(events)
    return events


def test_a_returnable_bin_is_associated_with_its_lot():
    _, event = told(replace(LOT, facts={"bin": "urn:epc:id:grai:4012345.12345.7"}))
    assert event["type"] == "AssociationEvent"
    assert event["parentID"] == "https://id.gs1.org/8003/040123451234567"
    assert event["childQuantityList"][0]["epcClass"] == f"https://lots.example.com/class/{BOX}"
    assert event["lotwatch:carrier"] == "bin"


def test_each_reference_is_a_business_transaction():
    facts = {"order": "PO 1", "work_order": "W1", "delivery": "D1", "invoice": "https://erp.example/inv/1"}
    _, event = told(replace(LOT, facts=facts))
    assert event["type"] == "TransactionEvent"
    assert event["bizTransactionList"] == [
        {"type": "po", "bizTransaction": "https://lots.example.com/bt/PO%201"},
        {"type": "prodorder", "bizTransaction": "https://lots.example.com/bt/W1"},
        {"type": "desadv", "bizTransaction": "https://lots.example.com/bt/D1"},
        {"type": "inv", "bizTransaction": "https://erp.example/inv/1"},
    ]


def test_a_mixing_that_nobody_knows_gives_no_quantity_where_the_solutions_differ():
    inputs = (
        Ingredient("A", 3.0, 0.1, "fifo"), Ingredient("A", 2.0, 0.1, "mixed"), Ingredient("B", 4.0, 0.1, "fifo"),
        Ingredient("B", 4.0, 0.1, "mixed"), Ingredient("C", 5.0, 0.1),
    )  # fmt: skip
    event = told(replace(LOT, inputs=inputs))[0]
    assert [each.get("quantity") for each in event["inputQuantityList"]] == [None, 4, 5]
    assert len(event["lotwatch:inputs"]) == 5


def test_a_lot_of_a_supplier_is_received_and_one_of_ours_commissioned():
    received = told(replace(BAG, facts={"supplier": "4012345000009", "expiry": "2028-12-31"}))[0]
    assert (received["action"], received["bizStep"]) == ("OBSERVE", "receiving")
    assert received["sourceList"] == [
        {"type": "possessing_party", "source": "https://id.gs1.org/417/4012345000009"}
    ]
    assert received["cbvmda:itemExpirationDate"] == "2028-12-31"
    ours = told(replace(BAG, lot="regrind-1"))[0]
    assert (ours["action"], ours["bizStep"]) == ("ADD", "commissioning")
    assert ours["ilmd"]["cbvmda:lotNumber"] == "regrind-1"


def test_a_lot_number_is_what_people_call_it():
    event = told(replace(LOT, lot="09506000134352:R24%2F1"))[0]
    assert event["ilmd"]["cbvmda:lotNumber"] == "R24/1"
    assert told(replace(LOT, facts={"lot_number": "7"}))[0]["ilmd"]["cbvmda:lotNumber"] == "7"


def test_a_thing_with_a_serial_is_commissioned():
    event = told(replace(LOT, lot="09506000134352:sn:7"))[0]
    assert event["outputEPCList"] == ["https://id.gs1.org/01/09506000134352/21/7"]
    assert event["bizStep"] == "commissioning"


@pytest.mark.parametrize(
    ("kind", "facts", "step", "disposition"),
    [
        ("lot_held", {"by": "rule", "reason": "regrind 31 %"}, "holding", "non_sellable_other"),
        ("lot_released", {}, "other", "active"),
        ("lot_suspect", {}, "other", "unknown"),
        ("lot_result", {"verdict": "inside", "value": 2.5, "result": "mfr"}, "inspecting", "conformant"),
        ("lot_result", {"verdict": "outside", "value": float("nan")}, "inspecting", "non_conformant"),
        ("lot_result", {"verdict": "not judged"}, "inspecting", None),
    ],
)
def test_decisions(kind, facts, step, disposition):
    noted = Noted(T0, kind, BOX, Severity.INFO, {**facts, "operator": "17", "cell": PRESS})
    (event,) = of_noted(noted, NAMES)
    assert_valid([event])
    assert (event["bizStep"], event.get("disposition")) == (step, disposition)
    assert "17" not in str(event.values())


def test_what_is_no_decision_about_a_lot_is_no_event():
    assert of_noted(Noted(T0, "gap", "gw1", Severity.INFO, {}), NAMES) == []


def test_a_tag_that_gave_nothing_but_bad_values_is_an_error():
    (event,) = of_stay(BOX, PRESS, T0, T0 + 1, [Summary("t", "bar", 0, 9)], NAMES)
    (report,) = event["sensorElementList"][0]["sensorReport"]
    assert (report["type"], report["exception"], report["uom"]) == ("Pressure", "ERROR_CONDITION", "BAR")
    assert of_stay(BOX, PRESS, T0, T0 + 1, [Summary("t", "bar", 0, 0)], NAMES) == []


@pytest.mark.parametrize(
    "lot",
    ["09506000134352:R24%2F1", "09506000134352:sn:7%22", "sscc:376104250021234569", "giai:4012345A",
     "grai:4012345123456X", "cpi:4012345AB%2F1:7", "LW-NORTH-000042-C", "resin / 7 %", "ä", "https://sup.example/class/7"],
)  # fmt: skip
@pytest.mark.parametrize("base", ["https://a.example/", "urn:example:x:"])
@pytest.mark.parametrize("kind", ["box", "pallet"])
def test_a_lot_comes_back_from_its_uri(lot, base, kind):
    names = Names(base)
    uri = names.lot(lot, kind).uri
    assert is_uri(uri)
    assert names.lot_of(uri) == lot
