"""Payloads against protobuf's own runtime, both ways; and bytes that are no payload."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sparkplug.decode import decode, typed
from gateway.sparkplug.encode import encode, varint
from gateway.sparkplug.rows import Rows, mark
from gateway.sparkplug.types import SPAN, BadPayload, DataType, Metric, Payload, Property
from tests.unit.sparkplug import schema

MEMBER = {
    **dict.fromkeys((1, 2, 3, 5, 6, 7), "int_value"),
    **dict.fromkeys((4, 8, 13), "long_value"),
    9: "float_value",
    10: "double_value",
    11: "boolean_value",
    12: "string_value",
    14: "string_value",
    15: "string_value",
    17: "bytes_value",
}


def value_of(kind: int):
    if kind in SPAN:
        low, beyond = SPAN[kind]
        return st.integers(low, beyond - 1)
    if kind == DataType.FLOAT:
        return st.floats(width=32, allow_nan=False)
    if kind == DataType.DOUBLE:
        return st.floats(allow_nan=False)
    if kind == DataType.BOOLEAN:
        return st.booleans()
    return st.binary(max_size=300) if kind == DataType.BYTES else st.text(max_size=40)


times = st.integers(0, (1 << 64) - 1)
properties = st.sampled_from([3, 4, 9, 10, 11, 12]).flatmap(
    lambda kind: st.builds(Property, st.just(kind), st.none() | value_of(kind))
)
metrics = st.sampled_from(sorted(MEMBER)).flatmap(
    lambda kind: st.builds(
        Metric,
        value=st.none() | value_of(kind),
        name=st.none() | st.text(max_size=30),
        alias=st.none() | times,
        timestamp=st.none() | times,
        datatype=st.just(kind),
        historical=st.booleans(),
        transient=st.booleans(),
        properties=st.dictionaries(st.text(max_size=10), properties, max_size=3),
    )
)
payloads = st.builds(
    Payload,
    metrics=st.lists(metrics, max_size=5).map(tuple),
    timestamp=st.none() | times,
    seq=st.none() | st.integers(0, 255),
    uuid=st.none() | st.text(max_size=20),
    body=st.none() | st.binary(max_size=20),
)


def fill(target, kind: int, value) -> None:
    if value is None:
        target.is_null = True
        return
    member = MEMBER[kind]
    if member == "int_value":
        value &= 0xFFFF_FFFF
    elif member == "long_value":
        value &= 0xFFFF_FFFF_FFFF_FFFF
    setattr(target, member, value)


def by_protobuf(payload: Payload):
    out = schema.Payload()
    for name in ("timestamp", "seq", "uuid", "body"):
        if getattr(payload, name) is not None:
            setattr(out, name, getattr(payload, name))
    for metric in payload.metrics:
        made = out.metrics.add()
        for name in ("name", "alias", "timestamp", "datatype"):
            if getattr(metric, name) is not None:
                setattr(made, name, getattr(metric, name))
        if metric.historical:
            made.is_historical = True
        if metric.transient:
            made.is_transient = True
        for key, item in metric.properties.items():
            made.properties.keys.append(key)
            entry = made.properties.values.add()
            entry.type = item.type
            fill(entry, item.type, item.value)
        fill(made, metric.datatype or metric.kind, metric.value)
    return out


@pytest.mark.long
@settings(max_examples=60)
@given(payloads)
def test_bytes_are_those_of_protobuf_and_read_back(payload):
    data = encode(payload)
    assert data == by_protobuf(payload).SerializeToString(deterministic=True)
    assert decode(data) == payload


@given(st.binary(max_size=80))
def test_what_protobuf_refuses_is_refused(data):
    try:
        decode(data)
    except BadPayload:
        return
    with contextlib.suppress(DecodeError):  # of a group's end without its beginning, which we refuse before
        schema.Payload().MergeFromString(data)
        return
    pytest.fail(f"{data.hex()} is read here, and refused there")


@pytest.mark.long
def test_damaged_payloads_give_only_typed_refusals():
    chance = random.Random(5)
    whole = encode(
        Payload(
            tuple(
                Metric(
                    float(i),
                    f"press/{i}",
                    i,
                    1_763_712_000_000 + i,
                    10,
                    properties={"Quality": Property(3, 192)},
                )
                for i in range(20)
            ),
            1_763_712_000_000,
            7,
        )
    )
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = chance.randrange(len(data))
        for each in (bytes(data), bytes(data[:cut])):
            with contextlib.suppress(BadPayload):
                decode(each)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x08", "cut short"),
        (b"\x08" + b"\xff" * 11, "more than 10 bytes"),
        (b"\x12\x05\x08\x01", "cut short"),
        (b"\x0b", "wire type 3"),
        (b"\x00\x00", "field number 0"),
        (b"\x12\x04\x0a\x02\xff\xfe", "UTF-8"),
        (b"\x12\x05\x4a\x03\x0a\x01\x61", "1 property keys for 0 values"),
    ],
)
def test_refusals_say_what(data, says):
    with pytest.raises(BadPayload, match=says):
        decode(data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(1, 128), (3, 1 << 31), (5, -1), (8, -1), (9, 1e300), (12, 5), (3, 1.5), (16, "x"), (12, "\ud800")],
)
def test_a_value_that_its_type_cannot_hold_is_refused(kind, value):
    with pytest.raises(BadPayload):
        encode(Payload((Metric(value, "m", datatype=kind),)))


def test_a_field_nobody_knows_is_skipped():
    # protobuf, "Encoding", unknown fields: a later version may add some
    known = encode(Payload(timestamp=5, seq=1))
    assert decode(b"\xa2\x06\x03abc" + known + b"\xa8\x06\x07") == Payload(timestamp=5, seq=1)


def test_varints_of_the_protobuf_guide():
    # Protocol Buffers, "Encoding": 150 is 96 01, and -2 as int64 is fe and nine bytes more
    assert varint(150).hex() == "9601"
    assert varint((1 << 64) - 2).hex() == "feffffffffffffffff01"


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        (0xFFFF_FFFF, DataType.INT8, -1),
        (0xFF, DataType.INT8, -1),  # as some encoders send it
        (0xFFFF_FF80, DataType.INT8, -128),
        (0x8000_0000, DataType.INT32, -(1 << 31)),
        ((1 << 64) - 2, DataType.INT64, -2),
        (1, DataType.BOOLEAN, True),
        (5, DataType.UINT16, 5),
    ],
)
def test_a_value_gets_the_type_of_its_birth(raw, kind, value):
    assert typed(raw, kind) == value


def test_rows_are_the_bytes_of_their_metrics():
    chance = np.random.default_rng(7)
    kinds = [int(kind) for kind in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13) for _ in range(9)]
    chance.shuffle(kinds)
    aliases = [int(alias) for alias in chance.integers(0, 1 << 20, len(kinds))]
    rows = Rows(aliases, kinds)
    quality = mark({"Quality": Property(3, 500)})
    for turn in range(30):
        values = []
        for kind in kinds:
            low, beyond = SPAN.get(kind, (0, 2))
            bits = min(int(beyond - 1).bit_length(), 53)
            values.append(
                float(chance.integers(0, 2))
                if kind == DataType.BOOLEAN
                else float(np.float32(chance.normal() * 1e3))
                if kind == DataType.FLOAT
                else float(chance.normal() * 1e9)
                if kind == DataType.DOUBLE
                else float(
                    max(
                        low,
                        int(chance.integers(0, 1 << int(chance.integers(1, bits + 1)))) * (-1 if low else 1),
                    )
                )
            )
        holes = chance.random(len(kinds)) < 0.1
        marked = chance.random(len(kinds)) < 0.2
        given = np.where(holes, np.nan, values)
        at = 1_763_712_000_000 + turn
        wanted = Payload(
            tuple(
                Metric(
                    None if hole else bool(value) if kind == 11 else value if kind in (9, 10) else int(value),
                    alias=alias,
                    timestamp=at,
                    historical=turn % 2 == 1,
                    properties={"Quality": Property(3, 500)} if is_marked else {},
                    kind=kind,
                )
                for alias, kind, value, hole, is_marked in zip(
                    aliases, kinds, values, holes, marked, strict=True
                )
            ),
            at,
            turn,
        )
        marks = [quality if each else b"" for each in marked]
        got = rows.encode(given, at, turn, historical=turn % 2 == 1, marks=marks)
        assert got == encode(wanted)
        assert got == by_protobuf(wanted).SerializeToString(deterministic=True)


def test_rows_refuse_what_does_not_fit():
    with pytest.raises(BadPayload, match=r"metric 1: 300 is no UINT8"):
        Rows([1, 2], [10, 5]).encode(np.array([1.0, 300.0]), 0, 0)
    with pytest.raises(BadPayload, match="no number"):
        Rows([1], [12])


def test_rows_of_nothing():
    assert Rows([], []).encode(np.zeros(0), 5, 3) == encode(Payload((), 5, 3))
