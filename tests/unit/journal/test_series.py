"""Overviews of chunks, and tags over time: what is usable, in which order, in which type."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np

from gateway.journal.ages import View
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import Sealed, seal
from gateway.journal.series import Series
from gateway.journal.summary import mark_of, summaries_of
from gateway.layout import Field
from gateway.model import (
    BAD_FROM,
)
from gateway.rows import columns_of
from tests.unit.journal.plant import (
    T0,
    Plant,
    make_group,
)

LATE = T0 // WINDOW_NS + 1_000


def sealed(journal, before: int = LATE) -> list[Sealed]:
    found = list(seal(journal.folder, before))
    for each in found:
        assert asyncio.run(journal.put_sealed(each))
    return found


def test_an_overview_counts_what_is_usable_and_says_none_of_texts() -> None:
    group = make_group(fields={"n": Field("int16"), "name": Field("string", words=1), "x": Field("float32")})
    [(_, rows)] = columns_of(Plant(1, group).readings(1, 4))
    raw = rows.raw.copy()
    raw[:, 0] = [5, 7, 0xFFFE, 90]
    raw[:, 2:] = np.array([1.5, -2.0, np.nan, 8.0], ">f4").view(">u2").reshape(4, 2)
    quality = rows.quality.copy()
    quality[:] = 0
    quality[:, 0] = [0, BAD_FROM - 1, 0, BAD_FROM]
    view = View(group)
    marks = [mark_of(point.field) for point in group.points]
    found = summaries_of(replace(rows, raw=raw, quality=quality), view)
    assert found == [(marks[0], 3, -2.0, 7.0, 10.0), None, (marks[2], 3, -2.0, 8.0, 7.5)]
    quality[:] = BAD_FROM
    nothing = summaries_of(replace(rows, raw=raw, quality=quality), view)
    assert nothing == [(marks[0], 0, 0.0, 0.0, 0.0), None, (marks[2], 0, 0.0, 0.0, 0.0)]


def test_a_sum_beyond_all_numbers_makes_no_overview() -> None:
    group = make_group(fields={"x": Field("float64", order="ABCDEFGH")})
    [(_, rows)] = columns_of(Plant(1, group).readings(1, 2))
    raw = np.array([1.7e308, 1.7e308], ">f8").view(">u2").reshape(2, 4).astype(np.uint16)
    good = replace(rows, raw=raw, quality=np.zeros_like(rows.quality))
    assert summaries_of(good, View(group)) == [None]
    assert summaries_of(good.take(slice(1)), View(group)) == [
        (mark_of(group.points[0].field), 1, 1.7e308, 1.7e308, 1.7e308)
    ]


def series(values: object, quality: list[int], t0: int = 0) -> Series:
    times = np.arange(t0, t0 + len(quality), dtype=np.int64)
    return Series("t", times, np.array(values), np.array(quality, np.uint8))


def test_numbers_of_a_series_are_nan_where_bad_and_of_texts() -> None:
    whole = series(np.array([1, 2, 3], np.int32), [0, BAD_FROM, BAD_FROM - 1]).numbers()
    assert whole.dtype == np.float64
    np.testing.assert_array_equal(whole, [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(series(["a", "b"], [0, 0]).numbers(), [np.nan, np.nan])
    assert series(np.zeros(0), []).numbers().tolist() == []


def test_a_tag_that_was_a_number_and_then_a_text_keeps_both() -> None:
    parts = [
        series(np.array([2**63 - 1, 5], np.int64), [0, BAD_FROM]),
        series(["a"], [0], 2),
        series([0.5], [0], 3),
    ]
    whole = Series.joined("t", parts)
    assert whole.values.tolist() == [2**63 - 1, 5, "a", 0.5]
    np.testing.assert_array_equal(whole.numbers(), [2.0**63, np.nan, np.nan, 0.5])


def test_parts_of_a_series_are_put_in_order_and_equal_times_stay_as_they_came() -> None:
    late, early = series(np.array([5, 6]), [1, 2], 3), series(np.array([7, 8]), [3, 4], 2)
    whole = Series.joined("t", [late, early])
    assert (whole.time_ns.tolist(), whole.values.tolist()) == ([2, 3, 3, 4], [7, 5, 8, 6])
    assert whole.quality.tolist() == [3, 1, 4, 2]
    assert Series.joined("t", [early]).values.tolist() == [7, 8]
    nothing = Series.joined("t", [])
    assert (len(nothing), nothing.quality.dtype, nothing.tag) == (0, np.uint8, "t")
