"""Banks of charts in the fold: slots, phase I, signals. The charts' own numbers are tested with the charts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from statistics import mean

import pytest

from gateway.bank import bank as bank_room
from gateway.model import Noted, Quality, Signal
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.site import Sampling
from gateway.spc import chart_kinds, load_chart
from tests.unit.fold.line import CELL, Run, acknowledge, characteristic, config, kinds, point, reading, site

SINGLE = [  # charts of single values, in control about a center
    kind
    for kind in chart_kinds()
    if load_chart(kind).TAKES == "value" and set(load_chart(kind).learnt(1)) == {"center", "sigma"}
]
QUIET = [50.1, 49.8, 50.3, 49.7, 50.2, 49.9]


def feed(run: Run, values, begin: float = 1.0) -> list:
    return run(*(reading(begin + t, value) for t, value in enumerate(values)))


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


@pytest.mark.parametrize("kind", SINGLE)
def test_every_chart_is_quiet_on_a_quiet_process_and_speaks_on_a_shifted_one(kind):
    run = Run(site([point("x")], [characteristic("c", "x", kind)]))
    assert feed(run, QUIET * 5) == []
    found = signals(feed(run, [54.0 + value - 50 for value in QUIET], 100))
    assert found
    assert found[0].chart == kind
    assert found[0].size_sigma > 0


@pytest.mark.parametrize("kind", SINGLE)
def test_a_shift_down_has_a_negative_size(kind):
    run = Run(site([point("x")], [characteristic("c", "x", kind)]))
    assert signals(feed(run, [44.0] * 8))[0].size_sigma < 0


def test_a_signal_says_value_limits_and_how_far_in_sigma():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    (signal,) = signals(feed(run, [50.0, 54.0]))
    assert (signal.value, signal.center, signal.lcl, signal.ucl, signal.rules) == (
        54.0,
        50.0,
        47.0,
        53.0,
        ("WE1",),
    )
    assert signal.size_sigma == pytest.approx(4.0)


def test_a_lasting_violation_is_one_signal_and_a_new_rule_another():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    assert [signal.rules for signal in signals(feed(run, [54.0] * 9))] == [
        ("WE1",), ("WE1", "WE2"), ("WE1", "WE2", "WE3"), ("WE1", "WE2", "WE3", "WE4"),
    ]  # fmt: skip


def test_only_rules_that_are_asked_for_speak():
    run = Run(
        site(
            [point("x")], [characteristic("c", "x", rules=("WE4",)), characteristic("d", "x", rules=("MR",))]
        )
    )
    found = signals(feed(run, [50.5] * 8 + [54.5]))
    assert [(signal.characteristic, signal.rules) for signal in found] == [("c", ("WE4",)), ("d", ("MR",))]
    assert found[1].value == pytest.approx(4.0)


def test_phase_one_takes_its_samples_then_freezes_limits_and_says_so():
    run = Run(site([point("x")], [characteristic("c", "x", params={"baseline": 6})]))
    assert feed(run, QUIET[:5]) == []
    (frozen,) = feed(run, QUIET[5:], 10)
    assert isinstance(frozen, Noted)
    assert (frozen.kind, frozen.subject) == ("limits_frozen", "c")
    moving = [abs(b - a) for a, b in itertools.pairwise(QUIET)]
    assert frozen.facts["center"] == pytest.approx(mean(QUIET))
    assert frozen.facts["sigma"] == pytest.approx(
        mean(moving) / 1.1284, rel=1e-4
    )  # d2(2), Montgomery, appendix VI
    sigma = frozen.facts["sigma"]
    assert isinstance(sigma, float)
    assert signals(feed(run, [mean(QUIET) + 3.01 * sigma], 20))


def test_samples_of_phase_one_are_not_charted():
    run = Run(site([point("x")], [characteristic("c", "x", "ewma", params={"baseline": 6})]))
    feed(run, QUIET)
    (bank,) = run.state.groups["press1/fast"].charting.banks
    assert bank.chart["fade"].tolist() == [1.0]
    feed(run, QUIET[:2], 10)
    (bank,) = run.state.groups["press1/fast"].charting.banks
    assert bank.chart["fade"].tolist() == pytest.approx([0.8**4])  # two samples


def test_one_of_center_and_sigma_may_be_given():
    run = Run(site([point("x")], [characteristic("c", "x", params={"baseline": 6, "center": 49.0})]))
    (frozen,) = feed(run, QUIET)
    assert frozen.facts["center"] == 49.0


def test_a_baseline_that_does_not_vary_waits_until_it_does():
    run = Run(site([point("x")], [characteristic("c", "x", params={"baseline": 4})]))
    assert feed(run, [50.0] * 20) == []
    assert kinds(feed(run, [50.4], 30)) == ["limits_frozen"]


def test_each_key_has_its_own_limits_and_goes_on_where_it_was():
    row = characteristic("c", "x", "ewma", params={"baseline": 6}, key=("recipe",))
    run = Run(site([point("x"), point("recipe", "uint16")], [row]))

    def at_recipe(recipe, values, begin):
        return run(*(reading(begin + t, value, recipe) for t, value in enumerate(values)))

    assert kinds(at_recipe(1, QUIET, 1)) == ["limits_frozen"]
    assert kinds(at_recipe(2, [value + 100 for value in QUIET], 20)) == ["limits_frozen"]
    assert at_recipe(1, QUIET, 40) == []
    found = signals(at_recipe(2, [151.0] * 5, 60))
    assert found[0].key == "2"
    assert found[0].center == pytest.approx(mean(QUIET) + 100)


@pytest.mark.parametrize("bad", [Quality.NO_ANSWER, Quality.CORRUPT, Quality.UNSTABLE, Quality.UNCERTAIN])
def test_bad_and_uncertain_values_never_move_a_chart(bad):
    made_for = site([point("x")], [characteristic(f"c{kind}", "x", kind) for kind in SINGLE])
    clean, dirty = Run(made_for), Run(made_for)
    feed(clean, QUIET)
    for t, value in enumerate(QUIET):
        dirty(reading(1 + t, value), reading(1.5 + t, 9e9, quality=[bad]))
    assert to_plain(clean.state.groups["press1/fast"].charting) == to_plain(
        dirty.state.groups["press1/fast"].charting
    )


def test_an_acknowledged_cusum_starts_from_zero():
    run = Run(site([point("x")], [characteristic("c", "x", "cusum")]))
    feed(run, [58.0] * 50)  # a sum of 375 sigma would take 750 good samples to run down
    alarm = next(iter(run.state.alarms.values()))
    run(acknowledge(60, alarm.id))
    assert kinds(feed(run, QUIET + QUIET, 61))[-1:] == ["alarm signal closed"]


def test_parameters_are_the_charts_own_and_lambda_is_spelt_as_in_the_books():
    params = {"center": 50.0, "sigma": 1.0, "lambda": 1.0, "L": 3.0, "limits": "asymptotic"}
    rows = [characteristic("c", "x", "ewma", params=params), characteristic("d", "x", "ewma")]
    run = Run(site([point("x")], rows))
    ours, by_default = signals(feed(run, [53.5]))
    assert (ours.characteristic, ours.ucl) == ("c", 53.0)  # lambda 1 is Shewhart's chart
    assert ours.size_sigma == pytest.approx(3.5)
    assert by_default.ucl == pytest.approx(
        50 + 2.962 * 0.2
    )  # exact limits at the first sample: L sigma lambda


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (characteristic("c", "x", "ewma", params={"lamda": 0.2}), "c: ewma has no parameter lamda"),
        (characteristic("c", "x", rules=("WE9",)), "c: imr has no rule WE9"),
        (characteristic("c", "x", "imrr"), "imrr is not a chart"),
        (characteristic("c", "x", params={"center": "high"}), "c: center must be a number"),
        (characteristic("c", "x", params={"center": 50.0, "sigma": 0.0}), "c: sigma must be above 0"),
    ],
)
def test_a_plan_that_does_not_fit_says_what_would(row, says):
    with pytest.raises(ValueError, match=says):
        Pipeline(site([point("x")], [row]))


def test_a_new_config_keeps_the_charts_of_unchanged_rows():
    kept, other = characteristic("kept", "x", params={"baseline": 6}), characteristic("other", "x", "cusum")
    run = Run(site([point("x")], [other, kept]))
    feed(run, QUIET)
    new = site([point("x"), point("y")], [kept, characteristic("more", "y", "imr")])
    run.pipeline = Pipeline(new)
    run.state = run.pipeline.adopt(run.state)
    run(config(20, new))
    found = run(reading(21, 60.0, 50.0))
    assert [signal.characteristic for signal in signals(found)] == ["kept"]


def test_a_new_config_does_not_sample_the_same_shot_again():
    sampling = Sampling("counter", counter=f"{CELL}/n")
    old = site(
        [point("x"), point("n", "uint16")], [characteristic("c", "x", rules=("WE1",), sampling=sampling)]
    )
    new = site([point("x"), point("n", "uint16"), point("y")], old.characteristics)
    run = Run(old)
    assert kinds(run(reading(1, 60.0, 7))) == ["signal WE1", "alarm signal active"]
    run.pipeline = Pipeline(new)
    run.state = run.pipeline.adopt(run.state)
    run(config(2, new), *(reading(3 + t, 50.0, 7, 0.0) for t in range(20)))
    assert run.state.alarms["signal c "].on
    assert kinds(run(reading(30, 50.0, 9, 0.0))) == ["missed_shots"]


def test_slots_grow_with_keys_and_the_state_stays_plain():
    run = Run(site([point("x"), point("recipe", "uint16")], [characteristic("c", "x", key=("recipe",))]))
    for recipe in range(5):
        run(reading(recipe + 1, 50.0, recipe))
    (bank,) = run.state.groups["press1/fast"].charting.banks
    assert bank.key == ("0", "1", "2", "3", "4")
    assert [len(array) for array in bank.chart.values()] == [5] * len(bank.chart)


def test_a_large_site_is_compiled_in_time_that_grows_with_it():
    """A thousand groups of a hundred points took 50 s where each looked through all the others' points."""
    seen = []

    class Counted(tuple):
        __slots__ = ()

        def __iter__(self):
            seen.append(len(self))
            return super().__iter__()

    small = site([point("x")], [characteristic("c", "x")])
    device = small.devices[0]
    many = [
        replace(device, name=f"d{i}", groups=(replace(device.groups[0], id=f"d{i}/fast"),)) for i in range(50)
    ]
    large = replace(small, devices=Counted(many), characteristics=Counted(small.characteristics))
    Pipeline(large)
    assert len(seen) < 20  # not once a group


def test_keys_without_end_do_not_make_a_state_without_end(monkeypatch):
    """A lot number as key gives a slot a lot: the oldest in control goes, and says so."""
    monkeypatch.setattr(bank_room, "SLOTS_MOST", 3)
    rows = [characteristic("c", "x", key=("recipe",)), characteristic("d", "x")]
    run = Run(site([point("x"), point("recipe", "uint16")], rows))
    told = run(
        reading(1, 54.0, 1),  # out of control, never seen again
        *(reading(t, 50.0, t) for t in range(2, 8)),
    )
    assert [event.facts["key"] for event in told if isinstance(event, Noted)] == ["2", "3", "4", "5"]
    (held,) = run.state.groups["press1/fast"].charting.banks
    assert [key for column, key in zip(held.column, held.key, strict=True) if column == 0] == ["1", "6", "7"]
    assert held.key[held.active[0]] == "7"
    assert held.key[held.active[1]] == ""
    monkeypatch.setattr(bank_room, "SLOTS_MOST", 2)
    told = run(reading(9, 54.0, 9))
    assert "alarm signal returned" in kinds(told)  # of recipe 1: nobody could find it gone any more
    assert signals(told)[0].key == "9"
