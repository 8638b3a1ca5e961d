"""JSON with one form for each value: the rule in plain Python, and a library where it keeps to the rule. Pure.

Members in the order of their code points, no spaces; strings escaped as RFC 8785, 3.2.2.2; integers in all their
digits; a float by its shortest digits that give it back, always with a point or an exponent: plain from 1e-5 to below
1e16, else `1.5e-6`, `1e+16`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPES = {ord(sign): _SHORT.get(sign, f"\\u{ord(sign):04x}") for sign in map(chr, range(32))} | {
    ord(sign): _SHORT[sign] for sign in '"\\'
}
_PLAIN_FROM, _PLAIN_BELOW = -5, 16  # powers of ten


def json_bytes(plain: Any) -> bytes:
    """Bytes of a value of JSON. Raises TypeError for what JSON readers cannot hold."""
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS) if LIBRARY_KEEPS_THE_RULE else ruled(plain)


def ruled(plain: Any) -> bytes:
    """The rule itself."""
    try:
        return _text(plain).encode("utf-8")
    except UnicodeEncodeError as error:
        raise TypeError(str(error)) from None


def _text(plain: Any) -> str:
    match plain:
        case None:
            return "null"
        case bool():
            return "true" if plain else "false"
        case str():
            return f'"{plain.translate(_ESCAPES)}"'
        case int():
            if not -(1 << 63) <= plain < 1 << 64:
                raise TypeError("an integer of more than 64 bits")
            return str(int(plain))
        case float():
            return float_text(plain)
        case Mapping():
            return "{" + ",".join(f"{_text(name)}:{_text(plain[name])}" for name in sorted(plain)) + "}"
        case list() | tuple():
            return "[" + ",".join(_text(item) for item in plain) + "]"
        case _:
            raise TypeError(f"{type(plain).__name__} has no JSON")


def float_text(number: float) -> str:
    """A finite float. Python's own shortest digits, with the point where the rule has it."""
    sign, text = ("-", repr(number)[1:]) if repr(number)[0] == "-" else ("", repr(number))
    mantissa, _, exponent = text.partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    if not digits.strip("0"):
        return f"{sign}0.0"
    power = int(exponent or 0) + (len(whole) - 1 if whole != "0" else len(digits) - len(part) - 1)
    digits = digits.rstrip("0")
    if power >= _PLAIN_BELOW or power < _PLAIN_FROM:
        rest = f".{digits[1:]}" if digits[1:] else ""
        return f"{sign}{digits[0]}{rest}e{power:+d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{sign}{digits[: power + 1].ljust(power + 1, '0')}.{digits[power + 1 :] or '0'}"


_PROBE = {
    "b": [1e16, 1e15, -2.5e17, 1e-5, 9.5e-6, 5e-324, 1.7976931348623157e308, -0.0, 5.0, 0.1, 1e22, 12345.678],
    "a": ['\x00\x1f\x7f"\\/\n\t\b\f\r\u00e9\u2028', True, None, 2**63, -(2**63), {"z": 1, "Z": 2, "é": 3}],
}
LIBRARY_KEEPS_THE_RULE = orjson.dumps(_PROBE, option=orjson.OPT_SORT_KEYS) == ruled(_PROBE)
"""False with a library that writes one of them another way: then the rule is walked in Python, and all is slower."""
