"""What meters say through wraps, clears, missed cycles and bad readings: exact, or told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gateway.journal import JournalReader
from gateway.model import Input, Instant, Quality, Reading, Setting
from gateway.plain import to_plain
from gateway.score.metered import weighed
from tests.unit.score.weeks import GROUPS, reading, site, written

SITE = site()
MINUTE = 60_000_000_000
T0 = 1_795_000_000_000_000_000
METERS = {meter.name: meter for meter in SITE.meters}
BY_ID = {group.id: group for group in GROUPS}


def journal(
    folder: Path, group: str, rows: list[tuple[float, ...] | None], bad: tuple[int, ...] = ()
) -> JournalReader:
    """One reading a minute; None: nothing was read. `bad`: which of them has no good first value."""
    inputs: list[Input] = [Setting("config", Instant(T0, 1, 1), {"site": to_plain(SITE), "hash": "1"})]
    for at, row in enumerate(rows):
        if row is None:
            continue
        now = T0 + at * MINUTE
        made = reading(BY_ID[group], Instant(now, now, 1), row)
        if at in bad:
            quality = made.quality.copy()
            quality[0] = Quality.OUT_OF_RANGE
            made = Reading(made.group, made.at, 0, made.values, quality, made.raw)
        inputs.append(made)
    return written(folder, inputs, [])


def test_a_total_wraps_and_goes_on(tmp_path: Path) -> None:
    top = 2**32
    rows: list[tuple[float, ...] | None] = [(top - 3000.0, 0), (top - 1000.0, 0), (500.0, 0), (1500.0, 0)]
    with journal(tmp_path, "mill/slow", rows) as reader:
        found = weighed(reader, SITE, METERS["belt"], T0, T0 + 10 * MINUTE)
    assert found.sums[0].kg == pytest.approx(4.5)
    assert (found.cleared, found.sums[0].var) == ([], 0.004**2)


def test_a_total_that_is_cleared_counts_from_the_clear_and_says_so(tmp_path: Path) -> None:
    with journal(tmp_path, "mill/slow", [(5000, 0), (7000, 0), (300, 0), (800, 0)]) as reader:
        found = weighed(reader, SITE, METERS["belt"], T0, T0 + 10 * MINUTE)
    assert found.sums[0].kg == pytest.approx(2.8)
    assert found.cleared == [T0 + 2 * MINUTE]
    assert found.sums[0].var == pytest.approx(2 * 0.004**2)


def test_a_reading_that_is_not_good_counts_for_nothing_and_the_next_one_for_both(tmp_path: Path) -> None:
    with journal(tmp_path, "mill/slow", [(1000, 0), (90_000, 0), (3000, 0)], bad=(1,)) as reader:
        found = weighed(reader, SITE, METERS["belt"], T0, T0 + 10 * MINUTE)
    assert found.sums[0].kg == pytest.approx(2.0)


def test_what_grew_before_the_span_is_not_in_it(tmp_path: Path) -> None:
    with journal(tmp_path, "mill/slow", [(1000, 0), (2000, 0), None, (5000, 0), (9000, 0)]) as reader:
        spans = [(0, 2), (2, 4), (4, 9)]
        parts = [
            weighed(reader, SITE, METERS["belt"], T0 + a * MINUTE, T0 + b * MINUTE).sums[0].kg
            for a, b in spans
        ]
        whole = weighed(reader, SITE, METERS["belt"], T0, T0 + 9 * MINUTE).sums[0].kg
    assert parts == pytest.approx([1.0, 3.0, 4.0])
    assert whole == pytest.approx(sum(parts))


def test_batches_that_nobody_saw_are_like_the_newest_and_far_less_certain(tmp_path: Path) -> None:
    with journal(tmp_path, "blender/slow", [(7, 1500, 500), (8, 1600, 400), (11, 1700, 300)]) as reader:
        found = weighed(reader, SITE, METERS["blend"], T0, T0 + 10 * MINUTE)
    assert [each.kg for each in found.sums] == pytest.approx([1.6 + 3 * 1.7, 0.4 + 3 * 0.3])
    assert (found.cycles, found.guessed) == (4, 2)
    assert found.sums[0].var == pytest.approx(4 * 0.002**2 + (2 * 0.25 * 1.7) ** 2)


def test_doses_without_a_figure_are_like_the_last_one_that_is_known(tmp_path: Path) -> None:
    with journal(tmp_path, "blender/slow", [(7, 1500, 500), (8, np.nan, 400), (9, np.nan, 300)]) as reader:
        found = weighed(reader, SITE, METERS["blend"], T0, T0 + 10 * MINUTE)
    assert [each.kg for each in found.sums] == pytest.approx([3.0, 1.0])
    assert found.guessed == 2


def test_shots_and_their_good_parts(tmp_path: Path) -> None:
    rows: list[tuple[float, ...] | None] = [(1, 10, 100, 20, 1), (2, 14, 100, 20, 1), (3, 16, 110, 20, 1)]
    with journal(tmp_path, "press/slow", rows) as reader:
        found = weighed(reader, SITE, METERS["shots"], T0, T0 + 10 * MINUTE)
    assert (found.parts, found.good) == (8.0, 6.0)
    assert [each.kg for each in found.sums] == pytest.approx([0.21, 0.02 + 0.07])
    assert [made[1:] for made in found.made] == [(4.0, 4.0), (4.0, 2.0)]


def test_a_meter_that_was_not_read_was_not_read(tmp_path: Path) -> None:
    with journal(tmp_path, "mill/slow", [(1000, 0)]) as reader:
        found = weighed(reader, SITE, METERS["blend"], T0, T0 + MINUTE)
    assert (found.seen, found.sums[0].kg) == (False, 0.0)
