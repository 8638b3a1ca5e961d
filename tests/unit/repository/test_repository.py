"""A journal's lots as EPCIS events: all of them, a page of them, one by its id."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.epcis.query import BadQuery, parse
from gateway.epcis.times import stamp
from gateway.repository import Repository, Stopped
from tests.unit.epcis.official import document, problems
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import BOX, CELL, PALLET, S

FOREVER = (-(2**63), 2**63 - 1)
RESIN_URI = "https://id.gs1.org/01/09506000134352/10/R24-1"
BOX_URI = f"https://lots.example/a/class/{BOX}"
PALLET_URI = "https://lots.example/a/obj/PAL%201"


@pytest.fixture
def repository(folder):
    with Repository(folder) as opened:
        yield opened


def every(repository):
    return list(repository.events(*FOREVER))


def ask(repository, **parameters):
    return repository.ask(parse(parameters.items())).events


def test_every_lot_event_is_there_and_valid(repository):
    events = every(repository)
    assert problems(document(events)) == []
    assert [(event["type"], event.get("bizStep")) for event in events] == [
        ("ObjectEvent", "arriving"),
        ("ObjectEvent", "receiving"),
        ("TransactionEvent", None),
        ("ObjectEvent", "arriving"),
        ("ObjectEvent", "commissioning"),
        ("ObjectEvent", "departing"),
        ("ObjectEvent", "sensor_reporting"),
        ("TransformationEvent", "creating_class_instance"),
        ("TransformationEvent", "creating_class_instance"),
        ("TransformationEvent", "creating_class_instance"),
        ("AggregationEvent", "packing"),
        ("ObjectEvent", "holding"),
        ("ObjectEvent", "other"),
        ("AggregationEvent", "loading"),
        ("TransactionEvent", None),
        ("ObjectEvent", "shipping"),
        ("ObjectEvent", "other"),
    ]


def test_inputs_and_outputs_have_their_kilograms(repository):
    box = ask(repository, eventType="TransformationEvent")[0]
    assert box["inputQuantityList"] == [
        {"epcClass": RESIN_URI, "quantity": 20, "uom": "KGM"},
        {"epcClass": "https://lots.example/a/class/regrind%201", "quantity": 5, "uom": "KGM"},
    ]
    assert box["outputQuantityList"] == [{"epcClass": BOX_URI, "quantity": 24.9, "uom": "KGM"}]
    assert box["ilmd"]["lotwatch:regrindShareHigh"] == 0.1
    assert box["bizLocation"] == {"id": "https://id.gs1.org/414/4012345000009"}


def test_an_amended_lot_is_declared_wrong_and_told_anew(repository):
    first, wrong, right = ask(repository, eventType="TransformationEvent")
    assert wrong["eventID"] == first["eventID"]
    assert wrong["errorDeclaration"] == {
        "declarationTime": stamp(T0 + 600 * S + 5_000_000),
        "reason": "incorrect_data",
        "correctiveEventIDs": [right["eventID"]],
        "lotwatch:reason": "recount",
    }
    assert right["outputQuantityList"][0]["quantity"] == 24


def test_the_readings_of_a_stay_are_reported(repository):
    (event,) = ask(repository, EQ_bizStep="sensor_reporting")
    (element,) = event["sensorElementList"]
    assert element["sensorMetadata"] == {"startTime": stamp(T0 + 20 * S), "endTime": stamp(T0 + 300 * S)}
    (report,) = element["sensorReport"]
    assert report["exception"] == "ALARM_CONDITION"
    assert report["minValue"] <= report["meanValue"] <= report["maxValue"]
    series = repository.streams[0].reader.readings(f"{CELL}/temp", T0 + 20 * S, T0 + 300 * S).numbers()
    good = series[np.isfinite(series)]
    assert report["lotwatch:count"] == len(good)
    assert report["sDev"] == pytest.approx(good.std(ddof=1))
    assert report["meanValue"] == pytest.approx(good.mean())


def test_shipment_and_pallet_are_things_that_hold_others(repository):
    pallet, shipment = ask(repository, eventType="AggregationEvent")
    assert pallet["parentID"] == PALLET_URI
    assert pallet["childQuantityList"] == [{"epcClass": BOX_URI, "quantity": 24.9, "uom": "KGM"}]
    assert shipment["childEPCs"] == [PALLET_URI]
    (shipped,) = ask(repository, EQ_bizStep="shipping")
    assert shipped["epcList"] == ["https://lots.example/a/obj/S%2F7"]
    assert shipped["destinationList"][0]["destination"] == "https://lots.example/a/party/ACME"
    assert shipped["bizTransactionList"] == [
        {"type": "desadv", "bizTransaction": "https://lots.example/a/bt/D-9"}
    ]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 17),
        ({"eventType": "TransformationEvent|AggregationEvent"}, 5),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-holding"}, 1),
        ({"EQ_disposition": "non_sellable_other"}, 1),
        ({"EQ_action": "ADD"}, 5),
        ({"EQ_readPoint": "https://lots.example/a/loc/hall/line1/press1"}, 15),
        ({"EQ_readPoint": "https://lots.example/a/loc/hall/line1/press2"}, 0),
        ({"EQ_bizLocation": "https://id.gs1.org/414/4012345000009|https://x.example/y"}, 12),
        ({"GE_eventTime": stamp(T0 + 400 * S)}, 7),
        ({"LT_eventTime": stamp(T0 + 400 * S)}, 10),
        ({"GE_eventTime": stamp(T0 + 400 * S), "LT_eventTime": stamp(T0 + 420 * S)}, 2),
        ({"GE_recordTime": stamp(T0 + 600 * S)}, 3),
        ({"MATCH_epc": PALLET_URI}, 1),
        ({"MATCH_parentID": PALLET_URI}, 1),
        ({"MATCH_anyEPC": PALLET_URI}, 2),
        ({"MATCH_inputEPC": PALLET_URI}, 0),
        ({"MATCH_outputEPC": PALLET_URI}, 0),
        ({"MATCH_epcClass": BOX_URI}, 6),
        ({"MATCH_inputEPCClass": RESIN_URI}, 3),
        ({"MATCH_inputEPCClass": "urn:epc:class:lgtin:9506000.013435.R24-1"}, 3),
        ({"MATCH_inputEPCClass": "urn:epc:idpat:sgtin:9506000.013435.*"}, 3),
        ({"MATCH_inputEPCClass": "urn:epc:idpat:sgtin:9506000.013436.*"}, 0),
        ({"MATCH_outputEPCClass": BOX_URI}, 3),
        ({"MATCH_anyEPCClass": BOX_URI}, 9),
        ({"MATCH_anyEPCClass": RESIN_URI + "|" + BOX_URI}, 12),
    ],
)
def test_queries(repository, parameters, count):
    found = ask(repository, **parameters)
    assert len(found) == count, [(event["type"], event.get("bizStep")) for event in found]


@pytest.mark.parametrize("name", ["bizStep", "type"])
def test_the_sieve_lets_every_answer_through(repository, name):
    parameter = {"bizStep": "EQ_bizStep", "type": "eventType"}[name]
    whole = every(repository)
    for word in {event[name] for event in whole if name in event}:
        assert ask(repository, **{parameter: word}) == [event for event in whole if event.get(name) == word]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 17, 18])
@pytest.mark.parametrize("more", [{}, {"MATCH_anyEPCClass": BOX_URI}, {"EQ_action": "OBSERVE"}])
def test_pages_one_after_another_are_the_whole(repository, size, more):
    whole = ask(repository, **more)
    found, token = [], ""
    while True:
        given = {**more, "perPage": str(size)} | ({"nextPageToken": token} if token else {})
        page = repository.ask(parse(given.items()))
        found += page.events
        assert len(page.events) <= size
        if not page.token:
            break
        token = page.token
    assert found == whole


def test_an_id_finds_its_event_and_its_error_declaration(repository):
    for event in every(repository):
        found = repository.named(event["eventID"])
        assert event in found
        assert ask(repository, EQ_eventID=event["eventID"]) == found
    first, wrong, _ = ask(repository, eventType="TransformationEvent")
    assert repository.named(first["eventID"]) == [first, wrong]
    assert repository.named("ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0") == []
    assert repository.named("anything") == []


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ([("EQ_bizStep", "shiping")], "EQ_bizStep"),
        ([("EQ_bizStep", "")], "EQ_bizStep"),
        ([("EQ_bizStep", "shipping|")], "EQ_bizStep"),
        ([("EQ_disposition", "a b")], "EQ_disposition"),
        ([("EQ_action", "add")], "EQ_action"),
        ([("eventType", "ObjectEvents")], "eventType"),
        ([("GE_eventTime", "yesterday")], "GE_eventTime"),
        ([("LT_recordTime", "2027-01-15T08:00:00")], "LT_recordTime"),
        ([("LT_recordTime", "2027-02-30T08:00:00Z")], "LT_recordTime"),
        ([("MATCH_epc", "a b")], "MATCH_epc"),
        ([("MATCH_epc", "urn:epc:idpat:sgtin:9506000.*.*")], "MATCH_epc"),
        ([("MATCH_epc", "|".join(["urn:a:b"] * 101))], "MATCH_epc"),
        ([("MATCH_epc", "urn:a:" + "b" * 3000)], "MATCH_epc"),
        ([("EQ_readPoint", "press1")], "EQ_readPoint"),
        ([("perPage", "0")], "perPage"),
        ([("perPage", "1001")], "perPage"),
        ([("perPage", "²")], "perPage"),
        ([("nextPageToken", "x")], "nextPageToken"),
        ([("nextPageToken", "W10")], "nextPageToken"),
        ([("nextPageToken", "é")], "nextPageToken"),
        ([("orderBy", "eventTime")], "orderBy"),
        ([("EQ_action", "ADD"), ("EQ_action", "ADD")], "EQ_action"),
        ([("x" * 200, "")], "x" * 60),
    ],
)
def test_a_bad_parameter_is_named_with_what_is_allowed(repository, given, parameter):
    with pytest.raises(BadQuery) as refused:
        repository.ask(parse(given))
    assert refused.value.parameter == parameter
    assert len(refused.value.why) > 10


def test_a_token_belongs_to_its_query(repository):
    token = repository.ask(parse([("perPage", "1")])).token
    with pytest.raises(BadQuery, match="another query"):
        repository.ask(parse([("perPage", "1"), ("EQ_action", "ADD"), ("nextPageToken", token)]))


def test_events_of_a_lot(repository):
    events = list(repository.events(*FOREVER, [PALLET]))
    assert [event["type"] for event in events] == [
        "AggregationEvent", "AggregationEvent", "TransactionEvent", "ObjectEvent",
    ]  # fmt: skip


def test_replicas_are_gone_through_one_after_the_other(folder, tmp_path):
    for gateway in ("plant/gw1-1", "plant/gw2-2"):
        (tmp_path / gateway).parent.mkdir(exist_ok=True)
        (tmp_path / gateway).symlink_to(folder)
    with Repository(tmp_path) as both:
        page = both.ask(parse([("perPage", "5")]))
        events = page.events
        while page.token:
            page = both.ask(parse([("perPage", "5"), ("nextPageToken", page.token)]))
            events += page.events
        assert len(events) == 34
        assert events[:17] == events[17:]
        assert both.named(events[0]["eventID"]) == [events[0], events[17]]


def test_work_ends_when_it_is_to(folder):
    with Repository(folder, lambda: True) as stopping:
        with pytest.raises(Stopped):
            stopping.ask(parse([]))
        with pytest.raises(Stopped):
            stopping.named("ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0")
