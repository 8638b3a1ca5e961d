"""Predicted load: against wire times worked out by hand."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import gateway.poll.load as load_module
from gateway.layout import Field
from gateway.poll import predict_load
from gateway.poll.load import TCP_ROUND_NS, TURNAROUND_NS, char_ns, poll_cost_ns, requests
from gateway.site import Bus, Device, Group, Point

S = 1_000_000_000
RTU = Bus("line1", "modbus.rtu", "/dev/ttyUSB0", baud=9600, parity="E")


def points(*addresses: int, table: str = "holding", kind: str = "uint16") -> tuple[Point, ...]:
    return tuple(Point(f"p{at}", f"a/b/c/p{at}", Field(kind), table, at) for at in addresses)


def device(*groups: tuple[int, tuple[Point, ...]], **given) -> Device:
    made = tuple(Group(f"d/{n}", "d", period, its, 10 * S) for n, (period, its) in enumerate(groups))
    return replace(Device("d", "line1", "test", 1, "a/b/c", made), **given)


def test_a_character_is_eleven_bits():
    assert char_ns(RTU) == pytest.approx(11 / 9600 * 1e9)
    assert char_ns(replace(RTU, parity="N", stop_bits=2)) == pytest.approx(11 / 9600 * 1e9)


def test_ten_registers_at_9600_baud():
    # 8 characters to ask, 5 + 20 to answer, 3.5 of silence around each: 40 characters of 1.1458 ms, and the turnaround
    cost = poll_cost_ns(RTU, device(), device((S, points(*range(10)))).groups[0])
    assert cost == pytest.approx(40 * 11 / 9600 * 1e9 + TURNAROUND_NS, rel=1e-6)


def test_silence_is_fixed_above_19200_baud():
    fast = replace(RTU, baud=115_200)
    cost = poll_cost_ns(fast, device(), device((S, points(0))).groups[0])
    assert cost == pytest.approx(15 * 11 / 115_200 * 1e9 + 3_500_000 + TURNAROUND_NS, rel=1e-6)


def test_neighbours_share_a_request_and_strangers_do_not():
    assert requests(points(0, 1, 5, 21), device()) == [("holding", 22)]
    assert requests(points(0, 100), device()) == [("holding", 1), ("holding", 1)]
    assert requests(points(0, 3), device(max_gap=0)) == [("holding", 1), ("holding", 1)]
    assert requests(points(*range(300)), device()) == [("holding", 125), ("holding", 125), ("holding", 50)]
    assert requests(points(0, table="coil") + points(0), device()) == [("coil", 1), ("holding", 1)]
    assert requests(points(8, 0, kind="float64"), device()) == [("holding", 12)]


def test_the_load_is_the_sum_of_what_is_asked():
    its = device((S, points(*range(10))), (10 * S, points(100)), (0, points(200)))
    one = poll_cost_ns(RTU, its, its.groups[0]) / S
    other = poll_cost_ns(RTU, its, its.groups[1]) / (10 * S)
    assert predict_load(RTU, [its]) == pytest.approx(one + other)
    assert predict_load(RTU, [its, replace(its, bus="another")]) == pytest.approx(one + other)


def test_a_schedule_that_cannot_be_kept_is_above_one():
    its = device((100_000_000, points(*range(100))))
    assert predict_load(RTU, [its]) > 2
    assert predict_load(replace(RTU, driver="modbus.tcp", address="h:502"), [its]) < 0.1


def test_a_drivers_own_cost_counts_where_it_is_given():
    assert predict_load(RTU, [device((S, points(0)))], lambda *_: S // 4) == 0.25


def test_a_device_server_costs_both_the_line_and_the_network():
    its = device((S, points(0)))
    over = poll_cost_ns(replace(RTU, driver="modbus.rtu_over_tcp"), its, its.groups[0])
    assert over == poll_cost_ns(RTU, its, its.groups[0]) + TCP_ROUND_NS


def test_a_scale_costs_its_line():
    its = device((S, points(0)))
    assert 0.01 < predict_load(replace(RTU, driver="serial.scale"), [its]) < 0.1


def test_it_is_light_and_knows_no_driver():
    tree = ast.parse(Path(load_module.__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "collections.abc", "gateway.site"}
