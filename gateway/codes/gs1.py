"""GS1 element strings: what a scan with application identifiers says, or why it is refused. Pure.

Rules: GS1 General Specifications, 3 (each identifier) and 7.8 (how elements are strung together). A value without a
length that every scanner knows ends at a separator (FNC1, sent as GS, 0x1D) or at the end. A scan with two legal
readings is never guessed: `separators` says when it has them.
"""

from __future__ import annotations

import re

from gateway.codes.companions import fit_together
from gateway.codes.gs1_rules import Rule, ai_lengths, element, rule_of, rules
from gateway.codes.separators import other_reading
from gateway.codes.words import GS, CodeRefused, Element, bracketed, shown

_IN_BRACKETS = re.compile(r"(?<!\\)\((\d{2,4})\)", re.ASCII)


def from_scan(text: str) -> tuple[Element, ...]:
    r"""The elements of what a scanner sent. Raises CodeRefused.

    >>> [(each.ai, each.value) for each in from_scan("010950600013435210R24-0001\x1d3103010000")]
    [('01', '09506000134352'), ('10', 'R24-0001'), ('3103', '010000')]
    """
    text = text.removeprefix(GS)
    if not text:
        raise CodeRefused("empty", "there is no element")
    known, lengths, at, size = rules(), ai_lengths(), 0, len(text)
    elements: list[Element] = []
    last: Rule | None = None  # of the element that ran to the end
    begin = 0
    while at < size:
        ai = text[at : at + lengths.get(text[at : at + 2], 2)]
        rule = known.get(ai)
        if rule is None:
            raise CodeRefused("unknown_ai", f"{shown(ai)} is not an application identifier")
        begin = at + len(ai)
        if rule.known_length:
            end = begin + rule.longest
        else:
            end = text.find(GS, begin)
            if end < 0:
                end, last = size, rule
        try:
            elements.append(element(rule, text[begin:end]))
        except CodeRefused:
            if last is not None:
                _doubt(text, tuple(elements), last, begin, refused=True)
            raise
        at = end
        if at < size and text[at] == GS:
            at += 1
    if last is not None:
        _doubt(text, tuple(elements[:-1]), last, begin, refused=False)
    fit_together(elements)
    return tuple(elements)


def _doubt(text: str, before: tuple[Element, ...], rule: Rule, begin: int, *, refused: bool) -> None:
    """Raises CodeRefused where the scan has another legal reading."""
    if GS in text:
        return
    other = other_reading(text, before, rule, begin, refused=refused)
    if other is not None:
        said = bracketed(other)
        raise CodeRefused("lost_separator", f"scanner lost the separator: it may also say {said}")


def from_brackets(text: str) -> tuple[Element, ...]:
    r"""The elements of a text as people print it, identifiers in brackets. Raises CodeRefused.

    A bracket in a value that could be taken for an identifier is written ``\(``.

    >>> [(each.ai, each.value) for each in from_brackets("(01)09506000134352(10)A(1)")]
    [('01', '09506000134352'), ('10', 'A(1)')]
    """
    known = rules()
    elements: list[Element] = []
    places = [at for at in _IN_BRACKETS.finditer(text) if at.start() == 0 or at[1] in known]
    if not places or places[0].start() != 0:
        raise CodeRefused("unknown_ai", "no application identifier in brackets at the beginning")
    ends = [each.start() for each in places[1:]]
    for at, end in zip(places, [*ends, len(text)], strict=True):
        value = text[at.end() : end]
        elements.append(element(rule_of(at[1]), value.replace("\\(", "(") if "\\" in value else value))
    fit_together(elements)
    return tuple(elements)
