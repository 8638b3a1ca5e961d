"""No value is ever put where it does not belong, whatever the line does. The long run is benchmarks/line_faults.py."""

from __future__ import annotations

import pytest

from benchmarks.line_faults import play
from drivers.modbus.rtu_talk import RtuTalk


@pytest.mark.parametrize(
    ("driver", "echo", "seed"), [("rtu", False, 11), ("rtu", True, 12), ("tcp", False, 13)]
)
async def test_no_wrong_pair_in_a_thousand_faults(driver, echo, seed):
    outcome = await play(1_000, seed, driver=driver, echo=echo)
    assert outcome.wrong == 0
    assert outcome.good > outcome.bad  # it still reads
    assert {"late", "lost", "doubled", "torn", "flipped", "other_unit", "noise_before"} <= set(outcome.faults)


async def test_a_sound_line_reads_everything():
    """Faults are rare; what is bad is no more than what they hit."""
    outcome = await play(20, 14, driver="rtu", rate=0.01)
    assert outcome.wrong == 0
    assert outcome.bad < 0.03 * outcome.good


async def test_without_debts_the_same_run_gives_wrong_values(monkeypatch):
    """The faults do bite: a client that forgets its lost questions takes late answers for new ones."""
    monkeypatch.setattr(RtuTalk, "owes", lambda *_: False)
    outcome = await play(1_000, 11, driver="rtu")
    assert outcome.wrong > 0
