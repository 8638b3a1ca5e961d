"""How a run ends: time to ask for what a broker forgot, and no excuse for what nobody asks for or nobody sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.ingest.askings import Askings
from gateway.publish.mqtt import MqttPublisher
from simulators.chaos import workerlife, world
from simulators.chaos.run import play
from simulators.chaos.script import parse
from simulators.chaos.vfs import OK, Disk, Process

pytestmark = pytest.mark.long

SECONDS = 120.0
FORGETS = parse("at 80 s: broker amnesia for 1 s")  # what waits for a worker that looks once in 55 s


def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of a run whose broker forgets at the end, with the slowest of workers."""
    monkeypatch.setattr(workerlife, "GATHER_S", (55.0,))
    monkeypatch.setattr(world, "REST_S", 180.0)
    return [each.what for each in play(1, SECONDS, script=FORGETS).account.found]


def test_what_a_broker_forgot_at_the_end_is_asked_for_before_the_gateway_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seed 1 of two hours: the worker asked 10 s after its gateway was gone for good."""
    assert found(monkeypatch) == []


def test_a_worker_that_never_asks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def turn(self: Askings, *, quiet: bool) -> None:
        """Nothing: the defect that is planted."""

    monkeypatch.setattr(Askings, "turn", turn)
    said = found(monkeypatch)
    assert "not at rest: the worker does not get what it lacks" in said
    assert any(what.startswith("audit: replica: gap: input") for what in said)


def test_a_gateway_that_stops_before_its_last_records_are_out_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def drained(self: MqttPublisher) -> None:
        """At once: the defect that is planted."""

    monkeypatch.setattr(MqttPublisher, "drained", drained)
    assert "not at rest: the worker does not get everything" in found(monkeypatch)


def test_a_disk_has_no_fault_left_when_the_script_is_over(tmp_path: Path) -> None:
    disk = Disk(tmp_path, fuse=1, short=1)
    disk.spare()
    assert disk.write(Process(), 10) == (OK, 10)
