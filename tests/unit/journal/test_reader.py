"""Queries, each against the same thing done plainly in Python; hot, sealed and half of each."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.journal import JournalReader, Replica, open_readers
from gateway.journal.database import NAME, open_for_writing
from gateway.journal.errors import JournalMissing
from gateway.journal.history import PAGE
from gateway.layout import Field
from gateway.model import BAD_FROM, Identity, LotChanged, Noted, NumberedEvent, NumberedInput, Severity
from tests.unit.journal.plant import T0, Plant, config, make_group, make_site, readings_in

WHO = Identity("plant", "gw1", "abc123")
MIN = 60_000_000_000
TEMP = "hall/line1/press1/temp"


def note(seq: int, at: int, kind: str = "tick") -> NumberedEvent:
    return NumberedEvent(seq, 0, Noted(at, kind, "s", Severity.INFO, {}))


@pytest.fixture(scope="module", params=["hot", "half", "sealed", "merged"])
def kept(request, tmp_path_factory):
    """25 minutes of press1, in a replica, sealed as far as the parameter says: its folder and the readings."""
    folder = tmp_path_factory.mktemp(request.param) / "data"
    records = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 300, step_s=5)]
    with Replica.open(folder, WHO) as replica:
        for start in range(0, len(records), 20):
            replica.store(records[start : start + 20], [])
        replica.seal({"hot": 0, "half": T0 + 10 * MIN}.get(request.param, T0 + 30 * MIN))
        if request.param == "merged":
            replica.seal(T0 + 1_500 * MIN)
    return folder, [given for _, given in records[1:]]


@pytest.fixture
def filled(kept):
    """A reader of it, and the readings."""
    with JournalReader(kept[0]) as reader:
        yield reader, kept[1]


def test_one_tag_as_read(filled) -> None:
    reader, readings = filled
    t0, t1 = T0 + 3 * MIN + 7, T0 + 21 * MIN
    inside = [each for each in readings if t0 <= each.at.time_ns < t1]
    for index, (name, dtype) in enumerate(
        [("temp", "float32"), ("count", "uint64"), ("level", "float64"), ("open", "bool"), ("name", "<U6")]
    ):
        series = reader.readings(f"hall/line1/press1/{name}", t0, t1)
        assert series.time_ns.tolist() == [each.at.time_ns for each in inside]
        assert series.quality.tolist() == [int(each.quality[index]) for each in inside]
        assert series.values.dtype.kind == np.dtype(dtype).kind
        if name != "name":
            assert series.values.dtype == dtype
            expected = [each.values[index] for each in inside]
            np.testing.assert_array_equal(series.numbers(), expected)
        layout = Plant().layout
        typed = [layout.typed(each.raw[None, :])[index][0] for each in inside]
        assert series.values.tolist() == [value.item() for value in typed]


@pytest.mark.long
@pytest.mark.parametrize(("at_once", "buckets"), [(7, 31), (50_000, 31), (50_000, 1), (50_000, 2)])
def test_one_tag_decimated(filled, at_once, buckets, monkeypatch) -> None:
    monkeypatch.setattr("gateway.journal.reader._ROWS_DECIMATED", at_once)
    reader, readings = filled
    t0, t1 = T0 - 3 * MIN, T0 + 25 * MIN + 11
    found = reader.readings(TEMP, t0, t1, buckets)
    assert found.width_ns * buckets >= t1 - t0 > found.width_ns * (buckets - 1)
    for number in range(buckets):
        low = t0 + number * found.width_ns
        assert found.time_ns[number] == low
        inside = [each for each in readings if low <= each.at.time_ns < min(low + found.width_ns, t1)]
        good = [float(each.values[0]) for each in inside if each.quality[0] < BAD_FROM]
        assert found.count[number] == len(good)
        assert found.bad[number] == len(inside) - len(good)
        if good:
            assert (found.min[number], found.max[number]) == (min(good), max(good))
            assert found.mean[number] == pytest.approx(np.mean(good), rel=1e-12)
        else:
            assert np.isnan([found.min[number], found.max[number], found.mean[number]]).all()


def test_all_tags_in_a_window(filled) -> None:
    reader, readings = filled
    t0, t1 = T0 + 9 * MIN, T0 + 11 * MIN
    inside = [each for each in readings if t0 <= each.at.time_ns < t1]
    found = reader.window(t0, t1)
    assert sorted(found) == reader.tags()
    for index, name in enumerate(["temp", "count", "level", "open"]):
        series = found[f"hall/line1/press1/{name}"]
        np.testing.assert_array_equal(series.numbers(), [each.values[index] for each in inside])
    assert list(reader.window(t0, t1, [TEMP])) == [TEMP]
    assert reader.window(t1, t0) == {}


def test_counts_and_span(filled) -> None:
    reader, readings = filled
    counts = reader.counts()
    assert (counts["inputs"], counts["readings"], counts["values"], counts["events"]) == (
        301,
        300,
        1_500,
        0,
    )
    assert reader.span() == (readings[0].at.time_ns, readings[-1].at.time_ns)
    site = reader.site()
    assert site == make_site()
    assert reader.groups() == ["press1/fast"]


def test_an_unknown_tag_has_no_readings(filled) -> None:
    reader, _ = filled
    assert len(reader.readings("no/such/tag", T0, T0 + 60 * MIN)) == 0
    assert reader.readings("no/such/tag", T0, T0 + 60 * MIN, 4).count.tolist() == [0] * 4


def test_a_tag_is_decoded_by_the_config_of_its_time(folder) -> None:
    """The tag changes its type, its place and its group; another config comes within a window."""
    old, new = (
        Plant(1),
        Plant(2, make_group("press1/slow", {"level": Field("int16"), "temp": Field("float64")})),
    )
    first, second = old.readings(2, 30), new.readings(33, 30, T0 + MIN)
    records = [
        NumberedInput(1, config(make_site(old.group), "h1")),
        *first,
        NumberedInput(32, config(make_site(new.group), "h2")),
        *second,
    ]
    expected = [float(each.values[0]) for each in readings_in(first, 0, 2 * T0)]
    expected += [float(each.values[1]) for each in readings_in(second, 0, 2 * T0)]
    with Replica.open(folder, WHO) as replica:
        replica.store(records, [])
        for before in (0, T0 + 60 * MIN):
            replica.seal(before)
            with JournalReader(folder) as reader:
                series = reader.readings(TEMP, T0, T0 + 60 * MIN)
                np.testing.assert_array_equal(series.numbers(), expected)
                assert series.values.dtype == np.float64
                np.testing.assert_array_equal(reader.window(T0, T0 + 60 * MIN)[TEMP].numbers(), expected)


def test_no_query_by_time_reads_the_whole_index(filled) -> None:
    """A year of 20 groups is a million chunks."""
    reader, _ = filled
    asked: list[str] = []
    reader._db.set_trace_callback(asked.append)  # noqa: SLF001 # sees what SQLite is asked
    reader.span()
    reader.readings(TEMP, T0, T0 + MIN)
    reader.window(T0, T0 + MIN)
    reader.last()
    list(reader.inputs(1, 9))
    reader._db.set_trace_callback(None)  # noqa: SLF001
    plans = [reader._db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in asked if "SELECT" in sql]  # noqa: SLF001
    steps = [step[3] for plan in plans for step in plan]
    assert [step for step in steps if step.startswith("SCAN") and ("chunks" in step or "hot" in step)] == []
    assert any("SEARCH chunks" in step for step in steps)


def test_a_hole_of_years_is_passed_in_one_step(folder) -> None:
    plant = Plant()
    records = [NumberedInput(1, config(make_site(), "h1")), *plant.readings(2, 3)]
    records += plant.readings(5, 3, T0 + 3 * 365 * 86_400 * 10**9)
    asked: list[str] = []
    with Replica.open(folder, WHO) as replica:
        replica.store(records, [])
    with JournalReader(folder) as reader:
        reader._db.set_trace_callback(asked.append)  # noqa: SLF001 # counts what SQLite is asked
        assert len(reader.readings(TEMP, 0, 2 * T0)) == 6
    assert len(asked) < 60


@pytest.mark.long
def test_events_by_time_page_over_equal_times(folder) -> None:
    count = 2 * PAGE + 10
    events = [note(seq, T0 + seq // 1_000, "odd" if seq % 2 else "even") for seq in range(1, count + 1)]
    with Replica.open(folder, WHO) as replica:
        replica.store([], events[::-1])
    with JournalReader(folder) as reader:
        assert list(reader.events_between(T0, T0 + 10)) == events
        assert list(reader.events_between(T0, T0 + 10, ["odd"])) == events[::2]
        assert list(reader.events_between(T0 + 1, T0 + 2)) == events[999:1_999]
        assert list(reader.events(5, 5_000)) == events[4:]
        assert reader.counts()["event:odd"] == count // 2


def lot(
    seq: int, at: int, lot: str, change: str, cell: str, role: str = "product", parents=()
) -> NumberedEvent:
    return NumberedEvent(seq, 0, LotChanged(at, lot, change, cell, role, f"]C1{lot}", tuple(parents)))


def test_a_lot(folder) -> None:
    events = [
        lot(1, 10, "L1", "opened", "press", parents=["M1"]),
        lot(2, 20, "L1", "closed", "press"),
        lot(3, 20, "L1", "moved", "pack"),
        lot(4, 5, "M1", "opened", "press", "material"),
        lot(5, 15, "L1", "linked", "press", parents=["M2"]),  # told late
        lot(6, 8, "L1", "opened", "press"),  # told late: it began earlier
        lot(7, 30, "L2", "opened", "pack", parents=["L1"]),
    ]
    with Replica.open(folder, WHO) as replica:
        replica.store([], events)
    with JournalReader(folder) as reader:
        found = reader.lot("L1")
        assert found is not None
        assert [(each.cell, each.since_ns, each.until_ns) for each in found.windows] == [
            ("press", 8, 20),
            ("pack", 20, None),
        ]
        assert (found.parents, found.children) == (("M1", "M2"), ("L2",))
        assert reader.lot("L9") is None
        assert [(each.lot, each.state, each.cell, each.first_ns, each.last_ns) for each in reader.lots()] == [
            ("L2", "opened", "pack", 30, 30),
            ("L1", "moved", "pack", 8, 20),
            ("M1", "opened", "press", 5, 5),
        ]
        assert reader.lots_of_code("]C1L2") == ["L2"]
        assert reader.lots_of_code("L2") == []


def test_a_folder_of_replicas(tmp_path) -> None:
    for site, gateway in (("b", "gw1"), ("a", "gw2"), ("a", "gw1")):
        who = Identity(site, gateway, "e1")
        Replica.open(tmp_path / site / f"{gateway}-e1", who).close()
    readers = open_readers(tmp_path)
    assert [(each.identity.site, each.identity.gateway) for each in readers] == [
        ("a", "gw1"),
        ("a", "gw2"),
        ("b", "gw1"),
    ]
    for each in readers:
        each.close()
    [one] = open_readers(tmp_path / "b" / "gw1-e1")
    one.close()
    with pytest.raises(JournalMissing, match="no journal and no replicas"):
        open_readers(tmp_path / "b" / "nothing")


def test_a_replica_that_is_being_made_is_not_there_yet_and_hides_no_other(tmp_path) -> None:
    (tmp_path / "a" / "gw1-e1").mkdir(parents=True)
    (tmp_path / "a" / "gw1-e1" / NAME).touch()  # as between its folder and its first table
    with pytest.raises(JournalMissing, match="no journal and no replicas"):
        open_readers(tmp_path)
    who = Identity("a", "gw2", "e1")
    Replica.open(tmp_path / "a" / "gw2-e1", who).close()
    [one] = open_readers(tmp_path)
    assert one.identity == who
    one.close()


def test_a_reader_sees_what_is_committed_while_it_is_open(folder) -> None:
    plant = Plant()
    with Replica.open(folder, WHO) as replica:
        replica.store([NumberedInput(1, config(make_site(), "h1")), *plant.readings(2, 5)], [])
        with JournalReader(folder) as reader:
            assert len(reader.readings(TEMP, T0, T0 + MIN)) == 5
            replica.store(plant.readings(7, 5, T0 + 30 * 10**9), [])
            assert len(reader.readings(TEMP, T0, T0 + MIN)) == 10
            assert reader.last().input == 11


def test_a_journal_that_is_being_made_is_missing_not_foreign(tmp_path) -> None:
    path = tmp_path / NAME
    path.touch()
    with pytest.raises(JournalMissing, match="yet"):
        JournalReader(tmp_path)
    open_for_writing(tmp_path).close()  # tables, and nobody's name in them yet
    with pytest.raises(JournalMissing, match="yet"):
        JournalReader(tmp_path)
