"""`lotwatch replay --data`: a journal folded again gives what was journalled, or says where it does not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.model import Block, Input, Noted, NumberedEvent, NumberedInput, Severity
from gateway.refold import Refold
from gateway.site import Sampling, Site
from tests.unit.fold.line import Run, at, characteristic, config, point, reading, scan, site, start

pytestmark = pytest.mark.usefixtures("sites_read_here")


class Dice:
    """Chance without any."""

    def token(self, nbytes: int) -> bytes:
        return b"\x07" * nbytes

    def uniform(self) -> float:
        return 0.5


def words(*values: float) -> list[int]:
    return [int(word) for word in np.array(values, dtype=">f4").view(">u2")]


def plant(method: str = "imr", kind: str = "float32") -> Site:
    row = characteristic(
        "c", "x", method, sampling=Sampling("reading"), rules=("WE1",) if method == "imr" else ()
    )
    return site([point("x", kind, low=0.0, high=200.0, max_rate=60.0)], [row])


def history() -> list[Input]:
    values = [50.0, 50.2, 170.0, 49.9, 58.0, 58.2, 50.1, 50.0]
    readings = [reading(2 + t, value, raw=words(value)) for t, value in enumerate(values)]
    return [
        config(0, plant()),
        start(1),
        scan(1.5, "BOX-A"),
        *readings[:4],
        scan(5.5, "BOX-B"),
        *readings[4:],
    ]


def journalled(folder: Path, *, spoil: bool = False) -> Path:
    """A journal of the history; spoilt, it misses the second event that the fold told."""
    run = Run(plant(), started=False)
    inputs, events = [], [NumberedEvent(1, 0, Noted(at(0).time_ns, "bus_up", "net", Severity.INFO, {}))]
    for seq, given in enumerate(history(), 1):
        step = run.step(given)
        assert step.record is not None
        inputs.append(NumberedInput(seq, step.record))
        events += [NumberedEvent(len(events) + 1 + i, seq, event) for i, event in enumerate(step.events)]
    assert len(events) >= 6
    if spoil:
        events = [event._replace(seq=i) for i, event in enumerate([*events[:2], *events[3:]], 1)]
    journal = Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice())
    asyncio.run(journal.commit(Block(tuple(inputs), tuple(events))))
    journal.close()
    return folder


def replay(*given: str | Path) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, given)])


def test_a_journal_gives_what_was_journalled(tmp_path):
    done = replay("--data", journalled(tmp_path / "journal"), "--json")
    assert done.exit_code == 0, done.stderr
    *told, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert summary == {
        "is": "Replay",
        "inputs": len(history()),
        "events": len(told),
        "equal": True,
        "differs": "",
    }
    assert {event["is"] for event in told} == {"LotChanged", "Signal", "AlarmChanged"}
    assert "the same as journalled" in done.stderr


def test_a_journal_that_lost_an_event_is_a_finding(tmp_path):
    done = replay("--data", journalled(tmp_path / "journal", spoil=True), "--quiet")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "not those journalled" in done.stderr


def test_by_another_config_other_charts_speak_and_that_is_no_finding(tmp_path):
    with JournalReader(journalled(tmp_path / "journal")) as reader:
        refold = Refold()
        told = [json.loads(line) for line in refold.journal(reader, plant("cusum"))]
    assert {event["chart"] for event in told if event["is"] == "Signal"} == {"cusum"}
    assert refold.equal is False


def test_by_another_config_words_are_decoded_anew(tmp_path):
    row = characteristic("c", "x", rules=("WE1",))
    wrong, right = site([point("x")], [row]), site([point("x", order="CDAB")], [row])
    given = reading(
        2, 50.0, raw=words(77.5)[::-1]
    )  # decoded as something else, by a config with the wrong order
    inputs: list[Input] = [config(0, wrong), start(1), given]
    journal = Journal.open(tmp_path, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice())
    asyncio.run(
        journal.commit(Block(tuple(NumberedInput(seq, each) for seq, each in enumerate(inputs, 1)), ()))
    )
    journal.close()
    with JournalReader(tmp_path) as reader:
        told = [json.loads(line) for line in Refold().journal(reader, right)]
    assert [event["value"] for event in told if event["is"] == "Signal"] == [77.5]


@pytest.mark.long
@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (["--inputs", "nowhere.jsonl"], 2, "--inputs FILE needs --config SITE"),
        (["--data", "nowhere"], 2, "nowhere"),
        (["--inputs", "x", "--config", "nowhere.yaml"], 78, "nowhere.yaml"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(given, code, says):
    done = replay(*given)
    assert done.exit_code == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
