"""EPC memory of the "+" and "++" schemes: the element string itself, and data behind it; both ways. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 14.2 (headers), 14.5 and 14.6 ("+"), 15.3 (data behind the EPC), GS1, 2022;
TDS 2.3 for "++", which adds a host name: that is passed over, for it identifies nothing. These schemes know no company
prefix, so they have no EPC URI: their element string, or its Digital Link, is the identity.

The toggle bit has to say whether data follows (14.5.1: "shall"); bits that it does not announce are not read as data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.codes import epc_values
from gateway.codes.bits import Bits, Made
from gateway.codes.companions import fit_together
from gateway.codes.epc_fields import fields
from gateway.codes.gs1_rules import ai_lengths, element, rule_of, rules
from gateway.codes.words import CodeRefused, Element

_IDENTIFIERS = {
    "cpi": ("8010", "8011"),
    "grai": ("8003",),
    "sgln": ("414", "254"),
    "itip": ("8006", "21"),
    "gsrn": ("8018",),
    "gsrnp": ("8017",),
    "gdti": ("253",),
    "sgtin": ("01", "21"),
    "sgcn": ("255",),
    "sscc": ("00",),
    "giai": ("8004",),
    "dsgtin": ("01", "21"),
}
HEADERS = {name: 0xF0 + nth for nth, name in enumerate(_IDENTIFIERS)}
_HOSTED = {
    name: header
    for header, name in [
        *enumerate(("cpi", "gsrn", "gsrnp", "sgln", "gdti", "grai", "sgcn", "itip", "giai", "sscc"), 0xE6),
        (0xFC, "dsgtin"),
        (0xFD, "sgtin"),
    ]
}
_NAMES = {header: (name, "+") for name, header in HEADERS.items()}
_NAMES |= {header: (name, "++") for name, header in _HOSTED.items()}
_DATES = ("11", "13", "15", "16", "17", "7006", "7007")  # of a DSGTIN: by its date type


@dataclass(frozen=True, slots=True)
class PlusTag:
    """What the memory says."""

    scheme: str  # such as "sgtin+"
    filter: int
    elements: tuple[Element, ...]  # the identity; of a DSGTIN its date too
    behind: tuple[Element, ...] = ()  # data behind the EPC


def is_plus(header: int) -> bool:
    """Whether memory with this header is of one of these schemes."""
    return header in _NAMES


def from_memory(digits: str) -> PlusTag:
    """What hexadecimal memory with such a header says. Raises CodeRefused.

    >>> from_memory("F73795211411234538566CB0AFC4").elements[1].value  # TDS 2.3, E.3
    '32a/b'
    """
    bits = Bits(digits)
    name, plus = _NAMES[bits.take(8)]
    toggle, filtered = bits.take(1), bits.take(3)
    date = _date(bits) if name == "dsgtin" else ()
    elements = [_read(ai, bits) for ai in _IDENTIFIERS[name]]
    if name == "sgln" and elements[1].value == "0":
        del elements[1]  # 0 says that the location has no extension (TDS 14.6.4)
    if plus == "++":
        _pass_host(bits)
    behind = tuple(_behind(bits)) if toggle else ()
    bits.end()
    fit_together((*elements, *date, *behind))
    return PlusTag(name + plus, filtered, (*elements, *date), behind)


def to_memory(
    scheme: str, elements: Sequence[Element], behind: Sequence[Element] = (), filtered: int = 0
) -> str:
    """The hexadecimal memory of elements, in whole words. Raises CodeRefused.

    >>> to_memory("sscc+", (Element("00", "SSCC", "095201234567891235"),))  # TDS 2.3, E.3, padded
    'F90095201234567891235000'
    """
    name = scheme.removesuffix("+")
    if name not in HEADERS:
        raise CodeRefused("epc_scheme", f"{scheme} is not a tag scheme that is written here")
    said, made = {each.ai: each.value for each in elements}, Made()
    for value, count in ((HEADERS[name], 8), (int(bool(behind)), 1), (filtered, 3)):
        made.put(value, count)
    if name == "dsgtin":
        dates = [ai for ai in said if ai in _DATES]
        if len(dates) != 1:
            raise CodeRefused("epc", f"a {scheme} needs one date")
        made.put(_DATES.index(dates[0]), 4)
        epc_values.write("date", 0, made, said[dates[0]])
    for ai in _IDENTIFIERS[name]:
        if ai not in said and ai != "254":
            raise CodeRefused("epc", f"a {scheme} needs ({ai}) {rules()[ai].title}")
        _write(ai, said.get(ai, "0"), made)
    for each in behind:
        for digit in each.ai:
            made.put(int(digit), 4)
        _write(each.ai, each.value, made)
    return made.memory()


def _date(bits: Bits) -> tuple[Element]:
    kind = bits.take(4)
    if kind >= len(_DATES):
        raise CodeRefused("epc", f"date type {kind} means nothing yet")
    return (element(rules()[_DATES[kind]], epc_values.read("date", 0, bits)),)


def _read(ai: str, bits: Bits) -> Element:
    rule = rule_of(ai)
    ways = fields().get(ai)
    if ways is None:
        raise CodeRefused("epc", f"({ai}) {rule.title} has no form on a tag yet")
    return element(rule, "".join(epc_values.read(way, number, bits) for way, number in ways))


def _write(ai: str, value: str, made: Made) -> None:
    ways = fields().get(ai)
    if ways is None:
        raise CodeRefused("epc", f"({ai}) has no form on a tag yet")
    element(rule_of(ai), value)
    for way, number in ways[:-1]:
        epc_values.write(way, number, made, value[:number])
        value = value[number:]
    epc_values.write(*ways[-1], made, value)


def _behind(bits: Bits) -> list[Element]:
    """Identifiers in digits of 4 bits, each with its value, until only padding is left (15.3)."""
    found = []
    while bits.rest:
        ai = epc_values.read("d", 2, bits)
        length = ai_lengths().get(ai)
        if length is None:
            raise CodeRefused("unknown_ai", f"no application identifier begins with {ai}")
        found.append(_read(ai + epc_values.read("d", length - 2, bits), bits))
    return found


def _pass_host(bits: Bits) -> None:
    """A host name: 16 bits for three characters, or 7 for one (TDS 2.3, 14.5.16)."""
    seven, length = bits.take(1), bits.take(6)
    bits.take(7 * length if seven else 16 * -(-length // 3))
