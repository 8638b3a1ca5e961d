"""Columns give back what went in, bit for bit, are as short as their numbers are, and notice damage."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.columns import Malformed, decode, encode
from gateway.columns.decimals import decimals
from gateway.columns.varint import signed, take_signed, take_unsigned, unsigned

WIDTHS = st.sampled_from([1, 2, 4, 8])
LEVELS = st.sampled_from([0, 1, 6])


def again(numbers: np.ndarray, level: int = 6) -> np.ndarray:
    data = encode(numbers, level)
    found, end = decode(b"\xff" + data + b"behind it", len(numbers), numbers.dtype.itemsize, 1)
    assert end == 1 + len(data)
    assert found.dtype == numbers.dtype
    return found


@st.composite
def any_column(draw) -> np.ndarray:
    """Any numbers, or steps of a few sizes from anywhere: those wrap."""
    width, count = draw(WIDTHS), draw(st.integers(0, 40))
    limit = 2 ** (8 * width) - 1
    if draw(st.booleans()):
        return np.array(
            draw(st.lists(st.integers(0, limit), min_size=count, max_size=count)), dtype=f"<u{width}"
        )
    start, unit = draw(st.integers(0, limit)), draw(st.sampled_from([1, 3, 1000]))
    steps = draw(st.lists(st.integers(-3, 5), min_size=count, max_size=count))
    return np.array([(start + unit * each) & limit for each in accumulate(steps)], dtype=f"<u{width}")


@pytest.mark.long
@given(any_column(), LEVELS)
def test_any_numbers(numbers, level) -> None:
    assert again(numbers, level).tolist() == numbers.tolist()


@pytest.mark.long
@given(
    st.lists(st.floats(width=32) | st.decimals(-999, 999, places=2).map(float), min_size=1, max_size=60),
    LEVELS,
)
def test_any_floats_of_4_bytes(values, level) -> None:
    bits = np.array(values, dtype="<f4").view("<u4")
    assert again(bits, level).tolist() == bits.tolist()


@pytest.mark.long
@given(st.lists(st.floats() | st.decimals(-999, 999, places=3).map(float), min_size=1, max_size=60), LEVELS)
def test_any_floats_of_8_bytes(values, level) -> None:
    bits = np.array(values, dtype="<f8").view("<u8")
    assert again(bits, level).tolist() == bits.tolist()


def test_floats_at_a_sensors_resolution_cost_what_their_noise_does() -> None:
    """Noise of sigma 2 steps has log2(2 * sqrt(2 pi e)) = 3.05 bits (entropy of a normal, Cover and Thomas, 8.4)."""
    steps = np.rint(np.random.default_rng(1).normal(2345, 2, 4_096))
    for dtype, bits in (("<f4", "<u4"), ("<f8", "<u8")):
        numbers = (steps / 100).astype(dtype).view(bits)
        assert len(encode(numbers)) * 8 / len(numbers) < 3.05 * 1.08
        assert again(numbers).tolist() == numbers.tolist()


@pytest.mark.parametrize(
    ("numbers", "most"),
    [
        (np.full(5_000, 7, np.uint16), 4),
        (
            (2**32 - 500 + 3 * np.arange(5_000)).astype(np.uint64).astype(np.uint32),
            12,
        ),  # a totalizer that wraps
        (1_800_000_000_000_000_000 + 1_000_000_000 * np.arange(5_000, dtype=np.uint64), 30),  # a clock
        (np.arange(5_000, dtype=np.uint64) ** 2, 20),  # a ramp that grows steeper
        (np.tile(np.arange(-2, 3).astype(np.int16).view(np.uint16), 1_000), 60),  # around zero, signed
    ],
)
def test_what_is_regular_costs_nothing(numbers, most) -> None:
    assert len(encode(numbers)) <= most
    assert again(numbers).tolist() == numbers.tolist()


def test_what_is_no_decimal_is_kept_apart() -> None:
    values = np.round(np.linspace(1, 2, 200), 2).astype("<f4")
    values[[0, 3, 199]] = np.nan, np.inf, -0.0
    found = decimals(values.view("<u4"))
    assert found is not None
    assert (found.exponent, found.exceptions.tolist()) == (2, [0, 3, 199])
    assert again(values.view("<u4")).tolist() == values.view("<u4").tolist()
    assert decimals(np.full(9, np.nan, "<f4").view("<u4")) is None


def test_the_format_is_what_the_page_says() -> None:
    """By hand: DELTA of 100, 101, 103, 103: base 100, least 0, steps 0 1 2 0 in 2 bits, the first lowest."""
    assert encode(np.array([100, 101, 103, 103], np.uint16), 0, (2,)).hex() == "02c801000224"
    assert encode(np.array([2, 2, 2], np.uint8)).hex() == "0004"
    assert encode(np.array([0.5, 0.7, 0.5], "<f4").view("<u4"), 0, (1,)).hex() == "0d0a0201000102"


def test_damage_is_told() -> None:
    data = encode(np.random.default_rng(2).integers(0, 999, 300).astype(np.uint16))
    for length in range(len(data)):
        with pytest.raises(Malformed):
            decode(data[:length], 300, 2)
    for wrong, said in (
        (b"\x20\x00", "newer version"),
        (b"\x09\x00\x00\x00\x00", "no float"),  # decimals of two bytes
        (b"\x01\x00\x03\x00", "has 3 bits"),
        (b"\x01\x00\x20\x00", "has 32 bits"),
        (b"\x00" + b"\xff" * 11, "longer than 70 bits"),
        (b"\x11\x00\x08\x04abcd", "damaged"),
    ):
        with pytest.raises(Malformed, match=said):
            decode(wrong, 300, 2)
    with pytest.raises(Malformed):
        decode(data, 301, 2)


@given(st.binary(max_size=40), WIDTHS)
def test_any_bytes_are_a_column_or_malformed(data, width) -> None:
    try:
        numbers, end = decode(data, 5, width)
    except Malformed:
        return
    assert len(numbers) == 5
    assert end <= len(data)


@given(st.integers(-(2**63), 2**63 - 1))
def test_varints(number) -> None:
    assert take_signed(b"!" + signed(number), 1) == (number, 1 + len(signed(number)))
    assert take_unsigned(unsigned(abs(number)), 0)[0] == abs(number)
