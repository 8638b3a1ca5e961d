"""A new revision of a plan takes effect at its date, for lots that are opened from then on."""

from __future__ import annotations

from dataclasses import replace

from gateway.model import Entry, Input, LotChanged, Noted, Signal
from gateway.site import Characteristic, Line, Revision, Sampling
from gateway.sparkplug.facts import definitions
from tests.unit.controlplan.shop import NS, Shop, alarm, check, said, shop, words
from tests.unit.fold.line import CELL, WALL_NS, config, reading, scan, start, tick

A, B = Line("press", "A"), Line("press", "B")
REVISIONS = (Revision("press", "A"), Revision("press", "B", WALL_NS + 1000 * NS, approved_by="42"))


def row(line: Line, **options) -> Characteristic:
    options = {"params": {"center": 50.0, "sigma": 1.0}, "key": (), "sampling": Sampling(), **options}
    return Characteristic(
        "c", f"{CELL}/x", options.pop("method", "imr"), reaction=f"of {line.revision}", line=line, **options
    )


WIDER = row(B, params={"center": 50.0, "sigma": 10.0})


def plant(*rows: Characteristic, revisions=REVISIONS, checks=(), started=True) -> Shop:
    return Shop(shop(*checks, rows=rows or (row(A), WIDER), revisions=revisions), started=started)


def in_force(events) -> list[tuple[str, str]]:
    found = (e for e in events if isinstance(e, Noted) and e.kind == "plan_in_force")
    return [(str(e.facts["before"]), str(e.facts["revision"])) for e in found]


def signals(events) -> list[tuple[str, float]]:
    return [(e.plan, e.ucl) for e in events if isinstance(e, Signal)]


def test_without_a_lot_it_takes_effect_at_its_date():
    run = plant()
    assert in_force(run.events) == [("", "A")]
    assert signals(run(reading(10, 70.0))) == [("press A", 53.0)]
    told = run(tick(999), tick(1000))
    assert in_force(told) == [("A", "B")]
    note = next(e for e in told if isinstance(e, Noted))
    assert (note.facts["cell"], note.facts["approved_by"]) == (CELL, "42")
    assert signals(run(reading(1010, 70.0))) == []
    assert signals(run(reading(1020, 90.0))) == [("press B", 80.0)]


def test_a_lot_that_is_open_is_judged_to_its_end_by_what_it_began_with():
    run = plant()
    [opened] = [e for e in run(scan(500, "B1")) if isinstance(e, LotChanged)]
    assert opened.plan == "press A"
    assert in_force(run(tick(1000), tick(5000))) == []
    assert signals(run(reading(5010, 70.0))) == [("press A", 53.0)]
    told = run(scan(6000, "B2"))
    assert in_force(told) == [("A", "B")]
    assert [e.plan for e in told if isinstance(e, LotChanged)] == ["", "press B"]
    assert signals(run(reading(6010, 90.0))) == [("press B", 80.0)]


def test_alarms_carry_the_revision_and_one_whose_row_is_gone_returns():
    run = plant()
    first = alarm(run(reading(10, 70.0)))
    assert said(first)["plan"] == "press A"
    assert first.reaction == "of A"
    gone = alarm(run(tick(1000)))
    assert (gone.state, said(gone)["returned_by"]) == ("returned", "plan_in_force")


def test_a_row_that_is_the_same_in_both_keeps_what_its_chart_has_learnt():
    """Only the reaction is new: phase I does not begin again."""
    params = {"baseline": 25}
    run = plant(row(A, params=params), row(B, params=params))
    for second in range(30):
        run(reading(10 + second, 50.0 + second % 3))
    assert any(isinstance(e, Noted) and e.kind == "limits_frozen" for e in run.events)
    run(tick(1000))
    [signal] = [e for e in run(reading(1010, 90.0)) if isinstance(e, Signal)]
    assert signal.plan == "press B"
    assert signal.baseline == "phase I"


def test_a_row_of_the_new_revision_alone_begins_with_it():
    new = replace(row(B), id="d")
    run = plant(row(A), row(B), new)
    assert [e.characteristic for e in run(reading(10, 90.0)) if isinstance(e, Signal)] == ["c"]
    run(tick(1000), reading(1001, 50.0))
    assert [e.characteristic for e in run(reading(1010, 90.0)) if isinstance(e, Signal)] == ["c", "d"]


def test_checks_go_by_revisions_too():
    old, new = check("moisture", line=A), check("colour", line=B)
    run = plant(checks=(old, new))
    assert words(run(scan(500, "B1"))) == ["check_due moisture"]
    assert "check_due colour" in words(run(scan(2000, "B2")))
    refused = run(Entry("result", tick(2010).at, "17", {"result": "moisture", "value": 1.0, "lot": "B2"}))
    assert words(refused) == ["check_refused moisture"]


def test_a_plan_whose_date_is_to_come_is_not_in_force():
    run = plant(row(B), revisions=(REVISIONS[1],))
    assert signals(run(reading(10, 90.0))) == []
    assert in_force(run(tick(1000))) == [("", "B")]
    assert signals(run(reading(1010, 90.0))) == [("press B", 53.0)]


def test_a_revision_that_is_added_while_a_lot_is_open_waits_for_the_next():
    before = shop(rows=(row(A),), revisions=(Revision("press", "A"),))
    run = Shop(before)
    run(scan(500, "B1"))
    after = shop(rows=(row(A), WIDER), revisions=REVISIONS)
    run.pipeline = type(run.pipeline)(after)
    run.state = run.pipeline.adopt(run.state)
    told = run(config(2000, after))
    assert in_force(told) == [("", "A")]
    assert signals(run(reading(2010, 70.0))) == [("press A", 53.0)]
    assert in_force(run(scan(3000, "B2"))) == [("A", "B")]


def test_a_restart_at_any_instant_gives_the_same():
    given: list[Input] = [
        start(), reading(10, 50.0), scan(500, "B1"), tick(1000), reading(1001, 70.0), scan(1500, "B2"),
        reading(1600, 90.0),
    ]  # fmt: skip
    whole = plant(started=False)
    whole(*given)
    for cut in range(1, len(given)):
        first = plant(started=False)
        first(*given[:cut])
        second = plant(started=False)
        second.state = second.pipeline.adopt(first.state)
        assert first.events + second(*given[cut:]) == whole.events


def test_a_plan_without_revisions_marks_nothing():
    run = Shop(shop(rows=(row(Line("press")),), revisions=(Revision("press", ""),)))
    [opened] = [e for e in run(scan(500, "B1")) if isinstance(e, LotChanged)]
    assert opened.plan == ""
    assert signals(run(reading(510, 90.0))) == [("", 53.0)]


def test_a_row_of_two_revisions_is_one_metric_outside():
    names = [name for name, _, _ in definitions(plant().pipeline.site)]
    assert len(names) == len(set(names))
    assert "SPC/c/Value" in names
