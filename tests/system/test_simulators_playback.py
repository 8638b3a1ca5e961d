"""A recording with glitches and irregular times through gateway, broker, ingest worker and replica."""

from pathlib import Path

from gateway.clock import SystemClock
from simulators.playback import compare, through_gateway
from simulators.recording import Recording, read_recording

RECORDING = Path(__file__).parent.parent / "data" / "recording_glitches.csv"


async def test_every_value_of_a_recording_arrives(tmp_path):
    played = await through_gateway(RECORDING, tmp_path, SystemClock())
    assert (played.rows, played.values) == (1500, 12000)
    assert played.whole, played.examples
    # and the comparison can fail: another recording is another
    recording = read_recording(RECORDING)
    first = (recording.rows[0][0] + 1e-5, *recording.rows[0][1:])
    other = Recording(recording.names, (*recording.times_ms[:-1], 0), (first, *recording.rows[1:]))
    found = compare(other, tmp_path / "replicas")
    assert (found.missing, found.wrong) == (0, 2)
    longer = Recording(recording.names, (*recording.times_ms, 0), (*recording.rows, recording.rows[0]))
    assert compare(longer, tmp_path / "replicas").missing == 1
