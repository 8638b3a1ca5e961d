"""What the demo's readers read: GS1-128 element strings of resin, EPCs of boxes."""

from __future__ import annotations

GS = "\x1d"  # FNC1 as scanners send it (GS1 General Specifications, 7.8.2)
_COMPANY, _DIGITS = 9506000, 7  # a company prefix that GS1 keeps for examples


def check_digit(digits: str) -> str:
    """GS1 check digit (General Specifications, 7.9.1): weights 3 and 1 from the right.

    >>> check_digit("629104150021")
    '3'
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def resin_code(lot: str, kg: float, *, lot_last: bool = True) -> str:
    """GTIN, best-before date, net weight and lot as a GS1-128 scanner says them, symbology first.

    A lot has no fixed length: where something follows it, a group separator ends it.

    >>> resin_code("R24-0001", 10.0)
    ']C1010950600013435217281231310301000010R24-0001'
    """
    gtin = "0" + f"{_COMPANY}13435"
    fixed = f"01{gtin}{check_digit(gtin)}17281231"
    weight = f"3103{round(kg * 1000):06d}"
    return f"]C1{fixed}{weight}10{lot}" if lot_last else f"]C1{fixed}10{lot}{GS}{weight}"


def sscc_96(company: int, serial: int, kind: int = 0) -> str:
    """An SSCC-96 of a company prefix of seven digits, 24 hexadecimal digits.

    The value is that of EPC Tag Data Standard 2.0, E.3.

    >>> sscc_96(614141, 1234567890)
    '3114257BF4499602D2000000'
    """
    partition = 5  # a company prefix of seven digits takes 24 bits, the serial reference 34 (14.6.2)
    return f"{0x31 << 88 | kind << 85 | partition << 82 | company << 58 | serial << 24:024X}"


def box_epc(number: int) -> str:
    """What tag and label of a box carry."""
    return sscc_96(_COMPANY, number, kind=2)  # 2: full case for transport
