"""A list against the gateway's config: both have to mean the same register, or somebody writes into the wrong one."""

from __future__ import annotations

from pathlib import Path

from gateway.config import read
from gateway.config.maps import read_file
from gateway.config.problems import ConfigErrors, Problem
from gateway.lines import endpoint
from gateway.plan.words import nearest, shown
from gateway.site import Device, Point, Site
from lotwatch_writer.allowed import Allowed, Setpoint


def differences(file: Path, allowed: Allowed, config: Path) -> list[Problem]:
    """Where the two do not agree. Raises ConfigErrors where the config is none."""
    try:
        site = read(config).site
    except ConfigErrors as errors:
        raise ConfigErrors(each for each in errors.problems if each.severity == "error") from None
    document = read_file(file)
    points = {
        point.tag: (device, point)
        for device in site.devices
        for group in device.groups
        for point in group.points
    }
    found = []
    for at, each in enumerate(allowed.setpoints.values()):
        here = ("setpoints", at, "tag")
        if each.tag not in points:
            text = f"{shown(each.tag)} is no tag of {config}: nobody sees what is written{nearest(each.tag, points)}"
            found.append(document.problem(here, text, severity="warning"))
        else:
            found += [document.problem(here, text) for text in _unlike(each, site, *points[each.tag])]
        if endpoint(each.bus.address) is None and each.bus.address in {bus.address for bus in site.buses}:
            text = f"{each.bus.address} is a serial port that the gateway has open: the writer will be refused it"
            found.append(document.problem(here, text, severity="warning"))
    return found


def _unlike(setpoint: Setpoint, site: Site, device: Device, point: Point) -> list[str]:
    """What the gateway's point has otherwise."""
    [bus] = [each for each in site.buses if each.name == device.bus]
    pairs = [
        ("unit", setpoint.unit, device.unit),
        ("uom", setpoint.uom, point.uom),
        ("type", setpoint.target.field.type, point.field.type),
        ("scale", float(setpoint.target.field.scale), float(point.field.scale)),
        ("bias", float(setpoint.target.field.bias), float(point.field.bias)),
    ]
    if endpoint(bus.address) and endpoint(setpoint.bus.address):
        pairs.append(("address of the device", setpoint.bus.address, bus.address))
    if point.table == setpoint.back.table:
        pairs.append(("address read back", setpoint.back.address, point.address))
    if point.table == setpoint.target.table and setpoint.back == setpoint.target:
        pairs.append(("order", setpoint.target.field.order or "standard", point.field.order or "standard"))
    return [
        f"{name} is {mine} here and {theirs} in the gateway's config"
        for name, mine, theirs in pairs
        if mine != theirs
    ]
