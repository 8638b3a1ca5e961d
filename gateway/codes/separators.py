"""Whether a scan has two legal readings because its scanner swallows separators. Pure.

A scanner that swallows separators makes two elements one: a batch that holds ``21`` or a whole date may be a batch and
a serial, or a batch and an expiry date. A scan is in doubt when all of this holds:

1. no separator came at all (where one came, others do), and its last element is of no known length, so it runs to the
   end;
2. split somewhere, the front is still legal as that element, and the rest is legal as one or more elements, each value
   with its characters, length, check digit and date, and all together with those each needs and excludes;
3. the first element of the rest tells more than chance makes out of a batch number's digits (`_tells`), or the scan is
   not legal otherwise.
"""

from __future__ import annotations

from gateway.codes.companions import do_fit
from gateway.codes.gs1_rules import Rule, ai_lengths, is_legal, rules
from gateway.codes.words import Element

_OFTEN = ("10", "21")


def other_reading(
    text: str, before: tuple[Element, ...], rule: Rule, begin: int, *, refused: bool
) -> tuple[Element, ...] | None:
    """Another legal reading of a scan, or None; of several the first whose next element has a known length, as a date.

    `before`: the elements before the one that ran to the end, which `rule` tells of and whose value began at `begin`;
    `refused`: the scan is not legal as it came.
    """
    known, lengths, likely = rules(), ai_lengths(), None
    for split in range(begin + rule.shortest, min(begin + rule.longest, len(text) - 3) + 1):
        length = lengths.get(text[split : split + 2])
        second = known.get(text[split : split + length]) if length else None
        if second is None or not (refused or _tells(second, len(text) - split, split - begin)):
            continue
        rest = _read(text, split)
        if rest is None or not is_legal(rule, text[begin:split]):
            continue
        reading = (*before, Element(rule.ai, rule.title, text[begin:split]), *rest)
        if do_fit(reading):
            if second.known_length:
                return reading
            likely = likely or reading
    return likely


def _tells(second: Rule, rest_length: int, first_length: int) -> bool:
    """Whether an element that may have followed is more than chance makes out of a batch number's digits.

    A whole date, measure or key is; so is a value of three characters or more behind three or more, if its identifier
    is one that often follows (10 and 21) or has three digits or more. Counts and the internal 90 to 99 are not: nearly
    every long number would have them.
    """
    value_length = rest_length - len(second.ai)
    if second.known_length:
        return second.longest >= 6 and value_length >= second.longest
    often = second.ai in _OFTEN or len(second.ai) > 2
    return often and value_length >= 3 and first_length >= 3


def _read(text: str, at: int) -> list[Element] | None:
    """The elements from there to the end, read as if every separator were lost but at the end; None: not legal."""
    known, lengths, found = rules(), ai_lengths(), []
    while at < len(text):
        ai = text[at : at + lengths.get(text[at : at + 2], 2)]
        rule = known.get(ai)
        if rule is None:
            return None
        begin = at + len(ai)
        at = begin + rule.longest if rule.known_length else len(text)
        value = text[begin:at]
        if not is_legal(rule, value):
            return None
        found.append(Element(ai, rule.title, value))
    return found
