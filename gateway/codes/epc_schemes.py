"""Tag schemes with a header and a partition, as facts: which bits of EPC memory say what. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 14.2 (headers) and 14.6 (each scheme with its partition table), GS1, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPANY_BITS = (40, 37, 34, 30, 27, 24, 20)
"""Of a company prefix, by partition; its digits are 12 less the partition."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Header, filter (3 bits), partition (3), company prefix, reference, counts (7 each), serial."""

    name: str
    family: str
    header: int
    bits: int
    reference: tuple[int, ...]  # bits by partition
    how: str = (
        "digits"  # as many as the family asks for; "number", "text" (7 bits), "six" (6 bits, ended by 0)
    )
    most: tuple[int, ...] = ()  # digits of a "number", by partition
    serial_bits: int = 0
    serial: str = ""  # "number", "text", "led" (digits behind a 1), "zero": none, these bits are 0


_ITEM = (4, 7, 10, 14, 17, 20, 24)
_PLACE = (1, 4, 7, 11, 14, 17, 21)
_LONG = (18, 21, 24, 28, 31, 34, 38)
SCHEMES = (
    Scheme("gdti-96", "gdti", 0x2C, 96, _PLACE, serial_bits=41, serial="number"),
    Scheme("gsrn-96", "gsrn", 0x2D, 96, _LONG, serial_bits=24, serial="zero"),
    Scheme("gsrnp-96", "gsrnp", 0x2E, 96, _LONG, serial_bits=24, serial="zero"),
    Scheme("sgtin-96", "sgtin", 0x30, 96, _ITEM, serial_bits=38, serial="number"),
    Scheme("sscc-96", "sscc", 0x31, 96, _LONG, serial_bits=24, serial="zero"),
    Scheme("sgln-96", "sgln", 0x32, 96, _PLACE, serial_bits=41, serial="number"),
    Scheme("grai-96", "grai", 0x33, 96, _ITEM, serial_bits=38, serial="number"),
    Scheme("giai-96", "giai", 0x34, 96, (42, 45, 48, 52, 55, 58, 62), "number", (13, 14, 15, 16, 17, 18, 19)),
    Scheme("sgtin-198", "sgtin", 0x36, 198, _ITEM, serial_bits=140, serial="text"),
    Scheme("grai-170", "grai", 0x37, 170, _ITEM, serial_bits=112, serial="text"),
    Scheme("giai-202", "giai", 0x38, 202, (148, 151, 154, 158, 161, 164, 168), "text"),
    Scheme("sgln-195", "sgln", 0x39, 195, _PLACE, serial_bits=140, serial="text"),
    Scheme("gdti-113", "gdti", 0x3A, 113, _PLACE, serial_bits=58, serial="led"),
    Scheme(
        "cpi-96",
        "cpi",
        0x3C,
        96,
        (11, 14, 17, 21, 24, 27, 31),
        "number",
        (3, 4, 5, 6, 7, 8, 9),
        serial_bits=31,
        serial="number",
    ),
    Scheme("cpi-var", "cpi", 0x3D, 0, (), "six", serial_bits=40, serial="number"),
    Scheme("gdti-174", "gdti", 0x3E, 174, _PLACE, serial_bits=119, serial="text"),
    Scheme("sgcn-96", "sgcn", 0x3F, 96, _PLACE, serial_bits=41, serial="led"),
    Scheme("itip-110", "itip", 0x40, 110, _ITEM, serial_bits=38, serial="number"),
    Scheme("itip-212", "itip", 0x41, 212, _ITEM, serial_bits=140, serial="text"),
)
GENERAL = Scheme("gid-96", "gid", 0x35, 96, ())
"""Has no partition: manager (28 bits), class (24), serial (36)."""

BY_NAME = {scheme.name: scheme for scheme in SCHEMES}
BY_HEADER = {scheme.header: scheme for scheme in SCHEMES}
