"""What a database is written through: the port, its failures, and how an answer is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

_ON_POINTS = (
    "unable to parse",
    "partial write",
    "type conflict",
    "line protocol",
    "outside range",
    "too long",
)
_DROPPED = re.compile(r"dropped=(\d+)")
_WORDS = 300  # characters of an answer that are kept


class WriteFailed(Exception):
    """The database did not take it.

    `permanent`: some of the points are refused, asking again will not help; `points`: the answer says that it is
    about points, and not about how we ask; `dropped`: how many, 0 where it does not say; `size`: it was too much at
    once; `gone`: nobody answers, what is young may be lost; `after_s`: the database asks to be left alone so long.
    """

    def __init__(  # each a fact of the answer
        self,
        text: str,
        *,
        permanent: bool = False,
        points: bool = False,
        dropped: int = 0,
        size: bool = False,
        gone: bool = False,
        after_s: float = 0.0,
    ) -> None:
        super().__init__(text)
        self.permanent, self.points, self.dropped = permanent, points, dropped
        self.size, self.gone, self.after_s = size, gone, after_s


@dataclass(frozen=True, slots=True)
class State:
    """What a database says of itself."""

    run: str = ""  # another word after it was started anew; "" where it cannot say
    invalid: int = 0  # lines that it could not read since then
    ignored: int = 0  # samples that it left out since then: their time is out of its retention


class Writer(Protocol):
    """Takes line protocol."""

    def write(self, body: str, precision: str) -> None:
        """Return when it was accepted: lines parted by newlines. Raises WriteFailed."""

    def state(self) -> State:
        """How it is by now. Raises WriteFailed."""

    def barrier(self) -> bool:
        """Put what was accepted on the disk; False where it cannot be asked to. Raises WriteFailed."""

    def close(self) -> None:
        """Let go of connections."""


def refusal(status: int, reason: str, body: str, after: str = "") -> WriteFailed:
    """What an answer other than 2xx means.

    400 and 422 are about points (InfluxDB API v2, "Write data": 400 line protocol that is malformed, 422 field types
    that conflict or times out of range; 1.x says 400 for all), 413 about size, 429 and 503 ask for a pause.
    """
    permanent = status in {400, 422}
    said = body[:_WORDS].strip()
    found = _DROPPED.search(body)
    return WriteFailed(
        f"{status} {reason}: {said}" if said else f"{status} {reason}",
        permanent=permanent,
        points=permanent and any(words in body for words in _ON_POINTS),
        dropped=int(found[1]) if found else 0,
        size=status == 413,
        after_s=min(float(after), 60.0) if after.isdecimal() else 0.0,
    )
