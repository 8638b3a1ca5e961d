"""What a tag's memory or an EPC URI says: its element string and URIs, or that nobody programmed it. Pure."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass

from gateway.codes import epc_memory, epc_plus
from gateway.codes.epc_families import elements_of
from gateway.codes.epc_uris import Epc, from_uri, raw_memory
from gateway.codes.words import Element

_IN_LINK = re.compile(r"eh([0-9a-f]+)|ex([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Said:
    """What it says. No elements and no URI: nobody programmed it, or by a scheme that is not read here."""

    elements: tuple[Element, ...] = ()
    uri: str = ""
    tag_uri: str = ""


def is_known(digits: str) -> bool:
    """Whether memory of at least two hexadecimal digits begins with the header of a scheme that is read here."""
    header = int(digits[:2], 16)
    return epc_memory.has_partition(header) or epc_plus.is_plus(header)


def from_memory(digits: str) -> Said:
    """What hexadecimal memory says. Raises CodeRefused where it begins as an EPC and is none.

    >>> from_memory("311BA1B300CE0A6A83000000").uri  # TDS 2.3, E.3
    'urn:epc:id:sscc:952012.03456789123'
    >>> from_memory("E28011606000020612345678").tag_uri
    'urn:epc:raw:96.xE28011606000020612345678'
    """
    if not is_known(digits):
        return Said(tag_uri=f"urn:epc:raw:{4 * len(digits)}.x{digits.upper()}")
    if epc_plus.is_plus(int(digits[:2], 16)):
        tag = epc_plus.from_memory(digits)
        return Said((*tag.elements, *tag.behind))
    return _said(epc_memory.from_memory(digits))


def from_urn(text: str) -> tuple[Said, str]:
    """What an EPC URI says, and the memory that a raw one holds. Raises CodeRefused.

    A tag URI stands for the bits of a tag: one that no tag can hold is refused.
    """
    memory = raw_memory(text)
    if memory:
        return from_memory(memory), memory
    epc = from_uri(text)
    if epc.scheme:
        epc_memory.to_memory(epc)
    return _said(epc), ""


def in_link(text: str) -> str:
    """The memory that the last part of a web address holds, or "".

    Source: GS1 Digital Link compression for EPC binary strings 1.0.0, 4.2.

    >>> in_link("https://example.com/eh30164596f40c0e5cbe991a83"), in_link("https://example.com/exMBZFlvQMDly-mRqD")
    ('30164596F40C0E5CBE991A83', '30164596F40C0E5CBE991A83')
    """
    found = _IN_LINK.fullmatch(text.rpartition("/")[2])
    if found is None:
        return ""
    if found[1]:
        return found[1].upper()
    whole = found[2] + "A" * (-len(found[2]) % 4)  # A: six bits of 0
    return urlsafe_b64decode(whole).hex().upper()


def _said(epc: Epc) -> Said:
    return Said(elements_of(epc.family, epc.parts), epc.uri, epc.tag_uri)
