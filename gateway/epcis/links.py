"""EPC URNs and GS1 Digital Link URIs as the one canonical Digital Link that stands for both. Pure.

Sources: EPC Tag Data Standard 2.0, section 6 (pure identity URIs) and section 14 (their keys); Digital Link URI
syntax 1.2, 4.11 (canonical form); CBV 2.0, 8.9.2 (only the finest level of identification counts).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, unquote

DOMAIN = "https://id.gs1.org"

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.DOTALL)
_GTIN = 13  # digits of company prefix and item reference, indicator in, check digit not in
_REF = 12  # digits of company prefix and reference in the keys of 13 digits
_KEYS = {
    "00": r"\d{18}", "01": r"\d{8}|\d{12,14}", "253": r"\d{13}[^/]{0,17}", "255": r"\d{13}\d{0,12}",
    "401": r"[^/]{1,90}", "402": r"\d{17}", "414": r"\d{13}", "417": r"\d{13}", "8003": r"\d{14}[^/]{0,48}",
    "8004": r"[^/]{1,90}", "8006": r"\d{18}", "8010": r"[^/]{1,90}", "8017": r"\d{18}", "8018": r"\d{18}",
}  # fmt: skip
"""Primary keys by application identifier, and the form of their values in a URI."""
_SHORT = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
_FINEST = {"01": ("21", "10", "235"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
"""Qualifiers that may stay, the finest first."""


def check_digit(digits: str) -> str:
    """Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9).

    >>> check_digit("401234511111")
    '8'
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


@lru_cache(maxsize=4096)
def canonical(uri: str) -> str | None:
    """The canonical Digital Link of an EPC URN or of any Digital Link; None where it is neither.

    >>> canonical("urn:epc:class:lgtin:4012345.012345.998877")
    'https://id.gs1.org/01/04012345123456/10/998877'
    >>> canonical("https://example.com/some/01/04012345123456/10/A/21/7?x=1")
    'https://id.gs1.org/01/04012345123456/21/7'
    """
    found = _URN.fullmatch(uri)
    if found:
        path = _of_urn(*found.groups())
        return None if path is None else DOMAIN + path
    return _of_link(uri) if uri.startswith(("http://", "https://")) else None


def safe(text: str) -> str:
    """A value as it stands in a Digital Link: letters, digits, ``-._~'`` as they are, all else as ``%XX``."""
    return quote(text, safe="'")


def _of_urn(space: str, scheme: str, body: str) -> str | None:
    parts = body.split(".")
    if space == "idpat":
        if parts[-1] != "*":
            return None
        parts = [*parts[:-1], ""]
    key = ("class:" if space == "class" else "") + scheme
    made = _SCHEMES.get(key)
    if made is None or len(parts) < 2 or not parts[0].isascii() or not parts[0].isdigit():
        return None
    return made(*_three(parts)) if scheme != "itip" else _itip(parts)


def _three(parts: list[str]) -> tuple[str, str, str]:
    """Company prefix, reference, and the rest, which may hold full stops."""
    return parts[0], parts[1], unquote(".".join(parts[2:]))


def _gtin(prefix: str, item: str) -> str | None:
    if not _digits(prefix + item, _GTIN) or not item:
        return None
    raw = item[0] + prefix + item[1:]
    return raw + check_digit(raw)


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def _of_gtin(ai: str, prefix: str, item: str, rest: str) -> str | None:
    gtin = _gtin(prefix, item)
    return gtin and f"/01/{gtin}" + (f"/{ai}/{safe(rest)}" if rest else "")


def _of_item(  # the parts of a key
    ai: str, lead: str, size: int, prefix: str, item: str, rest: str
) -> str | None:
    """A key of fixed digits with its check digit, and perhaps a serial right behind it."""
    if not _digits(prefix + item, size):
        return None
    return f"/{ai}/{lead}{prefix}{item}{check_digit(prefix + item)}{safe(rest)}"


def _of_sscc(prefix: str, item: str, _: str) -> str | None:
    if not _digits(prefix + item, 17):
        return None
    raw = item[0] + prefix + item[1:]
    return f"/00/{raw}{check_digit(raw)}"


def _of_sgln(prefix: str, item: str, rest: str) -> str | None:
    made = _of_item("414", "", _REF, prefix, item, "")
    return made and (made if rest in {"", "0"} else f"{made}/254/{safe(rest)}")


def _of_free(ai: str, prefix: str, item: str, rest: str) -> str:
    """A company prefix with any text behind it."""
    return f"/{ai}/{prefix}{safe(unquote(item + ('.' + rest if rest else '')))}"


def _itip(parts: list[str]) -> str | None:
    if len(parts) < 5:
        return None
    gtin, serial = _gtin(parts[0], parts[1]), unquote(".".join(parts[4:]))
    return gtin and f"/8006/{gtin}{parts[2]}{parts[3]}" + (f"/21/{safe(serial)}" if serial else "")


_SCHEMES: dict[str, Callable[[str, str, str], str | None]] = {
    "sgtin": lambda p, i, s: _of_gtin("21", p, i, s),
    "class:lgtin": lambda p, i, s: _of_gtin("10", p, i, s),
    "upui": lambda p, i, s: _of_gtin("235", p, i, s),
    "sscc": _of_sscc,
    "sgln": _of_sgln,
    "pgln": lambda p, i, _: _of_item("417", "", _REF, p, i, ""),
    "grai": lambda p, i, s: _of_item("8003", "0", _REF, p, i, s),
    "gdti": lambda p, i, s: _of_item("253", "", _REF, p, i, s),
    "sgcn": lambda p, i, s: _of_item("255", "", _REF, p, i, s),
    "gsrn": lambda p, i, _: _of_item("8018", "", 17, p, i, ""),
    "gsrnp": lambda p, i, _: _of_item("8017", "", 17, p, i, ""),
    "gsin": lambda p, i, _: _of_item("402", "", 16, p, i, ""),
    "giai": lambda p, i, s: _of_free("8004", p, i, s),
    "ginc": lambda p, i, s: _of_free("401", p, i, s),
    "cpi": lambda p, i, s: _of_free("8010", p, i, "") + (f"/8011/{safe(s)}" if s else ""),
    "itip": lambda *_: None,  # has five parts
}


def _of_link(uri: str) -> str | None:
    path = uri.split("#", 1)[0].split("?", 1)[0].split("//", 1)[1].split("/")[1:]
    while path and not path[-1]:
        path.pop()
    for at in range(len(path) - 1):
        key = _SHORT.get(path[at], path[at])
        if key in _KEYS and re.fullmatch(_KEYS[key], path[at + 1]) and (len(path) - at) % 2 == 0:
            value = path[at + 1].zfill(14) if key == "01" else path[at + 1]
            rest = path[at + 2 :]
            named = {_SHORT.get(name, name): given for name, given in zip(rest[::2], rest[1::2], strict=True)}
            finest = next((ai for ai in _FINEST.get(key, ()) if ai in named), None)
            return f"{DOMAIN}/{key}/{value}" + (f"/{finest}/{named[finest]}" if finest else "")
    return None
