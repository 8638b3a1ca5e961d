"""The points of one device: the map's rows with the site's changes, and whether they can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.config.models import ADDRESSES, DeviceMap, PointChange, PointRow
from gateway.config.problems import Path
from gateway.config.validate import Checked
from gateway.field import ORDERS, WIDTHS, Field
from gateway.plan.words import nearest, shown

MOST_BITS = 2000  # Modbus Application Protocol V1.1b3, 6.1 and 6.2
_BIT_TABLES = ("coil", "discrete")


@dataclass(frozen=True, slots=True)
class Placed:
    """A point, and where it is written."""

    row: PointRow
    source: Checked[Any]
    path: Path
    field: Field
    base: Placed | None = None  # the point of the map, where the site changes one

    def say(self, key: str, text: str, severity: str = "error") -> None:
        """A problem of one of its keys, where that key is written."""
        writer = self.writer(key)
        writer.source.say((*writer.path, key), text, severity=severity)

    def missing(self, key: str, text: str = "") -> None:
        writer = self.writer(key)
        writer.source.missing((*writer.path, key), text)

    def writer(self, key: str) -> Placed:
        """The place where a key is written: the site's change, or the map."""
        changed = self.base is None or self.source.has((*self.path, key))
        return self if changed or self.base is None else self.base

    @property
    def end(self) -> int:
        return (self.row.address or 0) + self.field.width


def of_map(found: Checked[DeviceMap]) -> list[Placed]:
    """The points of a device map, each checked by itself."""
    rows = found.model.points if found.model else []
    placed = [place(row, found, ("points", at)) for at, row in enumerate(rows)]
    no_twice(placed)
    return placed


def merged(
    base: list[Placed], changes: list[PointChange], site: Checked[Any], path: Path, *, whole: bool
) -> list[Placed]:
    """The map's points with the site's changes. `whole`: whether all of the map could be read."""
    if not changes:
        return base
    out = {each.row.name: each for each in base}
    seen: set[str] = set()
    for at, change in enumerate(changes):
        where = (*path, "points", at)
        if change.name in seen:
            site.say((*where, "name"), f"{shown(change.name)} is here twice")
            continue
        seen.add(change.name)
        known = out.get(change.name)
        if known is None and change.type is None:
            if whole and not site.has((*where, "type")):
                site.say(
                    (*where, "name"),
                    f"{shown(change.name)} is not a point of the map{nearest(change.name, out)} "
                    "(a further point needs a type)",
                )
            continue
        given = {name: getattr(change, name) for name in change.model_fields_set}
        row = (
            known.row.model_copy(update=given)
            if known
            else PointRow.model_construct(change.model_fields_set, **{**_defaults(), **given})
        )
        out[change.name] = place(row, site, where, known)
    return list(out.values())


@cache
def _defaults() -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in PointRow.model_fields.items()
        if not field.is_required()
    }


def no_twice(placed: Iterable[Placed]) -> None:
    seen: set[str] = set()
    for each in placed:
        if each.row.name in seen:
            each.say("name", f"{shown(each.row.name)} is here twice")
        seen.add(each.row.name)


def place(row: PointRow, source: Checked[Any], path: Path, base: Placed | None = None) -> Placed:
    """A point with its layout; what does not fit together is said."""
    words = row.words or 1 if row.type == "string" else 0
    field = Field(row.type, words, row.order or "", row.scale, row.bias, row.mask)
    placed = Placed(row, source, path, field, base)
    if row.type == "string":
        _check_text(placed)
    else:
        _check_number(placed)
    if row.type in {"string", "bit"}:
        for key in ("scale", "bias"):
            if key in row.model_fields_set:
                placed.say(key, f"a {row.type} is not scaled")
    _check_mask(placed)
    _check_place(placed)
    if row.low is not None and row.high is not None and row.low >= row.high:
        placed.say("high", f"{row.high:g} must be greater than low, {row.low:g}")
    return placed


def _check_text(placed: Placed) -> None:
    row = placed.row
    if row.words is None:
        placed.missing("words", '"words" is missing: how many registers the string has, two characters each')
    if row.order not in {None, "AB", "BA"}:
        placed.say("order", f"{shown(row.order)} is not valid for string; known: AB, BA")
    for key in ("mask", "low", "high", "max_rate", "invalid"):
        if getattr(row, key):
            placed.say(key, f"a string has no {key}")


def _check_number(placed: Placed) -> None:
    row, orders = placed.row, ORDERS[WIDTHS[placed.row.type]]
    if row.words is not None:
        placed.say("words", f"only a string has words; {row.type} takes {WIDTHS[row.type]}")
    if row.order is not None and row.order not in orders:
        placed.say("order", f"{shown(row.order)} is not valid for {row.type}; known: {', '.join(orders)}")
    largest = 2 ** (16 * placed.field.width) - 1
    writer = placed.writer("invalid")
    for at, value in enumerate(row.invalid):
        if value > largest:
            text = f"{value} does not fit into {row.type}: unsigned, up to {largest}"
            writer.source.say((*writer.path, "invalid", at), text)


def _check_mask(placed: Placed) -> None:
    row = placed.row
    if row.mask is None:
        return
    if row.type.startswith("float"):
        placed.say("mask", f"a mask takes bits of an integer; {row.type} has none")
    elif row.type in WIDTHS and row.mask >= 2 ** (16 * WIDTHS[row.type]):
        placed.say("mask", f"0x{row.mask:X} does not fit into {row.type}")
    elif row.type == "bit" and row.mask & (row.mask - 1):
        placed.say("mask", f"0x{row.mask:X} has more than one bit; use uint16")
    if row.table in _BIT_TABLES:
        placed.say("mask", f"a {row.table} is one bit already")


def _check_place(placed: Placed) -> None:
    row = placed.row
    if row.table is None:
        for key in ("address", "coherent"):
            if getattr(row, key) is not None:
                placed.say(key, f'has no "table": {key} is of registers')
        return
    if row.table in _BIT_TABLES and row.type != "bit":
        placed.say("type", f"a {row.table} is a bit, not {row.type}")
    if row.address is None:
        placed.missing("address")
    elif placed.end > ADDRESSES:
        placed.say(
            "address",
            f"{row.address} is too high: {row.type} takes {placed.field.width} words and the last address is "
            f"{ADDRESSES - 1}",
        )


def check_together(placed: list[Placed], max_words: int) -> None:
    """Whether the points of a device fit into its requests, and do not cut each other."""
    sets: dict[str, list[Placed]] = {}
    for each in placed:
        if each.row.table is None or each.row.address is None:
            continue
        if each.row.table not in _BIT_TABLES and each.field.width > max_words:
            each.say(
                "words" if each.row.words else "type",
                f"takes {each.field.width} words; this device answers {max_words} at most (max_words)",
            )
        if each.row.coherent:
            sets.setdefault(each.row.coherent, []).append(each)
    for name, members in sets.items():
        _check_coherent(name, members, max_words)
    _warn_of_cuts(placed)


def _check_coherent(name: str, members: list[Placed], max_words: int) -> None:
    first = members[0].row
    for each in members[1:]:
        if each.row.table != first.table:
            each.say(
                "coherent",
                f"group {name} is read by one request; {first.name} is in {first.table}, this in {each.row.table}",
            )
        if each.row.poll != first.poll:
            each.say(
                "poll",
                f"group {name} is read by one request; {first.name} is polled {first.poll}, this {each.row.poll}",
            )
    same = [each for each in members if each.row.table == first.table]
    low, high = min(each.row.address or 0 for each in same), max(each.end for each in same)
    bits = first.table in _BIT_TABLES
    longest = MOST_BITS if bits else max_words
    if high - low > longest and high <= ADDRESSES:
        last = max(same, key=lambda each: each.end)
        kind = "bits" if bits else "words"
        last.say(
            "coherent",
            f"group {name} spans {high - low} {kind}, {low} to {high - 1}; one request takes {longest} at most",
        )


def _warn_of_cuts(placed: list[Placed]) -> None:
    """Two values that share some of their words but not all: mostly a wrong address."""
    tables: dict[str, list[Placed]] = {}
    for each in placed:
        if each.row.table is not None and each.row.address is not None:
            tables.setdefault(each.row.table, []).append(each)
    for members in tables.values():
        members.sort(key=lambda each: (each.row.address or 0, -each.end))
        widest = members[0]
        for each in members[1:]:
            if (
                each.row.address != widest.row.address
                and (each.row.address or 0) < widest.end
                and each.row.type == widest.row.type
            ):
                each.say(
                    "address",
                    f"{each.row.address} is inside {widest.row.name}, {widest.row.address} to {widest.end - 1}",
                    "warning",
                )
            if each.end > widest.end:
                widest = each
