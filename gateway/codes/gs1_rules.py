"""What is known of each application identifier, ready to be asked; and one element judged by it. Pure.

`gs1_table` has the facts as text; here they become patterns, checks and sets, once, when first asked for (10 ms).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from gateway.codes import gs1_table
from gateway.codes.gs1_checks import CHECKS, DATES, SET_39, SET_82
from gateway.codes.words import CodeRefused, Element, shown

_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?(?::(\S+))?")
_SETS = {"N": "0-9", "X": re.escape(SET_82), "Y": re.escape(SET_39), "Z": "A-Za-z0-9_=-"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of one application identifier."""

    ai: str
    title: str
    known_length: bool  # no separator follows
    shortest: int
    longest: int
    fits: Callable[[str], re.Match[str] | None]  # characters and lengths; one group a part
    checks: tuple[tuple[int, str, Callable[[str], bool]], ...]  # group, name, whether the part is right
    needs: tuple[tuple[frozenset[str], ...], ...]  # one of these: an identifier of each of its sets
    without: frozenset[str]
    needs_said: str  # `needs` as the table has it, for messages
    attribute: bool  # may stand in the query of a Digital Link
    qualifiers: (
        tuple[tuple[str, ...], ...] | None
    )  # of a primary key of Digital Links: those in order; None: no key


@cache
def rules() -> dict[str, Rule]:
    """Every application identifier there is."""
    rows = [row.split("|") for row in gs1_table.ROWS.splitlines()]
    every = {ai: row for row in rows for ai in _expanded(row[0])}
    patterns = {parts: _pattern(parts) for parts in {row[1] for row in rows}}
    named = _Named(every)
    return {ai: _rule(ai, row, patterns[row[1]], named) for ai, row in every.items()}


@cache
def ai_lengths() -> dict[str, int]:
    """How long an identifier is, by its first two digits."""
    return {ai[:2]: len(ai) for ai in rules()}


def _expanded(ais: str) -> list[str]:
    first, _, last = ais.rstrip("*").partition("-")
    return [f"{number:0{len(first)}d}" for number in range(int(first), int(last or first) + 1)]


def _rule(ai: str, row: list[str], how: tuple[re.Pattern[str], int, int], named: _Named) -> Rule:
    ais, parts, needs, without, link, title = row
    pattern, shortest, longest = how
    checks = [
        (group, name, CHECKS[name])
        for group, (*_, names) in enumerate(_PART.findall(parts), start=1)
        for name in names.split("&")
        if name
    ]
    groups = tuple(tuple(named[each] for each in group.split("+")) for group in needs.split(",") if group)
    others = frozenset[str]().union(*(named[each] for each in without.split(",") if each)) - {ai}
    _, key, sequences = link.partition("key")
    qualifiers = tuple(tuple(filter(None, each.split(","))) for each in sequences.lstrip("=").split("/"))
    return Rule(
        ai,
        title,
        ais.endswith("*"),
        shortest,
        longest,
        pattern.fullmatch,
        tuple(checks),
        groups,
        others,
        needs,
        "?" in link,
        qualifiers if key else None,
    )


def _pattern(parts: str) -> tuple[re.Pattern[str], int, int]:
    pattern, shortest, longest = "", 0, 0
    for optional, letters, upto, length, _ in _PART.findall(parts):
        least = 1 if upto else int(length)
        group = f"([{_SETS[letters]}]{{{least},{length}}})"
        pattern += f"(?:{group})?" if optional else group
        shortest += 0 if optional else least
        longest += int(length)
    return re.compile(pattern), shortest, longest


class _Named(dict[str, frozenset[str]]):
    """The identifiers that a pattern such as ``31nn`` names."""

    def __init__(self, every: Iterable[str]) -> None:
        super().__init__()
        self._every = list(every)

    def __missing__(self, pattern: str) -> frozenset[str]:
        begin, size = pattern.rstrip("n"), len(pattern)
        self[pattern] = frozenset(ai for ai in self._every if len(ai) == size and ai.startswith(begin))
        return self[pattern]


def rule_of(ai: str) -> Rule:
    """The rule of an identifier. Raises CodeRefused where there is none."""
    rule = rules().get(ai)
    if rule is None:
        raise CodeRefused("unknown_ai", f"{shown(ai)} is not an application identifier")
    return rule


def element(rule: Rule, value: str) -> Element:
    """One element whose value fits. Raises CodeRefused."""
    fits = rule.fits(value)
    if fits is None:
        _unfit(rule, value)
    for group, name, is_right in rule.checks:
        part = fits[group]
        if part is not None and not is_right(part):
            _wrong(rule, name, part)
    return Element(rule.ai, rule.title, value)


def is_legal(rule: Rule, value: str) -> bool:
    """Whether `element` would take the value; cheap where it would not."""
    fits = rule.fits(value)
    if fits is None:
        return False
    for group, _, is_right in rule.checks:
        part = fits[group]
        if part is not None and not is_right(part):
            return False
    return True


def _unfit(rule: Rule, value: str) -> NoReturn:
    name = f"({rule.ai}) {rule.title}"
    if not rule.shortest <= len(value) <= rule.longest:
        least = "" if rule.shortest == rule.longest else f"{rule.shortest} to "
        wanted = f"{least}{rule.longest}"
        raise CodeRefused("length", f"{name} has {len(value)} characters instead of {wanted}")
    raise CodeRefused("characters", f"{name} cannot say {shown(value)}")


def _wrong(rule: Rule, check: str, part: str) -> NoReturn:
    name = f"({rule.ai}) {rule.title}"
    if check in {"csum", "csumalpha"}:
        raise CodeRefused("check_digit", f"{name}: the check digit of {shown(part)} is wrong")
    if check in DATES:
        raise CodeRefused("date", f"{name}: {part} is not a date")
    raise CodeRefused("value", f"{name}: {shown(part)} is not possible here")
