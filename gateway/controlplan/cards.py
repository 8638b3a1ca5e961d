"""What a person scans and types at a checking table, line by line: operator, check, lot, numbers. Pure.

A scanner that is a keyboard types a line for each code. ``OPERATOR:17`` and ``CHECK:resin_moisture`` are printed on
cards; a number, or ``ok`` and ``nok``, is a value; everything else is the code of a lot.

>>> desk = Table("17")
>>> [desk.heard(line) for line in ("CHECK:resin_moisture", "]C1240R-7", "0.018")]
[None, None, Entry(operator='17', check='resin_moisture', lot=']C1240R-7', values=(0.018,))]
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

GOOD, BAD = "ok", "nok"
_WORDS = {GOOD: 0.0, BAD: 1.0}
"""Where people only see whether it is good, the number is how many faults there are."""
_CARD = re.compile(r"(OPERATOR|CHECK):(\S+)", re.IGNORECASE)


class Entry(NamedTuple):
    """A result as it was scanned."""

    operator: str
    check: str
    lot: str  # the code, as it was scanned; "" where none was
    values: tuple[float, ...]


class Unclear(ValueError):
    """A line that makes no sense here; says what is missing."""


def value_of(text: str) -> float | None:
    """A number, or one of the two words; None of anything else."""
    word = text.strip().casefold()
    if word in _WORDS:
        return _WORDS[word]
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass
class Table:
    """What was scanned so far: a lot stays for the next check, a check for the next lot."""

    operator: str
    sizes: dict[str, int] = field(default_factory=dict)  # numbers of one check, by check; 1 if not known
    check: str = ""
    lot: str = ""
    values: tuple[float, ...] = ()

    def heard(self, line: str) -> Entry | None:
        """The result that a line completes; None where it only says more. Raises Unclear."""
        text = line.strip()
        if not text:
            return None
        if found := _CARD.fullmatch(text):
            self._card(found[1].upper(), found[2])
            return None
        value = value_of(text)
        if value is None:
            self.lot, self.values = text, ()
            return None
        if not self.check:
            raise Unclear("which check? Scan its card first")
        self.values = (*self.values, value)
        if len(self.values) < self.sizes.get(self.check, 1):
            return None
        done, self.values = Entry(self.operator, self.check, self.lot, self.values), ()
        return done

    def _card(self, kind: str, text: str) -> None:
        self.values = ()
        if kind == "CHECK":
            self.check = text
        elif re.fullmatch("[0-9]{1,12}", text, re.ASCII):
            self.operator = text
        else:
            raise Unclear("an operator's card has a number")
