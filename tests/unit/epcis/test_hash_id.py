"""Event hash ids against the published values of the reference implementation (tests/vectors/epcis)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.epcis.links import canonical, check_digit
from gateway.epcis.prehash import hash_id, pre_hash, prefixes_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/epcis/hash_ids.json").read_text("utf-8"))[
    "vectors"
]


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_published_events_have_their_published_id(vector):
    prefixes = prefixes_of(vector["context"])
    if "prehash" in vector:
        assert pre_hash(vector["event"], prefixes) == vector["prehash"]
    assert hash_id(vector["event"], prefixes) == vector["hash_id"]


def test_there_are_enough_of_them():
    assert len(VECTORS) == 41
    kinds = {each["event"]["type"] for each in VECTORS}
    assert kinds >= {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent"}


EVENT = {
    "type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2027-01-15T08:00:00.000Z",
    "eventTimeZoneOffset": "+00:00", "epcList": ["urn:epc:id:sscc:4012345.1111111111", "https://a.example/obj/1"],
    "bizStep": "shipping", "readPoint": {"id": "https://a.example/loc/1"},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"recordTime": "2028-01-01T00:00:00Z"},
        {"eventID": "urn:uuid:0"},
        {"errorDeclaration": {"declarationTime": "2028-01-01T00:00:00Z"}},
        {"eventTime": "2027-01-15T09:00:00.0000+01:00"},
        {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"},
        {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"},
        {"bizStep": "cbv:BizStep-shipping"},
        {"epcList": ["https://a.example/obj/1", "https://example.org/x/sscc/140123451111111117"]},
    ],
)
def test_what_says_the_same_has_the_same_id(change):
    assert hash_id({**EVENT, **change}) == hash_id(EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2027-01-15T08:00:00.001Z"},
        {"eventTimeZoneOffset": "+01:00"},
        {"bizStep": "receiving"},
        {"disposition": "in_transit"},
        {"epcList": ["https://a.example/obj/1"]},
        {"lotwatch:x": 1},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 1}]}]},
    ],
)
def test_what_says_something_else_has_another(change):
    assert hash_id({**EVENT, **change}) != hash_id(EVENT)


@pytest.mark.parametrize(
    "uri",
    [
        "", "x", "urn:epc:id:sgtin", "urn:epc:id:sgtin:", "urn:epc:id:sgtin:4012345", "urn:epc:id:nosuch:1.2.3",
        "urn:epc:id:sgtin:4012345.01234x.1", "urn:epc:id:sgtin:40123451.012345.1", "urn:epc:id:itip:1.2",
        "https://", "https://a", "https://a.example/lot/1", "https://a.example/01/123/10/A",
        "https://a.example/01/04012345123456/10", "urn:epc:idpat:sgtin:4012345.012345.7", "http://[",
        "urn:epc:id:sscc:4012345.²²²²²²²²²²", "urn:epc:class:sgtin:4012345.012345.1",
    ],
)  # fmt: skip
def test_what_is_no_key_is_left_alone(uri):
    assert canonical(uri) is None


def test_check_digit_of_the_general_specifications():
    assert (
        check_digit("629104150021") == "3"
    )  # GS1 General Specifications, 7.9.1: the worked example 6291041500213
