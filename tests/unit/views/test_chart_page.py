"""What the chart page is told: the plan's row in force, signals with alarms, notes, lots, capability as studied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gateway.model import Entry
from gateway.site import Line, Revision, Sampling
from gateway.study.capability import Spec
from gateway.study.report import capable
from gateway.study.study import study
from gateway.views.chart import finite
from gateway.views.rows import row_in_force
from gateway.web.pages import PAGES, NotFound
from gateway.web.pages.page import Asked, Running
from tests.unit.fold.line import CELL, S, at, characteristic, scan, site, tick
from tests.unit.views.plant import kept
from tests.unit.views.test_past import POINTS, noise, readings

HOSTILE = '<img src=x onerror="alert(1)">'
PAGE = PAGES["chart"]


def told(reader, fold=None, **given):
    """The page's data; live where there is a fold."""
    running = Running(None if fold is None else fold.drawn)
    return PAGE.data(Asked([reader], {"id": "x", **given}, at(100).time_ns, running))


def note(seconds, of, text="look", subject="x"):
    body = {"characteristic": subject, "key": "", "time_ns": at(of).time_ns, "text": text}
    return Entry("note", at(seconds), "17", body)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """A shift at 31 s, a box at 5 s and another one at 20 s, a note on the sample of 33 s."""
    rows = noise(60)
    rows[30:, 0] += 8
    row = characteristic("x", "x", rules=("WE1", "MR"), usl=60.0, lsl=40.0, target=50.0)
    made = readings(rows)
    made[4:4] = [scan(4.5, "BOX-1")]
    made[20:20] = [scan(19.5, "BOX-2")]
    fold, reader, events = kept(
        tmp_path_factory.mktemp("chart"),
        site(POINTS, [row]),
        [*made, note(61, 33, HOSTILE), note(62, 33, subject="nobody")],
    )
    with reader:
        yield fold, reader, events, rows


def test_a_signal_knows_its_alarm_and_its_lots(plant):
    fold, reader, events, _ = plant
    live = told(reader, fold)
    alarm = next(event.alarm for event in events if hasattr(event, "alarm"))
    assert [(each["rules"], each["alarm"]) for each in live["signals"]] == [(["WE1", "MR"], alarm)]
    assert live["signals"][0]["lots"][-1] == "BOX-2"
    assert [(lot["lot"], lot["from_ms"]) for lot in live["lots"]] == [
        ("BOX-1", at(4.5).time_ns // 1_000_000), ("BOX-2", at(19.5).time_ns // 1_000_000),
    ]  # fmt: skip


def test_a_note_stays_with_its_sample_and_one_on_nothing_is_refused(plant):
    fold, reader, events, _ = plant
    (written,) = told(reader, fold)["notes"]
    assert (written["text"], written["operator"]) == (HOSTILE, "17")
    assert written["time_ms"] == at(33).time_ns // 1_000_000
    refused = [event for event in events if getattr(event, "kind", "") == "note_refused"]
    assert [event.facts["reason"] for event in refused] == ["there is no such characteristic"]


def test_lines_that_do_not_vary_are_one_number(plant):
    fold, reader, _, rows = plant
    first, second = told(reader, fold)["chart"]["panels"]
    assert (first["center"], first["lcl"], first["ucl"]) == (50.0, 47.0, 53.0)
    assert first["value"] == rows[:, 0].tolist()
    assert list(first["rules"]) == list(range(30, 60))
    assert (second["value"][0], second["name"]) == (None, "mr")


def test_capability_is_what_a_study_says(plant):
    fold, reader, _, rows = plant
    found = told(reader, fold)["capability"]
    done = study("imr", rows[:, 0])
    expected, _ = capable(done, _samples(rows), Spec(40.0, 60.0, 50.0))
    for name in ("cp", "cpk", "pp", "ppk", "cpm"):
        index = getattr(expected, name)
        assert found[name] == {"value": index.value, "low": index.low, "high": index.high}
    assert (found["n"], found["in_control"], found["normal"]) == (60, False, False)
    assert "capability" not in told(reader, fold, lean="1")


def test_marks_that_stand_are_no_control_though_their_signal_was_told_before(plant):
    _, reader, _, _ = plant
    span = {"from": str(at(35).time_ns // 1_000_000), "to": str(at(61).time_ns // 1_000_000)}
    late = told(reader, past="1", **span)
    assert late["signals"] == []
    assert late["capability"]["n"] >= 20
    assert late["capability"]["in_control"] is False


def _samples(rows):
    from gateway.study.samples import values  # noqa: PLC0415

    return values(rows[:, 0])


def test_the_past_and_a_replica_tell_the_same_as_the_fold(plant):
    fold, reader, _, _ = plant
    live, past = told(reader, fold), told(reader, past="1")
    assert (live["live"], past["live"]) == (True, False)
    assert past["past"]["panels"][0] == live["chart"]["panels"][0]
    assert past["signals"] == live["signals"]
    assert told(reader)["chart"] is None
    ms = at(10).time_ns // 1_000_000
    some = told(reader, past="1", **{"from": str(ms), "to": str(ms + 5000)})["past"]
    assert len(some["times"]) == 5
    for odd in ("noon", "--5", "-", "5" * 16):
        with pytest.raises(NotFound, match="write milliseconds"):
            told(reader, past="1", to=odd)
    far = told(reader, past="1", **{"from": "-" + "9" * 15, "to": "9" * 15})["past"]  # no time of 64 bits
    assert far["times"] == past["past"]["times"]
    assert told(reader, past="1", **{"from": "1", "to": "2"})["past"] is None


def test_the_samples_are_a_table(plant):
    _, reader, _, _ = plant
    rows = told(reader, past="1", table="points")["points"]
    assert [row["panel"] for row in rows].count("mr") == 60
    assert rows[30]["rules"] == ["WE1"]
    assert set(PAGE.tables["points"]) <= set(rows[0])


def test_of_two_revisions_the_one_in_force_is_shown(tmp_path):
    old = replace(characteristic("x", "x"), line=Line("plan", "A"), usl=60.0, reaction="old")
    new = replace(
        characteristic("x", "x", params={"center": 50.0, "sigma": 2.0}), line=Line("plan", "B"), usl=70.0
    )
    revisions = (Revision("plan", "A"), Revision("plan", "B", at(30).time_ns))
    plant = replace(site(POINTS, [old, new]), revisions=revisions)
    made = readings(noise(60))
    made.insert(30, tick(30.5))
    fold, reader, _ = kept(tmp_path, plant, made)
    with reader:
        live, past = told(reader, fold), told(reader, past="1")
    assert (live["revision"], live["usl"]) == ("B", 70.0)
    assert (past["revision"], past["usl"]) == ("B", 70.0)
    assert [(step["is"], step["what"]) for step in past["steps"]] == [("plan_in_force", "plan B")]
    ucl = past["past"]["panels"][0]["ucl"]
    assert (ucl[0], ucl[-1], len(ucl)) == (53.0, 56.0, 60)
    assert row_in_force(plant, "x", {f"plan {CELL}": "A"}) is old
    assert row_in_force(plant, "x", {}) is old
    assert row_in_force(plant, "y", {}) is None


def test_members_of_subgroups_have_a_capability_and_their_means_no_specification(tmp_path):
    row = characteristic("x", "x", "xbar-r", rules=("WE1",), sampling=Sampling(size=4), usl=60.0, lsl=40.0)
    fold, reader, _ = kept(tmp_path, site(POINTS, [row]), readings(noise(100)))
    with reader:
        live = told(reader, fold)
    assert live["singles"] is False
    assert live["capability"]["n"] == 100
    assert sum(live["histogram"]["counts"]) == 100


def test_a_sum_of_means_has_none(tmp_path):
    row = characteristic("x", "x", "cusum", sampling=Sampling("time", 5 * S, size=2), usl=60.0)
    fold, reader, _ = kept(tmp_path, site(POINTS, [row]), readings(noise(60)))
    with reader:
        live = told(reader, fold)
        with pytest.raises(NotFound, match="no characteristic nobody is charted here"):
            told(reader, fold, id="nobody")
        assert [row["id"] for row in PAGE.data(Asked([reader], {}, 0))["characteristics"]] == ["x"]
    assert live["capability"] is None
    assert finite(np.inf) is None
