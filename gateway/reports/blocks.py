"""What a sheet of paper is made of: headings, pairs, tables, remarks. Pure: texts only, already in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and what they are, two columns of pairs beside each other."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with a width each, in parts of the sheet's; those of numbers are set to the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: frozenset[int] = frozenset()  # columns


@dataclass(frozen=True, slots=True)
class Remark:
    """A paragraph; `loud` where somebody must not miss it, `fixed` in letters of one width, line by line."""

    text: str
    loud: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """Places to sign by hand: what each is for."""

    places: Sequence[str]


Block = Pairs | Table | Remark | Sign


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; a section without blocks is not printed."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Paper:
    """One document."""

    title: str
    subtitle: str
    lot: str
    language: str
    foot: str  # on every page, before its number
    page_of: str  # "page {page} of {pages}"
    sections: Sequence[Section]
