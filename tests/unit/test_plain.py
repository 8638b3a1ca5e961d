"""The plain codec: what goes in comes out, and what does not fit says where."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.layout import Field
from gateway.model import AlarmChanged, Event, Instant, LotChanged, Noted, Severity, Signal, Tick
from gateway.plain import from_plain, to_plain
from gateway.site import Bus, Device, Group, Point, Site


@dataclass(frozen=True)
class Bank:
    """A state such as the fold keeps."""

    sums: NDArray[np.float64]
    history: NDArray[np.uint8]
    by_slot: Mapping[int, tuple[str, ...]]
    last: float | None


def through_json(value: object) -> object:
    return json.loads(json.dumps(to_plain(value)))


def test_a_site_comes_back_whole() -> None:
    point = Point("a", "x/y/z/a", Field("int16", scale="0.1"), invalid=(0x8000,))
    group = Group("d/fast", "d", 10**9, (point,), 10**10)
    device = Device("d", "b", "m", 1, "x/y/z", (group,), options={"deep": {"list": [1, "two", None]}})
    site = Site("s", "g", (Bus("b", "modbus.tcp", "h:1"),), (device,))
    assert from_plain(Site, through_json(site)) == site


TEXT, NUMBER = st.text(), st.floats(allow_nan=False)
LOTS = st.lists(TEXT).map(tuple)
SIGNALS = st.builds(
    Signal, st.integers(), *[TEXT] * 4, st.just(("WE1", "WE4")), NUMBER, NUMBER,
    st.just(-math.inf), st.just(math.inf), NUMBER, LOTS,
)  # fmt: skip
MOVES = st.builds(LotChanged, st.integers(), *[TEXT] * 5, LOTS)
FACTS = st.just({"n": 1, "x": [None, "a"]})
NOTES = st.builds(Noted, st.integers(), TEXT, TEXT, st.sampled_from(Severity), FACTS)
ALARMS = st.builds(
    AlarmChanged, st.integers(), TEXT, st.integers(), TEXT, TEXT, st.sampled_from(Severity),
    *[TEXT] * 3, LOTS, st.none() | FACTS,
)  # fmt: skip


@pytest.mark.long
@given(st.one_of(SIGNALS, MOVES, NOTES, ALARMS))
def test_every_event_comes_back(event: Event) -> None:
    assert from_plain(Event, through_json(event)) == event


def test_arrays_and_nan_come_back() -> None:
    bank = Bank(np.array([1.5, math.nan]), np.array([[1, 2]], dtype=np.uint8), {7: ("a", "b")}, math.nan)
    back: Bank = from_plain(Bank, through_json(bank))
    np.testing.assert_array_equal(back.sums, bank.sums)
    assert back.sums.dtype == np.float64
    assert back.history.tolist() == [[1, 2]]
    assert back.by_slot == {7: ("a", "b")}
    assert back.last is not None
    assert math.isnan(back.last)


def test_named_tuples_come_back() -> None:
    tick = Tick(Instant(1, 2, 3))
    back: Tick = from_plain(Tick, through_json(tick))
    assert back == tick
    assert isinstance(back.at, Instant)


@pytest.mark.parametrize(
    ("plain", "word"),
    [
        ({"is": "Nothing"}, "Nothing"),
        ({"is": "Tick", "at": [1]}, "shorter"),
        ({"is": "Tick", "now": 1}, "now"),
    ],
)
def test_what_does_not_fit_says_so(plain: object, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        from_plain(Tick | Noted, plain)


@pytest.mark.parametrize("given", ["R1", {"R1": 1}, "a" * 5_000])
def test_a_text_is_no_list_of_letters(given) -> None:
    """Found by `benchmarks reliability --row payloads`: lots "R1" were the lots R and 1, and a long text took 15 ms."""
    told = to_plain(LotChanged(1, "L", "opened", "c", "product", "", ("R1",)))
    assert isinstance(told, dict)
    with pytest.raises(ValueError, match="a list is wanted"):
        from_plain(LotChanged, {**told, "parents": given})
