"""The daemon's HTTP, put together: pages, what people enter there, metrics and health."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.alarms.values import Alarm
from gateway.box.standing import Forwards, standing
from gateway.door import Door
from gateway.door.words import USAGE, refusal, request
from gateway.fold import Fold
from gateway.metrics import CONTENT_TYPE, LoopLag, Parts, page
from gateway.people import People
from gateway.poll import BusPoller
from gateway.ports import Clock, Entropy
from gateway.recorder import Recorder
from gateway.service.wellbeing import begun_of, vitals_of
from gateway.site import Site
from gateway.web.acts import Wish
from gateway.web.application import Pages
from gateway.web.helper import Helper
from gateway.web.house import House
from gateway.web.live import Hub
from gateway.web.measured import metrics, ready
from gateway.web.server import Web

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Around:
    """What a daemon has that pages show of it."""

    site: Callable[[], Site]  # in force
    data: Path
    clock: Clock
    entropy: Entropy
    pollers: Mapping[str, BusPoller]
    forwards: Mapping[str, Forwards]


def web(around: Around, recorder: Recorder, door: Door, hubs: list[Hub], fold: Fold) -> list[Task]:
    """The tasks of it; the hub that tells pages what is committed is added to `hubs`."""
    site, clock = around.site(), around.clock
    hub = Hub(site, clock)
    hubs.append(hub)
    lag = LoopLag(clock)

    async def enter(wish: Wish) -> bytes:
        if site.site not in (wish.sites or (site.site,)) or wish.site not in {"", site.site}:
            return refusal(USAGE, "no such site here")
        return await door.answer(request(wish.kind, wish.operator, wish.body))  # type: ignore[arg-type] # it looks

    def now_ns() -> int:
        return clock.now().time_ns

    def stands() -> dict[str, Any]:
        return standing(around.site(), clock, around.pollers, around.forwards)

    def open_alarms() -> Iterable[Alarm]:
        return fold.state.alarms.values()  # of the state as it is then

    parts = Parts(site, around.data, clock, recorder, around.pollers, around.forwards, open_alarms, lag)
    vitals = vitals_of(around.site, recorder, around.pollers)
    begun = begun_of(around.site, recorder, around.pollers)

    def ills() -> list[str]:
        return vitals.ills(clock.boottime_ns()) if begun() else ["it has not read and committed yet"]

    def pages() -> Pages:
        house = House(People(around.data), now_ns, around.entropy.token, open_=site.web_open)
        more = {
            "/metrics": metrics(lambda: page(replace(parts, site=around.site())), CONTENT_TYPE, house),
            "/health/ready": ready(ills, house),
        }
        helper = Helper(around.data, clock, lambda: hub.viewers > 0)
        return Pages(house, clock.boottime_ns, recorder.note, hub, enter, fold.drawn, stands, helper, more)

    return [Web(around.data, site.web_port, clock, pages, site.web_beyond).run, lag.run]
