"""Points of known age, a kill, and what is left: against a store whose memory is lost with it, on a virtual clock."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import cast

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.clock import VirtualClock
from gateway.ingest.kinds import KINDS
from gateway.ingest.probestore import ProbeStore, Row
from gateway.ingest.survival import PATIENCE_S, Survival, survive
from gateway.ingest.victims import ByCommand, ByPid, NoVictim
from gateway.ingest.writer import WriteFailed

SITE = """
site: plant
gateway: gw1
poll_classes: {normal: 1s}
lines:
- {area: hall, name: line1, cells: [press1]}
buses: []
devices: []
database: {url: "http://127.0.0.1:9", kind: influxdb1, writer: direct}
"""
pytestmark = pytest.mark.usefixtures("sites_read_here")


class Forgetful:
    """A database that keeps what is older than `durable_s` when it is killed, and what a barrier wrote out."""

    def __init__(self, durable_s: float, *, snapshots: bool = True) -> None:
        self.clock = VirtualClock()
        self.again = True
        self.kills, self.down = 0, 0
        self._durable_s, self._snapshots = durable_s, snapshots
        self._held: list[tuple[str, int, float, bool]] = []
        self.forgotten: list[str] = []
        self.writer = self

    def pause(self, seconds: float) -> None:
        asyncio.run(self.clock.advance(seconds))

    def write(self, lines: list[str]) -> None:
        for line in lines:
            name, time = line.partition(",")[0], int(line.rpartition(" ")[2])
            self._held.append((name, time, self.clock.boottime_ns() / 1e9, False))

    def barrier(self) -> bool:
        if self._snapshots:
            self._held = [(name, time, at, True) for name, time, at, _ in self._held]
        return self._snapshots

    def kill(self) -> None:
        self.kills += 1
        now = self.clock.boottime_ns() / 1e9
        self._held = [each for each in self._held if each[3] or now - each[2] >= self._durable_s]

    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        del t0, t1
        if self.down:
            self.down -= 1
            raise WriteFailed("refused", gone=True)
        return [("probe", "step", time, 0) for name, time, _, _ in self._held if name == measurement]

    def forget(self, measurement: str, t0: int, t1: int) -> None:
        del t0, t1
        self.forgotten.append(measurement)

    def close(self) -> None:
        pass


def probed(store: Forgetful, span_s: float = 10.0, kills: int = 2) -> Survival:
    return survive(
        lambda: cast(ProbeStore, store),
        store,
        "p",
        store.clock,
        store.pause,
        kills=kills,
        span_s=span_s,
        snapshots=True,
    )


def test_the_oldest_point_that_is_lost_says_how_long_a_write_takes() -> None:
    store = Forgetful(4.1)
    store.down = 3
    found = probed(store)
    assert found.lost_s == pytest.approx(4.0)
    assert (found.kills, store.kills, found.barrier, found.beyond) == (2, 3, True, False)
    assert store.forgotten == ["p_0", "p_1", "p_barrier"]
    assert found.words() == "4.0 s after the 204; at once by a snapshot: 32 of 80 points lost in 2 kills"
    assert found.answer(KINDS["victoriametrics"]).good
    assert not found.answer(KINDS["influxdb"]).good  # which is counted on at the 204


def test_a_database_that_keeps_everything() -> None:
    found = probed(Forgetful(0.0, snapshots=False))
    assert (found.lost, found.barrier) == (0, None)
    assert found.words() == "at the 204: none of 80 points lost in 2 kills"
    assert found.answer(KINDS["influxdb"]).good


def test_one_that_takes_longer_than_was_tried() -> None:
    found = probed(Forgetful(60.0))
    assert found.beyond
    assert found.words().startswith("over 10.0 s after the 204")
    assert not found.answer(KINDS["victoriametrics"]).good


def test_one_whose_snapshot_does_not_help() -> None:
    store = Forgetful(2.0)
    store.barrier = lambda: True  # type: ignore[method-assign]
    found = probed(store)
    assert "A SNAPSHOT DOES NOT HELP" in found.words()
    assert not found.answer(KINDS["victoriametrics"]).good


def test_a_process_can_be_killed_once() -> None:
    store = Forgetful(2.0)
    store.again = False
    found = probed(store, kills=5)
    assert (found.kills, store.kills, found.barrier) == (1, 1, None)


def test_one_that_does_not_come_back_is_an_error() -> None:
    store = Forgetful(2.0)
    store.down = 10_000
    with pytest.raises(WriteFailed, match=f"does not answer {PATIENCE_S:g} s after the kill"):
        probed(store)


def test_who_is_killed_is_never_guessed() -> None:
    with pytest.raises(NoVictim, match="No such process"):
        ByPid(2**22 + 1, lambda: True, lambda _: None)  # beyond the greatest number of proc(5)
    with pytest.raises(NoVictim, match="answers there already"):
        ByCommand("sleep 60", lambda: True, lambda _: None)
    with pytest.raises(NoVictim, match="cannot be started"):
        ByCommand("/no/such/program", lambda: False, lambda _: None)
    with pytest.raises(NoVictim, match="ended with code"):
        ByCommand(f"{sys.executable} -c pass", lambda: False, threading.Event().wait)


def test_a_process_that_was_not_the_database() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        victim = ByPid(other.pid, lambda: True, lambda _: os.sched_yield())
        with pytest.raises(WriteFailed, match="it was another process"):
            victim.kill()
    assert other.returncode == -9


def test_a_command_that_only_starts_the_database() -> None:
    up = iter([False, True, True])  # not before, then it is there, and still after the kill
    victim = ByCommand(f"{sys.executable} -c input()", lambda: next(up), lambda _: None)
    with pytest.raises(WriteFailed, match="name its own command"):
        victim.kill()
    victim.stop()


@pytest.mark.long
def test_the_command_says_what_is_wrong_with_it(tmp_path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(SITE, "utf-8")
    done = CliRunner().invoke(main, ["sink-probe", str(site), "--kill", "/no/such/program --flag"])
    assert (done.exit_code, "/no/such/program --flag" in done.output) == (2, True)
    done = CliRunner().invoke(main, ["sink-probe", str(site), "--kill", str(2**22 + 1)])
    assert (done.exit_code, "No such process" in done.output) == (2, True)
