"""Requests at the door: what is taken, and what is refused with which words."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.door import BadRequest, entry_of, request
from gateway.model import Instant

NOW = Instant(1_800_000_000_000_000_000, 5, 1)
GOOD = [
    ("acknowledge", {"alarm": "a-1"}),
    ("acknowledge", {"alarm": "a-1", "cause": "heater", "cause_class": "false", "action": "none"}),
    ("shelve", {"alarm": "a-1", "for_s": 7200, "reason": "sensor is being changed"}),
    ("unshelve", {"alarm": "a-1"}),
    ("correct", {"characteristic": "c", "key": "", "time_ns": 5, "value": None, "reason": "typing error"}),
    ("correct", {"characteristic": "c", "key": "A|1", "time_ns": 5, "value": 1.5, "reason": "typing error"}),
]


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_what_fits_is_the_entry(kind, body):
    entry = entry_of(request(kind, "017", body), NOW)
    assert (entry.kind, entry.operator, entry.body, entry.at) == (kind, "017", body, NOW)


def test_words_are_one_line():
    entry = entry_of(request("acknowledge", "1", {"alarm": "a", "cause": "  heater\n was\told "}), NOW)
    assert entry.body["cause"] == "heater was old"


SHELVE = {"alarm": "a", "for_s": 60, "reason": "x"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "different versions"),
        ({"v": True}, "different versions"),
        ({"kind": "sing"}, "kind is one of acknowledge, shelve, unshelve, "),
        ({"kind": 5}, "kind is one of"),
        ({"operator": "Anna"}, "names of people never enter the journal"),
        ({"operator": "17a"}, "operator is a number"),
        ({"operator": "\u0661"}, "operator is a number"),
        ({"operator": ""}, "operator is a number"),
        ({"operator": 17}, "operator is a number"),
        ({"operator": "1" * 13}, "at most 12 digits"),
        ({"more": 1}, "nothing else"),
        ({"body": []}, "body is not an object"),
        ({"body": {"alarm": "a", "for_s": 60}}, "shelve needs reason"),
        ({"body": {**SHELVE, "why": 1}}, "shelve has no why; there are alarm, for_s, reason"),
        ({"body": {**SHELVE, "reason": " \n"}}, "reason is empty"),
        ({"body": {**SHELVE, "reason": "a\0b"}}, "cannot be printed"),
        ({"body": {**SHELVE, "reason": "x" * 1001}}, "at most 1000 characters"),
        ({"body": {**SHELVE, "reason": 5}}, "reason is not a text"),
        ({"body": {**SHELVE, "for_s": 86401}}, "at most 86400"),
        ({"body": {**SHELVE, "for_s": "2h"}}, "for_s is not a number"),
        ({"body": {**SHELVE, "alarm": ""}}, "alarm is not a name"),
        ({"body": {**SHELVE, "alarm": None}}, "alarm is not a name"),
    ],
)
def test_what_does_not_fit_is_refused(change, says):
    line = orjson.dumps({"v": 1, "kind": "shelve", "operator": "17", "body": SHELVE, **change})
    with pytest.raises(BadRequest, match=says):
        entry_of(line, NOW)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"value": "1"}, "value is neither a number nor null"),
        ({"value": True}, "value is neither"),
        ({"time_ns": 1.5}, "time_ns is not a time"),
        ({"time_ns": 2**63}, "time_ns is not a time"),
        ({"key": 5}, "key is not a name"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(body, says):
    whole = {"characteristic": "c", "key": "", "time_ns": 5, "value": 1.0, "reason": "x", **body}
    with pytest.raises(BadRequest, match=says):
        entry_of(request("correct", "17", whole), NOW)


RECOUNT = {"lot": "B1", "kg": 5, "reason": "x"}
SCAN = {"point": "bags", "time_ns": 5, "lot": "PP-1", "instead": "PP-2", "reason": "x"}


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("hold", {"lot": "B1"}, "hold needs reason"),
        ("hold", {"lot": "", "reason": "x"}, "lot is not a name"),
        ("release", {"lot": "B1", "reason": "x", "force": True}, "release has no force"),
        ("result", {"lot": "B1", "result": "mfr", "value": None}, "value is not a number"),
        ("recount", {**RECOUNT, "kg": -1}, "kg is not a mass from 0 to 1e"),
        ("recount", {**RECOUNT, "kg": "5"}, "kg is not a number"),
        ("recount", {**RECOUNT, "sigma_kg": True}, "sigma_kg is not a number"),
        ("correct_scan", {**SCAN, "time_ns": "now"}, "time_ns is not a time"),
        ("correct_scan", {**SCAN, "instead": "a\x1db"}, "instead is not a name"),
        ("label", {"lot": "B1", "copy": 0}, "copy is not a whole number from 1 to 10000"),
        ("exposed", {"order": "x"}, "kind is one of"),
        ("restate", {"order": "x"}, "kind is one of"),
    ],
)
def test_what_people_say_of_lots_is_looked_at(kind, body, says):
    with pytest.raises(BadRequest, match=says):
        entry_of(request(kind, "17", body), NOW)


def test_a_class_of_cause_is_one_of_three():
    with pytest.raises(BadRequest, match="assignable, false, unknown"):
        entry_of(request("acknowledge", "17", {"alarm": "a", "cause_class": "sabotage"}), NOW)


@pytest.mark.long
@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["v", "kind", "operator", "body"]), inner, max_size=4
    ),
    max_leaves=8,
).map(orjson.dumps))  # fmt: skip
def test_whatever_comes_is_refused_in_words(line):
    with pytest.raises(BadRequest):
        entry_of(line, NOW)
