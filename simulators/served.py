"""The simulator's own log of what it served: one SQLite file, read by `simulators.ledger` while it is written.

Rule 1: a row is written when the answer has gone to a connection that was open.  Rule 2: rows carry the words as sent.
"""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import NamedTuple

from gateway.ports import Clock

KEPT_ANSWERS = 2_000_000
"""Of a demo that runs for days the newest are kept: about 200 bytes each."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (started_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, number INTEGER NOT NULL, boottime_ns INTEGER NOT NULL,
    time_ns INTEGER NOT NULL, place TEXT NOT NULL, address INTEGER NOT NULL, words BLOB NOT NULL,
    late_ns INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS code (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, code TEXT NOT NULL, time_ns INTEGER NOT NULL, tries INTEGER NOT NULL,
    taken INTEGER NOT NULL
);
"""


class Answered(NamedTuple):
    """One answer that carried its number."""

    device: str
    number: int
    boottime_ns: int
    time_ns: int
    place: str  # table of the map
    address: int
    words: tuple[int, ...]
    late_ns: int  # held back by the script


class Shown(NamedTuple):
    """One code that a reader showed to the gateway."""

    device: str
    code: str
    time_ns: int  # when it was first sent
    tries: int  # 0: a reader that waits for no answer
    taken: bool  # acknowledged, or no answer is waited for


class ServedLog:
    """Writes it: rows wait in memory until `flush`."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._clock = clock
        self._answers: list[tuple[object, ...]] = []
        self._codes: list[tuple[object, ...]] = []
        self._rows = 0
        self._db = sqlite3.connect(file)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT INTO run VALUES (?)", (clock.now().time_ns,))
        self._db.commit()

    def answered(
        self, device: str, number: int, place: str, address: int, words: tuple[int, ...], late_ns: int
    ) -> None:
        at = self._clock.now()
        blob = struct.pack(f">{len(words)}H", *words)
        self._answers.append((device, number, at.boottime_ns, at.time_ns, place, address, blob, late_ns))

    def shown(self, code: Shown) -> None:
        self._codes.append(tuple(code))

    def flush(self) -> None:
        """Write what waits."""
        answers, codes = self._answers, self._codes
        self._answers, self._codes = [], []
        with self._db:
            self._db.executemany(
                "INSERT INTO answer (device, number, boottime_ns, time_ns, place, address, words, late_ns)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                answers,
            )
            self._db.executemany(
                "INSERT INTO code (device, code, time_ns, tries, taken) VALUES (?, ?, ?, ?, ?)", codes
            )
            self._rows += len(answers)
            if self._rows > KEPT_ANSWERS // 10:
                self._rows = 0
                self._db.execute(
                    "DELETE FROM answer WHERE id <= (SELECT max(id) FROM answer) - ?", (KEPT_ANSWERS,)
                )

    def close(self) -> None:
        self.flush()
        self._db.close()


def read_served(file: Path) -> tuple[int, list[Answered], list[Shown]]:
    """When the run began (wall time), its answers and its codes, in order. Raises FileNotFoundError."""
    if not file.exists():
        raise FileNotFoundError(file)
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        (started_ns,) = db.execute("SELECT max(started_ns) FROM run").fetchone()
        answers = [
            Answered(
                device,
                number,
                boottime_ns,
                at_ns,
                place,
                address,
                struct.unpack(f">{len(blob) // 2}H", blob),
                late_ns,
            )
            for device, number, boottime_ns, at_ns, place, address, blob, late_ns in db.execute(
                "SELECT device, number, boottime_ns, time_ns, place, address, words, late_ns FROM answer"
                " WHERE time_ns >= ? ORDER BY id",
                (started_ns,),
            )
        ]
        codes = [
            Shown(device, code, at_ns, tries, bool(taken))
            for device, code, at_ns, tries, taken in db.execute(
                "SELECT device, code, time_ns, tries, taken FROM code WHERE time_ns >= ? ORDER BY id",
                (started_ns,),
            )
        ]
    finally:
        db.close()
    return started_ns, answers, codes
