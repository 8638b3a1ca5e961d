"""Inputs and events come back as they went."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.codec import event_body, event_kind, event_of, input_of, input_row, site_of
from gateway.model import (
    AlarmChanged,
    Entry,
    Instant,
    LotChanged,
    Noted,
    NumberedEvent,
    Scan,
    Setting,
    Severity,
    Signal,
    Tick,
)
from tests.unit.journal.plant import T0, config, make_site
from tests.unit.wire import samples

AT = Instant(T0, 7, 2)
BODY: Any = {"a": [1, 2.5, None, True, "x"], "is": "Setting", "deep": {"is": "no class", "n": 2**64 - 1}}


@pytest.mark.parametrize(
    "given_",
    [
        Scan("gate", AT, "ÄB\x1d12", "]C1", "left", 3, -61.5),
        Scan("gate", AT, ""),
        Entry("acknowledge", AT, "17", BODY),
        Tick(AT),
        Setting("start", AT, {"stopped_ns": None}),
        Setting("clock", AT, {"clock_id": 1}),
        Setting("config", AT, {"hash": "without a site"}),
        config(make_site(), "h1"),
    ],
    ids=lambda given_: type(given_).__name__,
)
def test_an_input(given_) -> None:
    row, site = input_row(5, given_)
    assert input_of(row, site_of(site.body) if site else None) == given_


def test_the_site_is_kept_apart_from_the_setting() -> None:
    row, site = input_row(5, config(make_site(), "h1"))
    assert site is not None
    assert row.site == site.digest
    assert "devices" not in row.body


@pytest.mark.parametrize(
    "event",
    [
        Signal(
            T0, "c1", "tag", "imr", "", ("WE1", "WE4"), 1.5, 1.0, float("nan"), float("inf"), 3.25, ("L1",)
        ),
        AlarmChanged(
            T0, "a1", 2, "returned", "stale", Severity.ALARM, "t", "s", "call", ("L1", "L2"), {"x": BODY}
        ),
        AlarmChanged(T0, "a1", 1, "active", "stale", Severity.WARNING, "t", "s", "call"),
        LotChanged(T0, "L1", "linked", "a/l/c", "product", "]C1 L1", ("P1", "P2")),
        samples.batch(),
        Noted(T0, "gap", "gateway", Severity.INFO, {"seconds": 3}),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event(event) -> None:
    back = event_of(3, 2, event.time_ns, event_kind(event), event_body(event))
    assert repr(back) == repr(NumberedEvent(3, 2, event))  # by repr, as nan is not equal to itself


@pytest.mark.long
@given(st.text(st.characters(codec="utf-8")), st.one_of(st.none(), st.floats(allow_nan=False)))
def test_any_code(code, rssi) -> None:
    scan = Scan("gate", AT, code, rssi_dbm=rssi)
    assert input_of(input_row(1, scan)[0], None) == scan


def test_half_a_character_or_a_huge_number_does_not_stop_the_journal():
    """An error's text may quote anything; a block that cannot be encoded would end every run that meets it."""
    row, _ = input_row(1, Entry("result", AT, "1\ud8007", {"n": 2**70, "deep": ["\udcff", {"k": -(2**64)}]}))
    assert input_of(row, None) == Entry(
        "result", AT, "1?7", {"n": str(2**70), "deep": ["?", {"k": str(-(2**64))}]}
    )
    noted = Noted(T0, "task_restarted", "bus", Severity.WARNING, {"error": "\udcff", "count": 3, "odd": True})
    event = event_of(1, 0, T0, event_kind(noted), event_body(noted)).event
    assert isinstance(event, Noted)
    assert event.facts == {"error": "?", "count": 3, "odd": True}
