"""`lotwatch check`: everything wrong with a config at once, without hardware."""

from __future__ import annotations

import gc
import os
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.box.wear import budget
from gateway.cli.options import set_option
from gateway.cli.output import Code, Exit, emit, stop

if TYPE_CHECKING:
    from gateway.config import Loaded, Problem
    from gateway.site import Bus, Site

_FULL = 1.0
_NEARLY_FULL = 0.8
_REGISTERS = {"modbus.tcp", "modbus.rtu", "modbus.rtu_over_tcp"}
"""Drivers that take any register map; `gateway.config` knows what they want."""


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
@click.option(
    "--online",
    is_flag=True,
    help="Ask the database too: is it there, does it let us in, does it keep what is counted on?",
)
@set_option
def command(
    config: Path | None, as_json: bool, kind: str | None, settings: tuple[str, ...], *, online: bool
) -> None:
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
    from gateway.config import ConfigErrors, read  # noqa: PLC0415 # a command loads what it needs, when it runs

    try:
        loaded = read(config, overrides_of(settings))
    except ConfigErrors as errors:
        report(errors.problems, None, as_json=as_json)
        stop(Code.BAD_CONFIG)
    loads = bus_loads(loaded.site)
    found = [
        *loaded.warnings,
        *driver_problems(loaded),
        *load_problems(loaded, loads),
        *design_problems(loaded),
    ]
    if online:
        from gateway.cli.checkonline import online_problems  # noqa: PLC0415

        found += online_problems(loaded)
    bad = any(problem.severity == "error" for problem in found)
    report(found, None if bad else summary(loaded.site, loads), as_json=as_json)
    if bad:
        stop(Code.BAD_CONFIG)


def design_problems(loaded: Loaded) -> list[Problem]:
    """The first row of the plans of which no chart can be made.

    Numpy, and some seconds, only where a chart is designed or has limits out of a study.
    """
    rows = loaded.site.characteristics
    if all(row.design is None and not row.limits for row in rows):
        return []
    from gateway.config.limits import NoLimit, solved  # noqa: PLC0415
    from gateway.pipeline import BadPlan, Pipeline  # noqa: PLC0415

    try:
        Pipeline(solved(loaded.site))
    except (NoLimit, BadPlan) as error:
        return [loaded.problem(("plans",), f"{error}")]
    return []


def overrides_of(settings: tuple[str, ...]) -> dict[str, str]:
    """``--set`` as the overrides of a config."""
    for setting in settings:
        if "=" not in setting:
            raise Exit(Code.USAGE, f"--set {setting}: write PATH=VALUE, such as broker.port=1884")
    return dict(setting.split("=", 1) for setting in settings)


def print_schema(kind: str) -> None:
    """The published JSON Schema, as `config/<kind>.schema.json` has it."""
    import json  # noqa: PLC0415

    from gateway.config import schema  # noqa: PLC0415

    click.echo(json.dumps(schema(kind), indent=2))


def driver_problems(loaded: Loaded) -> list[Problem]:
    """What only the driver of a bus knows: its options, and which points it can fill. Opens nothing."""
    site = loaded.site
    if all(bus.driver in _REGISTERS for bus in site.buses):
        return []
    from drivers import load_driver  # noqa: PLC0415
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.lines import open_line  # noqa: PLC0415

    problems, clock = [], SystemClock()
    for at, bus in enumerate(site.buses):
        devices = [device for device in site.devices if device.bus == bus.name]
        if not devices or bus.driver in _REGISTERS:
            continue
        module = load_driver(bus.driver)
        given = (
            {"scan_points": site.scan_points} if "scan_points" in signature(module.build).parameters else {}
        )
        try:
            module.build(bus=bus, devices=devices, line=open_line(bus, clock), clock=clock, **given)
        except ValueError as error:
            where, _, text = str(error).partition(": ")
            option = where.removeprefix("options.") if where.startswith("options.") else ""
            path = ("buses", at, "options", option) if option else ("buses", at)
            problems.append(loaded.problem(path, text if option else str(error)))
    return problems


def bus_loads(site: Site) -> dict[str, float]:
    """Predicted share of each bus's time."""
    from gateway.poll import predict_load  # noqa: PLC0415

    return {
        bus.name: predict_load(bus, [device for device in site.devices if device.bus == bus.name])
        for bus in site.buses
    }


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
    from gateway.poll import predict_load  # noqa: PLC0415
    from gateway.site import Device  # noqa: PLC0415

    costs: list[tuple[float, str]] = []
    for device in site.devices:
        if device.bus == bus.name:
            for group in device.groups:
                alone = Device(
                    device.name,
                    device.bus,
                    device.model,
                    device.unit,
                    device.cell,
                    (group,),
                    max_gap=device.max_gap,
                    max_words=device.max_words,
                )
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
        "disk": budget(site),
    }


def report(problems: list[Problem], made: dict[str, Any] | None, *, as_json: bool) -> None:
    """Problems and summary on stdout: lines, or one object."""
    if as_json:
        names = ("file", "line", "col", "path", "text", "severity")
        emit(
            {
                "ok": made is not None,
                "problems": [{name: getattr(each, name) for name in names} for each in problems],
                "summary": made,
            }
        )
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
    disk = made["disk"]
    lasts = f", a poor card lasts {disk['years']:g} years" if disk["years"] else ""
    click.echo(
        f"  profile {disk['profile']}: about {disk['bytes_a_day'] / 1e9:.2f} GB a day to the disk{lasts}; "
        f"a power cut costs {disk['loss_s']:g} s at most"
    )
