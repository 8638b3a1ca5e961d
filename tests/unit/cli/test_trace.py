"""`lotwatch trace` and `lot` by mass: shares with their bound, the legal set, what was known when, lots of a drift."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.journal import Replica
from gateway.model import (
    AlarmChanged,
    Change,
    Entry,
    Identity,
    Instant,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Severity,
    Signal,
    Tick,
)
from tests.unit.journal.genealogy import CELL, HOUR, Shop, shop
from tests.unit.journal.plant import T0


def store(folder, events, inputs=(), site="a"):
    with Replica.open(folder / site / "gw1-e1", Identity(site, "gw1", "e1")) as replica:
        replica.store(list(inputs), events)
    return folder


@pytest.fixture
def data(tmp_path):
    return store(tmp_path / "d", shop().events)


def run(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def told(*words):
    return orjson.loads(run(*words, "--json").stdout_bytes)


def test_forward_by_mass(data) -> None:
    found = told("trace", "R1", "--forward", "--data", data)
    assert (found["lot"], found["basis"], found["note"], found["as_of"]) == ("R1", "mass", None, None)
    assert "backward" not in found
    assert found["mass"]["kg"] == 100.0
    way = found["forward"]
    assert [row["lot"] for row in way["holders"]] == ["X1", "X2", "X3", "P1", "S1", "S2"]
    box = way["holders"][1]
    assert (box["kind"], box["cell"], box["kg"], box["closed"]) == (
        "box",
        CELL,
        20.0,
        "2027-01-15T15:00:00.000000000Z",
    )
    assert box["share"] == pytest.approx({"low": 0.75, "high": 0.75, "sigma": box["share"]["sigma"]})
    assert 0.0 < box["share"]["sigma"] < 1e-3
    assert box["held_kg"]["low"] == pytest.approx(15.0)
    assert way["totals"]["shipment"] == {"count": 2, "held_kg": pytest.approx({"low": 40.0, "high": 40.0})}
    said = run("trace", "R1", "--forward", "--data", data).stdout
    assert "it is 0.1 % or more of 6 boxes, pallets and shipments: 3 boxes with" in said
    assert "with 40.000 kg of it, 1 pallet with 35.000 kg of it, 2 shipments with 40.000 kg of it" in said
    line = next(line for line in said.splitlines() if "X2" in line)
    assert "15.000 kg +- 0.016 kg  75.0000 % +- 0.0198 %" in line


def test_the_least_share_and_every_kind(data) -> None:
    few = told("trace", "R1", "--forward", "--min-share", "0.8", "--data", data)["forward"]["holders"]
    assert [row["lot"] for row in few] == ["X1", "P1", "S1"]
    every = told("trace", "R1", "--forward", "--all", "--data", data)["forward"]["holders"]
    assert {row["kind"] for row in every} == {"batch", "regrind", "box", "pallet", "shipment"}
    for wrong in ("0", "1.5", "x"):
        run("trace", "R1", "--min-share", wrong, "--data", data, code=2)


def test_a_lot_that_was_made_is_followed_too(data) -> None:
    found = told("trace", "B1", "--data", data)
    assert [row["lot"] for row in found["forward"]["holders"]] == ["X1", "X3", "P1", "S1", "S2"]
    assert [row["lot"] for row in found["backward"]["sources"]] == ["R1"]


def test_backward_to_the_sources(data) -> None:
    way = told("trace", "S1", "--backward", "--data", data)["backward"]
    assert [(row["lot"], row["kind"]) for row in way["sources"]] == [("R1", "material"), ("R2", "material")]
    assert way["sources"][0]["held_kg"]["high"] == pytest.approx(35.0)
    assert way["rest"] == 0.0
    said = run("trace", "R1", "--backward", "--data", data).stdout
    assert "it came from outside" in said


def test_the_legal_set_beside_the_exposure(data) -> None:
    way = told("trace", "R1", "--forward", "--any", "--data", data)["forward"]
    assert way["any"]["count"] == 10
    assert way["any"]["kinds"] == {"batch": 3, "box": 3, "regrind": 1, "pallet": 1, "shipment": 2}
    assert "G1" in way["any"]["lots"]
    said = run("trace", "S2", "--backward", "--any", "--data", data).stdout
    assert "6 lots can be in it at all: 2 batches, 1 box, 2 materials, 1 regrind" in said


def test_a_lot_that_was_only_scanned_says_so(data) -> None:
    run("trace", "R9", "--data", data, code=1)


@pytest.mark.parametrize("words", [(), ("R1", "--alarm", "a1")])
def test_a_lot_or_an_alarm(data, words) -> None:
    assert "name a lot by its CODE, or an alarm" in run("trace", *words, "--data", data, code=2).stderr


def known_later():
    """B2 is told again, hours later, by an entry: R1 was a wrong scan."""
    made = shop()
    inputs = [
        NumberedInput(seq, Tick(Instant(event.event.time_ns, seq * HOUR, 1)))
        for seq, event in enumerate(made.events, 1)
    ]
    events = [replace_cause(event, seq) for seq, event in enumerate(made.events, 1)]
    made.again("B2", [("R2", 40.0)])
    late = Instant(T0 + 30 * HOUR, 30 * HOUR, 1)
    inputs += [
        NumberedInput(
            13, Scan("gate", Instant(T0 + 2 * HOUR, 14 * HOUR, 1), "R2")
        ),  # read long before it came
        NumberedInput(14, Entry("restate", late, "7", {})),
    ]
    return [*events, replace_cause(made.events[-1], 14)], inputs


def replace_cause(event: NumberedEvent, cause: int) -> NumberedEvent:
    return NumberedEvent(event.seq, cause, event.event)


@pytest.mark.parametrize(
    ("time", "lots"),
    [
        ("2027-01-15T07:59:00Z", []),
        ("2027-01-15T15:30:00Z", ["X1", "X2"]),
        ("2027-01-16T10:00:00Z", ["X1", "X2", "X3", "P1", "S1", "S2"]),
    ],
)
def test_what_was_known_at_a_time(tmp_path, time, lots) -> None:
    folder = store(tmp_path / "d", *known_later())
    found = told("trace", "R1", "--forward", "--as-of", time, "--data", folder)
    assert [row["lot"] for row in found["forward"].get("holders", [])] == lots
    assert found["as_of"].startswith(time[:16])


def test_what_was_amended_is_known_from_then_on(tmp_path) -> None:
    folder = store(tmp_path / "d", *known_later())
    before = told("trace", "B2", "--backward", "--as-of", "2027-01-16T10:00:00Z", "--data", folder)
    after = told("trace", "B2", "--backward", "--data", folder)
    assert [row["lot"] for row in before["backward"]["sources"]] == ["R1", "R2"]
    assert [row["lot"] for row in after["backward"]["sources"]] == ["R2"]
    assert (before["mass"]["version"], after["mass"]["version"]) == (1, 2)
    assert (
        "as it was known at 2027-01-16"
        in run("trace", "B2", "--as-of", "2027-01-16T10:00:00Z", "--data", folder).stdout
    )
    about = told("lot", "B2", "--data", folder)["at"][0]
    assert [(row["version"], row["reason"]) for row in about["versions"]] == [(1, ""), (2, "wrong_scan")]
    assert "wrong_scan" in run("lot", "B2", "--data", folder).stdout


def test_everything_about_one_lot(tmp_path) -> None:
    made = shop()
    held = Noted(T0 + 20 * HOUR, "lot_held", "B3", Severity.WARNING, {"reason": "regrind share 32 %"})
    folder = store(tmp_path / "d", [*made.events, NumberedEvent(13, 0, held)])
    [about] = told("lot", "B3", "--data", folder)["at"]
    mass = about["mass"]
    assert (mass["kind"], mass["kg"], mass["aggregated"], mass["ground"]) == ("batch", 40.0, False, False)
    assert [(edge["lot"], edge["kg"]) for edge in mass["inputs"]] == [("R2", 30.0), ("G1", 10.0)]
    assert [(edge["lot"], edge["kind"], edge["kg"]) for edge in mass["went_into"]] == [("X3", "box", 20.0)]
    held_ = mass["composition"]
    assert held_["regrind"]["low"] == pytest.approx(0.25)
    assert held_["passes"][1]["high"] == pytest.approx(0.25)
    assert held_["recycled"]["high"] == 0.0
    assert [row["lot"] for row in held_["sources"]] == ["R2", "R1"]
    assert [event["kind"] for event in about["events"]] == ["lot_held"]
    said = run("lot", "B3", "--data", folder).stdout
    for line in (
        "batch, 40.000 kg",
        "from G1  10.000 kg",
        "into X3  box  20.000 kg",
        "regrind 25.0000 %",
        "lot_held",
    ):
        assert line in said


def test_a_resin_lot_of_two_suppliers_is_one_answer(tmp_path) -> None:
    folder = store(tmp_path / "d", shop().events)
    other = Shop()
    other.lot("R1", "material", kg=50.0)
    other.lot("C1", "batch", [("R1", 10.0)])
    other.lot("D1", "box", [("C1", 10.0)])
    store(folder, other.events, site="b")
    rows = told("trace", "R1", "--forward", "--min-share", "0.9", "--data", folder)["forward"]["holders"]
    assert {row["lot"] for row in rows} == {"X1", "D1"}
    said = run("trace", "R1", "--forward", "--data", folder).stdout
    assert said.startswith("R1  material, 100.000 kg at a, 50.000 kg at b")


def drift():
    """Pressure drifted from B3 on, in which there is regrind of R1 for the first time."""
    made = shop()
    began = made.made["B3"].time_ns - HOUR // 2
    seq = len(made.events)
    change = Change(began, began - HOUR // 4, began + HOUR // 4, 12, 1.5, 0.4, "up")
    signal = Signal(
        began + HOUR, "pressure", f"{CELL}/pressure", "cusum", "", ("up",), 5.0, 4.0, 3.0, 4.8, 3.0, ("X3",),
        change=change,
    )  # fmt: skip
    alarm = AlarmChanged(
        began + HOUR, "pressure-1", 1, "active", "signal", Severity.ALARM, f"{CELL}/pressure", "pressure", "call",
        ("X3",),
    )  # fmt: skip
    newer = replace(alarm, version=2, time_ns=began + 2 * HOUR)
    told_ = [NumberedEvent(seq + place, 0, each) for place, each in enumerate((signal, alarm, newer), 1)]  # type: ignore[arg-type]
    return made, [*made.events, *told_]


def test_a_drift_names_its_lots_and_what_is_new_in_them(tmp_path) -> None:
    made, events = drift()
    folder = store(tmp_path / "d", events)
    found = told("trace", "--alarm", "pressure-1", "--data", folder)
    assert found["since"] == "2027-01-15T12:30:00.000000000Z"
    assert [lot["lot"] for lot in found["lots"]] == ["B3", "X1", "X2", "X3", "P1", "S1", "S2"]
    assert found["before"] == ["B1", "B2"]
    assert found["change"]["from"] == "2027-01-15T12:15:00.000000000Z"
    assert {row["source"] for row in found["changed"]} == {"R1", "R2"}
    said = run("trace", "--alarm", "pressure-1", "--data", folder).stdout
    assert "7 lots were made there since then" in said
    assert "R1  " in said
    del made


def test_an_alarm_that_nobody_knows(tmp_path) -> None:
    folder = store(tmp_path / "d", drift()[1])
    done = run("trace", "--alarm", "presure-1", "--data", folder, code=1)
    assert "no alarm presure-1 here; near to it: pressure-1" in done.stderr


def test_a_drift_where_nothing_was_weighed_names_the_lots_that_were_scanned(tmp_path) -> None:
    events = [NumberedEvent(seq, 0, each.event) for seq, each in enumerate(drift()[1][-3:], 1)]
    folder = store(tmp_path / "d", events)
    said = run("trace", "--alarm", "pressure-1", "--data", folder).stdout
    assert "as they were scanned" in said
    assert "X3" in said
