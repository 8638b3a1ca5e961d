r"""Options of drivers: what a bus's ``options:`` may say, checked, with the nearest right word in the error.

A driver module lists them in ``OPTIONS``; `gateway.config` can check names, `read` checks values and fills
in defaults.

>>> known = {"suffix": Option("bytes", "CR LF", "ends a frame"), "idle": Option("duration", "50ms", "")}
>>> read({"suffix": "ETX"}, known)
{'suffix': b'\x03', 'idle': 50000000}
>>> read({"sufix": "ETX"}, known)
Traceback (most recent call last):
ValueError: options.sufix: there is no such option; did you mean suffix?
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.model import Plain

_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US SP"
)
_CONTROL = {name: bytes([code]) for code, name in enumerate(_NAMES.split())}
_UNITS = {"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000, "h": 3_600_000_000_000}


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its kind, its default as it would be written, and what it does.

    Kinds: ``bytes`` (names of control characters, 0x02, or text, separated by spaces), ``duration``
    (nanoseconds), ``int``, ``float``, ``bool``, ``text``, ``choice``, ``ints``.
    """

    kind: str
    default: Plain
    doc: str
    choices: tuple[str, ...] = ()
    least: float | None = None


def read(given: Mapping[str, Plain], known: Mapping[str, Option]) -> dict[str, Any]:
    """Every known option with its value. Raises ValueError that begins with ``options.<name>``."""
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise ValueError(f"options.{name}: there is no such option; {hint}")
    return {name: _value(name, given.get(name, option.default), option) for name, option in known.items()}


def _value(name: str, given: Plain, option: Option) -> Any:
    try:
        value = _READ[option.kind](given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"options.{name}: {given!r} is not {_MEANT[option.kind]} ({error})") from None
    if option.choices and value not in option.choices:
        raise ValueError(f"options.{name}: {given!r} is not one of {', '.join(option.choices)}")
    if option.least is not None and value < option.least:
        raise ValueError(f"options.{name}: {given!r} is below {option.least:g}")
    return value


def as_bytes(given: Plain) -> bytes:
    r"""Bytes by name, number or text.

    >>> as_bytes("STX"), as_bytes("CR LF"), as_bytes("0x1d ID="), as_bytes("")
    (b'\x02', b'\r\n', b'\x1dID=', b'')
    """
    if not isinstance(given, str):
        raise TypeError("text is needed")
    made = b""
    for word in given.split():
        if word in _CONTROL:
            made += _CONTROL[word]
        elif re.fullmatch(r"0[xX][0-9A-Fa-f]{2}", word):
            made += bytes([int(word, 16)])
        else:
            made += word.encode("latin-1")
    return made


def as_duration(given: Plain) -> int:
    """Nanoseconds of ``200ms``, ``1.5s``, ``2min``; 0 stands for itself."""
    if given == 0 and not isinstance(given, bool):
        return 0
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)", given) if isinstance(given, str) else None
    if match is None or match[2] not in _UNITS:
        raise ValueError("a number and us, ms, s, min or h")
    return round(float(match[1]) * _UNITS[match[2]])


def _exactly(*kinds: type) -> Any:
    def check(given: Plain) -> Plain:
        if (isinstance(given, bool) and bool not in kinds) or not isinstance(given, kinds):
            raise TypeError("wrong type")
        return given

    return check


def _ints(given: Plain) -> tuple[int, ...]:
    numbers = given if isinstance(given, list) else [given]
    if not numbers or any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        raise TypeError("wrong type")
    return tuple(numbers)  # type: ignore[arg-type] # checked above


_READ: dict[str, Any] = {
    "bytes": as_bytes,
    "duration": as_duration,
    "int": _exactly(int),
    "float": _exactly(int, float),
    "bool": _exactly(bool),
    "text": _exactly(str),
    "choice": _exactly(str),
    "ints": _ints,
}
_MEANT = {
    "bytes": "bytes such as STX, CR LF, 0x02 or text",
    "duration": "a duration such as 200ms",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "text": "text",
    "choice": "a word",
    "ints": "a whole number or a list of them",
}
