"""What a demo shows in its first quarter of a minute, in plant time: no machine is too slow for that."""

import pytest

from gateway.config import load
from gateway.config.limits import solved
from gateway.model import Signal
from gateway.pipeline import Pipeline
from gateway.resources import config_dir
from simulators.demo import SCRIPT
from simulators.faults import PROCESS, parse
from simulators.plant.line import Plant
from simulators.virtual import BEGINS_NS, readings

SITE = solved(load(config_dir() / "demo" / "site.yaml"))
SHOWN_BY_S = 15.0


def first_signal_s(seed, begin_s=0):
    """Plant seconds until something that the script did is signalled; the gateway comes to the line at `begin_s`."""
    plant, pipeline = Plant(seed), Pipeline(SITE)
    state, told = pipeline.start(), []
    due = [fault for fault in parse(SCRIPT) if fault.kind in PROCESS]
    for given in readings(plant, SITE, round(SHOWN_BY_S)):
        while due and due[0].at_ns <= plant.time_ns:
            fault = due.pop(0)
            plant.change(fault.target, fault.point, fault.change())
        if given.at.time_ns - BEGINS_NS < begin_s * 1e9:
            continue
        step = pipeline.step(state, given)
        state = step.state
        told += [event for event in step.events if isinstance(event, Signal)]
    return min(((event.time_ns - BEGINS_NS) / 1e9 for event in told), default=None)


@pytest.mark.parametrize("begin_s", [0, 2, 4, 8])
def test_a_planted_change_is_signalled_within_a_quarter_of_a_minute(begin_s):
    told = first_signal_s(1, begin_s)
    assert told is not None
    assert told <= SHOWN_BY_S
