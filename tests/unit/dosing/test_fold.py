"""Ratios in the fold: derived points, marks, lots, shifts; and folded again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.fold import Fold, pack_state, unpack_state
from gateway.model import AlarmChanged, Noted, Plain, Setting, Signal
from gateway.pipeline import Pipeline
from gateway.site import Site
from tests.unit.dosing.conftest import SECOND, Line


def lot(line: Line, component: str = "a") -> dict[str, Plain]:
    """The facts of the newest lot, of one component."""
    line.scan(f"BOX{len(line.given)}")
    line.read("fast")
    [facts] = [dict(e.facts) for e in line.events if isinstance(e, Noted) and e.kind == "ratio_lot"
               and e.facts["component"] == component and e.facts["to_ns"]][-1:]  # fmt: skip
    return facts


def test_a_closed_loop_that_is_kept_gives_no_error(line: Line) -> None:
    line.scan("BOX1")
    for _ in range(20):
        line.batch()
    assert not [event for event in line.events if isinstance(event, Signal | AlarmChanged)]
    facts = lot(line)
    assert facts["setpoint_pct"] == pytest.approx(6.75)
    assert facts["actual_pct"] == pytest.approx(6.75)
    assert facts["mae_pct"] == pytest.approx(0.0, abs=1e-9)
    assert (facts["cycles"], facts["cycles_marked"], facts["kg_total"]) == (20, {}, pytest.approx(200.0))


def test_a_monitor_that_ignores_the_closed_loop_raises_false_alarms(site: Site) -> None:
    """The same batches, by the recipe's 9 % instead of 6.75 %: each is off by 2.25 points, a quarter."""
    blind = replace(site, dosers=(replace(site.dosers[0], loop="open"),))
    line = Line(blind)
    line.start()
    for _ in range(3):
        line.batch()
    signals = [event for event in line.events if isinstance(event, Signal)]
    assert [(signal.characteristic, signal.value) for signal in signals] == [
        ("error_of_a", pytest.approx(-2.25))
    ]


def test_a_chart_on_a_derived_point_names_its_lots(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.batch(a=7.75)
    [signal] = [event for event in line.events if isinstance(event, Signal)]
    assert (signal.tag, round(signal.value, 6), signal.uom) == ("m/l1/blending/a_ratio_error", 1.0, "%")
    assert signal.time_ns == line.at().time_ns - SECOND, "the cycle's own time"


def test_of_setpoint_is_in_per_cent_of_it(site: Site) -> None:
    line = Line(replace(site, dosers=(replace(site.dosers[0], basis="setpoint"),)))
    line.start()
    line.scan("BOX1")
    line.batch(a=7.425)
    facts = lot(line)
    assert (facts["mae_pct"], facts["basis"]) == (pytest.approx(10.0), "of setpoint")


def test_sigma_is_that_of_weighing_with_the_step_of_the_scale(line: Line) -> None:
    """One batch of 10 kg, 2.5 kg of it regrind, known to 1 g and 1 g / sqrt(12); the others to 1 g each."""
    line.scan("BOX1")
    line.batch()
    own, rest = 1e-6 + 1e-6 / 12, 3e-6
    wanted = 100 * ((0.75**2 * own + 0.25**2 * rest) ** 0.5) / 10.0
    assert lot(line, "mill")["sigma_pct"] == pytest.approx(wanted)


def marked(line: Line) -> Plain:
    return lot(line)["cycles_marked"]


def test_a_starved_cycle_is_counted_and_not_averaged(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.shown["empty"] = 1
    line.batch(mill=2.0)  # told by the slow poll after it: the cycle waits for that
    line.shown["empty"] = 0
    line.batch(mill=3.0)  # it was still empty when this one was made
    line.batch()
    facts = lot(line, "mill")
    assert facts["cycles_marked"] == {"starved": 2}
    assert (facts["cycles"], facts["actual_pct"]) == (2, pytest.approx(25.0))
    assert facts["kg_marked"] == pytest.approx(0.5)
    assert not [event for event in line.events if isinstance(event, Signal)]


def test_cycles_that_nobody_read_are_counted(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.shown["cycles"] += 3
    line.batch()
    assert marked(line) == {"missed": 3}


def test_weights_that_were_not_read_are_missed(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.shown["cycles"] += 1
    line.read("fast", bad="a")
    line.read("slow")
    assert marked(line) == {"missed": 1}


def test_a_counter_that_wraps_goes_on(site: Site) -> None:
    line = Line(site)
    line.shown["cycles"] = 65_534
    line.start()
    line.scan("BOX1")
    for _ in range(4):
        line.batch()
    assert (line.shown["cycles"], marked(line), lot_cycles(line)) == (2, {}, 4)


def lot_cycles(line: Line) -> Plain:
    return line.noted("ratio_lot")[-1].facts["cycles"]


@pytest.mark.parametrize("now", [0, 3])
def test_a_counter_that_is_cleared_marks_the_next_cycle(line: Line, now: int) -> None:
    """To 0, or to 0 and 3 batches more: two of them nobody read."""
    line.scan("BOX1")
    line.batch()
    line.shown["cycles"] = now
    line.read("fast")
    line.read("slow")
    line.batch()
    assert marked(line) == {0: {"cleared": 1}, 3: {"cleared": 1, "missed": 2}}[now]


def test_a_gap_marks_the_first_cycle_after_it(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.now += 60.0
    line.batch()
    line.batch()
    assert marked(line) == {"first_after_gap": 1}


def test_what_was_dosed_while_the_daemon_was_down_is_counted(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.now += 5.0
    line.take(Setting("start", line.at(), {}))
    line.shown["cycles"] += 4
    line.batch()
    assert marked(line) == {"first_after_gap": 1, "missed": 4}


def test_a_changeover_is_marked_and_told_apart(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.shown |= {"recipe": 2, "a_set": 4.0}
    line.batch(a=3.0)  # of recipe 2 by now; whether its setpoint was 9 or 4, nobody knows
    line.batch(a=3.0)
    line.scan("BOX2")
    line.read("fast")
    rows = [each.facts for each in line.noted("ratio_lot") if each.facts["component"] == "a"]
    assert [(row["recipe"], row["cycles"], row["cycles_marked"]) for row in rows] == [
        ("1", 1, {}), ("2", 1, {"changeover": 1}),
    ]  # fmt: skip
    assert rows[1]["setpoint_pct"] == pytest.approx(3.0)
    assert not [event for event in line.events if isinstance(event, Signal)]


def test_setpoints_that_cannot_be_meant_are_none(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.shown["a_set"] = 150.0
    line.batch()
    line.batch()
    assert marked(line) == {"changeover": 1, "no_setpoint": 2}


def test_a_shift_is_told_when_it_is_over(line: Line) -> None:
    line.now = 5 * 3600 + 3590.0  # 05:59:50
    line.batch()
    line.batch()
    line.now = 6 * 3600.0
    line.batch()
    rows = [each.facts for each in line.noted("ratio_shift") if each.facts["component"] == "mill"]
    assert [(row["shift"], row["day"], row["cycles"]) for row in rows] == [("late", "2026-11-18", 1)]
    assert rows[0]["cycles_marked"] == {"first_after_gap": 1}


def test_a_lot_that_left_is_told_without_another_cycle(line: Line) -> None:
    line.scan("BOX1")
    line.batch()
    line.scan("BOX2")
    line.read("fast")
    assert {each.facts["lot"] for each in line.noted("ratio_lot")} == {"BOX1"}


def test_folded_again_from_a_snapshot_it_is_the_same(site: Site) -> None:
    line = Line(site)
    line.start()
    line.scan("BOX1")
    for at in range(8):
        line.batch(a=6.75 + 0.02 * at)
    kept = unpack_state(pack_state(line.fold.state))
    seen, count = len(line.given), len(line.events)
    for at in range(8):
        line.batch(a=6.7 + 0.3 * (at == 5))
    line.scan("BOX2")
    line.batch()
    again = Fold(Pipeline(site), kept)
    assert [event for given in line.given[seen:] for event in again.take(given).events] == line.events[count:]
    assert pack_state(again.state) == pack_state(line.fold.state)


def test_a_poll_that_comes_late_turns_no_window_back(line: Line) -> None:
    """The slow poll of 06:00:00 is folded before a fast one of 05:59:59, whose cycle is of the shift before."""
    line.now = 6 * 3600.0 - 3.0
    line.batch()
    line.read("slow")
    compared = len(line.noted("ratio_compared"))
    line.now = 6 * 3600.0 - 2.0
    line.batch()
    line.batch()
    assert len(line.noted("ratio_compared")) == compared
    rows = [each.facts for each in line.noted("ratio_shift") if each.facts["component"] == "a"]
    assert [(row["shift"], row["cycles"], row["cycles_marked"]) for row in rows] == [
        ("late", 0, {"first_after_gap": 1}), ("late", 1, {}),
    ]  # fmt: skip
