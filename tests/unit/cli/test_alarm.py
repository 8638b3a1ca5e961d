"""`lotwatch alarm` on a journal that nobody writes: in words, as JSON, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gateway.app_start import begin
from gateway.cli import main
from gateway.cli.alarm import one_of, seconds
from gateway.cli.output import Code, Exit
from gateway.clock import VirtualClock
from gateway.door import request
from gateway.door.offline import enter
from gateway.door.place import NAME
from gateway.journal import Journal, open_readers
from gateway.journal.errors import JournalBusy, JournalCorrupt, JournalForeign, JournalFull
from gateway.journal.lock import FolderLock
from gateway.journal.replica import Replica
from gateway.model import (
    AlarmChanged,
    Entry,
    Identity,
    Input,
    NumberedEvent,
    NumberedInput,
    Reading,
    Setting,
    Severity,
)
from gateway.plain import to_plain
from gateway.recorder import Recorder
from gateway.site import AlarmLimit, Design, Sampling
from tests.unit.fold.line import CELL, at, characteristic, point, reading, scan, site
from tests.unit.journal.plant import Dice

ANSWER = ("--operator", "17", "--cause", "heater", "--action", "changed it")


def hot_reading(seconds: float) -> Reading:
    """90 degrees, with the words that say so: a journal keeps these."""
    raw = np.array([90.0], dtype=">f4").view(">u2").astype(np.uint16)
    return reading(seconds, 90.0, raw=raw)


def write(folder: Path, inputs: list[Input]) -> None:
    """A journal of a run that saw these inputs."""
    clock = VirtualClock()
    design = Design(1000.0, 0.9, "L", 3.3)
    rows = [characteristic("level", "x", sampling=Sampling(size=2), design=design)]
    made = site([point("x", uom="Cel")], rows, [AlarmLimit(f"{CELL}/x", "HH", 80.0, 2.0, "stop the press")])
    with Journal.open(folder, site="plant", gateway="gw1", clock=clock, entropy=Dice()) as journal:
        start = begin(journal, made, clock)
        recorder = Recorder(
            start.fold, journal, clock, last=start.last, profile="disk", committed=lambda _: None,
            busy=(JournalFull, JournalBusy),
        )  # fmt: skip
        for each in (*start.settings, *inputs):
            recorder.take(each)
        recorder.stop()
        asyncio.run(recorder.run())


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with two open alarms: a value beyond its limit, and a chart's signal."""
    folder = tmp_path_factory.mktemp("hot") / "journal"
    write(folder, [scan(1, "BOX-A"), hot_reading(2), hot_reading(3)])
    return folder


@pytest.fixture
def data(hot: Path, tmp_path: Path) -> Path:
    shutil.copytree(hot, tmp_path / "journal")
    return tmp_path / "journal"


def run(*words: object) -> Result:
    done = CliRunner().invoke(main, ["alarm", *(str(word) for word in words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def alarms(data: Path, *words: str) -> list[dict]:
    found: list[dict] = json.loads(run("list", "--json", "--data", data, *words).stdout)["alarms"]
    return found


def limit_id(data: Path) -> str:
    return str(next(each["alarm"] for each in alarms(data) if each["kind"] == "limit_HH"))


def test_open_alarms_are_shown_in_words_of_the_language(hot: Path):
    shown = run("list", "--data", hot)
    assert shown.exit_code == 0
    assert "active       2027-01-15T08:00:02Z  limit_HH hall/line1/press1/x (version 1)" in shown.stdout
    assert "is above the alarm limit HH of 80 °C. Lots there: BOX-A. Do: stop the press" in shown.stdout
    assert "报警限" in run("list", "--data", hot, "--lang", "zh").stdout


def test_as_json_they_are_whole(hot: Path):
    first, second = alarms(hot)
    assert (first["kind"], first["state"], first["lots"], first["site"]) == (
        "limit_HH", "active", ["BOX-A"], "plant",
    )  # fmt: skip
    assert second["facts"]["sentence"]
    assert second["facts"]["first_out"] == first["alarm"]


def test_where_no_daemon_runs_an_answer_is_written_all_the_same(data: Path):
    done = run("ack", limit_id(data)[:20], *ANSWER, "--class", "assignable", "--data", data)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{limit_id(data)}: acknowledged (version 2)\n"
    facts = next(each["facts"] for each in alarms(data) if each["kind"] == "limit_HH")
    assert (facts["acknowledged_by"], facts["cause"], facts["action"], facts["cause_class"]) == (
        "17", "heater", "changed it", "assignable",
    )  # fmt: skip
    with open_readers(data)[0] as reader:
        inputs = [given for _, given in reader.inputs(1, reader.last().input)]
    assert isinstance(inputs[-1], Entry)
    starts = [each for each in inputs if isinstance(each, Setting) and each.kind == "start"]
    assert len(starts) == 2, "a run of its own: nobody watched between the two"
    assert not (data / NAME).exists()
    again = run("ack", limit_id(data), *ANSWER, "--class", "assignable", "--data", data)
    assert again.exit_code == Code.FINDINGS
    assert "acknowledged already" in again.stderr


def test_an_answered_journal_folds_to_the_same(data: Path):
    run("shelve", limit_id(data), "--for", "2h", "--reason", "sensor", "--operator", "17", "--data", data)
    run("ack", limit_id(data), *ANSWER, "--data", data)
    done = CliRunner().invoke(main, ["replay", "--data", str(data)])
    assert done.exit_code == 0
    assert "the same as journalled" in done.stderr


def test_shelved_and_back(data: Path):
    words = (limit_id(data).rpartition("-")[2][:6], "--operator", "17", "--data", data)
    done = run("shelve", *words, "--for", "90m", "--reason", "sensor is being changed", "--json")
    (event,) = json.loads(done.stdout)["events"]
    assert (event["state"], event["facts"]["beneath"]) == ("shelved", "active")
    assert "by 17: sensor is being changed" in run("list", "--data", data).stdout
    assert run("unshelve", *words).stdout.endswith(": active (version 3)\n")
    again = run("unshelve", *words)
    assert (again.exit_code, "not shelved" in again.stderr) == (Code.FINDINGS, True)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("ack", "nothing", *ANSWER), Code.FINDINGS, "no open alarm nothing"),
        (("ack", "", *ANSWER), Code.FINDINGS, "no open alarm"),
        (("unshelve", "limit", "--operator", "Anna"), Code.USAGE, "names of people never enter the journal"),
        (("shelve", "limit", "--operator", "1", "--for", "2x", "--reason", "r"), Code.USAGE, "such as 2h"),
        (("shelve", "limit", "--operator", "1", "--for", "0h", "--reason", "r"), Code.USAGE, "such as 2h"),
        (
            ("shelve", "limit", "--operator", "1", "--for", "25h", "--reason", "r"),
            Code.USAGE,
            "at most 86400",
        ),
        (
            ("shelve", "limit", "--operator", "1", "--for", "1h", "--reason", " "),
            Code.USAGE,
            "reason is empty",
        ),
        (("shelve", "limit", "--operator", "1", "--for", "1h"), Code.USAGE, "--reason"),
        (("ack", "limit", "--operator", "1"), Code.USAGE, "--cause"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(hot: Path, words, code, says):
    with open_readers(hot)[0] as reader:
        before = reader.last()
        done = run(*words, "--data", hot)
        assert (done.exit_code, reader.last()) == (code, before)
    assert says in done.stderr


def test_an_id_that_may_be_two_alarms_is_refused():
    known = ["limit_HH-x-0a1b", "limit_HH-y-0a2b"]
    with pytest.raises(Exit, match="may be each of limit_HH-x-0a1b, limit_HH-y-0a2b"):
        one_of("limit_HH", known)
    with pytest.raises(Exit, match="may be each of"):
        one_of("0a", known)
    assert one_of("limit_HH-x", known) == one_of("0a1", known) == "limit_HH-x-0a1b"
    assert one_of("a", ["a", "ab"]) == "a"


def test_a_folder_that_is_no_journal_and_one_that_somebody_writes(data: Path, tmp_path: Path):
    missing = run("ack", "x", *ANSWER, "--data", tmp_path / "nowhere")
    assert (missing.exit_code, "no journal" in missing.stderr) == (Code.USAGE, True)
    lock = FolderLock(data)
    try:
        busy = run("ack", limit_id(data), *ANSWER, "--data", data)
    finally:
        lock.release()
    assert (busy.exit_code, "try again" in busy.stderr) == (Code.TRY_LATER, True)


def test_the_budget_counts_what_was_answered_as_false(data: Path):
    signal = next(each["alarm"] for each in alarms(data) if each["kind"] == "signal")
    run("ack", signal, *ANSWER, "--class", "false", "--data", data)
    (found,) = json.loads(run("budget", "--json", "--data", data).stdout)["at"]
    (row,) = found["charts"]
    assert (row["chart"], row["signals"], row["alarms"], row["false"], row["unanswered"]) == (
        "level",
        1,
        1,
        1,
        0,
    )
    assert (row["arl0"], row["samples_per_day"], row["designed_per_day"]) == (1000.0, 43_200.0, 43.2)
    assert found["total"]["designed_per_day"] == 43.2
    table = run("budget", "--data", data).stdout
    assert "designed/day" in table
    assert table.splitlines()[-1].startswith("all charts")


def test_closed_alarms_are_shown_where_they_are_asked_for(data: Path):
    assert len(alarms(data, "--all")) == 2
    none = run("list", "--data", data, "--all")
    assert none.exit_code == 0


@pytest.mark.parametrize(("text", "is_s"), [("1h30m", 5400), ("45s", 45), (" 2h ", 7200)])
def test_times_are_read_as_people_write_them(text: str, is_s: int):
    assert seconds(text) == is_s


@pytest.mark.parametrize("text", ["", "2", "h", "-1h", "1.5h", "\u0662h", "9" * 30 + "h"])
def test_times_that_are_none_are_refused(text: str):
    with pytest.raises(Exit, match="such as 2h"):
        seconds(text)


def test_a_replica_only_copies_and_sends_what_its_box_takes(tmp_path: Path):
    config = Setting("config", at(0), {"site": to_plain(site([point("x")])), "hash": "h"})
    told = AlarmChanged(1, "a-1", 1, "active", "stale", Severity.WARNING, "", "press1/fast", "")
    for name in ("one", "two"):
        replica = Replica.open(tmp_path / name, Identity(name, "gw1", "e1"))
        replica.store([NumberedInput(1, config)], [NumberedEvent(1, 1, told)])
        replica.close()
    for folder, code, words in (
        (tmp_path, Code.USAGE, "name one by --data"),
        (tmp_path / "one", Code.FINDINGS, "has no users, so it takes nothing from here"),
    ):
        assert "press1/fast" in run("list", "--data", folder).stdout
        done = run("ack", "a-1", *ANSWER, "--data", folder)
        assert (done.exit_code, words in done.stderr) == (code, True)
    with pytest.raises(JournalForeign, match="enter it at the gateway"):
        enter(tmp_path / "one", request("unshelve", "17", {"alarm": "a-1"}), Dice())


def test_a_journal_that_never_ran_takes_nothing(tmp_path: Path):
    Journal.open(tmp_path, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice()).close()
    with pytest.raises(JournalCorrupt, match="run the daemon once"):
        enter(tmp_path, request("unshelve", "17", {"alarm": "a-1"}), Dice())
