"""The anomaly checks of a device stand beside the charts in `lotwatch alarm budget`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.cli.falsealarms import DAY_NS, rows_of, total
from gateway.model import AlarmChanged, Event, Noted, NumberedEvent, Severity
from gateway.site import Anomaly, Site
from tests.unit.fold.line import point, site

TAG = "hall/line1/press1/x"


class Fake:
    """A journal of two days."""

    def __init__(self, made: Site, events: list[Event]) -> None:
        self._site, self._events = made, events

    def site(self) -> Site:
        return self._site

    def span(self) -> tuple[int, int]:
        return 0, 2 * DAY_NS

    def events_between(self, t0: int, t1: int, kinds: tuple[str, ...]) -> Iterator[NumberedEvent]:
        for seq, event in enumerate(self._events):
            if type(event).__name__ in kinds and t0 <= event.time_ns < t1:
                yield NumberedEvent(seq, 0, event)


def test_false_anomalies_are_held_against_what_the_device_may_give():
    made = site([point("x")])
    made = replace(made, devices=(replace(made.devices[0], anomaly=Anomaly(0.5, 1)),))
    raised = AlarmChanged(
        5, "a", 1, "active", "anomaly", Severity.WARNING, TAG, TAG, "", (), {"device": "press1"}
    )
    answer = {"device": "press1", "acknowledged_by": "17", "cause_class": "false"}
    events: list[Event] = [
        Noted(5, "anomaly", TAG, Severity.WARNING, {"device": "press1"}),
        Noted(5, "clock", "gw1", Severity.INFO, {}),
        raised,
        replace(raised, time_ns=9, version=2, state="acknowledged", facts=answer),
    ]
    journal: Any = Fake(made, events)
    (row,), days = rows_of(journal, 0, 2 * DAY_NS)
    plain = row.plain(days)
    assert (row.name, row.signals, row.alarms, row.false) == ("anomaly press1", 1, 1, 1)
    assert (plain["designed_per_day"], plain["false_per_day"]) == (0.5, 0.5)
    assert total([row]).designed == 0.5
