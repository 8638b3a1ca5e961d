"""The audit names what was planted: a gap, a changed value, a duplicate; and nothing where nothing is wrong."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.ingest.audit import audit
from gateway.ingest.audit_database import Points
from gateway.ingest.audit_sources import InfluxSource, VictoriaSource, tag_of
from gateway.ingest.kinds import KINDS
from gateway.journal import Replica
from gateway.journal.database import NAME
from gateway.journal.holes import KnownLost
from gateway.model import NumberedInput, Reading
from gateway.site import Database
from tests.unit.wire import samples

EVENTS = samples.every_kind().events


def records() -> list[NumberedInput]:
    given = samples.inputs(1, 100)
    given[0] = samples.config(1)
    return given


@pytest.fixture
def journal(tmp_path):
    """A journal in all but its writer: the same files and tables."""
    with Replica.open(tmp_path / "journal", samples.IDENTITY) as made:
        made.store(records(), samples.every_kind().events)
    return tmp_path / "journal"


def replica_of(folder, inputs, events=EVENTS):
    path = folder / "replicas" / "north" / "gw1-e5f1"
    with Replica.open(path, samples.IDENTITY) as made:
        made.store(inputs, list(events))
    return folder / "replicas"


def test_equal_files_are_clean(journal, tmp_path):
    report = audit(journal, replica_of(tmp_path, records()))
    assert report.clean
    assert report.compared == {"input": 100, "event": 5}
    assert "bit for bit" in report.precision["replica"]


def test_a_gap_is_named(journal, tmp_path):
    kept = [each for each in records() if not 20 <= each.seq <= 29 and each.seq != 50]
    report = audit(journal, replica_of(tmp_path, kept))
    assert [(each.kind, each.what, each.first, each.last) for each in report.findings] == [
        ("gap", "input", 20, 29),
        ("gap", "input", 50, 50),
    ]


def test_a_changed_value_is_named_with_its_fields(journal, tmp_path):
    changed = records()
    reading = changed[32].input
    assert isinstance(reading, Reading)
    values, raw = reading.values.copy(), reading.raw.copy()
    raw[3] ^= 1
    changed[32] = NumberedInput(33, replace(reading, values=values, raw=raw))
    (finding,) = audit(journal, replica_of(tmp_path, changed)).findings
    assert (finding.kind, finding.what, finding.first) == ("differs", "input", 33)
    assert "raw" in finding.detail


def test_a_time_that_differs_by_a_nanosecond_is_named(journal, tmp_path):
    changed = records()
    at = changed[32].input.at
    changed[32] = NumberedInput(33, replace(changed[32].input, at=at._replace(time_ns=at.time_ns + 1)))
    (finding,) = audit(journal, replica_of(tmp_path, changed)).findings
    assert (finding.kind, finding.detail) == ("differs", "differs in at")


def test_a_record_held_twice_is_named(journal, tmp_path):
    folder = replica_of(tmp_path, records())
    path = folder / "north" / "gw1-e5f1" / NAME
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO hot"
            " SELECT first_seq + 1, last_seq, group_id, bin, count, points, t0, t1, pack FROM hot LIMIT 1"
        )
    db.close()
    kinds = {each.kind for each in audit(journal, folder).findings}
    assert kinds == {"duplicate"}


def test_a_record_that_the_journal_does_not_have_is_named(journal, tmp_path):
    more = [*records(), NumberedInput(101, samples.reading(101))]
    (finding,) = audit(journal, replica_of(tmp_path, more)).findings
    assert (finding.kind, finding.first) == ("extra", 101)


def test_an_event_that_differs_is_named(journal, tmp_path):
    events = list(samples.every_kind().events)
    events[1] = samples.alarm(2, 1, "returned")
    (finding,) = audit(journal, replica_of(tmp_path, records(), events)).findings
    assert (finding.kind, finding.what, finding.first) == ("differs", "event", 2)
    assert finding.detail == "differs in state"


def test_only_the_time_span_is_compared(journal, tmp_path):
    kept = [each for each in records() if each.seq not in (20, 70)]
    report = audit(journal, replica_of(tmp_path, kept), samples.at(60).time_ns, samples.at(80).time_ns)
    assert [each.first for each in report.findings] == [70]
    assert report.compared["input"] == 20


def test_no_replica_at_all_is_one_gap(journal, tmp_path):
    (finding,) = audit(journal, tmp_path / "nothing").findings
    assert (finding.kind, finding.first, finding.last) == ("gap", 1, 100)


def test_the_command_exits_with_what_it_found(journal, tmp_path):
    run = CliRunner()
    clean = replica_of(tmp_path, records())
    good = run.invoke(main, ["audit", "--journal", str(journal), "--replica", str(clean), "--json"])
    assert good.exit_code == 0, good.output
    assert '"clean":true' in good.stdout
    kept = [each for each in records() if each.seq != 7]
    torn = replica_of(tmp_path / "b", kept)
    bad = run.invoke(main, ["audit", "--journal", str(journal), "--replica", str(torn)])
    assert bad.exit_code == 1
    assert "replica: gap: input 7: 1 missing" in bad.stdout
    wrong = run.invoke(main, ["audit", "--journal", str(tmp_path / "x"), "--replica", str(torn)])
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output


class ScriptedSource:
    """A database that holds what the journal says, but for what a test changes."""

    def __init__(self, kind: str, divisor: int = 1) -> None:
        self.kind, self.divisor, self.precision = KINDS[kind], divisor, "as scripted"
        self.held: Points = {}
        for _, given in records():
            if isinstance(given, Reading):
                time = given.at.time_ns // divisor
                for index, point in enumerate(samples.POINTS):
                    self._put((point.tag, "quality"), time, int(given.quality[index]))
                    if given.quality[index] < 0x80:
                        self._put(*self._point(point.tag, index, given, time))

    def _point(self, tag, index, given, time):
        name = samples.POINTS[index].name
        if name == "mould":
            return (tag, "text"), time, f"M-{(given.at.boottime_ns - 5_000_000_000) // 100_000_000:03d}"
        if name in ("serial", "mode"):
            column = samples.LAYOUT.typed(given.raw[None, :])[index]
            return (tag, "value_i"), time, int(column[0])
        number = given.values[index]
        return (tag, "value"), time, float(str(np.float32(number))) if name == "melt_temp" else float(number)

    def _put(self, key, time, value) -> None:
        self.held.setdefault(key, []).append((time, value))

    def points(self, site: str, t0: int, t1: int) -> Points:
        assert site == "north"
        return {
            key: [(time, value) for time, value in points if t0 <= time * self.divisor < t1]
            for key, points in self.held.items()
        }


def database_findings(journal, source):
    report = audit(journal, journal, database=source)
    return [(each.kind, each.what.rpartition("/")[2], each.first) for each in report.findings]


@pytest.mark.parametrize(("kind", "divisor"), [("influxdb", 1), ("victoriametrics", 1_000_000)])
def test_a_database_that_holds_it_all_is_clean(journal, kind, divisor):
    source = ScriptedSource(kind, divisor)
    if kind == "victoriametrics":
        source.held = {key: points for key, points in source.held.items() if key[1] != "text"}
    assert database_findings(journal, source) == []


def test_planted_faults_in_a_database_are_named(journal):
    source = ScriptedSource("influxdb")
    melt, door = (
        source.held[f"{samples.CELL}/melt_temp", "value"],
        source.held[f"{samples.CELL}/door", "value"],
    )
    gone, _ = melt.pop(10)
    changed, value = melt[20]
    assert isinstance(value, float)
    melt[20] = (changed, value + 1e-5)
    twice = door[5][0]
    door.append((twice, 0.0))
    door.append((twice + 1, 1.0))
    assert sorted(database_findings(journal, source)) == sorted(
        [
            ("gap", "melt_temp value", gone),
            ("differs", "melt_temp value", changed),
            ("duplicate", "door value", twice),
            ("extra", "door value", twice + 1),
        ]
    )


def test_flux_asks_for_a_site_and_a_span_to_the_nanosecond():
    class Rows:
        asked = ""

        def query_stream(self, query, _org):
            Rows.asked = query
            labels = {"area": "a", "line": "l", "cell": "c", "point": "p"}
            yield type(
                "Record", (), {"values": {**labels, "_field": "value", "_value": 1.5, "time": 7_000_000_001}}
            )

    source = InfluxSource(Database("http://db", bucket='b"x'), Rows())
    assert source.points('nor"th', 7_000_000_001, 8_000_000_000) == {
        ("a/l/c/p", "value"): [(7_000_000_001, 1.5)]
    }
    assert 'from(bucket: "b\\"x")' in Rows.asked
    assert "start: 1970-01-01T00:00:07.000000001Z, stop: 1970-01-01T00:00:08.000000000Z" in Rows.asked
    assert 'r.site == "nor\\"th"' in Rows.asked


def test_labels_make_the_tag_again():
    assert tag_of({"area": "a", "line": "l", "cell": "c", "point": "p", "site": "s"}) == "a/l/c/p"
    assert tag_of({"point": "odd", "site": "s"}) == "odd"
    assert VictoriaSource(Database("http://db/")).divisor == 1_000_000


def given_up(
    tmp_path: Path, inputs: list[NumberedInput], hole: tuple[int, int], lost: tuple[int, int]
) -> Path:
    """Replicas with a hole that was seen, of which somebody gave up a part."""
    folder: Path = replica_of(tmp_path, inputs)
    with Replica.open(folder / "north" / "gw1-e5f1", samples.IDENTITY) as replica:
        replica.holes.see([("input", *hole)], 5)
        replica.lose(KnownLost("input", *lost, "17", "the box burnt", 7))
    return folder


def test_what_was_given_up_is_known_lost_and_what_nobody_has_is_a_gap(journal, tmp_path):
    """An older copy of the journal was put back: the replica has more, and lacks what lies between."""
    folder = given_up(tmp_path, [*records(), *samples.inputs(131, 140)], (101, 130), (101, 120))
    report = audit(journal, folder)
    assert [(each.kind, each.first, each.last) for each in report.findings] == [
        ("extra", 131, 140),
        ("gap", 121, 130),
    ]
    [lost] = report.lost
    assert (lost.first, lost.last, lost.operator, lost.here) == (101, 120, "17", False)
    assert report.plain()["known_lost"][0]["reason"] == "the box burnt"


def test_what_was_given_up_though_the_journal_has_it_is_still_a_gap(journal, tmp_path):
    folder = given_up(tmp_path, [each for each in records() if each.seq not in (5, 6)], (5, 6), (5, 6))
    report = audit(journal, folder)
    assert [(each.kind, each.first, each.last) for each in report.findings] == [("gap", 5, 6)]
    assert [each.here for each in report.lost] == [True]
    done = CliRunner().invoke(main, ["audit", "--journal", str(journal), "--replica", str(folder)])
    assert done.exit_code == 1
    assert (
        "known lost: input 5..6: given up by operator 17: the box burnt; the journal has them" in done.stdout
    )
