"""GS1 element strings: what a scan with application identifiers says, or why it is refused. Pure.

Rules: GS1 General Specifications, 3 (each identifier) and 7.8 (how elements are strung together); their facts are in
`gs1_table`. A value without a length that every scanner knows ends at a separator (FNC1, sent as GS, 0x1D) or at the
end.

Rule 1: a scan with two legal readings is never guessed. A scanner that swallows separators makes two elements one: a
batch that holds ``21`` or a whole date may be a batch and a serial, or a batch and an expiry date. Where no separator
came at all, the element that runs to the end is therefore split at every place; if the rest is legal and so telling
that chance hardly makes it (`_tells`), the scan is refused as "lost_separator". Where one separator came, others do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NoReturn

from gateway.codes import gs1_table
from gateway.codes.gs1_checks import CHECKS, SET_39, SET_82

GS = "\x1d"
_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?(?::(\S+))?")
_IN_BRACKETS = re.compile(r"(?<!\\)\((\d{2,4})\)")
_SETS = {
    "N": "0-9",
    "X": re.escape(SET_82),
    "Y": re.escape(SET_39),
    "Z": "A-Za-z0-9_=-",
}


class Gs1Refused(ValueError):
    """Why an element string is refused: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier and what it says."""

    ai: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of one application identifier."""

    ai: str
    title: str
    known_length: bool  # no separator follows
    shortest: int
    longest: int
    pattern: re.Pattern[str]  # one group a part
    checks: tuple[tuple[str, ...], ...]  # of each part
    needs: tuple[tuple[str, ...], ...]  # one of these groups
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Walk:
    """A scan read from left to right: its elements, and where the one that ran to the end began."""

    elements: tuple[Element, ...]
    open_rule: Rule | None
    open_from: int
    refused: Gs1Refused | None = None


@cache
def rules() -> dict[str, Rule]:
    """Every application identifier there is."""
    made = {}
    for row in gs1_table.ROWS.splitlines():
        ais, parts, needs, without, title = row.split("|")
        first, _, last = ais.rstrip("*").partition("-")
        for number in range(int(first), int(last or first) + 1):
            ai = f"{number:0{len(first)}d}"
            made[ai] = _rule(ai, title, parts, needs, without, known_length=ais.endswith("*"))
    return made


def _rule(ai: str, title: str, parts: str, needs: str, without: str, *, known_length: bool) -> Rule:
    pattern, checks, shortest, longest = "", [], 0, 0
    for optional, letters, upto, length, names in _PART.findall(parts):
        least = 1 if upto else int(length)
        group = f"([{_SETS[letters]}]{{{least},{length}}})"
        pattern += f"(?:{group})?" if optional else group
        checks.append(tuple(name for name in names.split("&") if name in CHECKS))
        shortest += 0 if optional else least
        longest += int(length)
    groups = tuple(tuple(group.split("+")) for group in needs.split(",") if group)
    others = tuple(other for other in without.split(",") if other)
    return Rule(
        ai, title, known_length, shortest, longest, re.compile(pattern), tuple(checks), groups, others
    )


@cache
def _lengths() -> dict[str, int]:
    """How long an identifier is, by its first two digits."""
    return {ai[:2]: len(ai) for ai in rules()}


def from_scan(text: str) -> tuple[Element, ...]:
    r"""The elements of what a scanner sent. Raises Gs1Refused.

    >>> [(each.ai, each.value) for each in from_scan("010950600013435210R24-0001\x1d3103010000")]
    [('01', '09506000134352'), ('10', 'R24-0001'), ('3103', '010000')]
    """
    text = text.removeprefix(GS)
    if not text:
        raise Gs1Refused("empty", "there is no element")
    walk = _walk(text)
    if GS not in text and walk.open_rule is not None:
        other = _other_reading(text, walk)
        if other is not None:
            said = "".join(f"({each.ai}){each.value}" for each in other)
            raise Gs1Refused("lost_separator", f"scanner lost the separator: it may also say {said}")
    if walk.refused is not None:
        raise walk.refused
    _fit_together(walk.elements)
    return walk.elements


def from_brackets(text: str) -> tuple[Element, ...]:
    r"""The elements of a text as people print it, identifiers in brackets. Raises Gs1Refused.

    A bracket in a value that could be taken for an identifier is written ``\(``.

    >>> [(each.ai, each.value) for each in from_brackets("(01)09506000134352(10)A(1)")]
    [('01', '09506000134352'), ('10', 'A(1)')]
    """
    elements, known = [], rules()
    places = [at for at in _IN_BRACKETS.finditer(text) if at.start() == 0 or at.group(1) in known]
    if not places or places[0].start() != 0:
        raise Gs1Refused("not_gs1", "no application identifier in brackets at the beginning")
    for at, following in zip(places, [*places[1:], None], strict=True):
        rule = known.get(at.group(1)) or _unknown(at.group(1))
        value = text[at.end() : following.start() if following else len(text)].replace("\\(", "(")
        elements.append(_element(rule, value))
    _fit_together(elements)
    return tuple(elements)


def _unknown(ai: str) -> NoReturn:
    raise Gs1Refused("unknown_ai", f"{_shown(ai)} is not an application identifier")


def _walk(text: str) -> _Walk:
    known, lengths, at = rules(), _lengths(), 0
    elements: list[Element] = []
    while at < len(text):
        ai = text[at : at + lengths.get(text[at : at + 2], 2)]
        rule = known.get(ai)
        if rule is None:
            refused = Gs1Refused("unknown_ai", f"{_shown(ai)} is not an application identifier")
            return _Walk(tuple(elements), None, at, refused)
        begin = at + len(ai)
        end = begin + rule.longest if rule.known_length else text.find(GS, begin)
        ran_out = end < 0
        end = len(text) if ran_out else end
        try:
            elements.append(_element(rule, text[begin:end]))
        except Gs1Refused as refused:
            return _Walk(tuple(elements), rule if ran_out else None, begin, refused)
        if ran_out:
            return _Walk(tuple(elements), rule, begin)
        at = end + (text[end : end + 1] == GS)
    return _Walk(tuple(elements), None, at)


def _element(rule: Rule, value: str) -> Element:
    """One element whose value fits. Raises Gs1Refused."""
    fits = rule.pattern.fullmatch(value)
    if fits is None:
        name = f"({rule.ai}) {rule.title}"
        if not rule.shortest <= len(value) <= rule.longest:
            least = "" if rule.shortest == rule.longest else f"{rule.shortest} to "
            wanted = f"{least}{rule.longest}"
            raise Gs1Refused("length", f"{name} has {len(value)} characters instead of {wanted}")
        raise Gs1Refused("characters", f"{name} cannot say {_shown(value)}")
    for part, checks in zip(fits.groups(), rule.checks, strict=True):
        for check in checks:
            if part is not None and not CHECKS[check](part):
                _wrong(rule, check, part)
    return Element(rule.ai, rule.title, value)


def _wrong(rule: Rule, check: str, part: str) -> NoReturn:
    name = f"({rule.ai}) {rule.title}"
    if check in {"csum", "csumalpha"}:
        raise Gs1Refused("check_digit", f"{name}: the check digit of {_shown(part)} is wrong")
    if check in {"yymmd0", "yymmdd", "yyyymmdd"}:
        raise Gs1Refused("date", f"{name}: {part} is not a date")
    raise Gs1Refused("value", f"{name}: {_shown(part)} is not possible here")


def _other_reading(text: str, walk: _Walk) -> tuple[Element, ...] | None:
    """Another legal reading, where separators are supposed inside the element that ran to the end."""
    rule, begin = walk.open_rule, walk.open_from
    if rule is None:
        return None
    before = walk.elements if walk.refused is not None else walk.elements[:-1]
    lengths = _lengths()
    for split in range(begin + rule.shortest, min(begin + rule.longest, len(text) - 3) + 1):
        if text[split : split + 2] not in lengths:
            continue
        rest = _walk(text[split:])
        if rest.refused is not None or not (walk.refused or _tells(rest.elements[0], split - begin)):
            continue
        try:
            reading = (*before, _element(rule, text[begin:split]), *rest.elements)
            _fit_together(reading)
        except Gs1Refused:
            continue
        return reading
    return None


def _tells(second: Element, first_length: int) -> bool:
    """Whether an element that may have followed is more than chance makes out of a batch number's digits.

    A whole date, measure or key is; so is a value of three characters or more behind three or more, if its identifier
    is one that often follows (10 and 21) or has three digits or more. Counts and the internal 90 to 99 are not: nearly
    every long number would have them.
    """
    if rules()[second.ai].known_length:
        return len(second.value) >= 6
    often = second.ai in {"10", "21"} or len(second.ai) > 2
    return often and len(second.value) >= 3 and first_length >= 3


def _fit_together(elements: Sequence[Element]) -> None:
    """No identifier twice with two values, every one with those it needs and without those it excludes."""
    said: dict[str, str] = {}
    for element in elements:
        if said.setdefault(element.ai, element.value) != element.value:
            raise Gs1Refused("repeated_ai", f"({element.ai}) {element.title} says two different things")
    wrong = _misfit(tuple(said))
    if wrong:
        raise Gs1Refused(*wrong)


@lru_cache(maxsize=1024)  # labels of a plant say the same identifiers over and over
def _misfit(said: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with these identifiers being together: code and message."""
    for ai in said:
        rule = rules()[ai]
        for other in said if rule.without else ():
            if other != ai and any(_is(other, pattern) for pattern in rule.without):
                return "excluded_ai", f"({ai}) {rule.title} must not stand beside ({other})"
        if rule.needs and not any(all(_any(said, each) for each in group) for group in rule.needs):
            wanted = " or ".join(" with ".join(f"({each})" for each in group) for group in rule.needs)
            return "missing_ai", f"({ai}) {rule.title} needs {wanted}"
    return None


def _any(said: tuple[str, ...], pattern: str) -> bool:
    return pattern in said or ("n" in pattern and any(_is(ai, pattern) for ai in said))


def _is(ai: str, pattern: str) -> bool:
    return ai == pattern or (
        len(ai) == len(pattern) and pattern[-1] == "n" and ai.startswith(pattern.rstrip("n"))
    )


def _shown(text: str) -> str:
    """Text from outside as a message may show it."""
    short = text if len(text) <= 40 else text[:40] + "..."
    return short.encode("unicode_escape").decode("ascii")
