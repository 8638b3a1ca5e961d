"""Events found by the lot they name and by their kind: those of looking through all of them, in older journals too."""

from __future__ import annotations

import sqlite3

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.database import NAME, open_for_writing
from gateway.journal.naming import FOR_A_LOT, OF_A_LOT, named_in
from gateway.model import AlarmChanged, Event, Identity, LotChanged, Noted, NumberedEvent, Severity, Signal
from tests.unit.journal.plant import T0

LOTS = ("BOX-1", "BOX-2", "half \ud800")
KINDS = ("Signal", "AlarmChanged", FOR_A_LOT, *sorted(OF_A_LOT))


def _note(time_ns: int, kind: str, subject: str, **facts: object) -> Noted:
    return Noted(time_ns, kind, subject, Severity.INFO, facts)  # type: ignore[arg-type]


def _events() -> list[NumberedEvent]:
    alarm = AlarmChanged(
        T0 + 3, "a1", 1, "active", "signal", Severity.ALARM, "t", "c", "look", ("BOX-1", "BOX-2", "BOX-1")
    )
    told: list[Event] = [
        _note(T0 + 9, "lot_held", "BOX-1", reason="crack"),
        Signal(T0 + 2, "c", "t", "imr", "", ("WE1",), 9.0, 6.0, 5.0, 7.0, 3.0, ("BOX-1",)),
        alarm,
        _note(T0 + 4, FOR_A_LOT, "caliper", lot="BOX-2"),
        _note(T0 + 4, FOR_A_LOT, "caliper", lot=7),
        _note(T0 + 5, FOR_A_LOT, "by the clock"),
        _note(T0 + 6, "counted", "BOX-2", good=3),
        _note(T0 + 6, "lot_result", LOTS[2]),
        _note(T0 + 7, "poll_overrun", "BOX-1"),
        _note(T0 + 1, "label_printed", "BOX-1"),
        LotChanged(T0, "BOX-1", "opened", "hall/line1/press1", "product", "code of it"),
        _note(T0 + 8, "gap", "gw"),
    ]  # fmt: skip
    return [NumberedEvent(seq, 0, event) for seq, event in enumerate(told, 1)]


def _looked_through(reader: JournalReader) -> list[NumberedEvent]:
    return [each for each in reader.events_between(T0, T0 + 99, None) if _is_of(each)]


def _is_of(numbered: NumberedEvent) -> bool:
    event = numbered.event
    return (event.kind if isinstance(event, Noted) else type(event).__name__) in KINDS


@pytest.fixture
def folder(tmp_path):
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], _events())
    return tmp_path / "j"


def test_events_by_the_lot_they_name(folder) -> None:
    with JournalReader(folder) as reader:
        assert [each.seq for each in reader.naming("BOX-1")] == [10, 2, 3, 1]
        assert [each.seq for each in reader.naming("BOX-2")] == [3, 4, 7]
        assert [each.seq for each in reader.naming("half ?")] == [8]
        assert reader.naming("BOX-3") == []
        for each in _looked_through(reader):
            for lot in named_in(each.event):
                assert each in reader.naming(lot)


def test_events_by_kind_are_those_of_looking_through(folder) -> None:
    with JournalReader(folder) as reader:
        every = list(reader.events_between(T0, T0 + 99))
        assert list(reader.events_between(T0, T0 + 99, KINDS)) == _looked_through(reader)
        assert list(reader.events_between(T0 + 4, T0 + 6, KINDS)) == [
            each for each in _looked_through(reader) if T0 + 4 <= each.event.time_ns < T0 + 6
        ]
        with_lots = list(reader.events_between(T0, T0 + 99, ["LotChanged", "gap"]))
        assert with_lots == [each for each in every if each.seq in {11, 12}]
        assert list(reader.events_between(T0, T0 + 99, [])) == []


def test_many_events_of_a_kind_are_read_page_by_page(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("gateway.journal.naming._PAGE", 3)
    monkeypatch.setattr("gateway.journal.history._LOOKED_THROUGH", 5)
    events = [NumberedEvent(n, 0, _note(T0 + n // 4, ("gap", "odd")[n % 2], "x")) for n in range(1, 23)]
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], events)
    with JournalReader(tmp_path / "j") as reader:
        assert list(reader.events_between(T0, T0 + 99, ("odd", "gap", "odd"))) == events
        assert list(reader.events_of(0, ["odd"])) == [each for each in events if each.seq % 2]
        assert list(reader.events_of(20, ["odd", "gap"])) == events[20:]
        assert list(reader.events_of(3, ["odd", "gap"])) == events[3:]


def test_a_journal_of_before_is_brought_up_to_date(folder) -> None:
    db = sqlite3.connect(folder / NAME)
    wanted = db.execute("SELECT * FROM named").fetchall()
    assert len(wanted) == 8
    with db:  # bodies that somebody damaged, of each kind that has no index of before
        db.execute(
            "INSERT INTO events SELECT seq + 100, cause, time_ns, kind, 'no JSON', NULL FROM events "
            "WHERE kind NOT IN ('lot_held', 'lot_result')"
        )
    db.executescript(
        "DROP TABLE named; DROP INDEX events_kind; DROP INDEX events_code; PRAGMA user_version = 9;"
    )
    db.close()
    db = open_for_writing(folder)
    assert db.execute("SELECT * FROM named").fetchall() == wanted
    db.close()


BY_CODE = """
    SELECT DISTINCT json_extract(body, '$.lot') FROM events
    WHERE kind = 'LotChanged' AND json_valid(body) AND json_extract(body, '$.code') = 'x'
"""
BY_KIND = """
    SELECT time_ns, seq FROM events WHERE kind = 'gap' AND kind NOT IN ('LotMade', 'LotChanged')
    AND (time_ns, seq) > (1, 1) AND time_ns < 9 ORDER BY time_ns, seq LIMIT 3
"""


@pytest.mark.parametrize(("asked", "index"), [(BY_CODE, "events_code"), (BY_KIND, "events_kind")])
def test_the_indices_are_used(folder, asked, index) -> None:
    db = sqlite3.connect(folder / NAME)
    plan = " ".join(str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {asked}"))
    db.close()
    assert index in plan
    assert "B-TREE FOR ORDER" not in plan


def test_a_lot_by_its_code(folder) -> None:
    with JournalReader(folder) as reader:
        assert reader.lots_of_code("code of it") == ["BOX-1"]
        assert reader.lots_of_code("another") == []
        assert (reader.scans(9), reader.scans(0)) == (1, 0)
