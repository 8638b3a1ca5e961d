"""Acts at a replica from the command line: what is signed and handed on, what is refused before, and what came back."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.acts import Act, Judge, key_name, opened_act, with_outcome
from gateway.cli import main
from gateway.cli.away import outcome_of
from gateway.ingest.outbox import Outbox
from gateway.ingest.replicas import replica_folder
from gateway.journal.replica import Replica
from gateway.model import Entry, Identity, Instant, Noted, NumberedEvent, NumberedInput, Setting, Severity
from gateway.plain import to_plain
from gateway.proof.note import SigningKey
from gateway.site import User
from tests.unit.serving.sites import fill
from tests.unit.wire import samples

SOUTH = Identity("south", "gw1", "e5f1")
ALARM = samples.alarm(1, 1, "active", "melt-temp-3f0e").event


def run(*words: object, **env: str) -> Result:
    done = CliRunner().invoke(main, [str(word) for word in words], env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "me.key"
    assert run("user", "key", path, "--operator", "17").exit_code == 0
    return path


def public(key: Path) -> str:
    return key.with_name(key.name + ".pub").read_text().strip()


def replica(data: Path, key: Path | None, identity: Identity = samples.IDENTITY) -> Path:
    """One with an open alarm, of a site that knows operator 17."""
    users = () if key is None else (User("17", public(key), ("acknowledge", "hold")),)
    site = replace(samples.site(), site=identity.site, users=users)
    setting = Setting("config", samples.at(1), {"site": to_plain(site), "hash": "h1"})
    with Replica.open(replica_folder(data, identity), identity) as made:
        made.store([NumberedInput(1, setting), *samples.inputs(2, 9)], [NumberedEvent(1, 2, ALARM)])
    return data


def ack(data: Path, *words: object, alarm: str = "melt-temp", operator: str = "17") -> Result:
    given = ("--cause", "heater", "--action", "replaced", "--operator", operator, "--wait", 0, "--data", data)
    return run("alarm", "ack", alarm, *given, *words)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path, key):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert SigningKey.of_line(key.read_text()).public.line() == public(key)
    again = run("user", "key", key, "--operator", "17")
    assert (again.exit_code, "not written over" in again.stderr) == (2, True)
    shown = run("user", "key", tmp_path / "b.key", "--operator", "18", "--json")
    assert json.loads(shown.stdout)["key"] == public(tmp_path / "b.key")
    assert run("user", "key", tmp_path / "c.key", "--operator", "Mary").exit_code == 2
    nowhere = run("user", "key", tmp_path / "no" / "d.key", "--operator", "19")
    assert (nowhere.exit_code, "No such file" in nowhere.stderr) == (75, True)


def test_what_is_handed_on_is_what_the_box_believes(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    done = ack(data, "--key", key)
    assert done.exit_code == 75
    assert "no word of the box yet" in done.stderr
    [(name, body)] = Outbox(data).waiting()
    assert body is not None
    judge = Judge(samples.IDENTITY, [User("17", public(key), ("acknowledge",))])
    act = judge.act(str(body["payload"]).encode())
    judge.allow(act, act.made_ns)
    assert (act.id, act.kind, act.operator, act.expires_ns) == (name, "acknowledge", "17", body["expires_ns"])
    assert dict(act.body) == {
        "alarm": "melt-temp-3f0e", "cause": "heater", "cause_class": "unknown", "action": "replaced",
    }  # fmt: skip
    assert stat.S_IMODE((data / "outbox").stat().st_mode) == 0o700


def test_the_key_may_be_named_by_the_environment(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    given = ("--reason", "x", "--for", "1h", "--wait", "0", "--data", data)
    done = run("alarm", "shelve", "melt", *given, LOTWATCH_KEY=str(key), LOTWATCH_OPERATOR="17")
    assert done.exit_code == 75
    assert len(list(Outbox(data).waiting())) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda key: key.chmod(0o640), "others can read it"),
        (lambda key: key.write_text("what"), "not a signing key"),
        (lambda key: key.write_bytes(b"\xff\x00" * 2000), "not a signing key"),
        (lambda key: key.unlink(), "No such file"),
        (
            lambda key: key.write_text(SigningKey(key_name("18"), bytes(32)).line()),
            "key of operator-18, not of",
        ),
        (lambda key: key.write_text(key.read_text().replace("operator-17", "operator-71")), "is damaged"),
    ],
)
def test_a_key_that_is_none_or_anybodys_signs_nothing(tmp_path, key, change, words):
    data = replica(tmp_path / "replicas", key)
    change(key)
    done = ack(data, "--key", key)
    assert done.exit_code == 2
    assert words in done.stderr
    assert not list(Outbox(data).waiting())


def test_what_is_refused_before_anything_is_signed(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    without = ack(data)
    assert (without.exit_code, "lotwatch user key makes one" in without.stderr) == (2, True)
    unknown = ack(data, "--key", key, alarm="nozzle")
    assert (unknown.exit_code, "no open alarm nozzle" in unknown.stderr) == (1, True)
    named = ack(data, "--key", key, operator="Mary")
    assert (named.exit_code, "names of people never enter" in named.stderr) == (2, True)
    long = ack(data, "--key", key, "--cause", "x" * 2000)
    assert (long.exit_code, "at most 1000" in long.stderr) == (2, True)
    deaf = ack(replica(tmp_path / "other", None), "--key", key)
    assert (deaf.exit_code, "has no users" in deaf.stderr) == (1, True)
    assert not list(Outbox(data).waiting())


def test_of_several_replicas_the_one_that_has_it_is_meant_or_must_be_named(tmp_path, key):
    data = replica(replica(tmp_path / "replicas", key), key, SOUTH)
    both = ack(data, "--key", key)
    assert (both.exit_code, "name one by --data" in both.stderr) == (2, True)
    assert ack(replica_folder(data, SOUTH), "--key", key).exit_code == 75
    [(_, body)] = Outbox(data).waiting()
    assert body is not None
    assert body["site"] == "south"


def test_a_note_goes_to_the_site_that_charts_it(tmp_path, key):
    for name in ("acme", "beta"):
        fill(tmp_path / "all", name)
    given = ("--at", "2026-11-21T08:00:01Z", "--operator", "17", "--key", key, "--wait", 0)
    both = run("note", "temp", "seen", *given, "--data", tmp_path / "all")
    assert (both.exit_code, "several replicas chart temp: name one" in both.stderr) == (2, True)
    none = run("note", "nothing", "seen", *given, "--data", tmp_path / "all")
    assert (none.exit_code, "no characteristic nothing is charted here" in none.stderr) == (1, True)
    one = run("note", "temp", "seen", *given, "--data", tmp_path / "all" / "acme")
    assert (one.exit_code, "no word of the box yet" in one.stderr) == (75, True), one.stderr
    [(_, handed)] = Outbox(tmp_path / "all").waiting()
    assert handed is not None
    act, _ = opened_act(str(handed["payload"]).encode())
    body = {"characteristic": "temp", "key": "", "time_ns": 1_795_248_001_000_000_000, "text": "seen"}
    assert (act.identity.site, act.kind, dict(act.body)) == ("acme", "note", body)


def test_a_lot_that_no_replica_knows(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    done = run("hold", "R-99", "--reason", "x", "--operator", "17", "--key", key, "--data", data)
    assert (done.exit_code, "no lot R-99 here" in done.stderr) == (1, True)


def test_other_commands_still_say_that_replicas_only_copy(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    done = run("amend", "count", "R-1", "5", "--reason", "x", "--operator", "17", "--data", data)
    assert done.exit_code == 2


def test_an_outcome_is_one_when_all_that_it_counts_is_there(tmp_path, key):
    data = replica(tmp_path / "replicas", key)
    folder = replica_folder(data, samples.IDENTITY)
    at = Instant(samples.T0 + 10**12, 10**12, 1)
    act = Act(samples.IDENTITY, "0f" * 16, "hold", "17", {"lot": "R"}, at.time_ns, at.time_ns + 6 * 10**11)
    entry = NumberedInput(10, Entry("hold", at, "17", {"lot": "R", "act": act.id}))
    held = Noted(at.time_ns, "lot_held", "R", Severity.INFO, {"reason": "x"})
    events = [
        NumberedEvent(2 + i, 10, each) for i, each in enumerate(with_outcome(entry.input, [held, held]))
    ]
    assert outcome_of(folder, act) is None
    with Replica.open(folder, samples.IDENTITY) as made:
        made.store([entry], [events[0], events[2]])
        assert outcome_of(folder, act) is None, "one of the two is on its way"
        made.store([], [events[1]])
    found = outcome_of(folder, act)
    assert found is not None
    assert (found[0], [each["kind"] for each in found[1]]) == (10, ["lot_held", "lot_held"])
    assert outcome_of(folder, replace(act, id="00" * 16)) is None
