"""A disk that is really full: alarms are committed out of the ballast, and all goes on by itself when there is room."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.ballast import NAME
from gateway.journal.verify import verify
from gateway.model import AlarmChanged, Event, Noted, Reading
from tests.kills.disk import Disk
from tests.system.test_daemon import Gateway, site

pytestmark = pytest.mark.system
__all__ = ["site"]
MEGABYTES = 100
SECOND = 10**9


def alarms(data: Path) -> dict[str, str]:
    """State by kind, of the alarms of the disk."""
    with JournalReader(data) as reader:
        found = [each.event for each in reader.events(1, reader.last().event)]
    changed = [each for each in found if isinstance(each, AlarmChanged) and each.kind.startswith("disk_")]
    return {each.kind: each.state for each in changed}


def inputs(data: Path) -> int:
    with JournalReader(data) as reader:
        return reader.last().input


def test_a_full_disk_costs_no_alarm_and_nothing_is_twice(tmp_path: Path, site: Path) -> None:  # a fixture
    with Disk(tmp_path / "disk", MEGABYTES) as disk:
        if not disk.can_fill:
            pytest.skip("only root may mount a disk that can be full")
        data = disk.folder / "data"
        gateway = Gateway(site, data, "commit=disk")
        try:
            gateway.wait_until_it_runs()
            gateway.wait_until(lambda: inputs(data) > 20)
            assert (data / NAME).stat().st_size == (MEGABYTES << 20) // 100
            disk.fill()
            gateway.wait_until(lambda: alarms(data).get("disk_5") == "active")
            gateway.wait_until(lambda: not (data / NAME).exists())
            at_fill = inputs(data)
            gateway.wait_until(lambda: inputs(data) > at_fill + 5)  # watched and committed on a full disk
            disk.fill()  # somebody takes what the ballast gave
            wait_for(gateway, b"cannot commit")
            disk.free()
            gateway.wait_until(lambda: set(alarms(data).values()) == {"returned"})
            gateway.wait_until((data / NAME).exists)
            before = inputs(data)
            gateway.wait_until(lambda: inputs(data) > before + 20)
            assert gateway.stop()[0] == 0
        finally:
            gateway.process.kill()
        assert set(alarms(data)) == {"disk_20", "disk_10", "disk_5"}
        nothing_is_missing(data)


def wait_for(gateway: Gateway, words: bytes) -> None:
    assert gateway.process.stderr is not None
    for line in gateway.process.stderr:
        if words in line:
            return
    raise AssertionError("it ended")


def nothing_is_missing(data: Path) -> None:
    """Numbers without a hole, each reading once, and where readings are not, a gap record says so."""
    with JournalReader(data) as reader:
        assert verify(reader, reader.ledger.key()).findings == []
        given = list(reader.inputs(1, reader.last().input))
        events = [each.event for each in reader.events(1, reader.last().event)]
    assert [each.seq for each in given] == list(range(1, len(given) + 1))
    told = [each.facts for each in events if isinstance(each, Noted) and each.kind == "gap"]
    readings: dict[str, list[int]] = {}
    for each in given:
        if isinstance(each.input, Reading):
            readings.setdefault(each.input.group, []).append(each.input.at.time_ns)
    for times in readings.values():
        assert len(set(times)) == len(times)
        for one, other in pairwise(times):
            covered = any(
                int(str(gap["from_ns"])) - SECOND <= other and one <= int(str(gap["to_ns"])) for gap in told
            )
            assert other - one < 3 * SECOND or covered or late(events, one, other), (one, other)


def late(events: list[Event], one: int, other: int) -> bool:
    """Whether polls were missed then, for this machine stood still."""
    told = (each for each in events if isinstance(each, Noted) and each.kind == "poll_overrun")
    return any(one <= each.time_ns <= other + 5 * SECOND for each in told)
