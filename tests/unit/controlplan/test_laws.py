"""Laws of the fold hold with checks, ladders and revisions in it: any history, cut anywhere, gives the same again."""

from __future__ import annotations

import random

import pytest

from gateway.folding.foldstate import State
from gateway.model import Input, Setting
from gateway.plain import from_plain, to_plain
from gateway.site import Alerts, Ladder, Line, Person, PlannedStop, Revision, Site, Step, When
from tests.unit.controlplan.shop import NS, charted, check, duty, release, result, shop
from tests.unit.fold.line import CELL, WALL_NS, Run, acknowledge, at, reading, scan, start, tick

A, B = Line("p", "A", owner="lead"), Line("p", "B", owner="lead")
MOIST = check(lots="material", usl=2.0, quarantine=True, gauge="balance", line=A)
PATROL = check("patrol", "time", period_ns=1800 * NS, within_ns=300 * NS, missed_ns=600 * NS, line=A)
FIRST = check("first", "start", when=When(f"{CELL}/x", ("2",)), within_ns=60 * NS, missed_ns=120 * NS, line=B)
LOTS = ("R1", "R2", "B1", "B2", "B3")


def site() -> Site:
    newer = tuple(
        type(row)(**{**{name: getattr(row, name) for name in row.__slots__}, "line": B})
        for row in (MOIST, PATROL)
    )
    alerts = Alerts(
        people=(Person("lead", quiet=((9 * 3600 * NS, 10 * 3600 * NS),)),),
        ladders=(Ladder("l", (Step(0, ("owner",)), Step(900 * NS, ("lead",), despite_quiet=True))),),
        default="l",
        stops=(PlannedStop("clean", WALL_NS + 9000 * NS, WALL_NS + 12_000 * NS, announce_ns=600 * NS),),
    )
    return shop(
        MOIST, PATROL, FIRST, *newer,
        duty("balance", "calibration", 30, last_ns=WALL_NS - 30 * 86_400 * NS + 7000 * NS),
        alerts=alerts,
        rows=(charted(MOIST), charted(newer[0])),
        revisions=(Revision("p", "A"), Revision("p", "B", WALL_NS + 6000 * NS)),
    )  # fmt: skip


def history(seed: int) -> list[Input]:
    """Four hours of a shop in which anything may happen."""
    chance, given, now = random.Random(seed), list[Input]([start()]), 1.0
    while now < 4 * 3600:
        now += chance.choice((1, 7, 60, 300))
        lot, word = chance.choice(LOTS), chance.random()
        if word < 0.55:
            given.append(tick(now))
        elif word < 0.7:
            given.append(reading(now, float(chance.choice((1, 2, 2, 30)))))
        elif word < 0.8:
            given.append(scan(now, lot, "hopper" if lot[0] == "R" else "box"))
        elif word < 0.9:
            name = chance.choice(("moisture", "patrol", "first", "balance", "nothing"))
            given.append(result(now, name, chance.choice((1.0, 3.0, 40.0)), lot=chance.choice(("", lot))))
        elif word < 0.94:
            given.append(release(now, lot, operator=chance.choice(("17", "18"))))
        elif word < 0.97:
            given.append(
                Setting("start", at(now), {"stopped_ns": at(now - 1).time_ns, "stopped_seconds": 1.0})
            )
        else:
            given.append(acknowledge(now, "?"))
    return given


@pytest.mark.parametrize("seed", range(4))
def test_what_was_recorded_gives_the_same_again_also_over_a_snapshot_anywhere(seed: int) -> None:
    whole = Run(site(), started=False)
    whole(*history(seed))
    assert len({type(event).__name__ for event in whole.events}) > 2
    cut = random.Random(seed).randrange(len(whole.records))
    again = Run(site(), started=False)
    again(*whole.records[:cut])
    rest = Run(site(), started=False)
    rest.state = from_plain(State, to_plain(again.state))
    rest(*whole.records[cut:])
    assert again.events + rest.events == whole.events
    assert to_plain(rest.state) == to_plain(whole.state)
