"""What a part of a GS1 value must satisfy beyond its characters and length. Pure.

Each check takes the text of the part and returns whether it is right; `CHECKS` has them by the names that
`gs1_table` uses. Lists of codes that others keep (ISO 3166 countries, ISO 4217 currencies, package types, coupons) are
not held here: those parts are checked for their characters and length only.
"""

from __future__ import annotations

import calendar
import re
import string
from collections.abc import Callable

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_VALUE = {letter: at for at, letter in enumerate(SET_82)}
_ALPHANUMERIC = string.digits + string.ascii_uppercase


def check_digit(digits: str) -> str:
    """The GS1 check digit of what stands before it: weights 3 and 1 from the right (General Specifications, 7.9.1).

    >>> check_digit("629104150021")
    '3'
    """
    total = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def has_check_digit(digits: str) -> bool:
    return digits[-1:] == check_digit(digits[:-1])


def check_pair(text: str) -> str:
    """The check characters of a Global Model Number (General Specifications, 7.9.5): prime weights from the right.

    >>> check_pair("1987654Ad4X4bL5ttr2310c")
    '2K'
    """
    total = sum(_VALUE[letter] * prime for letter, prime in zip(reversed(text), _PRIMES, strict=False)) % 1021
    return SET_32[total >> 5] + SET_32[total & 31]


def check_character(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36 over digits and capital letters.

    >>> check_character("A12425GABC1234002")  # the example of the GRid Standard 2.1 (IFPI), A1-2425G-ABC1234002-M
    'M'
    """
    carry = 36
    for letter in text:
        carry = (carry + _ALPHANUMERIC.index(letter)) % 36 or 36
        carry = carry * 2 % 37
    return _ALPHANUMERIC[(37 - carry) % 36]


def full_year(two: int, this_year: int) -> int:
    """The year two digits mean: at most 49 years back, at most 50 ahead (General Specifications, 7.12).

    >>> full_year(28, 2026), full_year(77, 2026), full_year(76, 2026)
    (2028, 1977, 2076)
    """
    away = two - this_year % 100
    century = this_year - this_year % 100
    if away >= 51:
        return century - 100 + two
    return century + 100 + two if away <= -50 else century + two


def iso_date(digits: str, this_year: int) -> str:
    """YYMMDD as ISO 8601; day 00 is the last of the month (General Specifications, 3.4).

    >>> iso_date("280200", 2026)
    '2028-02-29'
    """
    year, month, day = full_year(int(digits[:2]), this_year), int(digits[2:4]), int(digits[4:6])
    return f"{year:04d}-{month:02d}-{day or calendar.monthrange(year, month)[1]:02d}"


def _is_date(year: int, month: str, day: str, *, day_00: bool = False) -> bool:
    if not "01" <= month <= "12":
        return False
    first = 0 if day_00 else 1
    return first <= int(day) <= calendar.monthrange(year, int(month))[1]


def _short_date(text: str) -> bool:
    return _is_date(2000 + int(text[:2]), text[2:4], text[4:])


def _short_date_or_month(text: str) -> bool:
    # Of the centuries that YY can mean only 1900 and 2100 have another February; 2000 is the one in the window.
    return _is_date(2000 + int(text[:2]), text[2:4], text[4:], day_00=True)


def _long_date(text: str) -> bool:
    return text[:4] != "0000" and _is_date(int(text[:4]), text[4:6], text[6:])


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four characters last, letters as two digits, 1 modulo 97."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _is_percent_encoded(text: str) -> bool:
    return not re.search(r"%(?![0-9A-Fa-f]{2})", text)


def _is_piece_of_total(text: str) -> bool:
    return "00" < text[:2] <= text[2:]


def _has_check_pair(text: str) -> bool:
    return len(text) > 2 and text[-2:] == check_pair(text[:-2])


CHECKS: dict[str, Callable[[str], bool]] = {
    "csum": has_check_digit,
    "csumalpha": _has_check_pair,
    "hasnondigit": lambda text: not text.isdigit(),
    "hh": lambda text: text < "24",
    "hhmi": lambda text: text[:2] < "24" and text[2:] < "60",
    "hyphen": lambda text: text == "-",
    "iban": _is_iban,
    "importeridx": lambda text: text.isalnum() or text in "-_",
    "iso5218": lambda text: text in "0129",
    "latitude": lambda text: int(text) <= 1_800_000_000,
    "longitude": lambda text: int(text) <= 3_600_000_000,
    "mediatype": lambda text: "01" <= text <= "10" or text >= "80",
    "mi": lambda text: text < "60",
    "nonzero": lambda text: text.strip("0") != "",
    "nozeroprefix": lambda text: text == "0" or not text.startswith("0"),
    "pcenc": _is_percent_encoded,
    "pieceoftotal": _is_piece_of_total,
    "posinseqslash": lambda text: bool(re.fullmatch(r"[1-9]/[1-9]", text)) and text[0] <= text[2],
    "ss": lambda text: text < "60",
    "winding": lambda text: text in "019",
    "yesno": lambda text: text in "01",
    "yymmd0": _short_date_or_month,
    "yymmdd": _short_date,
    "yyyymmdd": _long_date,
    "zero": lambda text: text == "0",
}
"""Whether the text of a part is right, by the name of the check."""

UNHELD = frozenset(
    {"iso3166", "iso3166999", "iso3166alpha2", "iso4217", "packagetype", "couponcode", "couponposoffer"}
)
"""Names of checks that need a list which somebody else keeps."""
