"""The genealogy's tables: the same answers in whatever order events come, and again from the events alone."""

from __future__ import annotations

import gc
import random
import sqlite3

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.database import NAME
from gateway.journal.made import HELD_KINDS, unpacked
from gateway.journal.rebuild import TABLES, rebuild_folder
from gateway.model import Identity, NumberedEvent
from tests.unit.journal.genealogy import Shop, shop

WHO = Identity("a", "gw1", "e1")


def store(folder, events, *, at_once=5):
    with Replica.open(folder, WHO) as replica:
        for start in range(0, len(events), at_once):
            replica.store([], events[start : start + at_once])
    return folder


def tables(folder) -> dict[str, list]:
    """What is in the tables; holders as they are found: who stands in a block together, or waits, does not matter."""
    db = sqlite3.connect(folder / NAME)
    found = {table: sorted(db.execute(f"SELECT * FROM {table}")) for table in ("made", "made_of")}
    db.close()
    with JournalReader(folder) as reader:
        for source in ["", *reader.made.names()]:
            for kind in HELD_KINDS:
                found[f"{kind} of {source}"] = reader.made.holders(source, 1e-3, kind)
    return found


def many(count: int) -> Shop:
    """Enough batches and shipments to make blocks of holders, and one that is amended."""
    made = Shop()
    for number in range(6):
        made.lot(f"R{number}", "material", kg=1e6)
    for number in range(count):
        made.lot(f"B{number}", "batch", [(f"R{number % 6}", 30.0), (f"R{(number + 1) % 6}", 10.0)])
        made.lot(f"S{number}", "shipment", [(f"B{number}", 40.0)])
    made.again("B3", [("R5", 40.0)])
    return made


def test_what_a_lot_is_made_of_and_went_into(tmp_path) -> None:
    made = shop()
    with JournalReader(store(tmp_path / "j", made.events)) as reader:
        for name, each in made.made.items():
            assert reader.made.made(name) == each
            assert reader.made.composition(name) == each.composition
        assert reader.made.children("R1") == ["B1", "B2"]
        assert reader.made.children("S1") == []
        assert reader.made.made("X9") is None
        assert reader.made.composition("X9") is None
        assert [reader.made.knows(name) for name in ("R1", "S1", "X9")] == [True, True, False]


def test_a_box_shares_the_composition_of_its_batch_and_it_is_kept_once(tmp_path) -> None:
    made = Shop()
    made.lot("R1", "material", kg=100.0)
    made.lot("R2", "material", kg=100.0)
    made.lot("B", "batch", [("R1", 50.0), ("R2", 10.0)])
    made.lot("X", "box", [("B", 50.0)])
    store(tmp_path / "j", made.events)
    db = sqlite3.connect(tmp_path / "j" / NAME)
    assert db.execute("SELECT count(*) FROM compositions").fetchone() == (3,)
    assert db.execute("SELECT count(composition) FROM events").fetchone() == (4,)
    db.close()


def test_holders_by_source_before_and_after_they_are_gathered(tmp_path) -> None:
    made = many(HELD_KINDS["shipment"] + 3)
    with JournalReader(store(tmp_path / "j", made.events)) as reader:
        for kind in ("batch", "shipment"):
            held = {each.lot: (each.low, each.high) for each in reader.made.holders("R1", 1e-3, kind)}
            wanted = {}
            for name, each in made.made.items():
                shares = dict(zip(each.composition.sources, each.composition.shares[0], strict=True))
                if each.kind == kind and "R1" in shares:
                    wanted[name] = (shares["R1"], shares["R1"])
            assert held == wanted
        assert [each.lot for each in reader.made.holders("R1", 0.5, "batch")] == [
            f"B{number}" for number in range(1, 19, 6)
        ]
        assert reader.made.not_apart(1e-3, "batch") == []


@pytest.mark.parametrize(("least", "kind"), [(1e-4, "batch"), (1e-3, "box")])
def test_what_is_not_kept_by_source_is_not_asked_there(tmp_path, least, kind) -> None:
    with (
        JournalReader(store(tmp_path / "j", shop().events)) as reader,
        pytest.raises(ValueError, match="kept by source"),
    ):
        reader.made.holders("R1", least, kind)


@pytest.mark.long
def test_the_order_of_arrival_changes_nothing(tmp_path) -> None:
    made = many(40)
    whole = tables(store(tmp_path / "whole", made.events))
    for seed in range(3):
        mixed = list(made.events)
        random.Random(seed).shuffle(mixed)
        folder = store(tmp_path / f"mixed{seed}", mixed, at_once=7)
        found = tables(folder)
        assert found["made"] == whole["made"]
        assert found["made_of"] == whole["made_of"]
        with JournalReader(folder) as reader, JournalReader(tmp_path / "whole") as other:
            for source in ("R0", "R3", "R5"):
                for kind in HELD_KINDS:
                    assert reader.made.holders(source, 1e-3, kind) == other.made.holders(source, 1e-3, kind)
            assert reader.made.made("B3") == made.made["B3"]


@pytest.mark.long
def test_rebuilt_from_the_events_they_are_what_was_written(tmp_path) -> None:
    made = many(90)
    folder = store(tmp_path / "j", made.events, at_once=1)
    written = tables(folder)
    db = sqlite3.connect(folder / NAME, isolation_level=None)
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")
    db.close()
    assert rebuild_folder(folder) == len(made.events)
    assert tables(folder) == written


@pytest.mark.parametrize("collects", [True, False])
def test_after_rebuilding_garbage_is_collected_as_before(tmp_path, *, collects) -> None:
    folder = store(tmp_path / "j", shop().events)
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        rebuild_folder(folder)
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()


def test_a_newer_version_takes_the_place_and_the_old_one_stays_readable(tmp_path) -> None:
    made = shop()
    old = made.made["B2"]
    upto = made.events[-1].seq
    new = made.again("B2", [("R2", 40.0)])
    with JournalReader(store(tmp_path / "j", made.events)) as reader:
        assert reader.made.made("B2") == new
        assert reader.made.made("B2", upto) == old
        assert reader.made.children("R1") == ["B1"]
        assert reader.made.children("R1", upto) == ["B1", "B2"]
        assert [each.lot for each in reader.made.holders("R1", 1e-3, "batch")] == ["B1", "B3"]
        assert [each.lot for each in reader.made.holders("R1", 1e-3, "batch", upto)] == ["B1", "B2", "B3"]
        assert [(each.event, each.seq) for each in reader.made.versions("B2")] == [(old, 5), (new, upto + 1)]


def test_a_composition_that_does_not_hang_together_is_kept_in_its_event(tmp_path) -> None:
    """The fold never makes one; if it did, the journal must take it all the same, for an alarm says so."""
    made = shop().made["B2"]
    odd = NumberedEvent(1, 0, type(made)(**{**_fields(made), "composition": _odd(made.composition)}))
    with JournalReader(store(tmp_path / "j", [odd])) as reader:
        assert reader.made.made("B2") == odd.event
        assert reader.made.composition("B2") == odd.event.composition
        assert list(reader.events(1, 1)) == [odd]


def _fields(made) -> dict:
    return {name: getattr(made, name) for name in type(made).__dataclass_fields__}


def _odd(held):
    return type(held)(**{**_fields(held), "sigma": (0.5,)})


@pytest.mark.long
def test_closing_a_lot_writes_at_most_twenty_rows(tmp_path) -> None:
    """Thirty new sources in each batch: their holders are gathered over many closings, and none is missed meanwhile."""
    made = Shop()
    for number in range(48):
        sources = [f"R{number}-{each}" for each in range(8)]
        for name in sources:
            made.lot(name, "material", kg=1e3)
        made.lot(f"B{number}", "batch", [(name, 5.0) for name in sources])
        made.lot(f"S{number}", "shipment", [(f"B{number}", 40.0)])
    with Replica.open(tmp_path / "j", WHO) as replica, JournalReader(tmp_path / "j") as reader:
        db = replica._db  # noqa: SLF001 # counts the rows that it changes
        written, waited = [], 0
        for event in made.events:
            before = db.total_changes
            replica.store([], [event])
            written.append(db.total_changes - before)
            waited = max(waited, db.execute("SELECT count(*) FROM held_lately").fetchone()[0])
            if event.seq % 50 == 0:
                lots = [f"B{number}" for number in range(48) if f"B{number}" in made.made]
                told = [lot for lot in lots if reader.made.made(lot) is not None]
                for lot in told:
                    assert [each.lot for each in reader.made.holders(f"R{lot[1:]}-3", 1e-3, "batch")] == [lot]
        assert db.execute("SELECT count(*) FROM holders").fetchone()[0] > 200
    stored_marks = 2  # which numbers the replica holds
    assert max(written) - stored_marks <= 20
    assert waited < 96  # it keeps up


def test_what_was_being_gathered_when_the_journal_was_closed_is_gathered_after_it(tmp_path) -> None:
    made = many(60)
    whole = tables(store(tmp_path / "whole", made.events))
    folder = tmp_path / "j"
    for start in range(0, len(made.events), 40):  # each time it is opened anew
        store(folder, made.events[start : start + 40])
    assert tables(folder) == whole
    db = sqlite3.connect(folder / NAME)
    rows = [holder for (body,) in db.execute("SELECT body FROM holders") for holder in unpacked(body)]
    db.close()
    assert rows
