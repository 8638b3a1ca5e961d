"""The load of each bus against its schedule. Pure arithmetic: asks no device."""

from __future__ import annotations

import dataclasses

from gateway.doctor.found import Finding
from gateway.poll import predict_load
from gateway.site import Bus, Device, Site

FULL, NEARLY = 1.0, 0.8


def load(site: Site, bus: Bus, config: str) -> list[Finding]:
    """Whether the bus can keep its schedule, with room for retries."""
    devices = [device for device in site.devices if device.bus == bus.name]
    share = predict_load(bus, devices)
    if share <= NEARLY:
        return []
    facts = {"bus": bus.name, "share": f"{share:.0%}", "worst": _worst(bus, devices), "config": config}
    return [Finding("LW701", facts) if share > FULL else Finding("LW702", facts, warning=True)]


def _worst(bus: Bus, devices: list[Device]) -> str:
    """The poll group that takes most of it."""
    alone = [
        (predict_load(bus, [dataclasses.replace(device, groups=(group,))]), group.id)
        for device in devices
        for group in device.groups
    ]
    return max(alone)[1]
