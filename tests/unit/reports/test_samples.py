"""Samples of a lot out of readings: as the plan samples, and what is made of them, against certified numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.journal.series import Series
from gateway.model import Quality
from gateway.reports.characteristics import _described, _outside
from gateway.reports.samples import samples
from gateway.site import Characteristic, Sampling, When

S = 1_000_000_000
NIST = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "strd.json").read_text("utf-8"))


class Reader:
    """Series by tag."""

    def __init__(self, **tags):
        self.tags = tags

    def readings(self, tag, t0, t1):
        times, values, quality = self.tags.get(tag, ((), (), ()))
        times = np.asarray(times, dtype=np.int64)
        inside = (times >= t0) & (times < t1)
        quality = np.asarray(quality, dtype=np.uint8)
        return Series(tag, times[inside], np.asarray(values)[inside], quality[inside])


def good(times, values):
    return times, values, [0] * len(times)


def row(sampling, when=None, **limits):
    return Characteristic("w", "v", "imr", {}, (), sampling, "", when=when or When(), **limits)


def test_a_latched_value_polled_three_times_is_one_sample_and_nists_data_has_its_certified_numbers():
    data = NIST["Michelso"]
    times = [n * S for n in range(3, 3 * len(data) + 3)]
    reader = Reader(
        v=good(times, np.repeat(data, 3)),
        shots=good([0, *times], [0, *np.repeat(np.arange(1, len(data) + 1), 3)]),
    )
    found = samples(reader, row(Sampling("counter", counter="shots")), "v", [(3 * S, 10_000 * S)])
    assert found.tolist() == data
    mean, deviation, _ = NIST["certified"]["Michelso"]
    told = _described(found)
    assert (told["n"], told["mean"]) == (100, pytest.approx(mean, rel=1e-14))
    assert told["s"] == pytest.approx(deviation, rel=1e-13)
    assert (told["min"], told["max"]) == (min(data), max(data))


def test_a_lot_that_begins_in_the_middle_of_a_shot_does_not_count_it():
    reader = Reader(v=good([1, 2, 3, 4], [5.0, 5.0, 6.0, 6.0]), shots=good([1, 2, 3, 4], [7, 7, 8, 8]))
    by_shot = row(Sampling("counter", counter="shots"))
    assert samples(reader, by_shot, "v", [(2, 5)]).tolist() == [6.0]


def test_what_is_bad_or_uncertain_is_no_sample():
    reader = Reader(
        v=([1, 2, 3, 4], [1.0, 2.0, np.nan, 4.0], [0, Quality.OUT_OF_RANGE, Quality.NO_ANSWER, 0])
    )
    assert samples(reader, row(Sampling()), "v", [(0, 9)]).tolist() == [1.0, 4.0]


def test_of_time_the_first_in_each_period_and_of_a_total_its_growth():
    times = [n * S for n in range(6)]
    reader = Reader(v=good(times, [0.0, 1.0, 3.0, 6.0, 10.0, 15.0]))
    assert samples(reader, row(Sampling("time", 2 * S)), "v", [(0, 9 * S)]).tolist() == [0.0, 3.0, 10.0]
    grown = row(Sampling("time", 2 * S, take="difference"))
    assert samples(reader, grown, "v", [(0, 9 * S)]).tolist() == [3.0, 7.0]


def test_of_a_lot_the_mean_is_one_sample():
    reader = Reader(v=good([1, 2, 3], [1.0, 2.0, 6.0]))
    assert samples(reader, row(Sampling("lot")), "v", [(0, 9)]).tolist() == [3.0]


def test_states_that_are_not_charted_and_their_warm_up_give_none():
    times = [n * S for n in range(8)]
    reader = Reader(v=good(times, [float(n) for n in range(8)]), state=good(times, [2, 2, 2, 1, 2, 2, 2, 2]))
    running = row(Sampling(), When("state", ("2",), 2 * S))
    assert samples(reader, running, "v", [(S, 9 * S)]).tolist() == [1.0, 2.0, 6.0, 7.0]
    assert samples(Reader(v=good(times, times)), running, "v", [(S, 9 * S)]).tolist() == []


def test_a_tag_that_is_not_stored_has_no_samples():
    assert samples(Reader(), row(Sampling("counter", counter="shots")), "v", [(0, 9)]).tolist() == []
    assert samples(Reader(), row(Sampling()), "v", []).tolist() == []


def test_outside_counts_beyond_either_limit_and_a_limit_itself_is_inside():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert _outside(row(Sampling(), lsl=2.0, usl=3.0), values) == 2
    assert _outside(row(Sampling(), usl=3.0), values) == 1
    assert _outside(row(Sampling()), values) == 0
