"""EPC URIs: pure identity and tag, both ways. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 6 (pure identity), 12 (tag and raw URIs) and annex A (escapes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.codes.epc_families import FAMILIES, checked_parts, part_count
from gateway.codes.epc_schemes import BY_NAME, GENERAL
from gateway.codes.words import CodeRefused, shown

_ESCAPED = re.compile(r'["#%&/<>?]')
_WRONG_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RAW = re.compile(r"urn:epc:raw:([0-9]+)\.x([0-9A-Fa-f]+)")


@dataclass(frozen=True, slots=True)
class Epc:
    """An identity, and how its tag says it."""

    family: str  # such as "sgtin"; of `epc_families`, or "gid"
    parts: tuple[str, ...]
    scheme: str = ""  # such as "sgtin-96"; "": not told
    filter: int = 0

    @property
    def uri(self) -> str:
        """The pure identity: what it is, whatever carries it."""
        kind = FAMILIES[self.family].uri if self.family in FAMILIES else "id"
        return f"urn:epc:{kind}:{self.family}:{_joined(self.parts)}"

    @property
    def tag_uri(self) -> str:
        """With scheme and filter; "" where the scheme is not told."""
        if not self.scheme:
            return ""
        filtered = "" if self.family == "gid" else f"{self.filter}."
        return f"urn:epc:tag:{self.scheme}:{filtered}{_joined(self.parts)}"


def _joined(parts: tuple[str, ...]) -> str:
    return ".".join([part if part.isalnum() else _ESCAPED.sub(_escape, part) for part in parts])


def _escape(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def is_urn(text: str) -> bool:
    """Whether the text is meant as an EPC URI."""
    return text[:8].lower() == "urn:epc:"


def raw_memory(text: str) -> str:
    """The hexadecimal digits of a raw URI, or "" where it is none. Raises CodeRefused.

    >>> raw_memory("urn:epc:raw:96.x1234567890ABCDEF01234567")
    '1234567890ABCDEF01234567'
    """
    found = _RAW.fullmatch(text)
    if found is None:
        return ""
    bits, digits = int(found[1][:6]), found[2].upper()
    if len(digits) != -(-bits // 4):
        raise CodeRefused("epc", f"{len(digits)} hexadecimal digits are not {bits} bits")
    return digits


def from_uri(text: str) -> Epc:
    """A pure identity, class or tag URI. Raises CodeRefused.

    >>> from_uri("urn:epc:tag:sgtin-96:3.0614141.812345.6789").uri
    'urn:epc:id:sgtin:0614141.812345.6789'
    """
    kind, _, rest = text[8:].partition(":")
    name, _, rest = rest.partition(":")
    if kind not in {"id", "tag", "class"} or not rest or not rest.isascii():
        raise CodeRefused("epc", f"{shown(text)} is no pure identity, class or tag URI of an EPC")
    if kind == "tag":
        return _tag(name, rest)
    family = FAMILIES.get(name)
    if kind != (family.uri if family else "id"):
        raise CodeRefused("epc", f"{shown(name)} is not written urn:epc:{kind}")
    return Epc(name, checked_parts(name, _parts(rest, part_count(name))))


def _tag(name: str, rest: str) -> Epc:
    if name == GENERAL.name:
        return Epc("gid", checked_parts("gid", _parts(rest, 3)), name)
    scheme = BY_NAME.get(name)
    if scheme is None:
        raise CodeRefused("epc_scheme", f"{shown(name)} is not a tag scheme that is read here")
    first, *parts = _parts(rest, 1 + part_count(scheme.family))
    if not re.fullmatch("[0-7]", first):
        raise CodeRefused("epc", f"{shown(first)} is no filter value: 0 to 7")
    return Epc(scheme.family, checked_parts(scheme.family, parts), name, int(first))


def _parts(text: str, count: int) -> list[str]:
    """So many parts; the last of them may hold dots."""
    if _WRONG_PERCENT.search(text):
        raise CodeRefused("epc", f"{shown(text)} is not percent-encoded rightly")
    return [unquote_to_bytes(part).decode("latin-1") for part in text.split(".", count - 1)]
