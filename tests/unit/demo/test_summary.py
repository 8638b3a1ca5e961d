"""The demo's account: what was planted beside what was said, in JSON and in words."""

from __future__ import annotations

from pathlib import Path

from gateway.demo.story import line_of
from gateway.demo.summary import read_planted, summarise, table
from gateway.model import AlarmChanged, Event, LotChanged, Noted, Plain, Severity, Signal

CUSHION, SHARE = "a/l/press1/cushion", "a/l/blending/share"
PLANTED = (
    b'{"tag": "a/l/press1/cushion", "time_ns": 5000000000, "kind": "step", "size": -0.4, "about": "process"}\n'
    b'{"tag": "a/l/blending/share", "time_ns": 6000000000, "kind": "drift", "size": 1.5, "about": "process"}\n'
    b'{"tag": "silo1", "time_ns": 7000000000, "kind": "silent", "size": 0, "about": "wire"}\n'
)


def signal(seconds: float, tag: str = CUSHION) -> Signal:
    time_ns = round(seconds * 1e9)
    return Signal(time_ns, "c", tag, "imr", "", ("WE1",), 5.6, 6.0, 5.7, 6.2, -5.0, ("BOX-1",))


EVENTS: list[Event] = [
    LotChanged(1, "BOX-1", "opened", "a/l/press1", "product", "BOX-1", ("RESIN",)),
    signal(4.0),  # before the change: not found by it
    signal(6.5),
    signal(6.0),
    AlarmChanged(6, "x", 1, "active", "signal", Severity.ALARM, CUSHION, "c", "hold the box"),
    AlarmChanged(7, "x", 2, "returned", "signal", Severity.ALARM, CUSHION, "c", "hold the box"),
    Noted(8_000_000_000, "unit_dead", "silo1", Severity.WARNING, {"bus": "b", "unanswered": 3}),
]


def summary(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "planted.jsonl"
    file.write_bytes(PLANTED)
    counts = {"readings": 1200, "values": 9000}
    return summarise(counts, EVENTS, read_planted(file), {"lost": 0, "duplicated": 0})


def test_a_change_is_signalled_by_the_first_signal_on_its_tag_after_it(tmp_path: Path) -> None:
    planted = summary(tmp_path)["planted"]
    assert planted == [
        {"tag": CUSHION, "time": "1970-01-01T00:00:05.000+00:00", "kind": "step", "size": -0.4,
         "signalled": True, "after_s": 1.0, "chart": "imr", "lots": ["BOX-1"]},
        {"tag": SHARE, "time": "1970-01-01T00:00:06.000+00:00", "kind": "drift", "size": 1.5, "signalled": False},
    ]  # fmt: skip


def test_alarms_and_lots_are_counted_once_however_often_they_changed(tmp_path: Path) -> None:
    counted = summary(tmp_path)
    assert (counted["signals"], counted["alarms"], counted["lots"]) == (3, 1, 1)


def test_faults_stand_apart_with_what_was_noted(tmp_path: Path) -> None:
    assert summary(tmp_path)["faults"] == [
        {"about": "wire", "tag": "silo1", "time": "1970-01-01T00:00:07.000+00:00", "kind": "silent",
         "noted": ["unit_dead"]},
    ]  # fmt: skip


def test_the_table_says_it_in_words(tmp_path: Path) -> None:
    text = table(summary(tmp_path))
    assert "1,200" in text
    assert f"{CUSHION}  step -0.4: signalled by imr after 1.0 s" in text
    assert f"{SHARE}  drift 1.5: not signalled" in text
    assert "silo1  silent: unit_dead" in text


def test_without_a_file_nothing_was_planted(tmp_path: Path) -> None:
    assert read_planted(tmp_path / "none.jsonl") == []


def test_every_event_has_a_line_but_the_quiet_ones() -> None:
    told = [line_of(event) for event in EVENTS]
    assert told[0] == "lot     BOX-1 opened at a/l/press1 from RESIN"
    assert told[1] == "SIGNAL  a/l/press1/cushion: imr WE1, -5.0 sigma from 6, lots BOX-1"
    assert told[4] == "ALARM   a/l/press1/cushion: active (version 1). hold the box"
    assert told[5] == "ALARM   a/l/press1/cushion: returned (version 2)."  # what to do was told when it began
    assert told[6] == "note    silo1 does not answer (3 polls): its values are bad"
    assert line_of(Noted(1, "clock", "c", Severity.INFO, {})) is None


def test_a_diversion_is_found_by_the_alarm_of_those_that_were_compared(tmp_path: Path) -> None:
    file = tmp_path / "planted.jsonl"
    file.write_bytes(
        b'{"tag": "blender1", "time_ns": 5000000000, "kind": "step", "size": 20.0, "about": "diversion"}\n'
    )
    alarm = AlarmChanged(
        9_000_000_000, "p", 1, "active", "phantom_regrind", Severity.ALARM, "", "blender", "look", ("BOX-2",)
    )
    counts = {"readings": 1, "values": 1}
    account = {"lost": 0, "duplicated": 0}
    told = [summarise(counts, events, read_planted(file), account) for events in ([alarm], [])]
    row = {"tag": "blender1", "time": "1970-01-01T00:00:05.000+00:00", "kind": "step", "size": 20.0}
    found = {"signalled": True, "after_s": 4.0, "chart": "phantom_regrind", "lots": ["BOX-2"]}
    assert told[0]["planted"] == [row | found]
    assert told[1]["planted"] == [row | {"signalled": False}]
    assert (
        "blender1  20 % poured past it, metered by nobody: signalled by phantom_regrind after 4.0 s"
        in table(told[0])
    )
    assert told[0]["faults"] == []


def test_a_spectator_sees_the_regrind_of_a_lot() -> None:
    facts: dict[str, Plain] = {
        "component": "regrind", "lot": "BOX-1", "actual_pct": 25.31, "setpoint_pct": 25.0, "cycles": 4, "mae_pct": 0.4,
    }  # fmt: skip
    assert line_of(Noted(1, "ratio_lot", "blender", Severity.INFO, facts)) == (
        "ratio   BOX-1: regrind 25.31 % of 25 %, 4 batches, each 0.40 off in the mean"
    )
    assert line_of(Noted(1, "ratio_lot", "blender", Severity.INFO, {**facts, "component": "virgin"})) is None
    assert line_of(Noted(1, "ratio_compared", "blender", Severity.INFO, {})) is None


def test_notes_are_sentences_or_facts_without_empty_ones() -> None:
    def told(kind: str, **facts: Plain) -> str | None:
        return line_of(Noted(1, kind, "press1", Severity.INFO, facts))

    assert told("check_due", of="press1", due_ns=5, lot="") == "CHECK   press1 is due at press1"
    assert told("check_due", due_ns=5) == "CHECK   press1 is due"
    assert told("check_missed", of="press1") is None  # the alarm says it
    assert told("unit_alive", away_s=3) == "note    press1 answers again, after 3 s"
    assert told("poll_overrun", missed=4) == "note    press1: polls left out, 4: an answer took too long"
    assert (
        told("lot_held", reason="rule box_regrind", breaches=[{"low": 1}])
        == "HELD    press1: rule box_regrind"
    )
    assert told("lot_released") == "FREE    press1"
    assert told("lot_not_made", reason="nothing came") == "note    press1: nothing came"
    assert told("bus_down", error="gone") == "note    connection of press1 is down"
    assert told("gap", points=2, lot="", from_ns=7) == "note    gap press1: points 2"


def test_lots_with_many_parents_name_the_newest() -> None:
    parents = ("R1", "R2", "R3", "R4")
    opened = LotChanged(1, "BOX-1", "opened", "a/l/press1", "product", "BOX-1", parents)
    assert line_of(opened) == "lot     BOX-1 opened at a/l/press1 from R3, R4 and 2 before"
    assert line_of(LotChanged(1, "BOX-1", "linked", "a/l/press1", "product", "BOX-1", ("R5",))) is None


def test_what_somebody_is_told_is_cut_before_the_reaction_that_the_alarm_gave() -> None:
    facts: dict[str, Plain] = {"to": ["quality"], "step": 2, "steps": 3, "sentence": "It broke. Do: Mend it."}
    assert (
        line_of(Noted(1, "escalated", "a", Severity.INFO, facts))
        == "TELL    quality (step 2 of 3): It broke."
    )
    long = line_of(Noted(1, "escalated", "a", Severity.INFO, {**facts, "sentence": "so and so " * 60}))
    assert long is not None
    assert len(long) < 300
    assert long.endswith(" ...")


def test_what_was_reckoned_is_in_the_table_with_the_commands_that_open_it(tmp_path: Path) -> None:
    reckoned = {
        "balance": {"week": "2026-W46", "words": ["a digit"], "file": "x"},
        "reward": {"month": "2026-11", "words": ["first"]},
        "scorecard": {"month": "2026-11", "words": ["met"]},
    }
    text = table(summary(tmp_path) | reckoned)
    assert "the material balance of week 2026-W46:\n  a digit" in text
    assert "the reward ranking of 2026-11:\n  first" in text
    assert (
        "see more, after a demo with --data DIR:\n  lotwatch balance --data DIR/replicas --week 2026-W46"
        in text
    )
    assert f"--declared {tmp_path}/declared.csv" in table(summary(tmp_path) | reckoned, tmp_path)
    assert "see more" not in table(summary(tmp_path))
