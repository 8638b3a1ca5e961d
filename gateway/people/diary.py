"""What was done with accounts and by whom, kept beside them: until a journal has been told, or for good where none is.

At a box a command that changes an account cannot write the journal, for the daemon has it: the daemon reads it here and
tells the journal. A server of replicas has no journal of its own: this is its record of who came and what they asked
for. Names of people are in none of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from gateway.people.store import People

KEPT = 100_000  # rows; the oldest go


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened; `operator` is whose account it is about."""

    time_ns: int
    kind: str
    operator: str
    facts: Mapping[str, object] = field(default_factory=dict)
    seq: int = 0


class Diary:
    """Of one `People`. Every call blocks, shortly."""

    def __init__(self, people: People) -> None:
        self._people = people

    def write(self, row: Told, *, told: bool) -> int:
        """Keep a row, and give its number. `told`: no journal need be told of it."""
        facts = orjson.dumps(dict(row.facts)).decode()
        with self._people.writing() as db:
            given = (row.time_ns, row.kind, row.operator, facts, int(told))
            asked = "INSERT INTO diary (time_ns, kind, operator, facts, told) VALUES (?, ?, ?, ?, ?)"
            seq = db.execute(asked, given).lastrowid or 0
            db.execute("DELETE FROM diary WHERE seq <= ?", (seq - KEPT,))
        return seq

    def untold(self) -> list[Told]:
        """What no journal has been told yet, the oldest first."""
        return [_row(row) for row in self._people.rows("SELECT * FROM diary WHERE told = 0 ORDER BY seq")]

    def tell(self, upto: int) -> None:
        """A journal has been told of all up to this number."""
        with self._people.writing() as db:
            db.execute("UPDATE diary SET told = 1 WHERE seq <= ?", (upto,))

    def newest(self, most: int, kind: str = "", operator: str = "") -> list[Told]:
        """The newest rows, of one kind or operator where that is said."""
        asked = (
            "SELECT * FROM diary WHERE (? = '' OR kind = ?) AND (? = '' OR operator = ?) "
            "ORDER BY seq DESC LIMIT ?"
        )
        return [_row(row) for row in self._people.rows(asked, kind, kind, operator, operator, most)]


def _row(row: tuple[int, int, str, str, str, int]) -> Told:
    seq, time_ns, kind, operator, facts, _ = row
    return Told(time_ns, kind, operator, orjson.loads(facts), seq)
