"""Registers in the order, type and word order in which makers publish them, with values such as the device has.

Sources, by document: Eastron SDM630-Modbus V2 (float32, high word first); Carlo Gavazzi EM24 E1 communication protocol
(int32, low word first); Eurotherm 3200 HA027986 (16-bit parameters, signed); Schneider PM5xxx register list
(float32 and int64 energies, high word first, and a text); Siemens PAC3200 manual (float32, double energies).
"""

from __future__ import annotations

import math
import struct

from gateway.layout import Field

_F, _FS = Field("float32"), Field("float32", order="CDAB")
_I, _IS, _H, _S = Field("int32"), Field("int32", order="CDAB"), Field("uint16"), Field("int16")
_L, _D = Field("uint64"), Field("float64")

Value = tuple[Field, float | str, float]
"""Field, its first value, and by how much it moves or, of an integer that grows, how much each read adds."""

MAPS: dict[str, list[Value]] = {
    "Eastron SDM630 (float32)": [
        *((_F, volt, 0.3) for volt in (230.14, 229.71, 231.02)),
        *((_F, ampere, 0.02) for ampere in (4.017, 3.884, 4.102)),
        *((_F, watt, 6.0) for watt in (892.1, 871.5, 930.2)),
        *((_F, factor, 0.002) for factor in (0.964, 0.971, 0.958)),
        (_F, 50.01, 0.01),
        (_F, 12_874.32, 0.05),
        (_F, 3.417, 0.001),
        (_F, 3.02, 0.0),
        (_F, 0.114, 0.002),
    ],
    "Carlo Gavazzi EM24 (int32, low word first)": [
        *((_IS, volt, 3) for volt in (2301, 2297, 2310)),
        *((_IS, ampere, 20) for ampere in (4017, 3884, 4102)),
        *((_IS, watt, 60) for watt in (8921, 8715, 9302)),
        (_IS, -1204, 8),
        (_IS, 964, 2),
        (_IS, 501, 1),
        (_IS, 1_287_432, 40),
        (_IS, 342_177, 11),
    ],
    "Eurotherm 3216 (16-bit)": [
        (_S, 2035, 4),
        (_S, 2050, 0),
        (_S, 412, 20),
        (_S, 412, 20),
        (_S, 2050, 0),
        (_H, 120, 0),
        (_H, 360, 0),
        (_H, 60, 0),
        (_S, -15, 2),
        (_H, 2500, 0),
        (_S, -200, 0),
        (_H, 3, 0),
    ],
    "Schneider PM5110 (float32, 64-bit energies)": [
        *((_F, ampere, 0.02) for ampere in (12.81, 13.04, 12.66, 12.83)),
        *((_F, volt, 0.4) for volt in (398.2, 401.1, 399.6, 230.1)),
        *((_F, kilowatt, 0.01) for kilowatt in (2.71, 2.83, 2.69, 8.23)),
        (_L, 5_412_339_812, 240),
        (_L, 8_723_004_117, 61),
        (Field("string", 10), "PM5110 PANEL 4", 0.0),
    ],
    "Siemens PAC3200 (float32, double energies)": [
        *((_F, volt, 0.3) for volt in (229.9, 230.4, 231.1, 398.4, 399.0, 400.2)),
        *((_F, ampere, 0.05) for ampere in (21.4, 20.9, 22.3)),
        (_D, 123_456_789.25, 210.5),
        (_D, 98_712_001.5, 33.25),
        (_D, 1_204_888.75, 12.5),
    ],
    "a controller that swaps words (float32 CDAB)": [
        *(
            (_FS, value, step)
            for value, step in ((218.4, 0.2), (220.0, 0.0), (64.25, 1.5), (1180.0, 12.0), (0.85, 0.003))
        ),
    ],
}


def made(fields: list[Value], turn: int) -> list[int]:
    """The words of one read. Values move like measurements do; integers that grow, grow."""
    out: list[int] = []
    for number, (field, value, step) in enumerate(fields):
        out += _wire(field, _now(field, value, step, turn, number))
    return out


def _now(field: Field, value: float | str, step: float, turn: int, number: int) -> float | str:
    if isinstance(value, str):
        return value
    if field.type in {"uint64", "float64"} or (field.type == "int32" and value > 100_000):
        return value + turn * step
    moved = value + step * math.sin(1.7 * turn + 2.3 * number)
    return moved if field.type.startswith("float") else round(moved)


def _wire(field: Field, value: float | str) -> list[int]:
    kinds = {"float32": ">f", "float64": ">d", "int32": ">i", "uint64": ">Q", "uint16": ">H", "int16": ">h"}
    if isinstance(value, str):
        data = value.encode("ascii").ljust(2 * field.words, b"\0")
    else:
        data = struct.pack(kinds[field.type], value if field.type.startswith("float") else int(value))
        if field.order:
            data = bytes(data[ord(letter) - ord("A")] for letter in field.order)
    return list(struct.unpack(f">{len(data) // 2}H", data))
