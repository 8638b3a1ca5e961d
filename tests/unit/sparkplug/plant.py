"""A node over the samples' site, and its messages in words."""

from __future__ import annotations

from dataclasses import replace

from gateway.model import AlarmChanged, Noted, Severity
from gateway.site import Characteristic, Sampling, Site, Sparkplug
from gateway.sparkplug.decode import decode
from gateway.sparkplug.facts import Standing
from gateway.sparkplug.node import EdgeNode, Message
from gateway.sparkplug.types import Metric, Payload
from tests.unit.wire import samples

SETTINGS = Sparkplug("acme", "north-gw1")
NOW = 1_700_000_000_500
CHART = Characteristic(
    "melt-temp", f"{samples.CELL}/melt_temp", "ewma", {}, (), Sampling(), "Check the nozzle heater."
)


def site() -> Site:
    return replace(samples.site(), characteristics=(CHART,))


def node(settings: Sparkplug = SETTINGS, standing: Standing | None = None) -> EdgeNode:
    made = EdgeNode(site(), settings, standing, "1.2.3")
    made.connect(7, NOW)
    return made


def payloads(messages: list[Message]) -> list[Payload]:
    return [decode(message.payload) for message in messages]


def topics(messages: list[Message]) -> list[str]:
    return [message.topic.removeprefix("spBv1.0/acme/") for message in messages]


def named(payload: Payload) -> dict[str, Metric]:
    return {metric.name: metric for metric in payload.metrics if metric.name}


def dead(device: str = "press1", time_ns: int = NOW * 1_000_000) -> Noted:
    return Noted(time_ns, "unit_dead", device, Severity.WARNING, {})


def stale(state: str, version: int = 1) -> AlarmChanged:
    return AlarmChanged(
        NOW * 1_000_000, "A-1", version, state, "stale", Severity.WARNING, "", samples.GROUP.id, ""
    )
