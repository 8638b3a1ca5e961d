"""Predicted load of a bus: the share of its time that the schedule asks for. Pure, and needs no driver.

Requests are counted by packing addresses simply; drivers plan closer, so that the prediction errs on the safe
side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gateway.site import Bus, Device, Group, Point

Cost = Callable[[Device, Group], int]
"""Expected nanoseconds on the bus of one poll of a group."""

TURNAROUND_NS = 10_000_000  # a device's own time between question and answer; PLCs need 2-20 ms
TCP_ROUND_NS = 3_000_000  # a request over TCP in a plant's network, the device's time included
_ASK_BYTES = 8  # unit, function, address, count, CRC
_ANSWER_BYTES = 5  # unit, function, byte count, CRC
_MAX_BITS = 2000  # Modbus Application Protocol V1.1b3, 6.1
_SCALE_BYTES = 24  # "SI\\r\\n" and "S S     123.45 kg\\r\\n"


def predict_load(bus: Bus, devices: Iterable[Device], cost: Cost | None = None) -> float:
    """Share of the bus's time that polling its devices takes: above 1 the schedule cannot be kept.

    Counts the devices that name this bus. `cost` may be a driver's `cost_ns`; without it costs are computed
    here.
    """
    price = cost or (lambda device, group: poll_cost_ns(bus, device, group))
    asked = 0.0
    for device in devices:
        if device.bus == bus.name:
            asked += sum(
                price(device, group) / group.period_ns for group in device.groups if group.period_ns > 0
            )
    return asked


def poll_cost_ns(bus: Bus, device: Device, group: Group) -> int:
    """Expected time of one poll of a group: wire time at the bus's baud rate and the device's turnaround."""
    if bus.driver.startswith("serial."):
        return int(_SCALE_BYTES * char_ns(bus)) + TURNAROUND_NS
    total = 0
    for table, count in requests(group.points, device):
        answer = (count + 7) // 8 if table in ("coil", "discrete") else 2 * count
        total += _request_ns(bus, answer)
    return total


def requests(points: Sequence[Point], device: Device) -> list[tuple[str, int]]:
    """Reads that cover the points: (table, registers or bits of it), packed in order of address."""
    packed: list[tuple[str, int]] = []
    by_table: dict[str, list[Point]] = {}
    for point in points:
        by_table.setdefault(point.table, []).append(point)
    for table, members in by_table.items():
        bits = table in ("coil", "discrete")
        longest = _MAX_BITS if bits else device.max_words
        gap = (16 * 16 if bits else 16) if device.max_gap is None else device.max_gap
        members.sort(key=lambda point: point.address)
        first = members[0].address
        end = first
        for point in members:
            upto = max(end, point.address + point.field.width)
            if point.address - end > gap or upto - first > longest:
                packed.append((table, end - first))
                first, upto = point.address, point.address + point.field.width
            end = upto
        packed.append((table, end - first))
    return packed


def char_ns(bus: Bus) -> float:
    """One character on the line: start, data, parity and stop bits."""
    return (1 + bus.data_bits + (bus.parity != "N") + bus.stop_bits) * 1e9 / bus.baud


def _request_ns(bus: Bus, answer_bytes: int) -> int:
    if bus.driver == "modbus.tcp":
        return TCP_ROUND_NS
    char = char_ns(bus)
    # Modbus over Serial Line V1.02, 2.5.1.1: t3.5 of silence around frames, fixed at 1.750 ms above 19200
    # baud.
    silence = 3.5 * char if bus.baud <= 19_200 else 1_750_000
    wire = (_ASK_BYTES + _ANSWER_BYTES + answer_bytes) * char + 2 * silence
    beyond = TCP_ROUND_NS if bus.driver == "modbus.rtu_over_tcp" else 0
    return int(wire) + TURNAROUND_NS + beyond
