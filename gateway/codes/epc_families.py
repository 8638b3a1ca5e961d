"""EPC identities and GS1 elements: what each family's parts mean, both ways. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 6 (URIs) and 7 (element strings), GS1, 2022. Parts are those of the pure
identity URI, not escaped; a company prefix always comes first. A check digit is never part of an EPC: it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.codes.gs1_checks import check_digit
from gateway.codes.gs1_rules import element, rules
from gateway.codes.words import CodeRefused, Element, shown

_DIGITS = re.compile("[0-9]*")
_COMPANY = re.compile("[0-9]{6,12}")
_COUNT = re.compile("[0-9]{2}")
_NUMBER = re.compile("0|[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Family:
    """An identity: how its parts become elements."""

    name: str
    ai: str
    digits: int  # of company prefix and reference together; 0: the reference is text
    leads: str = ""  # "indicator": the reference's first digit goes before the company prefix; "0": a zero
    checked: bool = True
    counts: int = 0  # parts of two digits behind the check digit
    serial_ai: str = ""  # "" with a serial: it follows in the same element
    serial: re.Pattern[str] | None = None  # what a serial is
    reference: re.Pattern[str] = _DIGITS
    uri: str = "id"

    @property
    def part_count(self) -> int:
        return 2 + self.counts + (self.serial is not None)


def _text(longest: int) -> re.Pattern[str]:
    """Characters of set 82."""
    return re.compile(f'[!"%-?A-Z_a-z]{{1,{longest}}}')


FAMILIES = {
    family.name: family
    for family in (
        Family("sgtin", "01", 13, "indicator", serial_ai="21", serial=_text(20)),
        Family("sscc", "00", 17, "indicator"),
        Family("sgln", "414", 12, serial_ai="254", serial=_text(20)),
        Family("grai", "8003", 12, "0", serial=_text(16)),
        Family("giai", "8004", 0, checked=False, reference=_text(24)),
        Family("gsrn", "8018", 17),
        Family("gsrnp", "8017", 17),
        Family("gdti", "253", 12, serial=_text(17)),
        Family(
            "cpi",
            "8010",
            0,
            checked=False,
            serial_ai="8011",
            serial=re.compile("[1-9][0-9]{0,11}"),
            reference=re.compile("[0-9A-Z#/-]{1,24}"),
        ),
        Family("sgcn", "255", 12, serial=re.compile("[0-9]{1,12}")),
        Family("itip", "8006", 13, "indicator", counts=2, serial_ai="21", serial=_text(20)),
        Family("upui", "01", 13, "indicator", serial_ai="235", serial=_text(28)),
        Family("pgln", "417", 12),
        Family("gsin", "402", 16),
        Family("ginc", "401", 0, checked=False, reference=_text(24)),
        Family("lgtin", "01", 13, "indicator", serial_ai="10", serial=_text(20), uri="class"),
    )
}


def part_count(name: str) -> int:
    """How many parts an identity has; 3 where nobody knows."""
    family = FAMILIES.get(name)
    return family.part_count if family else 3


def checked_parts(name: str, parts: Sequence[str]) -> tuple[str, ...]:
    """The parts, if they can be. Raises CodeRefused (code "epc")."""
    if name == "gid":
        return _general(parts)
    family = FAMILIES.get(name)
    if family is None:
        raise CodeRefused("epc_scheme", f"{shown(name)} is not an EPC scheme that is read here")
    if len(parts) != family.part_count:
        raise CodeRefused("epc", f"an EPC of {name} has {family.part_count} parts, not {len(parts)}")
    company, reference = parts[0], parts[1]
    right = _COMPANY.fullmatch(company) and family.reference.fullmatch(reference)
    if not right or (family.digits and len(company) + len(reference) != family.digits):
        raise CodeRefused("epc", f"{shown('.'.join(parts[:2]))} is no company prefix and reference of {name}")
    if family.counts and not all(_COUNT.fullmatch(each) for each in parts[2 : 2 + family.counts]):
        raise CodeRefused("epc", f"{name}: pieces are counted in two digits")
    if family.serial and not family.serial.fullmatch(parts[-1]):
        raise CodeRefused("epc", f"{name}: {shown(parts[-1])} is no serial")
    return tuple(parts)


def _general(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts of a general identifier (GID): three numbers, of 28, 24 and 36 bits."""
    if len(parts) != 3 or not all(_NUMBER.fullmatch(each) for each in parts):
        raise CodeRefused("epc", "a general identifier is three numbers")
    if any(len(each) > 12 or int(each) >> bits for each, bits in zip(parts, (28, 24, 36), strict=True)):
        raise CodeRefused("epc", "a number of a general identifier is too large")
    return tuple(parts)


def elements_of(name: str, parts: Sequence[str]) -> tuple[Element, ...]:
    """The element string of an identity; none of a general identifier. Raises CodeRefused.

    >>> [f"({each.ai}){each.value}" for each in elements_of("sgtin", ("0614141", "812345", "6789"))]
    ['(01)80614141123458', '(21)6789']
    """
    if name == "gid":
        return ()
    family = FAMILIES[name]
    company, reference = parts[:2]
    if family.leads == "indicator":
        body = reference[:1] + company + reference[1:]
    else:
        body = family.leads + company + reference
    if family.checked:
        body += check_digit(body)
    body += "".join(parts[2 : 2 + family.counts])
    known = rules()
    serial = parts[-1] if family.serial else ""
    if not family.serial_ai:
        return (element(known[family.ai], body + serial),)
    key = element(known[family.ai], body)
    if name == "sgln" and serial == "0":
        return (key,)  # 0 says that the location has no extension (TDS 7.3)
    return (key, element(known[family.serial_ai], serial))


def parts_of(name: str, elements: Sequence[Element], company_digits: int) -> tuple[str, ...]:
    """The parts of an identity whose company prefix has so many digits: the inverse of `elements_of`.

    Raises CodeRefused, also where the elements are not those of the family.

    >>> parts_of("sgtin", (Element("01", "", "80614141123458"), Element("21", "", "6789")), 7)
    ('0614141', '812345', '6789')
    """
    family = FAMILIES[name]
    said = {each.ai: each.value for each in elements}
    key = said.get(family.ai, "")
    serial = [said.get(family.serial_ai, "0" if name == "sgln" else "")] if family.serial_ai else []
    if not key or serial == [""]:
        also = f" and ({family.serial_ai})" if family.serial_ai else ""
        raise CodeRefused("epc", f"an EPC of {name} needs ({family.ai}){also}")
    if not family.digits:
        return checked_parts(name, (key[:company_digits], key[company_digits:], *serial))
    lead = 1 if family.leads else 0
    size = family.digits + (lead if family.leads == "0" else 0)
    body, rest = key[:size], key[size + 1 :]
    counts = [rest[2 * nth : 2 * nth + 2] for nth in range(family.counts)]
    if family.serial and not family.serial_ai:
        serial = [rest]
    company, reference = body[lead : lead + company_digits], body[lead + company_digits :]
    if family.leads == "indicator":
        reference = body[:1] + reference
    return checked_parts(name, (company, reference, *counts, *serial))
