"""What was found of a unit, for people and as plain data. Pure."""

from __future__ import annotations

from typing import Any

from gateway.probe.found import Guess, Unit, Value

_HEAD = ("table", "address", "type", "order", "first", "last", "how sure", "or else")
SHOWN = 200  # values in a table for people


def plain(unit: Unit) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "unit": unit.unit, "baud": unit.baud or None, "parity": unit.parity or None, "same_as": unit.same_as,
        "whole": unit.whole, "identity": unit.identity, "max_words": unit.tables.max_words,
        "areas": [{"table": a.table, "first": a.first, "last": a.end - 1} for a in unit.tables.areas],
        "absent": unit.tables.absent,
        "values": [_plain(guess) for guess in unit.guesses],
    }  # fmt: skip


def _plain(guess: Guess) -> dict[str, Any]:
    return {
        "table": guess.table, "address": guess.address, "type": guess.field.type, "order": guess.field.order or None,
        "words": guess.field.width, "first": guess.first, "last": guess.last, "sure": guess.word,
        "bits": guess.sure, "counts": guess.counts, "instead": list(guess.instead),
    }  # fmt: skip


def lines(unit: Unit) -> list[str]:
    """As people read it."""
    at = f" at {unit.baud} {unit.parity}" if unit.baud else ""
    said = ", ".join(f"{name} {text}" for name, text in unit.identity.items()) or "does not say what it is"
    out = [f"unit {unit.unit}{at}: {said}"]
    if unit.same_as is not None:
        return [*out, f"  answers as unit {unit.same_as} does: left out of the config"]
    for table in dict.fromkeys(area.table for area in unit.tables.areas):
        spans = [area for area in unit.tables.areas if area.table == table]
        shown = ", ".join(f"{a.first}-{a.end - 1}" if a.count > 1 else f"{a.first}" for a in spans[:12])
        out.append(f"  {table} {shown}{f' and {len(spans) - 12} more' if len(spans) > 12 else ''}")
    if not unit.tables.areas:
        out.append("  no register answered" + ("" if unit.whole else " yet"))
    rows = [_row(guess) for guess in unit.guesses if not guess.idle]
    if rows:
        widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
        out += [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (_HEAD, *rows[:SHOWN])
        ]
    if len(rows) > SHOWN:
        out.append(f"  and {len(rows) - SHOWN} more: see --json")
    idle = len(unit.guesses) - len(rows)
    if idle:
        out.append(f"  {idle} more were zero all the time")
    return out


def _row(guess: Guess) -> tuple[str, ...]:
    counts = ", only grew" if guess.counts else ""
    instead = " or ".join(guess.instead) if guess.word not in {"sure", "idle"} else ""
    return (
        guess.table, str(guess.address), guess.field.type, guess.field.order, _value(guess.first), _value(guess.last),
        f"{guess.word}{counts}", instead,
    )  # fmt: skip


def _value(value: Value) -> str:
    return (
        f"{value:.7g}"
        if isinstance(value, float)
        else "".join(c if c.isprintable() else "." for c in str(value))
    )
