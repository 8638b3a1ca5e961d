"""What the daemon's watchdog looks at: every bus, the disk; and the line that `systemctl status` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.poll import BusPoller
from gateway.ports import Clock
from gateway.recorder import Recorder
from gateway.service.notify import Notifier
from gateway.service.vitals import Vital, Vitals
from gateway.service.watchdog import Watchdog
from gateway.site import Site

BUS_MOST_NS = 90_000_000_000  # a supervised task that broke is tried again after 64 s at the latest
COMMIT_MOST_NS = 60_000_000_000  # for a card that erases, or a disk that spins up


def vitals_of(site: Callable[[], Site], recorder: Recorder, pollers: Mapping[str, BusPoller]) -> Vitals:
    """What must not stand still; `pollers` fills as buses begin, and `site` is the one in force."""

    def parts() -> Sequence[Vital]:
        now = site()
        buses = (
            Vital(f"bus {name}", poller.still_ns, BUS_MOST_NS + 3 * _slowest_ns(now, name))
            for name, poller in pollers.items()
        )
        return (Vital("the disk", recorder.still_ns, COMMIT_MOST_NS), *buses)

    return Vitals(parts)


def begun_of(
    site: Callable[[], Site], recorder: Recorder, pollers: Mapping[str, BusPoller]
) -> Callable[[], bool]:
    """Whether a block was committed and every bus was asked."""

    def begun() -> bool:
        polled = {device.bus for device in site().devices if any(group.period_ns for group in device.groups)}
        return recorder.blocks > 0 and all(name in pollers and pollers[name].stats.polls for name in polled)

    return begun


def watchdog_of(
    notifier: Notifier,
    clock: Clock,
    site: Callable[[], Site],
    recorder: Recorder,
    pollers: Mapping[str, BusPoller],
) -> Watchdog:
    """The watchdog of a daemon; `pollers` fills as buses begin."""

    def status() -> str:
        dead = [name for poller in pollers.values() for name in poller.dead()]
        polls = sum(poller.stats.polls for poller in pollers.values())
        now = site()
        words = (
            f"site {now.site}: {len(now.devices)} devices, {polls} polls, {recorder.blocks} blocks committed"
        )
        return f"{words}; silent: {', '.join(dead)}" if dead else words

    vitals, begun = vitals_of(site, recorder, pollers), begun_of(site, recorder, pollers)
    return Watchdog(notifier, clock, vitals, begun, status)


def _slowest_ns(site: Site, bus: str) -> int:
    return max((device.timeout_ns for device in site.devices if device.bus == bus), default=0)
