"""Long blocks are charted in pieces, single rows by a shorter way: all come to the same bits, with gaps and without."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.pieces import PIECE, pieces
from gateway.spc.rules import NAMES
from gateway.spc.track import Track

SLOTS = 1200
ROWS = 130  # pieces of 54 rows


def block(*, gaps: bool):
    draw = np.random.default_rng(1931)
    x = draw.standard_normal((ROWS, SLOTS)) * 2.0 + 10.0
    if gaps:
        x[draw.random(x.shape) < 0.01] = np.nan
        x[60] = np.nan
    return x


def made(kind):
    center, sigma = np.linspace(9.0, 11.0, SLOTS), np.linspace(1.0, 3.0, SLOTS)
    return kind(center, sigma, NAMES) if kind is Imr else kind(center, sigma)


def bits(track: Track):
    return [
        np.ascontiguousarray(getattr(panel, name)).tobytes()
        for panel in track.panels()
        for name in ("value", "lcl", "ucl", "rules")
    ]


@pytest.mark.parametrize("kind", [Imr, Ewma, Cusum])
@pytest.mark.parametrize("gaps", [False, True])
def test_pieces_and_rows_give_the_same_bits(kind, gaps):
    x, chart = block(gaps=gaps), made(kind)
    _, whole = chart.run(chart.start(), x)
    state, rows = chart.start(), []
    for row in x:
        state, track = chart.run(state, row[None])
        rows.append(track)
    for number, panel in enumerate(whole.panels()):
        for name in ("value", "lcl", "ucl", "rules"):
            parts = [getattr(track.panels()[number], name) for track in rows]
            assert np.ascontiguousarray(getattr(panel, name)).tobytes() == np.concatenate(parts).tobytes()


def test_every_row_is_in_one_piece():
    for rows, slots in ((0, 5), (1, 10**6), (7, 10**6), (1000, 1000), (10, 0)):
        found = [row for some in pieces(rows, slots) for row in range(rows)[some]]
        assert found == list(range(rows))
    assert max(some.stop - some.start for some in pieces(10_000, 100)) * 100 <= PIECE


def test_exact_limits_end_at_the_asymptotic_ones_bit_for_bit():
    exact, flat = Ewma(10.0, 2.0, weight=0.1), Ewma(10.0, 2.0, weight=0.1, limits="asymptotic")
    x = np.full(400, 10.0)
    state, young = exact.run(exact.start(), x)
    _, late = exact.run(state, x)
    _, always = flat.run(flat.start(), x)
    assert young.ucl[0] == pytest.approx(
        10.0 + 2.962 * 2.0 * 0.1
    )  # Montgomery 9.25: L sigma lambda at the first
    assert young.ucl[-1] == always.ucl[0]
    assert bits(late) == bits(always)


def test_zones_are_thirds_of_the_limits():
    wide, usual = Imr(0.0, 1.0, NAMES, L=4.5), Imr(0.0, 1.5, NAMES)
    x = np.random.default_rng(3).standard_normal(500) * 2.0
    assert wide.run(wide.start(), x)[1].rules.tolist() == usual.run(usual.start(), x)[1].rules.tolist()
    _, track = wide.run(wide.start(), x)
    assert (track.lcl[0], track.ucl[0]) == (-4.5, 4.5)
    assert track.second is not None
    assert track.second.ucl[0] == pytest.approx(1.128 + 4.5 * 0.853, abs=3e-3)  # printed d2 and d3


def test_a_sample_too_large_to_add_is_charted_alike_in_rows_and_blocks():
    x = np.array([[np.inf], [0.0], [-np.inf], [1.0]])
    chart = Cusum(np.zeros(1), np.ones(1))
    with np.errstate(invalid="ignore"):
        _, whole = chart.run(chart.start(), x)
        state = chart.start()
        rows = []
        for row in x:
            state, track = chart.run(state, row[None])
            rows.append(track.rules[0, 0])
    assert whole.rules[:, 0].tolist() == rows
