"""Canonical bytes: one form, by the rule, whatever library wrote it and however the record travelled."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.codec import event_body, event_kind, event_of, event_text, input_of, input_row
from gateway.model import (
    AlarmChanged,
    Composition,
    Entry,
    Event,
    Ingredient,
    Input,
    Instant,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.proof.canonical import event_bytes, input_bytes
from gateway.proof.jsontext import LIBRARY_KEEPS_THE_RULE, float_text, json_bytes, ruled
from gateway.proof.leaf import Leaf, Span, leaf_of, readings_bytes, small_root
from gateway.proof.merkle import ProofWrong, leaf_hash

AT = Instant(1_763_712_000_250_000_000, 86_400_250_000_000, 1)
MADE = LotMade(
    5,
    "B-7",
    "box",
    "hall/line1/press1",
    12,  # a whole number where a float belongs: it comes back as a float
    0.01,
    (Ingredient("R-7", 9.0), Ingredient("G-1", 3.0, 0.02, "fifo")),
    Composition(("R-7",), ((0.75,),), (0.001,), (0.25,), ((0.75, 0.25, 0.0, 0, 0, 0, 0, 0, 0),)),
)


def test_the_bytes_of_an_event_are_these() -> None:
    """Fixed for ever: ledgers hold them."""
    noted = NumberedEvent(
        10, 0, Noted(7, "gap", "plc1", Severity.WARNING, {"b": 12.5, "a": [1, None, math.inf]})
    )
    assert event_bytes(noted) == (
        b'{"cause":0,"event":{"facts":{"a":[1,null,"inf"],"b":12.5},"is":"Noted","kind":"gap",'
        b'"severity":1,"subject":"plc1","time_ns":7},"seq":10}'
    )
    assert event_bytes(NumberedEvent(3, 2, MADE)) == (
        b'{"cause":2,"event":{"cell":"hall/line1/press1","composition":{"passes":[[0.75,0.25,0.0,0.0,0.0,0.0,0.0,0.0,'
        b'0.0]],"rest":[0.25],"shares":[[0.75]],"sigma":[0.001],"sources":["R-7"]},"inputs":[{"kg":9.0,"lot":"R-7"},'
        b'{"kg":3.0,"lot":"G-1","mixing":"fifo","sigma_kg":0.02}],"is":"LotMade","kg":12.0,"kind":"box","lot":"B-7",'
        b'"sigma_kg":0.01,"time_ns":5},"seq":3}'
    )


def test_the_bytes_of_inputs_are_these() -> None:
    at = b'"at":[1763712000250000000,86400250000000,1]'
    assert input_bytes(NumberedInput(1, Scan("gate1", AT, "]C1R-7"))) == (
        b'{"input":{' + at + b',"code":"]C1R-7","is":"Scan","point":"gate1"},"seq":1}'
    )
    assert input_bytes(NumberedInput(2, Tick(AT))) == b'{"input":{' + at + b',"is":"Tick"},"seq":2}'


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FACTS = st.dictionaries(st.text(max_size=5), PLAIN, max_size=3)


@pytest.mark.long
@given(FACTS, st.text(), st.floats(allow_nan=False), st.integers(1, 9))
def test_what_the_journal_gives_back_has_the_same_bytes(
    facts: dict[str, Any], text: str, number: float, seq: int
) -> None:
    events: list[Event] = [
        Noted(7, "gap", text, Severity.INFO, facts),
        AlarmChanged(1, text, 2, "active", "signal", Severity.ALARM, "", "", "", (text,), facts or None),
        replace(MADE, kg=number, reason=text, facts=facts),
    ]
    for event in events:
        told = NumberedEvent(seq, 3, event)
        back = event_of(seq, 3, event.time_ns, event_kind(event), event_body(event))
        assert event_bytes(back) == event_bytes(told)
        body, held, _ = event_text(event)
        back = event_of(seq, 3, event.time_ns, event_kind(event), body, held.body if held else None)
        assert event_bytes(back) == event_bytes(told)
    inputs: list[Input] = [
        Entry("correct", AT, text, facts),
        Setting("start", AT, facts),
        Scan(text, AT, text, rssi_dbm=number),
    ]
    for taken in inputs:
        row, _ = input_row(seq, taken)
        assert input_bytes(NumberedInput(seq, input_of(row, None))) == input_bytes(NumberedInput(seq, taken))


@pytest.mark.long
@given(PLAIN)
def test_the_library_keeps_the_rule(plain: object) -> None:
    assert LIBRARY_KEEPS_THE_RULE
    try:
        wanted = ruled(_finite(plain))
    except TypeError:
        with pytest.raises(TypeError):
            json_bytes(_finite(plain))
    else:
        assert json_bytes(_finite(plain)) == wanted
        assert json.loads(wanted) == _finite(plain)


def _finite(plain: object) -> object:
    match plain:
        case float():
            return plain if math.isfinite(plain) else str(plain)
        case list():
            return [_finite(item) for item in plain]
        case dict():
            return {name: _finite(item) for name, item in plain.items()}
        case _:
            return plain


@given(st.binary(min_size=8, max_size=8))
def test_any_float_is_written_by_the_rule(data: bytes) -> None:
    (number,) = struct.unpack("<d", data)
    if math.isfinite(number):
        assert float_text(number).encode() == orjson.dumps(number)
        assert float(float_text(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5.0"),
        (-0.0, "-0.0"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (1e-5, "0.00001"),
        (1.5e-6, "1.5e-6"),
    ],
)
def test_floats_at_the_edges(number: float, text: str) -> None:
    assert float_text(number) == text


LEAF = Leaf(8, Span(40117, 12), Span(977, 2), (b"\x01" * 32, b"", b"\x02" * 32))


def test_a_leaf_is_text_and_comes_back() -> None:
    data = LEAF.data("any")
    assert data.decode().split("\n")[:4] == ["lotwatch/leaf/1", "8", "input 40117 12", "event 977 2"]
    assert leaf_of(data) == LEAF
    assert LEAF.hash("any") == leaf_hash(data)
    begin = Leaf(0, Span(3, 0), Span(2, 0))
    assert begin.data("lotwatch/v1/n/b/e") == b"lotwatch/ledger/1\nlotwatch/v1/n/b/e\ninput 3\nevent 2\n"
    assert leaf_of(begin.data("o")) == begin
    assert Leaf(1, Span(5, 2), Span(2, 0)).follows(begin)
    assert not Leaf(1, Span(6, 2), Span(2, 0)).follows(begin)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"lotwatch/leaf/2\n1\ninput 1 1\nevent 0 0\n",
        b"lotwatch/leaf/1\n1\ninput 1 1\nevent 0 0",
        b"lotwatch/leaf/1\n1\nevent 1 1\ninput 0 0\n",
        b"lotwatch/leaf/1\n1\ninput 1 1\nevent 0 0\nevents 00\n",
        LEAF.data("").replace(b"readings", b"meanings"),
    ],
)
def test_bytes_that_are_no_leaf(data: bytes) -> None:
    with pytest.raises(ProofWrong):
        leaf_of(data)


def test_small_trees() -> None:
    assert small_root([]) == b""
    assert small_root([b"a"]) == leaf_hash(b"a")
    assert readings_bytes('a/"b', b"\0") == b'readings "a/\\"b"\n\0'


def test_lots_of_one_composition_have_their_own_bytes() -> None:
    """Its text is made once; what is made with it is what would be made without."""
    for number in range(200):  # more than are remembered
        held = replace(MADE.composition, rest=(number / 1000,))
        for lot in ("a", "b"):
            event = replace(MADE, lot=lot, composition=held)
            body, _, canonical = event_text(event)
            assert (
                canonical
                == event_bytes(NumberedEvent(1, 2, event))[len(b'{"cause":2,"event":') : -len(b',"seq":1}')]
            )
            assert "composition" not in body
