"""Codes for `decode` and `codes`: a plant's scans of every carrier, each different, drawn from a seed."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

from gateway.codes.digital_link import to_link
from gateway.codes.epc_memory import to_memory
from gateway.codes.epc_plus import to_memory as to_plus
from gateway.codes.epc_uris import Epc
from gateway.codes.gs1_checks import SET_82, check_digit
from gateway.codes.labels import label
from gateway.codes.words import GS, Element

_LETTERS = string.ascii_uppercase + string.digits


def scans(count: int, seed: int) -> dict[str, list[str]]:
    """So many codes of each carrier."""
    draw = random.Random(seed)
    return {name: [make(draw) for _ in range(count)] for name, make in CARRIERS.items()}


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choices(string.digits, k=count))


def _gtin(draw: random.Random) -> str:
    body = f"0950600{_digits(draw, 6)}"
    return body + check_digit(body)


def _word(draw: random.Random) -> str:
    return "R" + "".join(draw.choices(_LETTERS, k=draw.randint(5, 11)))


def _date(draw: random.Random) -> str:
    return f"{draw.randint(25, 35)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"


def _sscc(draw: random.Random) -> str:
    body = f"1950600{_digits(draw, 10)}"
    return body + check_digit(body)


def _resin(draw: random.Random) -> str:
    return f"]C101{_gtin(draw)}17{_date(draw)}10{_word(draw)}{GS}3103{_digits(draw, 6)}"


def _bag(draw: random.Random) -> str:
    """No separator: every place of the batch is tried for a lost one."""
    return f"]C101{_gtin(draw)}17{_date(draw)}3103{_digits(draw, 6)}10L{draw.randint(0, 99999):05d}"


def _matrix(draw: random.Random) -> str:
    return f"]d201{_gtin(draw)}17{_date(draw)}21{_word(draw)}{GS}10{_word(draw)}{GS}240{_word(draw)}{GS}"


def _link(draw: random.Random) -> str:
    elements = (
        Element("01", "", _gtin(draw)),
        Element("10", "", f"{_word(draw)}/{draw.randint(1, 9)}"),
        Element("17", "", _date(draw)),
    )
    return to_link(elements, "]Q1https://id.example.com/x")


def _tag(draw: random.Random) -> str:
    parts = (f"9506{_digits(draw, 3)}", _digits(draw, 6), str(draw.randint(0, 2**38 - 1)))
    return to_memory(Epc("sgtin", parts, "sgtin-96", 3))


def _plus(draw: random.Random) -> str:
    return to_plus("sgtin+", (Element("01", "", _gtin(draw)), Element("21", "", _word(draw).lower())))


CARRIERS = {
    "GS1-128, 4 elements": _resin,
    "GS1-128 without separator": _bag,
    "GS1 DataMatrix, 5 elements": _matrix,
    "SSCC in GS1-128": lambda draw: f"]C100{_sscc(draw)}",
    "EAN-13": lambda draw: f"]E0{_gtin(draw)[1:]}",
    "Digital Link in QR": _link,
    "SGTIN-96": _tag,
    "SGTIN+": _plus,
    "own label": lambda draw: f"]Q1{label('NORTH', draw.randint(0, 10**8))}",
    "plain": _word,
}
PEERS = (
    "GS1-128, 4 elements",
    "GS1-128 without separator",
    "GS1 DataMatrix, 5 elements",
    "SSCC in GS1-128",
    "EAN-13",
)
"""What the peer reads as well; it takes Digital Links without symbology identifier only."""


def noise(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """So many codes and symbologies that nobody made: letters, bytes, hexadecimal, and good codes with a wound."""
    draw = random.Random(seed)
    good = [code for codes in scans(50, seed).values() for code in codes]
    alphabets = (
        SET_82 + GS + "()]^\\ ",
        "0123456789ABCDEF",
        "0123456789",
        "".join(map(chr, (*range(256), 0x661, 0x2764, 0xDCFF))),
        "ABC01%/:?&=.",
    )
    for _ in range(count):
        kind, symbology = draw.randrange(4), draw.choice(("", "", "epc", "]C1", "]Q1", "]d2", "]Q3"))
        if kind == 0:
            yield "".join(draw.choices(draw.choice(alphabets), k=draw.randint(0, 70))), symbology
        elif kind == 1:  # memory of every header
            words = draw.choice((4, 6, 6, 7, 13))
            yield f"{draw.randrange(256):02X}{draw.getrandbits(16 * words - 8):0{4 * words - 2}X}", "epc"
        elif kind == 2:
            code = list(draw.choice(good))
            for _ in range(draw.randint(1, 3)):
                code[draw.randrange(len(code))] = draw.choice(draw.choice(alphabets))
            yield "".join(code), ""
        else:
            begin = draw.choice(
                (
                    "urn:epc:id:",
                    "urn:epc:tag:sgtin-96:",
                    "https://a/01/",
                    "(01)",
                    "]C101",
                    "LW-",
                    "urn:epc:raw:96.x",
                )
            )
            yield begin + "".join(draw.choices(draw.choice(alphabets), k=draw.randint(0, 40))), ""
