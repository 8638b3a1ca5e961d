"""Dead letters of points: found by halving, kept a row a series, sent again out of the replica."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.refused import NAME, RefusedPoints, series_of
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.retry import retry
from gateway.ingest.sift import Refused, sift
from gateway.ingest.writer import State, WriteFailed
from gateway.site import Database
from tests.unit.wire import samples


@given(st.lists(st.integers(-3, 9), max_size=60))
def test_sifting_finds_each_and_only_the_refused(items):
    taken: list[int] = []

    def trial(part):
        bad = [each for each in part if each < 0]
        if not bad:
            taken.extend(part)
        return Refused("below 0") if bad else None

    made = sift(items, trial)
    assert [each for found in made.found for each in found.items] == [each for each in items if each < 0]
    assert taken == [each for each in items if each >= 0]
    assert made.taken == len(taken)


def test_a_part_that_is_refused_as_a_whole_is_not_halved_further():
    trials = []

    def trial(part):
        trials.append(len(part))
        bad = sum(each >= 512 for each in part)
        return Refused("old", bad) if bad else None

    (found,) = sift(range(1_024), trial).found
    assert found.items == list(range(512, 1_024))
    assert trials == [1_024, 512, 512]


def test_when_the_trials_run_out_it_says_that_it_is_among_these():
    found = sift(range(64), lambda _: Refused("no"), trials=5).found
    assert sum(len(each.items) for each in found) == 64
    assert not all(each.exact for each in found)


def test_a_row_a_series_that_grows(tmp_path):
    letters = RefusedPoints(tmp_path)
    assert letters.rows() == []
    assert not letters.path.exists()
    letters.put(
        "http://db", "input", [(4, "reading,point=a value=1 4"), (5, "reading,point=a value=2 5")], "no", 1
    )
    letters.put(
        "http://db", "input", [(9, "reading,point=a value=3 9"), (9, "reading,point=b value=3 9")], "still", 2
    )
    letters.put(
        "http://db", "input", [(9, "reading,point=a value=3 9")], "again", 3
    )  # written twice, refused twice
    first, second = letters.rows()
    assert (first.series, first.first, first.last, first.points) == ("reading,point=a", 4, 9, 3)
    assert (first.line, first.reason) == ("reading,point=a value=1 4", "again")
    assert (first.since_ns, first.until_ns) == (1, 3)
    assert (second.series, second.points) == ("reading,point=b", 1)
    letters.forget(first)
    assert [row.series for row in letters.rows()] == ["reading,point=b"]


def test_a_series_ends_at_the_first_blank_that_is_not_escaped():
    assert series_of(r"lot,lot=B\ 7\,x value=1 7") == r"lot,lot=B\ 7\,x"
    assert series_of("nothing") == "nothing"


class Picky:
    """Refuses some lines by its answer, or leaves them out of a 204 and counts."""

    def __init__(self, bad: str, *, counts: bool = False) -> None:
        self.bad, self.counts, self.invalid = bad, counts, 0
        self.lines: list[str] = []

    def write(self, body: str, precision: str) -> None:
        assert precision in {"ns", "ms"}
        lines = body.split("\n")
        bad = sum(bool(self.bad) and self.bad in line for line in lines)
        if bad and not self.counts:
            raise WriteFailed("400 type conflict", permanent=True, points=True)
        self.invalid += bad
        self.lines += lines

    def state(self) -> State:
        return State("monday", self.invalid)

    def barrier(self) -> bool:
        return False

    def close(self) -> None:
        pass


@pytest.fixture
def folder(tmp_path):
    replicas = Replicas(tmp_path)
    given_ = samples.inputs(1, 30)
    given_[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given_, [])
    replicas.close()
    made = replica_folder(tmp_path, samples.IDENTITY)
    series = "reading,area=hall,cell=press1,line=line1,point=shots,site=north"
    RefusedPoints(made).put(
        "http://db", "input", [(at, f"{series} value=7 {at}") for at in (5, 6, 7)], "no", 1
    )
    return made


@pytest.mark.parametrize("kind", ["influxdb", "victoriametrics"])
def test_what_is_mended_is_sent_again_and_forgotten(folder, kind):
    writer = Picky("")
    done = retry(folder, Database("http://db", kind=kind), writer, pause=lambda _: None)
    assert (done.sent, done.refused) == (3, 0)
    assert [line.partition("value=")[2].partition(",")[0] for line in writer.lines] == [
        "70005",
        "70006",
        "70007",
    ]
    assert RefusedPoints(folder).rows() == []


@pytest.mark.parametrize("counts", [False, True])
def test_what_is_refused_again_stays(folder, counts):
    kind = "victoriametrics" if counts else "influxdb"
    done = retry(
        folder, Database("http://db", kind=kind), Picky("70006", counts=counts), pause=lambda _: None
    )
    assert (done.sent, done.refused) == (2, 1)
    assert len(RefusedPoints(folder).rows()) == 1


def test_another_database_gets_none_of_them(folder):
    writer = Picky("")
    assert retry(folder, Database("http://other"), writer).sent == 0
    assert writer.lines == []


def test_a_file_that_is_none_is_told(tmp_path):
    (tmp_path / NAME).write_text("no database")
    with pytest.raises(sqlite3.Error):
        RefusedPoints(tmp_path).rows()


@given(st.lists(st.integers(-3, 9), max_size=60))
def test_sifting_by_a_count_finds_the_same(items):
    def trial(part):
        bad = sum(each < 0 for each in part)
        return Refused("below 0", bad) if bad else None

    made = sift(items, trial, counted=True)
    assert [each for found in made.found for each in found.items] == [each for each in items if each < 0]
    assert made.taken == sum(each >= 0 for each in items)


def test_a_count_halves_the_trials():
    trials = []

    def trial(part):
        trials.append(len(part))
        return Refused("no", 1) if 700 in part else None

    assert [found.items for found in sift(range(1_024), trial, counted=True).found] == [[700]]
    assert len(trials) == 11
