"""What the words are: registers of devices as their makers publish them, and the ambiguities told as such."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest

from gateway.probe.found import Area, Words
from gateway.probe.guess import guess


def words(*fields):
    """Fields of `(struct format, order, value)` as registers; order as in `gateway.layout`."""
    out: list[int] = []
    for kind, order, value in fields:
        data = struct.pack(">" + kind, value)
        letters = order or "ABCDEFGH"[: len(data)]
        wire = bytes(data[ord(letter) - 65] for letter in letters)
        out += struct.unpack(f">{len(wire) // 2}H", wire)
    return out


def guessed(*reads, first=0, table="input"):
    rows = np.array(reads, np.uint16)
    area = Area(table, first, rows.shape[1])
    return guess([Words(area, tuple(range(len(rows))), rows)])


def told(found):
    return [(each.address, each.field.type, each.field.order) for each in found]


# Eastron SDM630 Modbus V2 protocol: input registers 30001.. are float32, high word first: voltages L1-L3 at 0, 2, 4,
# currents at 6, 8, 10, powers at 12, 14, 16, frequency at 70.
def test_an_energy_meter_with_floats():
    def read(volts, amps):
        return words(
            ("f", "", volts), ("f", "", 229.71), ("f", "", 231.02), ("f", "", amps), ("f", "", 3.884), ("f", "", 4.102),
            ("f", "", volts * amps), ("f", "", 892.1), ("f", "", 947.6),
        )  # fmt: skip

    found = guessed(read(230.14, 4.017), read(230.22, 4.021), read(230.09, 4.033))
    assert told(found) == [(at, "float32", "") for at in range(0, 18, 2)]
    assert found[0].word == "sure"


@pytest.mark.parametrize("order", ["", "CDAB", "BADC", "DCBA"])
def test_all_four_orders_of_a_float(order):
    reads = [
        words(
            *(("f", order, base * (1 + math.sin(step + base) / 300)) for base in (71.3, 215.4, 3.17, 1012.6))
        )
        for step in range(4)
    ]
    assert told(guessed(*reads)) == [(at, "float32", order) for at in (0, 2, 4, 6)]


# Carlo Gavazzi EM24 (communication protocol V3): int32, least significant word first, in tenths: volts at 0, 2, 4.
def test_an_energy_meter_with_swapped_integers():
    reads = [
        words(
            *(("i", "CDAB", value) for value in (2301 + n, 2297, 2310 - n, 1_234_567 + 40 * n, -70_512 - n))
        )
        for n in range(4)
    ]
    found = guessed(*reads)
    assert told(found) == [(at, "int32", "CDAB") for at in range(0, 10, 2)]
    assert [each.last for each in found] == [2304, 2297, 2307, 1_234_687, -70_515]


# Eurotherm 3216 (HA027986): parameters are 16 bits each, the process value at address 1, setpoint at 2, output at 3.
def test_a_temperature_controller_with_integers():
    found = guessed(
        *([2035 + n, 2050, 412 - 3 * n, 2050, 0, 2500] for n in range(4)), first=1, table="holding"
    )
    assert {each.field.width for each in found} == {1}
    assert [each.last for each in found] == [2038, 2050, 403, 2050, 0, 2500]


def test_a_negative_temperature_is_signed():
    found = guessed(*([65_136 - n, 65_131, 65_140 + n] for n in range(4)))
    assert told(found) == [(0, "int16", ""), (1, "int16", ""), (2, "int16", "")]
    assert found[0].last == -403


def test_a_counter_that_grows_beside_a_word_of_zero_is_one_of_32_bits():
    found = guessed(*([0, 500 + 3 * n] for n in range(4)))
    assert told(found) == [(0, "uint32", "")]
    assert found[0].counts


def test_a_counter_over_its_carry():
    found = guessed(*(words(("I", "", 65_530 + 4 * n)) for n in range(5)))
    assert told(found) == [(0, "uint32", "")]
    assert found[0].last == 65_546


def test_a_text_and_its_padding():
    data = b"PP-GF30-25R\0\0\0\0\0"
    found = guessed(list(struct.unpack(">8H", data)))
    assert told(found) == [(0, "string", "")]
    assert (found[0].last, found[0].field.width) == ("PP-GF30-25R", 8)


def test_zeros_alone_are_no_values():
    assert guessed([0] * 40, [0] * 40) == []


def test_a_zero_among_floats_is_one_of_them():
    read = words(("f", "", 71.0), ("f", "", 0.0), ("f", "", 25.5), ("f", "", 3.25))
    found = guessed(read, read)
    assert told(found) == [(0, "float32", ""), (2, "float32", ""), (4, "float32", ""), (6, "float32", "")]
    assert found[1].idle


def test_what_cannot_be_known_is_told_as_a_guess_with_what_else_it_may_be():
    (found,) = [each for each in guessed([0, 20], [0, 20]) if not each.idle]
    assert found.word != "sure"


@pytest.mark.parametrize("value", [0x7FC0, 0x7F80, 0xFF80, 0xFFFF])
def test_nan_and_infinity_break_nothing(value):
    assert guessed([value, 0, value, 1], [value, 0, value, 2])


def test_bits_are_what_they_are():
    found = guessed([1, 0, 0], [1, 1, 0], table="coil")
    assert [(each.address, each.last, each.idle) for each in found] == [
        (0, True, False),
        (1, True, False),
        (2, False, True),
    ]
