"""A study as JSON has it, and as people read it."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from gateway.study.capability import Capability
    from gateway.study.exclusions import Exclusion
    from gateway.study.panels import Panel
    from gateway.study.study import Study

_SHOWN = 40  # violations that people are shown
_WIDE = 98  # columns
_PIECE = 10_000  # points
_INDICES = ("cp", "cpk", "pp", "ppk", "cpm")


def as_json(
    done: Study, capability: Capability | None, notes: Sequence[str], exclusions: Sequence[Exclusion]
) -> Iterator[bytes]:
    """One object on one line, piece by piece: a million points as Python values would fill a small box."""
    head = {"chart": done.chart, "n": done.n, "mean": _number(done.mean), "sigma": done.sigma}
    yield _json(head)[:-1] + b',"panels":['
    for number, panel in enumerate(done.panels):
        yield b"," if number else b""
        yield from _panel(panel)
    yield b"]," + _json(_rest(done, capability, notes, exclusions))[1:] + b"\n"


def _rest(
    done: Study, capability: Capability | None, notes: Sequence[str], exclusions: Sequence[Exclusion]
) -> dict[str, Any]:
    """What follows the panels."""
    found: dict[str, Any] = {"in_control": done.in_control}
    found["phase1"] = {
        "samples": len(done.baseline),
        "params": {_spelled(name): _number(value) for name, value in done.learnt.items()},
    }
    if done.dispersion is not None:
        found["dispersion"] = dataclasses.asdict(done.dispersion)
    if capability is not None:
        found["capability"] = {name: dataclasses.asdict(getattr(capability, name)) for name in _INDICES}
        found["ppm"] = {
            "within": capability.ppm_within,
            "overall": capability.ppm_overall,
            "observed": capability.ppm_observed,
        }
        found["distribution"] = capability.distribution
    if exclusions:
        found["excluded"] = [{"rows": each.rows, "reason": each.reason} for each in exclusions]
    if notes:
        found["notes"] = list(notes)
    return found


def _panel(panel: Panel) -> Iterator[bytes]:
    head = {"name": panel.name, "center": panel.center, "ucl": panel.ucl, "lcl": panel.lcl}
    yield _json(head)[:-1] + b',"points":['
    for start in range(0, len(panel.at), _PIECE):
        part = slice(start, start + _PIECE)
        points = zip(panel.at[part].tolist(), panel.values[part].tolist(), panel.rules[part], strict=True)
        found = _json([{"i": at, "value": value, "rules": rules} for at, value, rules in points])
        yield (b"," if start else b"") + found[1:-1]
    yield b"]}"


def _json(value: object) -> bytes:
    """nan is null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _number(value: Any) -> Any:
    """A number, or nested lists of numbers."""
    return value if isinstance(value, float) else value.tolist()


def _spelled(name: str) -> str:
    return "lambda" if name == "weight" else name


def show(
    done: Study, capability: Capability | None, notes: Sequence[str], exclusions: Sequence[Exclusion]
) -> None:
    """For people."""
    middle = f", mean {done.mean:.6g}" if isinstance(done.mean, float) and not math.isnan(done.mean) else ""
    spread = "" if math.isnan(done.sigma) else f", sigma {done.sigma:.6g}"
    click.echo(f"{done.chart}: {done.n} samples{middle}{spread}")
    click.echo(f"  {'panel':<8} {'lcl':>12} {'center':>12} {'ucl':>12}  violations")
    for panel in done.panels:
        lines = "".join(f" {_last(line):>12.6g}" for line in (panel.lcl, panel.center, panel.ucl))
        click.echo(f"  {panel.name:<8}{lines}  {panel.violations}{_varies(panel)}")
    for each in exclusions:
        click.echo(f"  rows {each.rows} left out: {each.reason}")
    found = [
        (at, panel.name, value, rules)
        for panel in done.panels
        for at, value, rules in zip(panel.at.tolist(), panel.values.tolist(), panel.rules, strict=True)
        if rules
    ]
    what = "row" if done.n == done.left_out.size else "sample"
    for at, name, value, rules in sorted(found)[:_SHOWN]:
        click.echo(f"  {what} {at:<8} {name:<8} {value:>12.6g}  {' '.join(rules)}")
    if len(found) > _SHOWN:
        click.echo(f"  and {len(found) - _SHOWN} more: --json has them all")
    if capability is not None:
        _show_capability(capability)
    for note in notes:
        click.echo(textwrap.fill(note, _WIDE, initial_indent="  ! ", subsequent_indent="    "))


def _show_capability(found: Capability) -> None:
    click.echo(f"  {'index':<8} {'low':>12} {'value':>12} {'high':>12}")
    for name in _INDICES:
        index = getattr(found, name)
        shown = "".join(f" {each:>12.4g}" for each in (index.low, index.value, index.high))
        click.echo(
            f"  {name:<8}{shown}" if not math.isnan(index.value) else f"  {name:<8} {'not defined':>25}"
        )
    within = "" if math.isnan(found.ppm_within) else f"{_ppm(found.ppm_within)} by sigma within, "
    rest = f"{_ppm(found.ppm_overall)} overall, {_ppm(found.ppm_observed)} observed"
    click.echo(f"  outside per million: {within}{rest}")


def _ppm(share: float) -> str:
    return f"{share:.0f}" if share >= 1000 else f"{share:.4g}"


def _last(line: Any) -> float:
    return line if isinstance(line, float) else float(line[-1]) if len(line) else math.nan


def _varies(panel: Panel) -> str:
    return "" if isinstance(panel.ucl, float) else "  (limits vary: those of the last sample)"
