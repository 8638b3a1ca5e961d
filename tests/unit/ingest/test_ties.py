"""Two readings of one point in one millisecond: both are kept, with the same tag whenever they are written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.audit import audit
from gateway.ingest.audit_database import Points
from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines, numbered
from gateway.ingest.replicalines import blocks_of
from gateway.ingest.ties import ties
from gateway.journal.reader import JournalReader
from gateway.journal.replica import Replica
from gateway.model import INPUT_STREAM, Instant, NumberedInput
from tests.unit.wire import samples

MS = 1_000_000
VICTORIA = Lines("north", "gw1", KINDS["victoriametrics"], "ns")
INFLUX = Lines("north", "gw1", KINDS["influxdb"], "ns")


def reading(seq: int, time_ns: int) -> NumberedInput:
    return NumberedInput(seq, replace(samples.reading(seq), at=Instant(time_ns, 5 * 10**9 + seq, 1)))


@pytest.fixture
def replica(tmp_path):
    """Readings 2 to 21, four in each millisecond."""
    with Replica.open(tmp_path / "replica", samples.IDENTITY) as made:
        given = [reading(seq, samples.T0 + seq // 4 * MS + seq % 4 * 7) for seq in range(2, 22)]
        made.store([samples.config(1), *given], [])
    return tmp_path / "replica"


def lines_of(folder, lines: Lines, size: int) -> list[str]:
    """All of a replica, written in runs of so many records."""
    out: list[str] = []
    with JournalReader(folder) as reader:
        for first in range(1, 22, size):
            blocks, _ = blocks_of(reader, lines, INPUT_STREAM, (first, min(first + size - 1, 21)))
            out += [text for _, text in numbered(blocks)]
    return sorted(out)


def where(text: str) -> tuple[str, str]:
    """Series and time: what one point overwrites another by."""
    series, _, time = text.split(" ")
    return series, time


def test_none_overwrites_another_and_none_is_lost(replica):
    made = lines_of(replica, VICTORIA, 500)
    assert len(made) == 20 * len(samples.POINTS)
    assert len({where(text) for text in made}) == len(made)
    assert {part.split("=")[1] for text in made for part in where(text)[0].split(",") if part[:2] == "n="} == {
        "1", "2", "3",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_a_reading_has_its_tag_however_the_runs_are_cut(replica, size):
    assert lines_of(replica, VICTORIA, size) == lines_of(replica, VICTORIA, 500)


def test_a_store_of_nanoseconds_needs_no_tag(replica):
    assert not any(",n=" in where(text)[0] for text in lines_of(replica, INFLUX, 500))


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 40))
def test_ties_are_counted_as_one_would(times, cut):
    array = np.array(times, dtype=np.int64)
    told = ties(array[cut:], array[:cut])
    wanted = [times[:place].count(time) for place, time in enumerate(times)][cut:]
    assert (told or [0] * len(wanted)) == wanted


class Source:
    """A database of milliseconds, as its export gives points: without the tag."""

    kind, divisor, precision = KINDS["victoriametrics"], MS, "milliseconds"

    def __init__(self, points: Points) -> None:
        self.held = points

    def points(self, site: str, t0: int, t1: int) -> Points:
        del site
        return {
            key: [(time, value) for time, value in some if t0 <= time * MS < t1]
            for key, some in self.held.items()
        }


def test_the_audit_wants_each_of_them_once(replica):
    held: Points = {}
    for text in lines_of(replica, VICTORIA, 500):
        series, fields, time = text.split(" ")
        tags = dict(part.split("=") for part in series.split(",")[1:])
        tag = "/".join(tags[name] for name in ("area", "line", "cell", "point"))
        for field in fields.split(","):
            name, value = field.split("=")
            number = float(value.rstrip("iu"))
            held.setdefault((tag, name), []).append((int(time), number))
    assert audit(replica, replica.parent, database=Source(held)).clean
    key = next(iter(held))
    held[key].append(held[key][0])
    assert [each.kind for each in audit(replica, replica.parent, database=Source(held)).findings] == [
        "duplicate"
    ]
    del held[key][:2]
    assert [each.kind for each in audit(replica, replica.parent, database=Source(held)).findings] == ["gap"]
