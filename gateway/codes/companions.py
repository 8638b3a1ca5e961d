"""Which application identifiers go together: none twice with two values, with those each needs, without others. Pure.

Source: General Specifications, 4.13 (invalid pairs) and 4.14 (mandatory association).
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.codes.gs1_rules import Rule, rules
from gateway.codes.words import CodeRefused, Element


def fit_together(elements: Sequence[Element]) -> None:
    """Raises CodeRefused where identifiers do not fit together."""
    said: dict[str, str] = {}
    for ai, title, value in elements:
        if said.setdefault(ai, value) != value:
            raise CodeRefused("repeated_ai", f"({ai}) {title} says two different things")
    known = rules()
    for ai in said:
        rule = known[ai]
        if rule.without and not rule.without.isdisjoint(said):
            other = next(each for each in said if each in rule.without)
            raise CodeRefused("excluded_ai", f"({ai}) {rule.title} must not stand beside ({other})")
        if rule.needs and not _has_needed(rule, said):
            raise CodeRefused("missing_ai", f"({ai}) {rule.title} needs {_wanted(rule)}")


def do_fit(elements: Sequence[Element]) -> bool:
    """Whether `fit_together` would take them."""
    try:
        fit_together(elements)
    except CodeRefused:
        return False
    return True


def _has_needed(rule: Rule, said: dict[str, str]) -> bool:
    for group in rule.needs:
        for each in group:
            if each.isdisjoint(said):
                break
        else:
            return True
    return False


def _wanted(rule: Rule) -> str:
    """What a rule needs, in words.

    >>> _wanted(rules()["250"])
    '(01) with (21) or (03) with (21) or (8006) with (21)'
    """
    groups = (group.split("+") for group in rule.needs_said.split(","))
    return " or ".join(" with ".join(f"({each})" for each in group) for group in groups)
