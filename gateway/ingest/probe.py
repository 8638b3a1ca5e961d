"""How a database really behaves, found out with a few points under a measurement of our own: `sink-probe`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.ingest.kinds import KINDS, Kind
from gateway.ingest.probestore import ProbeStore, Row
from gateway.ingest.writer import WriteFailed
from gateway.site import Database

POLLS = 150  # at most, until what was written is to be seen
POLL_S = 0.2
WIDE = 2**53 + 1  # the first whole number that float64 does not have
LOT = "B-7 a,b=c"
ESCAPED = r"B-7\ a\,b\=c"
_FLOATS = (math.pi, 210.428571428571428, 0.1 + 0.2)
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One question to a database."""

    key: str
    question: str
    found: str
    declared: str  # what the config makes us count on
    good: bool  # whether it is at least that


@dataclass
class Probed:
    """Everything that was found out."""

    url: str
    kind: str
    version: str = ""
    answers: list[Answer] = field(default_factory=list)
    cleaned: bool = False
    left: str = ""  # why something is left behind

    @property
    def good(self) -> bool:
        return all(answer.good for answer in self.answers)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        names = ("key", "question", "found", "declared", "good")
        rows = [{name: getattr(each, name) for name in names} for each in self.answers]
        return {
            "url": self.url, "kind": self.kind, "version": self.version, "good": self.good,
            "answers": rows, "cleaned": self.cleaned, "left": self.left,
        }  # fmt: skip


class NotThatKind(WriteFailed):  # named after what was found
    """It is another kind of database than the config says."""


def probe(
    database: Database, store: ProbeStore, nonce: str, now_ns: int, pause: Callable[[float], object]
) -> Probed:
    """Write, read back, clean up. Raises WriteFailed where it cannot be asked: its text says why.

    `nonce` makes the measurement ours alone; points are dated around `now_ns`.
    """
    kind, name = KINDS[database.kind], f"lotwatch_probe_{nonce}"
    t0 = (now_ns // _SECOND - 60) * _SECOND
    probed = Probed(database.url, database.kind)
    really, probed.version = store.recognised()
    if really and really != database.kind:
        raise NotThatKind(f"it is {really} {probed.version}".rstrip())
    try:
        refused = _write(store, name, t0)
        rows = _read(store, name, t0, pause)
    finally:
        try:
            store.forget(name, t0 - _SECOND, t0 + 60 * _SECOND)
            probed.cleaned = True
        except WriteFailed as error:
            probed.left = f"measurement {name}: {error}"
    probed.answers = _answers(kind, database, rows, refused, t0)
    snapshot = store.writer.barrier() if kind.durable_after_s else True
    found = (
        kind.durability if snapshot else f"{kind.durable_after_s:g} s after the 204; no snapshot can be made"
    )
    probed.answers.append(
        Answer("durable", "when is a write durable?", f"{found} (declared)", "known", good=True)
    )
    return probed


def _write(store: ProbeStore, name: str, t0: int) -> dict[str, str]:
    """The points; what the database said against the two that are wrong."""
    series = f"{name},lot={ESCAPED}"
    floats = ",".join(f"f{at}={value!r}" for at, value in enumerate(_FLOATS))
    store.write([f"{series} one=1 {t0}"])  # alone first: whether it takes anything at all
    store.write([f"{series} tick={at} {t0 + at}" for at in (0, 1, 1_001, 1_000_001)])
    store.write([f'{series} text="lot B-7" {t0}'])
    store.write([f"{series} wide={WIDE}i {t0}"])
    store.write([f"{series} {floats} {t0}"])
    for value in (2, 3, 1):
        store.write([f"{series} again={value} {t0}"])
    refused = {}
    for key, lines in {
        "bad line": [f"{series} before=1 {t0}", f"{series} broken {t0}", f"{series} after=1 {t0}"],
        "conflict": [f'{series} one="x" {t0 + _SECOND}'],
    }.items():
        try:
            store.write(lines)
        except WriteFailed as error:
            if not error.permanent:
                raise
            refused[key] = str(error)
    store.write([f"{series} last=1 {t0}"])
    return refused


def _read(store: ProbeStore, name: str, t0: int, pause: Callable[[float], object]) -> list[Row]:
    """What it shows once it shows the newest."""
    for _ in range(POLLS):
        rows = store.rows(name, t0 - _SECOND, t0 + 60 * _SECOND)
        if any(row[1] == "last" for row in rows):
            return rows
        pause(POLL_S)
    raise WriteFailed(f"took points and does not show them within {POLLS * POLL_S:.0f} s")


def _answers(
    kind: Kind, database: Database, rows: list[Row], refused: dict[str, str], t0: int
) -> list[Answer]:
    by_field: dict[str, list[tuple[int, Any]]] = {}
    for _, name, time, value in rows:
        by_field.setdefault(name, []).append((time, value))
    values = {name: [value for _, value in found] for name, found in by_field.items()}
    lots = {row[0] for row in rows}
    finest = _finest({time - t0 for time, _ in by_field.get("tick", [])})
    wanted = "ms" if "ms" in {kind.finest, database.precision} else "ns"
    text, wide = values.get("text", []), values.get("wide", [])
    digits = min(_digits(want, values.get(f"f{at}", [])) for at, want in enumerate(_FLOATS))
    again = values.get("again", [])
    conflict = [value for time, value in by_field.get("one", []) if time > t0]
    return [
        Answer("time", "what times are kept?", finest, wanted, _rank(finest) <= _rank(wanted)),
        Answer("strings", "are texts kept?", _kept(text, ["lot B-7"]), _yes(kind.strings),
               good=text == ["lot B-7"] or not kind.strings),
        Answer("tags", "are lots kept as tags?", "yes" if lots == {LOT} else f"as {sorted(lots)}", "yes",
               good=lots == {LOT}),
        Answer("integers", "are integers beyond 2^53 exact?", _kept(wide, [WIDE]), _yes(kind.wide),
               good=_same(wide, [WIDE]) or not kind.wide),
        Answer("digits", "how many digits of a float?", f"{digits}", f"{kind.digits}", good=digits >= kind.digits),
        Answer("bad line", "is a bad line in a batch told?", _told(refused, "bad line", values),
               "by a counter" if kind.counts else "yes", good="bad line" in refused or kind.counts),
        Answer("conflict", "is a type conflict told?", _conflict(refused, conflict),
               "yes" if kind.strings else "no", good="conflict" in refused or not kind.strings),
        Answer("rewrite", "which of 2, 3, 1 at one time is kept?", _winner(again), "one", good=len(again) == 1),
    ]  # fmt: skip


def _finest(offsets: set[int]) -> str:
    for unit, size in (("ns", 1), ("us", 1_000), ("ms", 1_000_000)):
        if offsets == {at // size * size for at in (0, 1, 1_001, 1_000_001)}:
            return unit
    return f"none of ns, us, ms: {sorted(offsets)}"


def _rank(unit: str) -> int:
    known = ("ns", "us", "ms")
    return known.index(unit) if unit in known else len(known)


def _same(found: list[Any], wanted: list[Any]) -> bool:
    """Equal in type too: 9007199254740993.0 is not what was written."""
    return found == wanted and all(type(a) is type(b) for a, b in zip(found, wanted, strict=True))


def _kept(found: list[Any], wanted: list[Any]) -> str:
    return "yes" if _same(found, wanted) else f"no: {', '.join(map(str, found)) or 'nothing'}"


def _yes(word: bool) -> str:  # noqa: FBT001 # its one and only argument
    return "yes" if word else "no"


def _digits(wanted: float, found: list[Any]) -> int:
    """Digits up to which a number came back, within one of the last; 17 stand for every bit."""
    if len(found) != 1 or not isinstance(found[0], int | float):
        return 0
    if found[0] == wanted:
        return 17
    off = abs(found[0] - wanted)
    return next((digits for digits in range(16, 0, -1) if off <= abs(wanted) * 10.0 ** (1 - digits)), 0)


def _told(refused: dict[str, str], key: str, values: dict[str, list[Any]]) -> str:
    around = [name for name in ("before", "after") if name in values]
    rest = {0: "the others are lost", 1: f"only {''.join(around)} is kept", 2: "the others are kept"}[
        len(around)
    ]
    return f"yes, {rest}" if key in refused else f"no, {rest}"


def _conflict(refused: dict[str, str], found: list[Any]) -> str:
    if "conflict" in refused:
        return "yes"
    return f"no: the text is kept as {found[0]}" if found else "no: the text is gone"


def _winner(found: list[Any]) -> str:
    if len(found) != 1:
        return f"{len(found)} of them"
    words = {1: "the last", 2: "the first", 3: "the largest"}
    return words.get(int(found[0]), str(found[0]))
