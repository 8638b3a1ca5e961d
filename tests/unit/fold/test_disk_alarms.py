"""The alarms of a disk that fills: three levels of growing weight, each with its own way back; decided in the fold."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.box.diskwatch import DiskWatch
from gateway.clock import VirtualClock
from gateway.fold import Fold, pack_state, unpack_state
from gateway.folding import diskalarms
from gateway.model import AlarmChanged, Instant, Setting, Severity
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from tests.unit.wire import samples

WHOLE = 1000


def disk(second: int, free: object, whole: object = WHOLE) -> Setting:
    at = Instant(samples.T0 + second * 10**9, second * 10**9, 1)
    return Setting(diskalarms.DISK, at, {"bytes": whole, "free": free})  # type: ignore[dict-item]


def told(fold: Fold, given: Setting) -> list[tuple[str, str, Severity]]:
    step = fold.take(given)
    found = [event for event in step.events if isinstance(event, AlarmChanged)]
    assert step.urgent or not found, "an alarm of the disk is committed at once"
    return [(each.kind, each.state, each.severity) for each in found]


def test_each_level_is_raised_below_it_and_returns_two_percent_above() -> None:
    fold = Fold(Pipeline(samples.site()))
    low, lower, lowest = Severity.INFO, Severity.WARNING, Severity.ALARM
    for second, (free, events) in enumerate([
        (200, []), (199, [("disk_20", "active", low)]), (199, []), (219, []),
        (99, [("disk_10", "active", lower)]), (119, []),
        (49, [("disk_5", "active", lowest)]), (69, []),
        (70, [("disk_5", "returned", lowest)]), (49, [("disk_5", "active", lowest)]),
        (500, [("disk_20", "returned", low), ("disk_10", "returned", lower), ("disk_5", "returned", lowest)]),
        (500, []),
    ]):  # fmt: skip
        assert told(fold, disk(second, free)) == events, (second, free)


def test_it_is_said_in_both_languages() -> None:
    fold = Fold(Pipeline(samples.site()))
    [event] = fold.take(disk(1, 193)).events
    assert isinstance(event, AlarmChanged)
    facts = event.facts or {}
    assert "19.3 % is free" in str(facts["sentence"])
    assert "less than 20 %" in str(facts["sentence"])
    assert "低于 20 %" in str(facts["sentence_zh"])


@pytest.mark.parametrize("body", [("x", 5), (5, "x"), (5, 0), (None, None)])
def test_what_says_nothing_changes_nothing(body: tuple[object, object]) -> None:
    assert told(Fold(Pipeline(samples.site())), disk(1, *body)) == []


def test_it_outlives_a_restart_and_another_config() -> None:
    fold = Fold(Pipeline(samples.site()))
    told(fold, disk(1, 50))
    again = Fold(Pipeline(samples.site()), unpack_state(pack_state(fold.state)))
    assert pack_state(again.state) == pack_state(fold.state)
    config = Setting("config", disk(2, 0).at, {"site": to_plain(samples.site()), "hash": "h2"})
    assert told(again, config) == []
    assert [kind for kind, _, _ in told(again, disk(3, 900))] == ["disk_20", "disk_10"]


class Watched:
    """A watch whose disk has what is said."""

    def __init__(self, *, standing: bool = False) -> None:
        self.free, self.looks, self.taken = 90, 0, list[Setting]()
        self.clock = VirtualClock()
        self.watch = DiskWatch(
            Path("/nowhere"), self.clock, self.room, self.taken.append, self.look, standing=standing
        )

    def room(self, _: Path) -> tuple[int, int]:
        if self.free < 0:
            raise OSError(5, "Input/output error")
        return 100, self.free

    async def look(self) -> bool:
        self.looks += 1
        return self.looks != 2

    def frees(self) -> list[object]:
        return [each.body["free"] for each in self.taken]


def test_plenty_is_not_told_and_little_is_told_by_the_percent() -> None:
    watched = Watched()
    for free in (90, 60, 25, 24, 24, 23, 30, 40):
        watched.watch.tell(100, free)
    assert watched.frees() == [24, 23, 30]


def test_with_an_alarm_standing_the_first_look_is_told() -> None:
    watched = Watched(standing=True)
    for free in (90, 90):
        watched.watch.tell(100, free)
    assert watched.frees() == [90]


async def test_it_looks_now_and_then_sooner_without_a_ballast_and_lives_with_a_disk_that_fails() -> None:
    watched = Watched()
    task = asyncio.create_task(watched.watch.run())
    for free, looks in ((90, 1), (-1, 2), (-1, 3), (4, 4)):
        watched.free = free
        while watched.looks < looks or (free == 4 and not watched.taken):
            await asyncio.to_thread(int)  # the disk is asked in a thread
            await watched.clock.advance(1)
    task.cancel()
    assert watched.frees() == [4]
