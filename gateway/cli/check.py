"""`lotwatch check`: everything wrong with a config at once, without hardware."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.options import overrides_of, set_option
from gateway.cli.output import Code, Exit, emit, stop

if TYPE_CHECKING:
    from gateway.config import Loaded, Problem
    from gateway.site import Bus, Site

_FULL = 1.0
_NEARLY_FULL = 0.8


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.option(
    "--schema",
    "kind",
    is_flag=False,
    flag_value="site",
    type=click.Choice(["site", "plan", "device_map"]),
    help="Print the JSON Schema of a kind of file, and check nothing.",
)
@set_option
def command(config: Path | None, as_json: bool, kind: str | None, settings: tuple[str, ...]) -> None:
    """Say what is wrong with the site in CONFIG, its device maps and its plans.

    One line a problem, FILE:LINE:COL: PATH: TEXT. Ends with 0 where the site can run, with 78 where it cannot.
    """
    gc.disable()  # a short life with many objects and no garbage: a third of the time saved
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy need not start threads for this
    if kind is not None:
        print_schema(kind)
        return
    if config is None:
        raise Exit(Code.USAGE, "name a config, such as config/demo/site.yaml, or --schema")
    from gateway.config import ConfigErrors, read

    try:
        loaded = read(config, overrides_of(settings))
    except ConfigErrors as errors:
        report(errors.problems, None, as_json=as_json)
        stop(Code.BAD_CONFIG)
    loads = bus_loads(loaded.site)
    found = [*loaded.warnings, *load_problems(loaded, loads)]
    bad = any(problem.severity == "error" for problem in found)
    report(found, None if bad else summary(loaded.site, loads), as_json=as_json)
    if bad:
        stop(Code.BAD_CONFIG)


def print_schema(kind: str) -> None:
    """The published JSON Schema, as `config/<kind>.schema.json` has it."""
    import json

    from gateway.config import schema

    click.echo(json.dumps(schema(kind), indent=2))


def bus_loads(site: Site) -> dict[str, float]:
    """Predicted share of each bus's time."""
    from gateway.poll import predict_load

    return {bus.name: predict_load(bus, [device for device in site.devices if device.bus == bus.name]) for bus in site.buses}


def load_problems(loaded: Loaded, loads: dict[str, float]) -> list[Problem]:
    """Buses that cannot keep their schedule, or only just."""
    problems = []
    for at, bus in enumerate(loaded.site.buses):
        share = loads[bus.name]
        if share > _NEARLY_FULL:
            severity = "error" if share > _FULL else "warning"
            text = f"{bus.name} would be busy {share:.0%} of the time; {advice(loaded.site, bus)}"
            problems.append(loaded.problem(("buses", at), text, severity))
    return problems


def advice(site: Site, bus: Bus) -> str:
    """The poll group that costs the bus most, by name."""
    from gateway.poll import predict_load
    from gateway.site import Device

    costs: list[tuple[float, str]] = []
    for device in site.devices:
        if device.bus == bus.name:
            for group in device.groups:
                alone = Device(device.name, device.bus, device.model, device.unit, device.cell, (group,), max_gap=device.max_gap, max_words=device.max_words)
                costs.append((predict_load(bus, [alone]), group.id))
    share, name = max(costs)
    raise_baud = "" if ":" in bus.address else f", or raise its baud ({bus.baud})"
    return f"slow down {name}, which takes {share:.0%}: give its points a slower poll class{raise_baud}"


def summary(site: Site, loads: dict[str, float]) -> dict[str, Any]:
    """What a good site has."""
    groups = [group for device in site.devices for group in device.groups]
    return {
        "site": site.site,
        "gateway": site.gateway,
        "buses": len(site.buses),
        "devices": len(site.devices),
        "points": sum(len(group.points) for group in groups),
        "polls_per_s": round(sum(1e9 / group.period_ns for group in groups if group.period_ns), 3),
        "characteristics": len(site.characteristics),
        "scan_points": len(site.scan_points),
        "bus_load": {name: round(share, 4) for name, share in loads.items()},
    }


def report(problems: list[Problem], made: dict[str, Any] | None, *, as_json: bool) -> None:
    """Problems and summary on stdout: lines, or one object."""
    if as_json:
        names = ("file", "line", "col", "path", "text", "severity")
        emit({"ok": made is not None, "problems": [{name: getattr(each, name) for name in names} for each in problems], "summary": made})
        return
    for problem in problems:
        click.echo(str(problem))
    if made is None:
        return
    click.echo(
        f"site {made['site']}, gateway {made['gateway']}: good. {made['buses']} buses, {made['devices']} devices, "
        f"{made['points']} points, {made['polls_per_s']:g} polls/s, {made['characteristics']} characteristics, "
        f"{made['scan_points']} scan points"
    )
    width = max(map(len, made["bus_load"]), default=0)
    for name, share in made["bus_load"].items():
        click.echo(f"  bus {name:<{width}}  {share:6.1%} busy")
