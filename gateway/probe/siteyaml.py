"""What was found, as a site file and device maps that `lotwatch check` takes. Pure: texts by file name.

The law: what is written there can be read, today; what it means is a person's to say. So points have the names of their
registers, what is not sure says so beside it, and what was zero all the time stands as a comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.probe.found import BIT_TABLES, Guess, Unit, Value

MOST_IDLE = 64  # lines of comment about registers that were zero
_NATURAL = {1: "AB", 2: "ABCD", 4: "ABCDEFGH"}


@dataclass(frozen=True, slots=True)
class Bus:
    """Where the units are, as a site file says it."""

    driver: str
    address: str


def files(bus: Bus, units: Sequence[Unit], polls: str = "1s") -> dict[str, str]:
    """File names, relative to the site's folder, and what is in them."""
    real = [unit for unit in units if unit.same_as is None]
    made = {f"devices/{map_name(unit)}.yaml": device_map(unit) for unit in real}
    return {"site.yaml": site(bus, real, polls), **made}


def map_name(unit: Unit) -> str:
    """Of the device map of a unit."""
    return f"unit{unit.unit}"


def site(bus: Bus, units: Sequence[Unit], polls: str) -> str:
    """The site file."""
    cells = ", ".join(map_name(unit) for unit in units)
    out = [
        "# Written by lotwatch probe: what answered, under names that say where it is. Give it yours, then run",
        "# lotwatch check site.yaml and lotwatch run site.yaml. Every key: docs/reference/config.md.",
        "",
        "site: my-plant",
        "gateway: gw1",
        "",
        "lines:",
        "- area: area1",
        "  name: line1",
        f"  cells: [{cells}]",
        "",
        "poll_classes:",
        f"  normal: {polls}",
        "",
        "buses:",
        "- name: bus1",
        f"  driver: {bus.driver}",
        f'  address: "{bus.address}"',
    ]
    serial = next((unit for unit in units if unit.baud), None)
    if serial is not None:
        out += [f"  baud: {serial.baud}", f"  parity: {serial.parity}"]
    out += ["", "devices:"]
    for unit in units:
        name = map_name(unit)
        out += [
            f"- name: {name}",
            "  bus: bus1",
            f"  map: {name}",
            f"  unit: {unit.unit}",
            f"  cell: area1/line1/{name}",
        ]
    out += [
        "",
        "web:",
        "  port: 8080                  # the pages, on this machine alone",
    ]
    return "\n".join(out) + "\n"


def device_map(unit: Unit) -> str:
    """The register map of one unit."""
    shown = [guess for guess in unit.guesses if not guess.idle]
    idle = [guess for guess in unit.guesses if guess.idle]
    about = (
        ", ".join(_safe(value) for value in unit.identity.values())
        or f"unit {unit.unit}, which does not say what it is"
    )
    out = [
        "# Written by lotwatch probe. A value's name, uom and plausible range are yours to say; where the type is not",
        "# sure, compare with the device's display or manual.",
        f'about: "{about}"',
        f"max_words: {unit.tables.max_words}",
    ]
    if unit.timeout_ns > 1_000_000_000:
        out.append(f"timeout: {unit.timeout_ns // 1_000_000}ms")
    if not shown:
        out += ["points: []"]
    else:
        out += ["points:", *(_point(guess) for guess in shown)]
    if idle:
        out += ["", f"# {len(idle)} more answered and were zero all the time:"]
        out += [f"# {guess.table} {guess.address}, {guess.field.type}" for guess in idle[:MOST_IDLE]]
    out += [f"# {area.table} {area.first} to {area.end - 1} answers" for area in unit.tables.areas]
    if not unit.whole:
        out += ["# The search was stopped: there may be more."]
    return "\n".join(out) + "\n"


def point_name(guess: Guess) -> str:
    """Where it is."""
    return f"{guess.table}_{guess.address}"


def _point(guess: Guess) -> str:
    field = guess.field
    parts = [
        f"name: {point_name(guess)}",
        f"table: {guess.table}",
        f"address: {guess.address}",
        f"type: {field.type}",
    ]
    if field.type == "string":
        parts.append(f"words: {field.width}")
    if field.order and field.order != _NATURAL.get(field.width):
        parts.append(f"order: {field.order}")
    said = [f"was {_value(guess.last)}"]
    if guess.counts:
        said.append("only grew")
    if guess.table not in BIT_TABLES:
        said.append(
            guess.word if guess.word == "sure" else f"{guess.word}: or {' or '.join(guess.instead) or 'else'}"
        )
    return f"- {{{', '.join(parts)}}}  # {_safe(', '.join(said))}"


def _value(value: Value) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _safe(text: str) -> str:
    r"""A device's own words, harmless in one line of YAML.

    >>> _safe('a"b\n# c')
    'a b # c'
    """
    kept = (each if each.isprintable() and each not in '"\\' else " " for each in text)
    return " ".join("".join(kept).split())[:120]
