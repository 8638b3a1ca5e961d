"""Shifts, plant days, weeks and months by the clock of the site, on the days too on which clocks change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.shifts import offsets
from gateway.shifts import (
    Span,
    day_span,
    month_at,
    month_span,
    months_before,
    offset_ns,
    shift_at,
    shifts_of,
    week_at,
    week_span,
    weeks_before,
)
from gateway.site import Shifts, ShiftStart, Teams

H = 3_600_000_000_000
DAY = 24 * H
THREE = (ShiftStart("early", 360), ShiftStart("late", 840), ShiftStart("night", 1320))


def ns(text: str) -> int:
    return (
        (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    )


def site(zone: str = "Europe/Berlin", teams: Teams | None = None) -> Shifts:
    return Shifts(zone, offsets(zone), THREE, teams)


def test_a_night_shift_belongs_to_the_day_on_which_it_began() -> None:
    found = shift_at(site(), ns("2026-11-10T02:00:00+01:00"))
    assert (found.name, found.day) == ("night", "2026-11-09")
    assert (found.from_ns, found.to_ns) == (ns("2026-11-09T22:00:00+01:00"), ns("2026-11-10T06:00:00+01:00"))
    assert shift_at(site(), found.to_ns).name == "early"


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)],
    ids=["spring", "autumn", "summer"],
)
def test_a_shift_is_as_long_as_the_clocks_make_it(night: str, hours: int) -> None:
    found = shift_at(site(), ns(f"{night}T23:00:00Z"))
    assert (found.name, found.day, (found.to_ns - found.from_ns) // H) == ("night", night, hours)
    assert (day_span(site(), night).to_ns - day_span(site(), night).from_ns) // H == 16 + hours


def test_shifts_that_begin_while_the_clocks_change() -> None:
    odd = Shifts("Europe/Berlin", offsets("Europe/Berlin"), (ShiftStart("a", 150), ShiftStart("b", 720)))
    skipped = shift_at(odd, ns("2026-03-29T12:00:00+02:00") - 1)  # 02:30 is not there: 01:30 UTC (PEP 495)
    assert (skipped.name, skipped.from_ns) == ("a", ns("2026-03-29T01:30:00Z"))
    twice = shift_at(odd, ns("2026-10-25T05:00:00Z"))  # 02:30 comes twice: the first
    assert (twice.name, twice.from_ns) == ("a", ns("2026-10-25T00:30:00Z"))


@pytest.mark.long
@given(
    st.integers(ns("2020-01-02T00:00:00Z"), ns("2060-12-30T00:00:00Z")),
    st.sampled_from(
        ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
    ),
)
def test_offsets_are_those_of_the_time_zone_database(time_ns: int, zone: str) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    east = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert timedelta(microseconds=offset_ns(site(zone), time_ns) // 1000) == east
    found = shift_at(site(zone), time_ns)
    assert found.from_ns <= time_ns < found.to_ns


@given(st.integers(ns("2020-01-02T00:00:00Z"), ns("2059-12-30T00:00:00Z")))
def test_shifts_follow_each_other_without_a_gap(time_ns: int) -> None:
    made = list(shifts_of(site(), time_ns, time_ns + 3 * DAY))
    assert len(made) in (8, 9, 10)
    assert all(a.to_ns == b.from_ns for a, b in pairwise(made))
    assert all(shift_at(site(), each.from_ns) == each == shift_at(site(), each.to_ns - 1) for each in made)


@pytest.mark.parametrize(
    ("day", "week"),
    # ISO 8601:2004, 3.2.2 and Annex C: the first week has the year's first Thursday
    [
        ("2026-11-09", "2026-W46"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"),
    ],
)
def test_iso_weeks_of_plant_days(day: str, week: str) -> None:
    shifts = site("Asia/Shanghai")
    assert week_at(shifts, ns(f"{day}T06:00:00+08:00")) == week
    morrow = datetime.fromisoformat(day) + timedelta(days=1)
    assert week_at(shifts, ns(f"{morrow:%Y-%m-%d}T05:59:59+08:00")) == week
    span = week_span(shifts, week)
    assert span.from_ns <= ns(f"{day}T06:00:00+08:00") < span.to_ns
    assert span.to_ns - span.from_ns == 7 * DAY


def test_months_of_plant_days() -> None:
    shifts = site()
    span = month_span(shifts, "2026-10")
    assert span == (ns("2026-10-01T06:00:00+02:00"), ns("2026-11-01T06:00:00+01:00"))
    assert month_at(shifts, span.to_ns - 1) == "2026-10"
    assert month_at(shifts, span.to_ns) == "2026-11"
    assert month_span(shifts, "2026-12").to_ns == ns("2027-01-01T06:00:00+01:00")


@pytest.mark.parametrize("word", ["2026-W54", "2026-W00", "2025-W53", "W46", "2026-46", ""])
def test_what_is_no_week_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO week such as 2026-W46"):
        week_span(site(), word)


@pytest.mark.parametrize("word", ["2026-13", "2026-00", "10", "2026-W10", "0000-01"])
def test_what_is_no_month_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not a month such as 2026-10"):
        month_span(site(), word)


def test_weeks_and_months_before() -> None:
    assert [weeks_before("2027-W01", 1), weeks_before("2026-W53", -1)] == ["2026-W53", "2027-W01"]
    assert [months_before("2026-01", 1), months_before("2026-12", -1)] == ["2025-12", "2027-01"]


def test_teams_take_turns_by_the_week_and_by_weekday() -> None:
    monday = (datetime(2026, 1, 5, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    weekly = site(teams=Teams(monday, 7, (("a", "b", "c"), ("c", "a", "b"), ("b", "c", "a"))))
    assert [shift_at(weekly, ns(f"2026-01-{day}T07:00:00+01:00")).team for day in ("05", "11", "12", "19", "26")] == [
        "a", "a", "c", "b", "a",
    ]  # fmt: skip
    assert shift_at(weekly, ns("2025-12-30T07:00:00+01:00")).team == "b"  # before the first row as after it
    by_day = site(teams=Teams(monday, 1, (*(("a", "b", ""),) * 5, ("c", "", ""), ("", "", ""))))
    assert shift_at(by_day, ns("2026-01-10T07:00:00+01:00")).team == "c"
    assert shift_at(by_day, ns("2026-01-12T03:00:00+01:00")).team == ""  # Sunday's night


def test_a_site_that_says_nothing_has_one_shift_a_day_in_utc() -> None:
    found = shift_at(Shifts(), ns("2026-11-10T02:00:00Z"))
    assert found == ("day", "", "2026-11-10", ns("2026-11-10T00:00:00Z"), ns("2026-11-11T00:00:00Z"))


@pytest.mark.parametrize(
    ("span", "far"),
    [(day_span, "9999-12-31"), (day_span, "0001-01-01"), (week_span, "9999-W52"), (month_span, "9998-12")],
)
def test_what_no_time_of_ours_can_say_is_refused(span: Callable[[Shifts, str], Span], far: str) -> None:
    with pytest.raises(ValueError, match="is not in a year from 1700 to 2199"):
        span(site(), far)
    assert day_span(site(), "2199-12-31").to_ns < 2**63 - 60 * DAY
    assert day_span(site(), "1700-01-01").from_ns > -(2**63) + 60 * DAY
