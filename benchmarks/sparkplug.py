"""Encoding Sparkplug data messages: python -m benchmarks.sparkplug [--metrics N] [--rounds N]

Peer: protobuf's own runtime (upb) in the same run, in turns of twenty messages, medians. Once as a message is commonly
made, one new object a message; and once as fast as it goes, one object kept and only times and values set. Every
message has other values. The bytes of both are compared.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from google.protobuf.internal import api_implementation
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.sparkplug.rows import Rows
from gateway.sparkplug.types import DataType
from tests.unit.sparkplug import schema

REACH = 10.0
SEED = 1
TURN = 20  # messages of one encoder, then of the next
T0 = 1_700_000_000_000
KINDS = {
    "Float": [DataType.FLOAT],
    "Double": [DataType.DOUBLE],
    "UInt16": [DataType.UINT16],
    "as a press has them": [DataType.FLOAT] * 6 + [DataType.UINT16] * 2 + [DataType.DOUBLE, DataType.BOOLEAN],
}
MEMBER = {
    DataType.FLOAT: "float_value",
    DataType.DOUBLE: "double_value",
    DataType.UINT16: "int_value",
    DataType.BOOLEAN: "boolean_value",
}
PYTHON = {DataType.UINT16: int, DataType.BOOLEAN: bool}

Values = NDArray[np.float64]
Encode = Callable[[Any, int, int], bytes]


def drawn(kinds: list[DataType], rounds: int) -> Values:
    """Rows of values, each of its type."""
    rng = np.random.default_rng(SEED)
    out = rng.normal(200.0, 5.0, (rounds, len(kinds)))
    for column, kind in enumerate(kinds):
        if kind == DataType.UINT16:
            out[:, column] = rng.integers(0, 1 << 16, rounds)
        elif kind == DataType.BOOLEAN:
            out[:, column] = rng.integers(0, 2, rounds)
        elif kind == DataType.FLOAT:
            out[:, column] = out[:, column].astype(np.float32)
    return out


def typed(values: Values, kinds: list[DataType]) -> list[float | int | bool]:
    """As protobuf wants them; not part of what is measured."""
    return [PYTHON.get(kind, float)(value) for kind, value in zip(kinds, values.tolist(), strict=True)]


def made_anew(kinds: list[DataType]) -> Callable[[list[float], int, int], bytes]:
    members = [MEMBER[kind] for kind in kinds]

    def encode(values: list[float], now: int, seq: int) -> bytes:
        out = schema.Payload(timestamp=now, seq=seq)
        for alias, (member, value) in enumerate(zip(members, values, strict=True), 1):
            out.metrics.add(alias=alias, timestamp=now, **{member: value})
        return bytes(out.SerializeToString())

    return encode


def kept(kinds: list[DataType]) -> Callable[[list[float], int, int], bytes]:
    members = [MEMBER[kind] for kind in kinds]
    out = schema.Payload()
    metrics = [out.metrics.add(alias=alias) for alias in range(1, len(kinds) + 1)]

    def encode(values: list[float], now: int, seq: int) -> bytes:
        out.timestamp, out.seq = now, seq
        for metric, member, value in zip(metrics, members, values, strict=True):
            metric.timestamp = now
            setattr(metric, member, value)
        return bytes(out.SerializeToString())

    return encode


def _timed(encode: Encode, given: Sequence[Any], first: int, took: list[int]) -> Iterator[bytes]:
    """The messages of a turn; nanoseconds of each are added to `took`."""
    for at, values in enumerate(given, first):
        now, seq = T0 + 1000 * at, at % 256
        begin = time.perf_counter_ns()
        made = encode(values, now, seq)
        took.append(time.perf_counter_ns() - begin)
        yield made


def measured(name: str, kinds: list[DataType], rounds: int) -> list[Row]:
    rows = Rows(list(range(1, len(kinds) + 1)), kinds)
    peers = {"made anew": made_anew(kinds), "kept": kept(kinds)}
    values = drawn(kinds, rounds)
    took: dict[str, list[int]] = {each: [] for each in ("ours", *peers)}
    encoders: dict[str, Encode] = {"ours": rows.encode, **peers}
    for first in range(0, rounds, TURN):
        given = [typed(row, kinds) for row in values[first : first + TURN]]
        bytes_of = {}
        for who, encode in encoders.items():
            told = list(values[first : first + TURN]) if who == "ours" else given
            bytes_of[who] = list(_timed(encode, told, first, took[who]))
        if any(each != bytes_of["ours"] for each in bytes_of.values()):
            raise AssertionError(f"{name}: other bytes than protobuf's")
    us = {each: statistics.median(times) / 1000 for each, times in took.items()}
    return [
        Row(
            f"{len(kinds)} metrics, {name}",
            f"upb, message {peer}: {us[peer]:.0f} us",
            f">= {REACH:g} x" if peer == "made anew" else "",
            f"{us['ours']:.1f} us, {us['ours'] * 1000 / len(kinds):.0f} ns a metric",
            f"{us[peer] / us['ours']:.1f} x",
            reached=us[peer] / us["ours"] >= REACH if peer == "made anew" else None,
        )
        for peer in peers
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=400)
    asked = parser.parse_args()
    table: list[Row] = []
    for name, pattern in KINDS.items():
        kinds = (pattern * (asked.metrics // len(pattern) + 1))[: asked.metrics]
        table += measured(name, kinds, asked.rounds)
    print_table(table)
    print(f"protobuf {api_implementation.Type()}; {machine()}")


if __name__ == "__main__":
    main()
