"""Packs and chunks give back what went in, bit for bit, and notice damage."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.journal.chunk import Chunk, encode
from gateway.journal.errors import JournalCorrupt
from gateway.journal.pack import Packer, Rows, by_pack, rows_of, unpack
from gateway.model import NumberedInput, Reading
from gateway.rows import columns_of
from tests.unit.journal.plant import T0, Plant

VECTORS = Path(__file__).parents[2] / "vectors" / "chunks"
INT64 = st.integers(-(2**63), 2**63 - 1)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])  # drawing shares two cores with others
WIDTHS = st.lists(st.sampled_from([1, 1, 2, 2, 4, 3, 5]), max_size=5)


@st.composite
def any_rows(draw, words: int | None = None) -> Rows:
    """Rows of any numbers at all, not only sensible ones."""
    count = draw(st.integers(1, 12))
    points = draw(st.integers(0, 4))
    wide = draw(st.integers(0, 9)) if words is None else words
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    first = draw(st.integers(1, 2**50))
    seq = first + np.cumsum(rng.integers(1, 5, count))
    times = np.array(draw(st.lists(INT64, min_size=count, max_size=count)), dtype=np.int64)
    boot, spread = rng.integers(-(2**63), 2**63 - 1, (2, count))
    clock = rng.integers(0, 3, count)
    quality = rng.integers(0, 256, (count, points)).astype(np.uint8)
    high = draw(st.sampled_from([2, 300, 65536]))
    return Rows(
        seq, times, boot, clock, spread, quality, rng.integers(0, high, (count, wide)).astype(np.uint16)
    )


@pytest.mark.long
@UNHURRIED
@given(any_rows())
def test_a_pack_gives_back_what_went_in(rows) -> None:
    before = rows.canonical()
    back = unpack(Packer().pack(rows))
    assert back.canonical() == before == rows.canonical()
    assert back.raw.dtype == np.uint16
    assert back.quality.dtype == np.uint8


@pytest.mark.long
@UNHURRIED
@given(st.data(), WIDTHS)
def test_a_chunk_gives_back_what_went_in(data, widths) -> None:
    rows = data.draw(any_rows(sum(widths)))
    orders = data.draw(st.lists(st.integers(0, 3), min_size=len(widths), max_size=len(widths)))
    chunk = Chunk(encode("press1/fast", rows, widths, orders))
    assert chunk.rows().canonical() == rows.canonical()
    assert chunk.header.group == "press1/fast"
    start = 0
    for width in widths:
        np.testing.assert_array_equal(chunk.words(start, start + width), rows.raw[:, start : start + width])
        start += width
    np.testing.assert_array_equal(chunk.times(), rows.time_ns)


@pytest.mark.long
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(any_rows(4), st.data())
def test_damage_is_noticed(rows, data) -> None:
    for whole, read in (
        (Packer().pack(rows), unpack),
        (encode("press1/fast", rows, [2, 1, 1], [0, 0, 0]), lambda data: Chunk(data).rows()),
    ):
        at = data.draw(st.integers(0, len(whole) - 1))
        bit = 1 << data.draw(st.integers(0, 7))
        hurt = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
        try:
            back = read(hurt)
        except JournalCorrupt:
            continue
        assert back.canonical() == rows.canonical(), (
            "a bit that changes nothing may pass, one that does may not"
        )


def five_rows() -> Rows:
    return rows_of([(seq, given) for seq, given in Plant().readings(1, 5) if isinstance(given, Reading)])


@pytest.mark.parametrize("cut", [0, 3, 11, 30])
def test_a_torn_pack_or_chunk_is_noticed(cut) -> None:
    rows = five_rows()
    with pytest.raises(JournalCorrupt):
        unpack(Packer().pack(rows)[:cut])
    with pytest.raises(JournalCorrupt):
        Chunk(encode("press1/fast", rows, [rows.raw.shape[1]], [0])[:cut]).rows()


def test_canonical_bytes_tell_every_column_apart() -> None:
    rows = five_rows()
    for name in Rows.__slots__:
        changed = {each: getattr(rows, each).copy() for each in Rows.__slots__}
        changed[name].flat[0] += 1
        assert Rows(**changed).canonical() != rows.canonical(), name


def test_rows_of_a_pack_share_group_window_span_and_shape() -> None:
    one, other = Plant(1), Plant(2)
    many = one.readings(4_090, 20, T0 - 10_000_000_000) + other.readings(5_000, 3)
    packs = [
        pack for _, rows in columns_of([NumberedInput(*each) for each in many]) for pack in by_pack(rows)
    ]
    assert sorted(seq for _, rows in packs for seq in rows.seq.tolist()) == [seq for seq, _ in many]
    for window, rows in packs:
        assert len(set((rows.seq >> 12).tolist())) == 1
        assert set((rows.time_ns // 600_000_000_000).tolist()) == {window}


def test_a_clock_that_steps_back_and_forth_makes_no_more_packs() -> None:
    rows = rows_of([(seq, each) for seq, each in Plant(1).readings(1, 8) if isinstance(each, Reading)])
    late = np.array([0, 0, 1, 1, 0, 0, 1, 1]) * 600_000_000_000
    stepped = replace(rows, time_ns=rows.time_ns + late)
    packs = list(by_pack(stepped))
    assert [rows.seq.tolist() for _, rows in packs] == [[1, 2, 5, 6], [3, 4, 7, 8]]
    assert packs[1][0] == packs[0][0] + 1


def test_chunks_of_the_first_format_are_read() -> None:
    told = json.loads((VECTORS / "lwc1.json").read_text("utf-8"))
    chunk = Chunk(bytes.fromhex(told["chunk"]))
    rows = chunk.rows()
    assert chunk.header.first_format
    assert sha256(rows.canonical()).hexdigest() == told["canonical_sha256"]
    assert (rows.raw[0].tolist(), rows.seq[[0, -1]].tolist()) == (told["raw_row_0"], told["seq"])
    for cut in range(0, len(told["chunk"]) // 2, 7):
        with pytest.raises(JournalCorrupt):
            Chunk(bytes.fromhex(told["chunk"])[:cut]).rows()
