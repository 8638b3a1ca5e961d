"""What stands on a label: the lot, its barcode, and what is known of it; in English and Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from gateway.codes.identify import Identified, lot_of

MOST = 48  # characters that a label 100 mm wide has room for
_PRINTABLE = re.compile(r"[ -~]+")  # what Code 128 can say without switching sets: ISO/IEC 15417, subset B


class CannotLabel(ValueError):
    """No barcode says this lot; says what to do instead."""


class Barcode(NamedTuple):
    """What is in the bars, and how people read it."""

    data: str  # without function characters
    shown: str
    gs1: bool  # it begins with FNC1: a GS1-128 (General Specifications, 5.4)


class Row(NamedTuple):
    """A line of the label: a heading in both languages, and what it says."""

    english: str
    chinese: str
    value: str


@dataclass(frozen=True, slots=True)
class Content:
    """One label."""

    lot: str
    barcode: Barcode
    site: str
    kind: str = ""  # of lot
    date: str = ""  # day on which it was closed, UTC
    kg: float | None = None
    regrind: tuple[float, float] | None = None  # share from .. to
    held: bool = False
    copy: int = 1

    def rows(self) -> Iterator[Row]:
        """What is known, a line each."""
        if self.kind:
            yield Row("Kind", "类别", self.kind)
        if self.kg is not None:
            yield Row("Net", "净重", f"{self.kg:.3f} kg")
        if self.regrind is not None:
            yield Row("Regrind", "回料", _share(*self.regrind))
        if self.date:
            yield Row("Date", "日期", self.date)
        yield Row("Site", "工厂", self.site)
        if self.copy > 1:
            yield Row("Copy", "副本", str(self.copy))
        if self.held:
            yield Row("HELD", "扣留", "do not use 禁止使用")


def barcode_of(lot: str) -> Barcode:
    """The barcode that says the lot when it is read. Raises CannotLabel.

    >>> barcode_of("09506000134352:R24%2F1")
    Barcode(data='010950600013435210R24/1', shown='(01)09506000134352(10)R24/1', gs1=True)
    >>> barcode_of("LW-NORTH-000042-C").gs1
    False
    """
    for made in _tries(lot):
        said = lot_of(f"]C1{made.data}" if made.gs1 else made.data)
        fits = len(made.data) <= MOST and _PRINTABLE.fullmatch(made.data)
        if fits and isinstance(said, Identified) and said.lot == lot:
            return made
    raise CannotLabel(
        f"no barcode of at most {MOST} plain characters says {lot}: it needs a name that scanners read"
    )


def _tries(lot: str) -> Iterator[Barcode]:
    head, _, tail = lot.partition(":")
    tail = unquote(tail)
    if re.fullmatch("[0-9]{14}", head) and tail:
        serial = tail.startswith("sn:")
        ai, value = ("21", tail[3:]) if serial else ("10", tail)
        yield Barcode(f"01{head}{ai}{value}", f"(01){head}({ai}){value}", gs1=True)
    for name, ai in (("sscc", "00"), ("giai", "8004")):
        if head == name:
            yield Barcode(f"{ai}{tail}", f"({ai}){tail}", gs1=True)
    yield Barcode(lot, lot, gs1=False)


def _share(low: float, high: float) -> str:
    if high - low < 0.0005:
        return f"{50 * (low + high):.1f} %"
    return f"{100 * low:.1f} - {100 * high:.1f} %"
