"""Ten minutes for 247 ids at six speeds and three parities."""

from __future__ import annotations

import pytest

from gateway.probe.sweep import BAUDS, IDS, PARITIES, Setting, numbers, settings, worst_ns


def test_all_of_it_takes_at_most_ten_minutes_and_half_a_minute_is_to_spare():
    assert (len(IDS), len(BAUDS), len(PARITIES)) == (247, 6, 3)
    assert worst_ns(IDS, settings(BAUDS, PARITIES)) <= 570e9


def test_a_wait_is_made_of_characters_and_thinking():
    # MODBUS over Serial Line V1.02, 2.5.1: at 9600 8N1 a character of 10 bits takes 1.04 ms.
    assert Setting(9600, "N").wait_ns == pytest.approx(15 * 1.0417e6 + 100e6, rel=1e-3)
    assert Setting(9600, "E").char_ns == pytest.approx(11e9 / 9600, rel=1e-6)


@pytest.mark.parametrize("text", ["", "a", "3-1", "1-", "248", "-1", "1,,2", "1-248"])
def test_numbers_that_are_none(text):
    with pytest.raises(ValueError, match="number"):
        numbers(text, 247)
