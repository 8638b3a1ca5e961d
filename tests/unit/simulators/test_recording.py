"""Recordings: read as real files are written, and written with what real ones have."""

import math
from pathlib import Path

import numpy as np
import pytest

from simulators.recording import RecordingError, float32, read_recording, write_glitches

COMMITTED = Path(__file__).parents[2] / "data" / "recording_glitches.csv"


def recording(tmp_path, text):
    file = tmp_path / "r.csv"
    file.write_text(text)
    return read_recording(file)


def test_a_file_as_skab_has_them(tmp_path):
    read = recording(
        tmp_path,
        "datetime;Accelerometer1RMS;Volume Flow RateRMS;anomaly\n"
        "2020-03-09 10:14:33;0.0265878;32.0;0.0\n2020-03-09 10:14:34;0.0261697;;1.0\n",
    )
    assert read.names == ("accelerometer1rms", "volume_flow_raterms", "anomaly")
    assert read.times_ms == (1_583_748_873_000, 1_583_748_874_000)  # date -u -d '2020-03-09 10:14:33' +%s
    assert str(np.float32(read.rows[0][0])) == "0.0265878"
    assert math.isnan(read.rows[1][1])


def test_commas_zones_and_names_that_clash(tmp_path):
    read = recording(tmp_path, "t,a b,A-B,2nd\n2020-01-01T00:00:00.5+01:00,1,2,3\n\n")
    assert read.names == ("a_b", "a_b_1", "c_2nd")
    assert read.times_ms == (1_577_833_200_500,)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("t;a\n", "no rows"),
        ("t\n2020-01-01\n", "1: no columns"),
        ("t;a\n2020-01-01;1;2\n", "2: 3 cells under 2 columns"),
        ("t;a\nyesterday;1\n", "2: Invalid isoformat string"),
        ("t;a\n2020-01-01;x\n", "2: could not convert"),
    ],
)
def test_what_is_no_recording_says_where(tmp_path, text, complaint):
    with pytest.raises(RecordingError, match=complaint):
        recording(tmp_path, text)


def test_float32_is_the_nearest():
    assert float32(0.1) == float(np.float32(0.1))


def test_the_committed_recording_is_what_the_simulator_writes(tmp_path):
    write_glitches(tmp_path / "again.csv", rows=100)
    again, committed = (place.read_text().splitlines()[:101] for place in (tmp_path / "again.csv", COMMITTED))
    differing = [row for row, lines in enumerate(zip(again, committed, strict=True)) if lines[0] != lines[1]]
    assert not differing, "python -m simulators record tests/data/recording_glitches.csv"


def test_the_committed_recording_has_the_glitches_and_is_small():
    read = read_recording(COMMITTED)
    steps = np.diff(read.times_ms)
    values = np.array(read.rows)
    assert COMMITTED.stat().st_size < 200_000
    assert (steps == 0).sum() == 7
    assert (steps == 47_000).sum() == 3
    assert len(set(steps.tolist())) > 100
    assert 20 < np.isnan(values).sum() < 100
    assert (values[:, 0] > 500).sum() >= 1  # spikes
    frozen = values[700:760, 2]
    assert np.unique(frozen[~np.isnan(frozen) & (np.abs(frozen) < 100)]).size == 1
