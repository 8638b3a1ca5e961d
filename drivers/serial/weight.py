r"""What a scale says in one line: a weight, or why there is none. Pure.

Two grammars are known. ``sics`` (MT-SICS reference manual, "Format of responses with weight value"):
identification, status, weight of ten characters, unit. ``st`` (printers and displays of many makers):
``ST,GS,+00012.34kg`` where ST is stable, US unstable, OL overload, and GS, NT, TR say gross, net or tare.

>>> sics(b"S S     100.00 g")
Weight(text='100.00', uom='g', stable=True)
>>> sics(b"S +")
Trouble(quality=<Quality.SENSOR_FAULT: 137>, why='overload')
>>> st(b"US,NT,-00012.34 kg")
Weight(text='-00012.34', uom='kg', stable=False)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.model import Quality


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as the scale wrote it: `text` keeps its decimals."""

    text: str
    uom: str
    stable: bool

    @property
    def value(self) -> float:
        """The double nearest to the decimal number."""
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer without a weight."""

    quality: Quality
    why: str


Said = Weight | Trouble

_NUMBER = r"(?P<sign>[-+]?) *(?P<digits>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_SICS = re.compile(rf"(?:S|SI) +(?P<status>[SD]) +{_NUMBER} +(?P<uom>[^ ]+) *")
_SICS_WITHOUT = {
    "I": Trouble(Quality.BUSY, "cannot weigh now (not stable in time, or taring)"),
    "+": Trouble(Quality.SENSOR_FAULT, "overload"),
    "-": Trouble(Quality.SENSOR_FAULT, "underload"),
}
# MT-SICS reference manual, "General error messages".
_SICS_ERRORS = {
    "ES": Trouble(Quality.REFUSED, "does not know the command"),
    "ET": Trouble(Quality.CORRUPT, "did not receive the command whole"),
    "EL": Trouble(Quality.REFUSED, "cannot execute the command"),
}
_ST = re.compile(
    rf"(?P<status>ST|US|OL|QT) *, *(?:(?P<what>GS|NT|TR|G|N|T) *, *)?{_NUMBER} *(?P<uom>[A-Za-z%]*) *"
)
_ST_OVER = re.compile(r"OL *,.*")


def sics(line: bytes) -> Said:
    """What an MT-SICS line without its CR LF says."""
    text = line.decode("latin-1").strip()
    if match := _SICS.fullmatch(text):
        return Weight(_number(match), match["uom"], stable=match["status"] == "S")
    if text in _SICS_ERRORS:
        return _SICS_ERRORS[text]
    words = text.split()
    if len(words) == 2 and words[0] in ("S", "SI") and words[1] in _SICS_WITHOUT:
        return _SICS_WITHOUT[words[1]]
    # "S S Error 10b": the weighing cell says what is broken ("Specific error messages on weight response")
    if len(words) >= 3 and words[0] in ("S", "SI") and words[2] == "Error":
        return Trouble(Quality.DEVICE_FAILURE, " ".join(words[2:]))
    return Trouble(Quality.CORRUPT, "not an MT-SICS answer")


def st(line: bytes) -> Said:
    """What a line of the ``ST,GS,`` family says."""
    text = line.decode("latin-1").strip()
    if _ST_OVER.fullmatch(text):
        return Trouble(Quality.SENSOR_FAULT, "overload")
    if match := _ST.fullmatch(text):
        return Weight(_number(match), match["uom"], stable=match["status"] in ("ST", "QT"))
    return Trouble(Quality.CORRUPT, "not a line of this format")


FORMATS: dict[str, Callable[[bytes], Said]] = {"sics": sics, "st": st}


def _number(match: re.Match[str]) -> str:
    return ("-" if match["sign"] == "-" else "") + match["digits"]
