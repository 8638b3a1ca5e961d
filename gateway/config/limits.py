"""The limits of designed charts, computed: what each chart's `Design` of the site still lacks. Numpy, and some seconds.

Done once, where the config is read to run; the journal then has the limits whole, and a replay computes none. Rows that
ask the same of the same chart are computed once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from gateway.design.catalogue import limits_of
from gateway.site import Characteristic, Design, Site

BASELINE = 25
"""Samples of phase I where a row does not say."""


class NoLimit(ValueError):
    """No limit fulfils what a row asks for; `row` is its id."""

    def __init__(self, row: str, text: str) -> None:
        super().__init__(f"{row}: design: {text}")
        self.row, self.text = row, text


def solved(site: Site) -> Site:
    """The site with the limits of its designed charts. Raises NoLimit."""
    rows = (
        row if row.design is None else replace(row, design=_solved(row, row.design))
        for row in site.characteristics
    )
    return replace(site, characteristics=tuple(rows))


def _solved(row: Characteristic, design: Design) -> Design:
    words = tuple(
        sorted((name, value) for name, value in row.params.items() if isinstance(value, str | int | float))
    )
    given = {"center", "sigma"} <= set(row.params) and not any(each.samples for each in row.limits)
    confidence = None if given else design.confidence
    try:
        known, table = _limits(row.method, words, 1 + len(row.tags), design.arl0, confidence)
    except ValueError as error:
        raise NoLimit(row.id, str(error)) from error
    baseline = row.params.get("baseline", BASELINE)
    if table and isinstance(baseline, int) and baseline < table[0][0]:
        raise NoLimit(
            row.id,
            f"{baseline} samples of phase I are too few to promise {design.arl0:.6g} samples between false alarms; "
            f"set params.baseline to {table[0][0]} or more",
        )
    return replace(design, known=known, table=table)


_limits = cache(limits_of)
