"""Every type and byte order against `struct`, masks, and scaling to the nearest float64."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.layout import ORDERS, WIDTHS, Field, Layout, text_of

FORMATS = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "float32": "f",
    "int64": "q",
    "uint64": "Q",
    "float64": "d",
}
CASES = [(kind, order) for kind in FORMATS for order in ("", *ORDERS[WIDTHS[kind]])]


def wire(value: float, kind: str, order: str) -> list[int]:
    """The words a device sends: the value's bytes, A the most significant, put where the order names them."""
    data = struct.pack(">" + FORMATS[kind], value)
    order = order or ORDERS[WIDTHS[kind]][0]
    sent = bytes(data[ord(letter) - ord("A")] for letter in order)
    return list(struct.unpack(f">{len(sent) // 2}H", sent))


def samples(kind: str) -> list[float]:
    if kind.startswith("float"):
        return [0.0, -1.5, 12.553570747375488, 2.0**100, -0.0]
    bits = 16 * WIDTHS[kind]
    low = -(1 << (bits - 1)) if kind.startswith("i") else 0
    return [low, low + 1, 0, 1, 0x1234, (1 << (bits - 1)) - 1, (1 << (bits - (kind[0] == "i"))) - 1]


@pytest.mark.parametrize(("kind", "order"), CASES)
def test_every_type_and_order_alone(kind, order):
    values = samples(kind)
    raw = np.array([word for value in values for word in wire(value, kind, order)], dtype=np.uint16)
    layout = Layout((Field(kind, order=order),) * len(values))
    assert layout.values(raw).tolist() == [float(value) for value in values]
    assert [column[0].item() for column in layout.typed(raw[None, :])] == values


@pytest.mark.parametrize(("kind", "order"), CASES)
def test_every_type_and_order_among_others_and_in_rows(kind, order):
    """The way of a mixed layout: words picked out of others, several rows at once."""
    values = samples(kind)
    fields = (Field("uint16"), Field(kind, order=order), Field("string", words=2), Field(kind, order=order))
    rows = [[7, *wire(value, kind, order), 0x4142, 0x4300, *wire(1, kind, order)] for value in values]
    raw = np.array(rows, dtype=np.uint16)
    got = Layout(fields).values(raw)
    assert got[:, 1].tolist() == [float(value) for value in values]
    assert got[:, 0].tolist() == [7.0] * len(values)
    assert got[:, 3].tolist() == [1.0] * len(values)
    assert np.isnan(got[:, 2]).all()
    columns = Layout(fields).typed(raw)
    assert columns[1].tolist() == values
    assert columns[2].tolist() == ["ABC"] * len(values)


def test_the_standards_order_and_the_swapped_ones_from_bytes():
    """12.5 is 41 48 00 00 (IEEE 754); the four ways devices send it."""
    for order, words in {
        "ABCD": [0x4148, 0x0000],
        "CDAB": [0x0000, 0x4148],
        "BADC": [0x4841, 0x0000],
        "DCBA": [0x0000, 0x4841],
    }.items():
        layout = Layout((Field("float32", order=order),))
        assert layout.values(np.array(words, dtype=np.uint16)).tolist() == [12.5]


@pytest.mark.long
@given(st.data())
def test_any_mix_of_fields_gives_what_each_gives_alone(data):
    kinds = st.tuples(
        st.sampled_from(CASES), st.sampled_from(["1", "0.1", "2.5"]), st.sampled_from(["0", "-40"])
    )
    drawn = data.draw(st.lists(kinds, min_size=1, max_size=8))
    fields = tuple(Field(kind, order=order, scale=scale, bias=bias) for (kind, order), scale, bias in drawn)
    layout = Layout(fields)
    word = st.integers(0, 0xFFFF)
    raw = np.array(data.draw(st.lists(word, min_size=layout.words, max_size=layout.words)), dtype=np.uint16)
    together = layout.values(raw)
    for index, field in enumerate(fields):
        start = layout.starts[index]
        alone = Layout((field,)).values(raw[start : start + field.width])[0]
        assert together[index] == alone or (np.isnan(together[index]) and np.isnan(alone))


DECIMALS = st.decimals(min_value="-1000", max_value="1000", places=3).map(str)


@pytest.mark.long
@given(number=st.integers(-32768, 32767), scale=DECIMALS, bias=DECIMALS)
def test_a_scaled_integer_is_the_float64_nearest_to_the_decimal(number, scale, bias):
    field = Field("int16", scale=scale, bias=bias)
    raw = np.array([number & 0xFFFF], dtype=np.uint16)
    exact = number * Fraction(scale) + Fraction(bias)
    assert Layout((field,)).values(raw)[0] == float(exact)


def test_fields_of_one_type_keep_their_own_scale():
    layout = Layout((Field("uint16", scale="0.1"), Field("uint16"), Field("uint16", scale="5", bias="0.1")))
    assert layout.values(np.array([3, 3, 3], dtype=np.uint16)).tolist() == [0.3, 3.0, 15.1]


@given(number=st.integers(0, 0xFFFF), low=st.integers(0, 15), bits=st.integers(1, 16))
def test_a_mask_takes_its_bits_down_to_zero(number, low, bits):
    mask = ((1 << bits) - 1 << low) & 0xFFFF
    layout = Layout((Field("uint16", mask=mask), Field("int16", mask=mask, order="BA")))
    swapped = (number >> 8) | (number & 0xFF) << 8
    raw = np.array([number, swapped], dtype=np.uint16)
    assert layout.values(raw).tolist() == [(number & mask) >> low] * 2


def test_masks_reach_into_wide_integers():
    raw = np.array([0x8000, 0x0001, 0x8000, 0, 0, 3], dtype=np.uint16)
    layout = Layout((Field("uint32", mask=0xFFFF0000), Field("uint64", mask=0x8000000000000003)))
    assert [column[0].item() for column in layout.typed(raw[None, :])] == [0x8000, 0x8000000000000003]


def test_a_single_bit_is_a_truth_and_a_coil_is_one_word():
    layout = Layout((Field("uint16", mask=0x0010), Field("bit"), Field("bit", mask=0x8000)))
    raw = np.array([[0x0010, 1, 0x8000], [0xFFEF, 0, 0x7FFF]], dtype=np.uint16)
    assert layout.values(raw).tolist() == [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    assert [column.tolist() for column in layout.typed(raw)] == [[True, False]] * 3


@pytest.mark.parametrize(
    ("words", "order", "text"),
    [
        ([0x4142, 0x4344], "", "ABCD"),
        ([0x4241, 0x4443], "BA", "ABCD"),
        ([0x4142, 0x0044], "", "AB"),
        ([0x4120, 0x2020], "AB", "A"),
        ([0x41E9], "", "A\xe9"),
        ([0, 0], "", ""),
    ],
)
def test_text(words, order, text):
    assert text_of(np.array(words, dtype=np.uint16), order) == text


def test_any_float_bits_give_a_value_without_a_warning():
    signalling = [0x7F80, 0x0001, 0xFFFF, 0xFFFF, 0x7F80, 0x0000]
    values = Layout((Field("float32", scale="10"),) * 3).values(np.array(signalling, dtype=np.uint16))
    assert np.isnan(values[:2]).all()
    assert np.isinf(values[2])
    huge = np.array([0x7FEF, 0xFFFF, 0xFFFF, 0xFFFF], dtype=np.uint16)
    assert np.isinf(Layout((Field("float64", scale="10"),)).values(huge)[0])


def test_values_are_an_array_of_their_own():
    raw = np.array([1, 2], dtype=np.uint16)
    Layout((Field("uint16"),) * 2).values(raw)[:] = 9
    assert raw.tolist() == [1, 2]


def test_rows_need_not_be_contiguous():
    raw = np.array([[0x4148, 0, 1], [0x4149, 0, 2]], dtype=np.uint16)
    assert Layout((Field("float32"),)).values(raw[:, :2]).tolist() == [[12.5], [12.5625]]
    assert Layout((Field("float32", order="CDAB"),)).values(raw[:, 1::-1]).tolist() == [[12.5], [12.5625]]
