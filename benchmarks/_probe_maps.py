"""Made registers for `probe` to type: in the style of devices of the trade, with values such as those have.

TUNED: layouts written from memory, of no maker's list; weights of gateway/probe were chosen while looking at them and
at the demo's devices, so what they score says little of others. HELD: nothing was chosen by them. Places and types of
the first are those of an SDM630's input registers, as far as tables in open drivers show them; an EM530's table begins
as the second does; the others are made up. All values are made.
"""

from __future__ import annotations

import math
import struct

from gateway.layout import Field

_F, _FS = Field("float32"), Field("float32", order="CDAB")
_I, _IS, _H, _S = Field("int32"), Field("int32", order="CDAB"), Field("uint16"), Field("int16")
_L, _D, _DS = Field("uint64"), Field("float64"), Field("float64", order="GHEFCDAB")
_IB = Field("uint32")

Value = tuple[Field, float | str, float]
"""Field, its first value, and by how much it moves or, of an integer that grows, how much each read adds."""

TUNED: dict[str, list[Value]] = {
    "a meter, float32": [
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
    "a meter, int32, low word first": [
        *((_IS, volt, 3) for volt in (2301, 2297, 2310)),
        *((_IS, ampere, 20) for ampere in (4017, 3884, 4102)),
        *((_IS, watt, 60) for watt in (8921, 8715, 9302)),
        (_IS, -1204, 8),
        (_IS, 964, 2),
        (_IS, 501, 1),
        (_IS, 1_287_432, 40),
        (_IS, 342_177, 11),
    ],
    "a temperature controller, 16-bit": [
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
    "a panel meter, float32 and 64-bit energies": [
        *((_F, ampere, 0.02) for ampere in (12.81, 13.04, 12.66, 12.83)),
        *((_F, volt, 0.4) for volt in (398.2, 401.1, 399.6, 230.1)),
        *((_F, kilowatt, 0.01) for kilowatt in (2.71, 2.83, 2.69, 8.23)),
        (_L, 5_412_339_812, 240),
        (_L, 8_723_004_117, 61),
        (Field("string", 10), "METER PANEL 4", 0.0),
    ],
    "a meter, float32 and double energies": [
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

_GAP = Field("uint16")

HELD: dict[str, list[Value]] = {
    # 0 volts of three phases, 6 amperes, 12 watts, 18 VA, 24 var, 30 factors, 36 angles, 42 mean volts, 46 mean
    # amperes, 48 their sum, 52 watts, 56 VA, 60 var, 62 factor, 66 angle, 70 hertz, 72 and 74 kWh; nothing between
    "a meter of 75 registers with gaps": [
        *((_F, volt, 0.4) for volt in (231.7, 233.05, 229.9)),
        *((_F, ampere, 0.3) for ampere in (11.42, 9.87, 12.06)),
        *((_F, watt, 40.0) for watt in (2480.0, 2122.0, 2611.0)),
        *((_F, apparent, 42.0) for apparent in (2646.0, 2300.2, 2772.6)),
        *((_F, reactive, 20.0) for reactive in (922.4, 887.7, 932.1)),
        *((_F, factor, 0.004) for factor in (0.937, 0.922, 0.942)),
        *((_F, angle, 0.5) for angle in (20.4, 22.7, 19.6)),
        (_F, 231.55, 0.3), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 11.12, 0.2), (_F, 33.35, 0.6), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 7213.0, 90.0), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 7718.8, 90.0), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 2742.2, 30.0), (_F, 0.934, 0.003), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 20.9, 0.4), (_GAP, 0, 0), (_GAP, 0, 0),
        (_F, 49.98, 0.02), (_F, 48_213.7, 0.02), (_F, 1.2, 0.0),
    ],
    "a meter, uint32 tenths": [
        *((_IB, volt, 4) for volt in (2317, 2330, 2299, 4013, 4036, 3982)),
        *((_IB, ampere, 300) for ampere in (11_420, 9_870, 12_060)),
        *((_IB, watt, 400) for watt in (24_800, 21_220, 26_110)),
    ],
    "a drive, 16-bit with words of bits": [
        (_H, 0x0637, 0), (_H, 0x047F, 0), (_S, 2987, 6), (_S, 412, 9), (_S, -3, 2), (_H, 5402, 11), (_S, 38, 1),
        (_H, 0, 0), (_H, 1500, 0), (_S, 2990, 0), (_H, 17, 0), (_H, 4021, 0),
    ],
    "a chiller, tenths and counters of hours": [
        (_S, 72, 1), (_S, 121, 2), (_S, 70, 0), (_S, -42, 3), (_S, 356, 4), (_H, 1, 0), (_H, 0, 0), (_H, 3, 0),
        (_I, 18_204, 0), (_I, 9_377, 0), (_H, 65, 2), (_H, 88, 1),
    ],
    "a flow computer, doubles with swapped words": [
        (_DS, 412.0375, 0.8), (_DS, 18.204, 0.05), (_DS, 1.0132, 0.0004), (_DS, 77_204.125, 0.114),
        (_DS, 1_883_020.5, 0.114), (Field("string", 8), "FT-2201 LINE 7", 0.0),
    ],
    "a weighing terminal, int32 grams": [
        (_I, 12_504, 3), (_I, 12_504, 3), (_I, 0, 0), (_H, 0x0003, 0), (_I, 5_400_211, 12_500), (_H, 432, 1),
        (_F, 12.504, 0.003), (_F, 25.0, 0.0),
    ],
}  # fmt: skip


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
    kinds = {
        "float32": ">f",
        "float64": ">d",
        "int32": ">i",
        "uint32": ">I",
        "uint64": ">Q",
        "uint16": ">H",
        "int16": ">h",
    }
    if isinstance(value, str):
        data = value.encode("ascii").ljust(2 * field.words, b"\0")
    else:
        data = struct.pack(kinds[field.type], value if field.type.startswith("float") else int(value))
        if field.order:
            data = bytes(data[ord(letter) - ord("A")] for letter in field.order)
    return list(struct.unpack(f">{len(data) // 2}H", data))
