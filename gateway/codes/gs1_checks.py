"""What a part of a GS1 value must satisfy beyond its characters and length. Pure.

Each check takes the text of the part and returns whether it is right; `CHECKS` has them by the names that
`gs1_table` uses; the text has the characters and length of the part already.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

from gateway.codes.code_lists import COUNTRIES, COUNTRY_LETTERS, CURRENCIES, PACKAGES
from gateway.codes.coupons import is_coupon, is_positive_offer
from gateway.codes.dates import is_long_date, is_short_date, is_short_date_or_month

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_VALUE = {letter: at for at, letter in enumerate(SET_82)}
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_DIGIT = string.digits
_ALPHANUMERIC = string.digits + string.ascii_uppercase


def check_digit(digits: str) -> str:
    """The GS1 check digit of what stands before it: weights 3 and 1 from the right (General Specifications, 7.9.1).

    >>> check_digit("629104150021")
    '3'
    """
    thrice, once = (
        (data := digits.encode("ascii"))[::-2],
        data[-2::-2],
    )  # bytes add up twice as fast as digits
    return _DIGIT[-(3 * sum(thrice) + sum(once) - 48 * (3 * len(thrice) + len(once))) % 10]


def has_check_digit(digits: str) -> bool:
    """Whether the last of these digits is the check digit of the others."""
    thrice, once = (data := digits.encode("ascii"))[-2::-2], data[::-2]
    return (3 * sum(thrice) + sum(once) - 48 * (3 * len(thrice) + len(once))) % 10 == 0


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


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four characters last, letters as two digits, 1 modulo 97."""
    if not _IBAN.fullmatch(text) or text[:2] not in COUNTRY_LETTERS:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _is_percent_encoded(text: str) -> bool:
    return not re.search(r"%(?![0-9A-Fa-f]{2})", text)


def _is_piece_of_total(text: str) -> bool:
    return "00" < text[:2] <= text[2:]


def _is_position(text: str) -> bool:
    """A digit of a digit, neither 0, such as 1/2."""
    return bool(re.fullmatch(r"[1-9]/[1-9]", text)) and text[0] <= text[2]


def _has_check_pair(text: str) -> bool:
    return len(text) >= 2 and text[-2:] == check_pair(text[:-2])


CHECKS: dict[str, Callable[[str], bool]] = {
    "couponcode": is_coupon,
    "couponposoffer": is_positive_offer,
    "csum": has_check_digit,
    "csumalpha": _has_check_pair,
    "gcppos1": lambda text: len(text) >= 4 and text[:4].isdigit(),  # the shortest company prefix has 4 digits
    "hasnondigit": lambda text: not text.isdigit(),
    "hh": lambda text: text < "24",
    "hhmi": lambda text: text[:2] < "24" and text[2:] < "60",
    "hyphen": lambda text: text == "-",
    "iban": _is_iban,
    "importeridx": lambda text: text.isalnum() or text in "-_",
    "iso3166": COUNTRIES.__contains__,
    "iso3166999": lambda text: text == "999" or text in COUNTRIES,
    "iso3166alpha2": COUNTRY_LETTERS.__contains__,
    "iso4217": CURRENCIES.__contains__,
    "iso5218": lambda text: text in "0129",
    "latitude": lambda text: int(text) <= 1_800_000_000,
    "longitude": lambda text: int(text) <= 3_600_000_000,
    "mediatype": lambda text: "01" <= text <= "10" or text >= "80",
    "mi": lambda text: text < "60",
    "nonzero": lambda text: text.strip("0") != "",
    "nozeroprefix": lambda text: not text.startswith("0"),
    "packagetype": PACKAGES.__contains__,
    "pcenc": _is_percent_encoded,
    "pieceoftotal": _is_piece_of_total,
    "posinseqslash": _is_position,
    "ss": lambda text: text < "60",
    "winding": lambda text: text in "019",
    "yesno": lambda text: text in "01",
    "yymmd0": is_short_date_or_month,
    "yymmdd": is_short_date,
    "yyyymmdd": is_long_date,
    "zero": lambda text: text == "0",
}
"""Whether the text of a part is right, by the name of the check."""

DATES = frozenset({"yymmd0", "yymmdd", "yyyymmdd"})
"""Checks that ask for a day."""
