"""One value in the memory of a "+" tag: read and written by the way that `epc_fields` names. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 14.5.2 to 14.5.15, GS1, 2022.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.codes.bits import Bits, Made
from gateway.codes.words import CodeRefused, shown

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE40 = " ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"  # table 14-8; the first is padding
_HEX = "0123456789abcdef"
_INTEGER, _UPPER, _LOWER, _BASE, _ASCII, _URN = range(6)  # table 14-6: the encoding indicator
_KINDS = {
    _INTEGER: re.compile("[0-9]+"),
    _UPPER: re.compile("[0-9A-F]+"),
    _LOWER: re.compile("[0-9a-f]+"),
    _BASE: re.compile("[0-9A-Za-z_-]+"),
    _ASCII: re.compile("[!-\x7e]+"),
    _URN: re.compile("[0-9A-Z.:-]+"),
}

_LETTERS = {
    _UPPER: (4, _HEX.upper()),
    _LOWER: (4, _HEX),
    _BASE: (6, _BASE64),
    _ASCII: (7, "".join(map(chr, range(128)))),
}


def integer_bits(digits: int) -> int:
    """Bits of a number of so many digits (table B of EPC Tag Data Translation 2.0).

    >>> [integer_bits(digits) for digits in (1, 5, 20)]
    [4, 17, 67]
    """
    return int(10**digits - 1).bit_length()


def text_bits(kind: int, length: int) -> int:
    """Bits of a text of so many characters, by its encoding indicator (the same table)."""
    if kind == _INTEGER:
        return integer_bits(length)
    if kind == _URN:
        return 16 * -(-length // 3)
    return length * _LETTERS[kind][0]


def read(way: str, number: int, bits: Bits) -> str:
    """A part of a value. Raises CodeRefused."""
    return _READ[way](bits, number)


def write(way: str, number: int, made: Made, text: str) -> None:
    """The same back. Raises CodeRefused where the way cannot say the text."""
    _WRITE[way](made, number, text)


def _digits(bits: Bits, number: int) -> str:
    text = f"{bits.take(4 * number):0{number}X}" if number else ""
    if number and not text.isdigit():
        raise CodeRefused("epc", "a tag says something else where a digit must stand")
    return text


def _put_digits(made: Made, number: int, text: str) -> None:
    for digit in _numeral(text, number):
        made.put(int(digit), 4)


def _digit(value: int) -> str:
    if value > 9:
        raise CodeRefused("epc", "a tag says something else where a digit must stand")
    return str(value)


def _numeral(text: str, length: int) -> str:
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise CodeRefused("epc", f"a tag has room for {length} digits here, not for {shown(text)}")
    return text


def _integer(bits: Bits, number: int) -> str:
    text = f"{bits.take(integer_bits(number)):0{number}d}" if number else ""
    if len(text) > number:
        raise CodeRefused("epc", f"a number on the tag has more than {number} digits")
    return text


def _put_integer(made: Made, number: int, text: str) -> None:
    if number:
        made.put(int(_numeral(text, number)), integer_bits(number))


def _counted(bits: Bits, number: int) -> str:
    return _integer(bits, bits.take(number))


def _put_counted(made: Made, number: int, text: str) -> None:
    made.put(len(text), number)
    _put_integer(made, len(text), text)


def _text(bits: Bits, number: int) -> str:
    kind, length = bits.take(3), bits.take(number)
    if kind not in _KINDS:
        raise CodeRefused("epc", f"encoding indicator {kind} means nothing yet")
    if kind == _INTEGER:
        return _integer(bits, length)
    if kind == _URN:
        return _urn(bits, length)
    width, letters = _LETTERS[kind]
    packed, mask = bits.take(width * length), (1 << width) - 1
    text = "".join([letters[packed >> at & mask] for at in range(width * (length - 1), -1, -width)])
    if kind == _ASCII and text and not _KINDS[_ASCII].fullmatch(text):
        raise CodeRefused("epc", f"{shown(text)} is no text of a tag")
    return text


def _put_text(made: Made, number: int, text: str) -> None:
    """Written the shortest way; of two the one with the lower indicator."""
    ways = [kind for kind, letters in _KINDS.items() if letters.fullmatch(text)] if text else [_INTEGER]
    if not ways:
        raise CodeRefused("epc", f"a tag cannot say {shown(text)}")
    kind = min(ways, key=lambda each: (text_bits(each, len(text)), each))
    made.put(kind, 3)
    made.put(len(text), number)
    if kind == _INTEGER:
        _put_integer(made, len(text), text)
    elif kind == _URN:
        _put_urn(made, text)
    else:
        width, letters = _LETTERS[kind]
        for letter in text:
            made.put(letters.index(letter), width)


def _urn(bits: Bits, length: int) -> str:
    """Three characters in 16 bits: 1600 a + 40 b + c + 1."""
    text = ""
    while len(text) < length:
        value = bits.take(16) - 1
        if not 0 <= value < 64000:
            raise CodeRefused("epc", "a tag's URN Code 40 is out of its range")
        text += _CODE40[value // 1600] + _CODE40[value // 40 % 40] + _CODE40[value % 40]
    if " " in text[:length] or text[length:].strip():
        raise CodeRefused("epc", "a tag's URN Code 40 is not padded at its end")
    return text[:length]


def _put_urn(made: Made, text: str) -> None:
    for at in range(0, len(text), 3):
        first, second, third = (_CODE40.index(letter) for letter in text[at : at + 3].ljust(3))
        made.put(1600 * first + 40 * second + third + 1, 16)


def _terminated(bits: Bits, number: int) -> str:
    """Digits of 4 bits; 15 ends them, behind 14 text follows (14.5.5)."""
    text = ""
    while (code := bits.take(4)) <= 9:
        text += str(code)
    if code == 14:
        return text + _text(bits, number)
    if code != 15:
        raise CodeRefused("epc", "a tag's digits end in a way that means nothing yet")
    return text


def _put_terminated(made: Made, number: int, text: str) -> None:
    rest = text.lstrip("0123456789")
    for digit in text[: len(text) - len(rest)]:
        made.put(int(digit), 4)
    made.put(14 if rest else 15, 4)
    if rest:
        _put_text(made, number, rest)


def _date(bits: Bits, _: int = 0) -> str:
    return f"{bits.take(7):02d}{bits.take(4):02d}{bits.take(5):02d}"


def _put_date(made: Made, _: int, text: str) -> None:
    digits = _numeral(text[:6], 6)
    for value, count in ((digits[:2], 7), (digits[2:4], 4), (digits[4:], 5)):
        made.put(int(value), count)


def _minute(bits: Bits, _: int = 0) -> str:
    return f"{_date(bits)}{bits.take(5):02d}{bits.take(6):02d}"


def _put_minute(made: Made, _: int, text: str) -> None:
    digits = _numeral(text, 10)
    _put_date(made, 0, digits)
    made.put(int(digits[6:8]), 5)
    made.put(int(digits[8:]), 6)


def _range(bits: Bits, _: int) -> str:
    """One date, or two behind a 1 (14.5.10)."""
    two = bits.take(1)
    return _date(bits) + (_date(bits) if two else "")


def _put_range(made: Made, _: int, text: str) -> None:
    made.put(int(len(text) > 6), 1)
    for at in range(0, len(text), 6):
        _put_date(made, 0, text[at : at + 6])


_PRECISIONS = {6: 3, 8: 0, 10: 1, 12: 2}  # 14.5.11: digits, and what announces them


def _precise(bits: Bits, _: int) -> str:
    length = {code: digits for digits, code in _PRECISIONS.items()}[bits.take(2)]
    text = _date(bits)
    for count in (5, 6, 6)[: (length - 6) // 2]:
        text += f"{bits.take(count):02d}"
    return text


def _put_precise(made: Made, _: int, text: str) -> None:
    if len(text) not in _PRECISIONS:
        raise CodeRefused("epc", f"{shown(text)} is no date and time of a tag")
    made.put(_PRECISIONS[len(text)], 2)
    _put_date(made, 0, text)
    for value, count in zip(re.findall("[0-9]{2}", text[6:]), (5, 6, 6), strict=False):
        made.put(int(value), count)


def _country(bits: Bits, _: int) -> str:
    return _BASE64[bits.take(6)] + _BASE64[bits.take(6)]


def _put_country(made: Made, _: int, text: str) -> None:
    for letter in text:
        made.put(_BASE64.index(letter), 6)


def _sequence(bits: Bits, _: int) -> str:
    return f"{_digit(bits.take(4))}/{_digit(bits.take(4))}"


def _put_sequence(made: Made, _: int, text: str) -> None:
    for digit in text.split("/"):
        made.put(int(digit), 4)


_READ: dict[str, Callable[[Bits, int], str]] = {
    "d": _digits,
    "i": _integer,
    "n": _counted,
    "x": _text,
    "t": _terminated,
    "date": _date,
    "minute": _minute,
    "range": _range,
    "precise": _precise,
    "bit": lambda bits, _: str(bits.take(1)),
    "country": _country,
    "minus": lambda bits, _: "-" if bits.take(1) else "",
    "sequence": _sequence,
}
_WRITE: dict[str, Callable[[Made, int, str], None]] = {
    "d": _put_digits,
    "i": _put_integer,
    "n": _put_counted,
    "x": _put_text,
    "t": _put_terminated,
    "date": _put_date,
    "minute": _put_minute,
    "range": _put_range,
    "precise": _put_precise,
    "bit": lambda made, _, text: made.put(int(text), 1),
    "country": _put_country,
    "minus": lambda made, _, text: made.put(int(text == "-"), 1),
    "sequence": _put_sequence,
}
