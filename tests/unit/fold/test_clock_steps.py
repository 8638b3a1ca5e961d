"""Lots while wall time is stepped: the fold goes on with the lots that are there, and windows say what was told."""

from __future__ import annotations

from dataclasses import replace

from gateway.journal.lots import windows_of
from gateway.lots import lots_at, product_at
from gateway.model import ClockRow, Event, Instant, LotChanged, Reading, Scan, Setting
from gateway.plain import to_plain
from tests.unit.fold.line import CELL, WALL_NS, Run, S, kinds, point, reading, scan, site, start


class Stepping:
    """A line whose wall clock is `offset` seconds off."""

    def __init__(self) -> None:
        self.run, self.offset = Run(site([point("x")])), 0

    def at(self, seconds: float) -> Instant:
        return Instant(WALL_NS + round((seconds + self.offset) * S), round(seconds * S), 1)

    def step(self, seconds: float, by: float) -> list[Event]:
        self.offset += round(by)
        row = ClockRow(2, "b", 0, 0, synchronised=True)
        return self.run(Setting("clock", self.at(seconds), to_plain(row)))

    def scan(self, seconds: float, code: str, place: str = "box") -> list[Event]:
        return self.run(Scan(place, self.at(seconds), code))

    def read(self, seconds: float) -> list[Event]:
        given: Reading = reading(seconds, 50.0)
        return self.run(replace(given, at=self.at(seconds)))

    def there(self, seconds: float) -> tuple[str, ...]:
        return lots_at(self.run.state.lots, CELL, self.at(seconds).time_ns)


def test_a_scan_after_a_step_back_changes_the_lot_at_once() -> None:
    line = Stepping()
    line.scan(10, "Z")
    line.scan(100, "A")
    line.read(110)
    told = line.step(120, -3600)
    assert kinds(told)[:2] == ["lot closed A", "lot opened A"]
    assert line.there(121) == ("A",)
    assert kinds(line.scan(130, "B")) == ["lot closed A", "lot opened B"]
    assert line.there(140) == ("B",)
    assert line.there(3700) == ("B",), "when the old time comes again"
    changes = sorted(
        (event for event in line.run.events if isinstance(event, LotChanged) and event.lot == "A"),
        key=lambda event: event.time_ns,
    )
    spans = [(each.since_ns - WALL_NS, (each.until_ns or 0) - WALL_NS) for each in windows_of(changes)]
    assert spans == [(-3480 * S, -3470 * S), (100 * S, 110 * S)], "of each stretch its own"


def test_what_was_there_at_that_time_already_stays_untold() -> None:
    line = Stepping()
    line.scan(10, "R", "hopper")
    line.scan(100, "A")
    told = line.step(120, -60)  # to 60: the resin was there, the box was not
    assert kinds(told) == ["lot closed A", "lot opened A", "clock"]
    assert line.there(121) == ("A", "R")


def test_a_clock_that_is_set_at_last_does_not_make_a_lot_half_a_century_old() -> None:
    line = Stepping()
    line.scan(10, "A")
    line.read(20)
    told = line.step(30, 50 * 365 * 86_400)
    assert kinds(told) == ["lot closed A", "lot opened A", "clock"]
    closed, opened = (event for event in told if isinstance(event, LotChanged))
    assert (closed.time_ns, opened.time_ns) == (line.run.records[-2].at.time_ns, line.at(30).time_ns)
    assert line.there(31) == ("A",)


def test_downtime_of_a_night_changes_no_lot() -> None:
    run = Run(site([point("x")]))
    run(scan(10, "A"), reading(20, 50.0))
    assert kinds(run(start(12 * 3600, stopped=20))) == ["gap"]
    assert product_at(run.state.lots, CELL, scan(12 * 3600, "").at.time_ns) == "A"


def test_a_start_with_a_clock_behind_goes_on_with_its_lots() -> None:
    line = Stepping()
    line.scan(3600, "A")
    assert kinds(line.run(start(10))) == ["lot closed A", "lot opened A"]
    assert kinds(line.scan(20, "B")) == ["lot closed A", "lot opened B"]
