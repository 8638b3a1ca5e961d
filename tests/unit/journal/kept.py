"""The kept journals of every schema, tests/databases, and what is in them. `test_schema` writes the newest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.journal.database import migrations
from gateway.model import (
    AlarmChanged,
    LotChanged,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.plain import from_plain, to_plain
from gateway.site import Site
from tests.unit.journal.plant import T0, Plant, config, make_site
from tests.unit.wire import samples

DATABASES = Path(__file__).parents[2] / "databases"
NUMBERS = sorted(migrations())


def records(number: int = NUMBERS[-1]) -> tuple[list[NumberedInput], list[NumberedEvent]]:
    """What is in the kept file of a schema: lots that are whole came with the second one."""
    readings = Plant(11).readings(2, 60)
    at = readings[-1].input.at
    rest = [NumberedInput(62, Scan("gate", at, "]C1L1", rssi_dbm=-60.5)), NumberedInput(63, Tick(at))]
    events = [
        NumberedEvent(
            1, 62, LotChanged(at.time_ns, "L1", "opened", "hall/line1/press1", "product", "]C1L1", ("R1",))
        ),
        NumberedEvent(2, 40, AlarmChanged(T0, "a1", 1, "active", "stale", Severity.ALARM, "t", "s", "call")),
        NumberedEvent(3, 0, Noted(T0, "gap", "gateway", Severity.INFO, {"seconds": 1.5})),
        NumberedEvent(4, 62, samples.batch()),
    ][: 3 if number < 2 else None]
    return [NumberedInput(1, config(make_site(), "h1")), *readings, *rest], events


def today(numbered: NumberedInput) -> NumberedInput:
    """A site of an older lotwatch lacks what came later; it reads as what that means by default."""
    seq, given = numbered
    if not (isinstance(given, Setting) and given.kind == "config"):
        return numbered
    site: Site = from_plain(Site, given.body["site"])
    return NumberedInput(seq, replace(given, body={**given.body, "site": to_plain(site)}))
