"""The sheet of a shift: of a plant day and not of midnight; what came of it, and what the next one has to know."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.door.words import BadRequest, entry_of, request
from gateway.folding import office
from gateway.journal import open_readers
from gateway.model import AlarmChanged, Instant, Noted, NumberedEvent, NumberedInput, Plain, Severity
from gateway.score.handover import handover, shift_named
from gateway.site import Shifts, ShiftStart, Teams
from tests.unit.journal.plant import T0, Plant, commit, config, make_site, open_journal
from tests.unit.repository.plant import BOX, CELL, S, lot_events

HOUR = 3600 * S
SHIFTS = Shifts(  # of a plant at +08:00, where T0 is 16:00
    "+08:00",
    ((0, 8 * 3600),),
    (ShiftStart("early", 360), ShiftStart("late", 840), ShiftStart("night", 1320)),
    Teams(0, 1, (("red", "blue", "green"),)),
)


def noted(at_s, kind, subject, severity=Severity.INFO, **facts):
    return Noted(T0 + at_s * S, kind, subject, severity, facts)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shift") / "data"
    site = replace(make_site(), shifts=SHIFTS)
    alarm = AlarmChanged(
        T0 + 100 * S,
        "a-1",
        1,
        "active",
        "signal",
        Severity.ALARM,
        f"{CELL}/temp",
        "temp",
        "look",
        (BOX,),
        {"sentence": "x"},
    )
    told = [event for _, event in lot_events()]
    told += [
        noted(-3 * 3600, "handover", "16", text="the mould sticks", operator="16"),  # of the shift before
        noted(350, "counted", BOX, step="inspection", good=90, reject=7, reason="flash", by="hand"),
        noted(360, "check_done", "colour", lot=BOX, verdict="inside", late=True, operator="17"),
        noted(370, "check_missed", "audit", cell=CELL),
        noted(380, "handover", "17", text="silo 2 is low", operator="17"),
        noted(5 * 3600, "handover", "18", text="of the next shift", operator="18"),
        noted(
            6 * 3600,
            "ratio_shift",
            "blender",
            shift="late",
            day="2027-01-15",
            component="regrind",
            mae_pct=0.4,
        ),
        noted(
            6 * 3600,
            "ratio_shift",
            "blender",
            shift="early",
            day="2027-01-15",
            component="regrind",
            mae_pct=9.0,
        ),
        alarm,
        replace(
            alarm,
            time_ns=T0 + 200 * S,
            version=2,
            state="closed",
            facts={"cause": "worn", "action": "changed"},
        ),
    ]
    inputs = [NumberedInput(1, config(site, "one")), *Plant().readings(2, 100)]
    events = [NumberedEvent(seq, 0, event) for seq, event in enumerate(told, 1)]
    journal = open_journal(folder)
    asyncio.run(commit(journal, inputs, events))
    journal.close()
    (made,) = open_readers(folder)
    with made:
        yield made


@pytest.fixture(scope="module")
def sheet(reader):
    site = reader.site()
    return handover(reader, site, shift_named(site, T0, "", ""), T0 + 2 * HOUR)


def test_the_shift_is_that_of_the_plants_own_day(reader, sheet):
    assert (sheet["shift"], sheet["team"], sheet["day"]) == ("late", "blue", "2027-01-15")
    assert (sheet["from"][:16], sheet["to"][:16], sheet["over"]) == (
        "2027-01-15T06:00",
        "2027-01-15T14:00",
        False,
    )
    assert sheet["before"] == {"day": "2027-01-15", "shift": "early"}
    assert sheet["after"] == {"day": "2027-01-15", "shift": "night"}
    site = reader.site()
    assert site is not None
    past_midnight = shift_named(site, T0 + 9 * HOUR, "", "")  # 01:00 on the 16th, local
    assert (past_midnight.name, past_midnight.day) == ("night", "2027-01-15")


def test_another_shift_is_had_by_its_name_and_one_that_is_none_is_told(reader):
    site = reader.site()
    assert shift_named(site, T0, "2027-01-14", "night").team == "green"
    assert shift_named(site, T0, "2027-01-14", "").name == "early"
    with pytest.raises(ValueError, match="'noon' is no shift of 2027-01-15; there are early, late, night"):
        shift_named(site, T0, "", "noon")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        shift_named(site, T0, "yesterday", "")


def test_lots_and_kilograms_and_rejects(sheet):
    (row,) = [row for row in sheet["lots"] if row["lot"] == BOX]
    assert (row["kind"], row["kg"], row["good"], row["reject"]) == ("box", 24.0, 90, 7)
    assert sheet["kg"] == {"box": 24.9}  # an amendment to 24.0 makes no second box
    assert sheet["rejects"] == [{"step": "inspection", "reason": "flash", "good": 90, "reject": 7}]


def test_alarms_with_their_answer_checks_and_holds(sheet):
    (alarm,) = sheet["alarms"]
    assert (alarm["state"], alarm["cause"], alarm["action"]) == ("closed", "worn", "changed")
    assert [(row["kind"], row["subject"]) for row in sheet["checks"]] == [
        ("check_done", "colour"), ("check_missed", "audit"),
    ]  # fmt: skip
    assert [row["kind"] for row in sheet["holds"]] == ["lot_held", "lot_released", "lot_suspect"]
    assert [row["kind"] for row in sheet["others"]] == ["gap"]


def test_an_alarm_is_shown_as_it_was_when_the_shift_ended(reader):
    site, shift = reader.site(), shift_named(reader.site(), T0 + 150 * S, "", "")
    states = []
    for until_s in (90, 150, 250):  # before it, while it stood, after it
        cut = shift._replace(to_ns=T0 + until_s * S)
        found = handover(reader, site, cut, T0 + 900 * S)["alarms"]
        states.append([(row["state"], row["cause"]) for row in found])
    assert states == [[], [("active", None)], [("closed", "worn")]]
    later = shift._replace(from_ns=T0 + 120 * S, to_ns=T0 + 150 * S)  # it was raised in the shift before
    (row,) = handover(reader, site, later, T0 + 900 * S)["alarms"]
    assert row["state"] == "active"


def test_the_ratio_is_that_of_this_shift_alone(sheet):
    assert [(row["component"], row["mae_pct"]) for row in sheet["ratios"]] == [("regrind", 0.4)]


def test_notes_go_from_one_shift_to_the_next(reader, sheet):
    assert [row["facts"]["text"] for row in sheet["notes"]] == ["silo 2 is low"]
    assert [row["facts"]["text"] for row in sheet["told"]] == ["the mould sticks"]
    site = reader.site()
    assert site is not None
    after = handover(reader, site, shift_named(site, T0, "2027-01-15", "night"), T0 + 20 * HOUR)
    assert [row["facts"]["text"] for row in after["told"]] == ["silo 2 is low", "of the next shift"]
    assert after["over"]


def test_a_shift_that_has_not_begun_is_empty(reader):
    site = reader.site()
    assert site is not None
    found = handover(reader, site, shift_named(site, T0, "2027-01-17", "early"), T0)
    assert (found["lots"], found["machines"], found["notes"], found["over"]) == ([], [], [], False)


def test_a_note_is_an_entry_and_an_event():
    now = Instant(T0, 0, 1)
    (event,) = office.entered(entry_of(request("handover", "17", {"text": " silo  2 is\nlow "}), now)) or ()
    assert (event.kind, event.subject) == ("handover", "17")
    assert event.facts == {"text": "silo 2 is low", "operator": "17"}
    wrong: tuple[dict[str, Plain], ...] = (
        {}, {"text": ""}, {"text": "x" * 1001}, {"text": 5}, {"text": "x", "more": 1},
    )  # fmt: skip
    for body in wrong:
        with pytest.raises(BadRequest):
            entry_of(request("handover", "17", body), now)
