"""Whatever lots there are, what is said of them is valid EPCIS 2.0 by the official schema, formats and all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.epcis.documents import answer
from gateway.epcis.made import of_made
from gateway.epcis.moved import of_changed
from gateway.epcis.names import Names, is_uri, private_base
from gateway.epcis.prehash import hash_id
from gateway.epcis.sensors import Summary, of_stay
from gateway.epcis.shapes import OURS
from gateway.model import Composition, Ingredient, LotChanged, LotMade
from tests.unit.epcis import official
from tests.unit.epcis.official import assert_valid, document, problems

NAMES = [
    Names(private_base("demo")),
    Names("https://a.example/lots/", gln="4012345000009"),
    Names("urn:example:site-1:"),
]
KINDS = ["material", "charge", "content", "blend", "regrind", "batch", "box", "pallet", "shipment", "x y"]
T0 = 1_800_000_000_000_000_000

text = st.text(max_size=30)
lots = st.one_of(
    st.sampled_from(
        [
            "09506000134352:R24%2F1", "09506000134352:sn:7%22", "sscc:376104250021234569", "giai:4012345A%2F",
            "grai:401234500002X1", "LW-NORTH-000042-C", "https://sup.example/class/7", "urn:epc:id:sscc:1.2",
        ]
    ),
    st.text(min_size=1, max_size=40),
)  # fmt: skip
kg = st.one_of(st.sampled_from([0.0, 25.0, 1e-9, 1e12, -1.0]), st.floats(0, 1e5))
inputs = st.lists(
    st.builds(Ingredient, lots, kg, st.floats(0, 1), st.sampled_from(["", "fifo", "mixed"])), max_size=5
)
facts = st.dictionaries(
    st.one_of(
        st.sampled_from(
            [
                "order",
                "delivery",
                "supplier",
                "customer",
                "bin",
                "tag",
                "device",
                "expiry",
                "lot_number",
                "part",
            ]
        ),
        text,
    ),
    st.one_of(text, st.integers(), st.floats(), st.booleans(), st.none(), st.lists(text, max_size=2)),
    max_size=6,
)
COMPOSITION = Composition(("a",), ((0.7,), (0.8,)), (0.01,), (0.3, 0.2), ((0.7,) + (0.0375,) * 8,) * 2)
made = st.builds(
    LotMade,
    st.integers(0, 4 * 10**18), lots, st.sampled_from(KINDS), st.sampled_from(["", "a/b/c", "ä/b c/%"]), kg,
    st.floats(0, 1), inputs.map(tuple), st.just(COMPOSITION), st.booleans(), st.booleans(), st.integers(1, 5), text,
    facts,
)  # fmt: skip
changed = st.builds(
    LotChanged,
    st.integers(0, 4 * 10**18), lots, st.sampled_from(["opened", "moved", "linked", "closed", "new"]),
    st.sampled_from(["", "a/b/c"]), st.sampled_from(["material", "product"]), text,
    st.lists(lots, max_size=3).map(tuple),
)  # fmt: skip


@pytest.mark.long
@given(st.lists(st.one_of(made, changed), min_size=1, max_size=4), st.sampled_from(NAMES))
@settings(max_examples=30)
def test_any_lots_give_valid_events(told, names):
    events = []
    for each in told:
        events += of_made(each, names) if isinstance(each, LotMade) else of_changed(each, names)
    assert problems(document(events)) == []
    assert problems(json.loads(json.dumps(answer(events, T0)))) == []
    assert all(hash_id(event, OURS) == event["eventID"] for event in events)


@pytest.mark.long
@given(made, made, st.sampled_from(NAMES))
@settings(max_examples=30)
def test_an_amended_lot_declares_what_was_wrong(before, after, names):
    events = of_made(after, names, T0, before)
    assert_valid(events)
    wrong = [event for event in events if "errorDeclaration" in event]
    new = {event["eventID"] for event in events if "errorDeclaration" not in event}
    for event in wrong:
        assert event["eventID"] in {each["eventID"] for each in of_made(before, names)}
        assert set(event["errorDeclaration"]["correctiveEventIDs"]) <= new


@given(
    st.lists(
        st.builds(
            Summary, st.one_of(st.just("a/b/c/cushion"), text),
            st.sampled_from(["", "Cel", "bar", "kg", "%", "furlong", "1"]), st.integers(0, 9), st.integers(0, 9),
            kg, kg, kg, kg, st.booleans(),
        ),
        max_size=4,
    ),
    lots,
)  # fmt: skip
@settings(max_examples=15)
def test_readings_of_a_stay_give_valid_reports(found, lot):
    assert_valid(of_stay(lot, "a/b/c", T0, T0 + 10**9, found, NAMES[0]))


@pytest.mark.parametrize("bad", ["", "x", "a b:c", "1a:b", "https://a/%zz", "http://a/[", "urn:ä:b", "x:{}"])
def test_formats_are_really_checked(bad):
    event = of_changed(LotChanged(T0, "L1", "opened", "a/b/c", "material", ""), NAMES[0])[0]
    assert problems(document([event])) == []
    assert problems(document([event | {"eventID": bad}]))
    assert problems(document([event | {"eventTime": bad}]))
    assert not official.is_uri(bad)
    assert not is_uri(bad)


@given(st.text(alphabet="ab:/?#[]@!$&'()*+,;=%20~^ ä", max_size=12))
@settings(max_examples=100)
def test_what_we_take_for_a_uri_is_one(given_text):
    assert not is_uri("x:" + given_text) or official.is_uri("x:" + given_text)


@pytest.mark.parametrize(
    "bad", ["2027-02-30T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:00:00", "2027-01-01"]
)
def test_times_are_really_checked(bad):
    event = of_changed(LotChanged(T0, "L1", "opened", "a/b/c", "material", ""), NAMES[0])[0]
    assert problems(document([event | {"eventTime": bad}]))
