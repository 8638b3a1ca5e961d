"""A scanner that says that it lives: heartbeats are no codes, silence is told once, a broken line excuses it."""

from __future__ import annotations

import pytest

from drivers.serial.pulse import Pulse
from gateway.lines import DOWN, Delay
from tests.unit.serial.kit import codes, notes

BEAT, LOT = b"\x02HB\x03", b"\x02LOT-1\x03"
OPTIONS = {"heartbeat": "HB", "silent": "3s"}


async def test_heartbeats_are_no_codes_and_are_not_acknowledged(desk):
    its = desk("serial.barcode", options=OPTIONS)
    heard = await its.listen(8, BEAT, Delay(2), BEAT, LOT, Delay(2), BEAT, Delay(2), BEAT)
    assert codes(heard) == ["LOT-1"]
    assert notes(heard) == []
    assert its.line.sent == []


async def test_a_silent_scanner_is_told_once_and_so_is_its_return(desk):
    its = desk("serial.barcode", options=OPTIONS)
    (dead,) = notes(await its.listen(10, BEAT))
    assert (dead.kind, dead.subject, dead.facts) == ("unit_dead", "unit", {"bus": "bus"})
    alive, *rest = notes(await its.listen(1, BEAT))
    assert (alive.kind, alive.facts["away_s"], rest) == ("unit_alive", 10, [])


async def test_a_code_is_as_good_as_a_heartbeat(desk):
    its = desk("serial.barcode", options=OPTIONS)
    assert codes(await its.listen(5, Delay(2.5), LOT)) == ["LOT-1"]
    assert notes(its.heard) == []


async def test_without_a_limit_nobody_is_dead(desk):
    assert notes(await desk("serial.barcode").listen(100)) == []


async def test_a_broken_line_is_told_and_no_dead_scanner_besides(desk):
    its = desk("serial.barcode", options=OPTIONS)
    heard = await its.listen(6, BEAT, Delay(2), DOWN, Delay(2), DOWN)
    assert "unit_dead" not in [note.kind for note in notes(heard)]


@pytest.mark.parametrize("excused", [5, 9])
def test_an_excuse_starts_the_count_anew(excused):
    pulse = Pulse(silent_ns=10, now_ns=0)
    pulse.excuse(excused)
    assert not pulse.stopped(excused + 9)
    assert pulse.stopped(excused + 10)
    pulse.excuse(excused + 20)  # dead already: an excuse does not bring it back
    assert pulse.heard(excused + 30) == 30
