"""`lotwatch gap` on replicas that somebody writes, and on some that nobody does; the worker's side of the outbox."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any, Self

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.ingest.dead import DeadLetters
from gateway.ingest.giving import Unheard, give_up
from gateway.ingest.outbox import Outbox
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.worker import Worker
from gateway.journal.reader import JournalReader
from gateway.journal.replica import Replica
from gateway.model import Identity
from gateway.ports import Watermark
from tests.unit.ingest.test_worker import ScriptedInbox
from tests.unit.wire import samples

SOUTH = Identity("south", "gw1", "e5f1")


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Nobody waits for a worker that is not there."""
    monkeypatch.setattr("gateway.ingest.giving.give_up.__defaults__", ((0.0, 20.0),))


def run(*words: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def made(data: Path, identity: Identity = samples.IDENTITY) -> Path:
    """A replica that lacks 11..20, and was told that nobody has them."""
    folder = replica_folder(data, identity)
    with Replica.open(folder, identity) as replica:
        replica.store([*samples.inputs(2, 10), *samples.inputs(21, 30)], [])
        replica.store([samples.config(1)], [])
        replica.holes.see([("input", 11, 20)], samples.T0)
        replica.holes.asked(replica.holes.open(), samples.T0 + 1)
    return folder


def accepted(data: Path, numbers: str = "11..20", *more: str) -> Result:
    words: tuple[str | Path, ...] = (
        "--reason",
        "the disk is dead",
        "--operator",
        "17",
        "--data",
        data,
        *more,
    )
    return run("gap", "accept", "input", numbers, *words)


def test_a_gap_is_shown_until_it_is_given_up_and_then_as_known_lost(tmp_path):
    folder = made(tmp_path)
    shown = run("gap", "list", "--data", tmp_path)
    assert shown.exit_code == 1
    assert shown.stdout == (
        "north/gw1: input 11..20: 10 of 10 missing, seen 2023-11-14T22:13:20Z, "
        "asked for 1 times, last 2023-11-14T22:13:20Z\n"
    )
    done = accepted(tmp_path)
    assert done.exit_code == 0, done.output
    assert done.stdout == "north/gw1: input 11..20 given up\n"
    assert "has not said" in done.stderr
    after = run("gap", "list", "--data", folder)
    assert after.exit_code == 0
    assert "north/gw1: input 11..20 given up by operator 17 at" in after.stdout
    assert "the disk is dead" in after.stdout
    [lost] = json.loads(run("gap", "list", "--all", "--json", "--data", tmp_path).stdout)["known_lost"]
    assert (lost["first"], lost["last"], lost["operator"]) == (11, 20, "17")
    with Replica.open(folder, samples.IDENTITY) as replica:
        assert replica.watermark() == Watermark(30)


def test_what_the_gateway_answered_is_shown(tmp_path):
    with Replica.open(made(tmp_path), samples.IDENTITY) as replica:
        replica.holes.gone("input", 11, 20, "beyond", 7)
    assert "an older copy of it was put back" in run("gap", "list", "--data", tmp_path).stdout
    assert accepted(tmp_path, "11..12", "--json").stderr == ""


@pytest.mark.parametrize(
    ("numbers", "code", "words"),
    [
        ("eleven", 2, "such as 51..79"),
        ("5", 1, "no gap in stream input has 5..5 in it"),
        ("11..25", 2, "not all are missing; open gaps: 11..20"),
        ("20..11", 2, "such as 51..79"),
        ("31..40", 1, "no gap"),
    ],
)
def test_what_is_no_gap_cannot_be_given_up(tmp_path, numbers, code, words):
    made(tmp_path)
    done = accepted(tmp_path, numbers)
    assert done.exit_code == code
    assert words in done.stderr
    assert json.loads(run("gap", "list", "--json", "--data", tmp_path).stdout)["known_lost"] == []


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--operator", "Mary", "names of people never enter"),
        ("--reason", "  ", "reason is not a text"),
        ("--reason", "x" * 1001, "reason is not a text"),
    ],
)
def test_a_decision_needs_a_number_and_a_reason(tmp_path, option, value, words):
    made(tmp_path)
    done = accepted(tmp_path, "11..20", option, value)
    assert done.exit_code == 2
    assert words in done.stderr


def test_which_of_several_replicas_is_asked(tmp_path):
    made(tmp_path)
    folder = made(tmp_path, SOUTH)
    done = accepted(tmp_path)
    assert done.exit_code == 2
    assert "name one by --data" in done.stderr
    assert accepted(folder).exit_code == 0
    assert accepted(tmp_path).exit_code == 0, "now only one lacks it"


def test_a_folder_that_is_no_replica(tmp_path):
    done = run("gap", "list", "--data", tmp_path)
    assert done.exit_code == 2
    assert "no replicas here" in done.stderr


class Working:
    """A worker in a thread, with the replicas of a folder."""

    def __init__(self, data: Path) -> None:
        self.clock, self.inbox, self.stop = SystemClock(), ScriptedInbox(), threading.Event()
        self.replicas = Replicas(data)
        self.worker = Worker(
            self.inbox, self.replicas, DeadLetters(data, self.clock), self.clock, stopping=self.stop
        )
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.stop.is_set():
            self.worker.turn()
            self.stop.wait(0.01)
        self.replicas.close()

    def __enter__(self) -> Self:
        self.replicas.of(samples.IDENTITY)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


@pytest.mark.long
def test_a_running_worker_takes_the_decision_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.ingest.giving.give_up.__defaults__", ((60.0, 60.0),))
    made(tmp_path)
    with Working(tmp_path):
        assert accepted(tmp_path, "11..15").exit_code == 0
        refused = accepted(tmp_path, "11..20")
        assert refused.exit_code == 2
        assert "open gaps: 16..20" in refused.stderr
    assert not list((tmp_path / "outbox").iterdir())
    with JournalReader(replica_folder(tmp_path, samples.IDENTITY)) as reader:
        assert [(each.first, each.last, each.reason) for each in reader.known_lost()] == [
            (11, 15, "the disk is dead")
        ]


def test_a_worker_that_says_nothing_is_told_and_the_decision_taken_back(tmp_path):
    folder = made(tmp_path)
    body = {"stream": "input", "first": 11, "last": 20, "operator": "17", "reason": "dead"}
    with Replica.open(folder, samples.IDENTITY), pytest.raises(Unheard, match="does not answer"):
        give_up(folder, samples.IDENTITY, body, wait_s=(0.0, 0.0))
    assert not list((tmp_path / "outbox").iterdir())


def test_what_lies_in_the_outbox_and_is_nothing_is_answered_or_left(tmp_path):
    folder = made(tmp_path)
    box, name = Outbox(tmp_path), "{:032x}".format
    who = {"site": "north", "gateway": "gw1", "epoch": "e5f1"}
    given: list[dict[str, Any]] = [
        {},
        {**who, "kind": "dance"},
        {**who, "kind": "act"},
        {**who, "kind": "lose", "stream": "reading", "first": 11, "last": 20},
        {**who, "site": "nowhere", "kind": "lose"},
    ]
    for number, body in enumerate(given):
        box.put(name(number), body)
    (box.folder / "notes.json").write_text("{}")
    box.put(name(7), {**who, "kind": "act"})
    os.utime(box.folder / f"{name(7)}.json", (1, 1))  # of some worker that never came
    (box.folder / f"{name(9)}.json").write_bytes(b"{")
    replicas = Replicas(tmp_path)
    worker = Worker(ScriptedInbox(), replicas, DeadLetters(tmp_path, SystemClock()), SystemClock())
    worker.turn()
    replicas.close()
    answers = [box.answered(name(number)) for number in (0, 1, 2, 3, 9)]
    assert [bool(answer) for answer in answers] == [True] * 5
    assert sorted(path.name for path in box.folder.iterdir()) == [f"{name(4)}.json", "notes.json"]
    assert not (tmp_path / "nowhere").exists(), "and no replica is made for it"
    assert folder.is_dir()
