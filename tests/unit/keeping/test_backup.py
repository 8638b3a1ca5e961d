"""A backup is a whole prefix, comes back only as what was committed, and is never taken for its original."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.fold import CARRIED, Fold
from gateway.journal import Journal, JournalReader, Replica
from gateway.journal.database import NAME
from gateway.journal.errors import JournalError, JournalForeign
from gateway.journal.sealing import seal
from gateway.journal.signer import sign_now
from gateway.journal.verify import verify
from gateway.keeping import BackupFailed, NotRestored, backup, go_on, restore
from gateway.keeping.manifest import NAME as MANIFEST
from gateway.model import Block, Input, Noted, NumberedEvent, NumberedInput, Setting
from gateway.people import People
from gateway.people.roles import Role
from gateway.people.store import Account
from gateway.pipeline import Pipeline
from gateway.plain import digest, to_plain
from gateway.refold import Refold
from gateway.wire import Eras, messages, parse
from tests.unit.journal.plant import T0, Dice, Plant, make_site, open_journal

PLANT = Plant()
SITE = make_site(PLANT.group)


def done(work):
    """What a coroutine of the journal's gives, in a loop of its own."""

    async def waited():
        return await work

    return asyncio.run(waited())


def journal_of(folder: Path, readings: int = 50, *, first: int = 1) -> Journal:
    """Open, with config, clock and readings, folded as the daemon does; sealed in part where there are many."""
    clock = VirtualClock()
    journal = open_journal(folder, clock)
    plain = to_plain(SITE)
    at = clock.now()
    given: list[Input] = [
        Setting("config", at, {"site": plain, "hash": digest(plain)}),
        Setting("clock", at, to_plain(clock.row())),
    ]
    given += [record.input for record in PLANT.readings(3, readings, t0=T0)]
    fold, inputs, events = Fold(Pipeline(SITE)), list[NumberedInput](), list[NumberedEvent]()
    for seq, each in enumerate(given, first):
        step = fold.take(each)
        assert step.record is not None
        inputs.append(NumberedInput(seq, step.record))
        events += [NumberedEvent(len(events) + n, seq, event) for n, event in enumerate(step.events, 1)]
    for start in range(0, len(inputs), 20):
        some = inputs[start : start + 20]
        seqs = {each.seq for each in some}
        block = Block(tuple(some), tuple(each for each in events if each.cause in seqs))
        done(journal.commit(block))
    sign_now(journal, clock, Dice(3))
    return journal


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    journal = journal_of(folder)
    people = People(folder)
    people.add(Account("Anna", "1", Role.ADMIN, password="$hash"))
    people.close()
    backup(folder, tmp_path / "copy", 7)  # while the journal is open to write
    journal.close()
    return tmp_path / "copy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_what_was_committed_is_in_it_and_what_comes_after_is_not(
    copy: Path, folder: Path, tmp_path: Path
) -> None:
    with JournalReader(folder) as before:
        last = before.last()
    done = restore(copy, tmp_path / "back")
    assert (done.manifest.input, done.manifest.made_ns) == (last.input, 7)
    assert done.verdict.inputs == last.input
    with JournalReader(tmp_path / "back") as back, JournalReader(folder) as before:
        assert [each.seq for each in back.inputs(1, 99)] == [each.seq for each in before.inputs(1, 99)]
        assert back.identity == before.identity


@pytest.mark.long
def test_chunks_come_along(folder: Path, tmp_path: Path) -> None:
    journal = journal_of(folder, 1_500)
    assert all(done(journal.put_sealed(sealed)) for sealed in seal(folder, 2**40))
    manifest = backup(folder, tmp_path / "copy.tar", 7)
    journal.close()
    assert any(name.endswith(".chunks") for name in manifest.files)
    restore(tmp_path / "copy.tar", tmp_path / "back")
    with JournalReader(tmp_path / "back") as back:
        assert len(list(back.inputs(1, 9_999))) == 1_502


def test_the_private_key_stays_on_the_box(copy: Path, folder: Path) -> None:
    assert (folder / "ledger.key").exists()
    secret = (folder / "ledger.key").read_text().strip().encode()
    assert all(secret not in path.read_bytes() for path in copy.iterdir())
    assert copy.stat().st_mode & 0o077 == 0


def test_nothing_is_written_over(copy: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="nothing is written over"):
        backup(folder, copy, 8)
    with pytest.raises(NotRestored, match="nothing is written over"):
        restore(copy, folder)
    (tmp_path / "file").touch()
    with pytest.raises(NotRestored, match="nothing is written over"):
        restore(copy, tmp_path / "file")


def test_what_lies_beside_is_somebody_elses(
    copy: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's folder is removed for its name; and the folder that one stands in may be the one to restore to."""
    for name in ("one.part", "here.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("years of work")
    backup(folder, tmp_path / "one", 7)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    restore(copy, Path())
    assert (tmp_path / "here" / "journal.sqlite").is_file()
    assert len(list(tmp_path.glob("*.part/thesis.txt"))) == 2
    assert not list(tmp_path.glob(".*"))


def test_a_changed_record_is_found_though_its_hash_was_changed_too(copy: Path, tmp_path: Path) -> None:
    with sqlite3.connect(copy / NAME) as db:
        db.execute("UPDATE inputs SET time_ns = time_ns + 1 WHERE seq = 2")
    with pytest.raises(NotRestored, match=rf"{NAME} is not what was backed up"):
        restore(copy, tmp_path / "back")
    manifest = json.loads((copy / MANIFEST).read_bytes())
    from hashlib import sha256  # noqa: PLC0415

    data = (copy / NAME).read_bytes()
    manifest["files"][NAME] = [len(data), sha256(data).hexdigest()]
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(NotRestored, match="not what was committed"):
        restore(copy, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (MANIFEST, b"{}"),
        (MANIFEST, b"\x00"),
        (MANIFEST, b'{"format": 2}'),
        (MANIFEST, b'{"format": 1, "files": {"../x": [1, ""]}}'),
        (NAME, b""),
        ("ledger.pub", b"x"),
    ],
)
def test_what_is_no_backup_is_told(name: str, change: bytes, copy: Path, tmp_path: Path) -> None:
    (copy / name).write_bytes(change)
    with pytest.raises(NotRestored, match=str(copy)):
        restore(copy, tmp_path / "back")


def test_a_tar_of_something_else_and_half_a_tar(copy: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(copy / NAME, NAME)
    with pytest.raises(NotRestored, match=MANIFEST):
        restore(tmp_path / "other.tar", tmp_path / "back")
    (tmp_path / "half.tar").write_bytes((tmp_path / "other.tar").read_bytes()[:700])
    with pytest.raises(NotRestored):
        restore(tmp_path / "half.tar", tmp_path / "back")


def test_nobody_writes_a_restored_journal(copy: Path, tmp_path: Path) -> None:
    restore(copy, tmp_path / "back")
    with pytest.raises(JournalForeign, match="--go-on"):
        open_journal(tmp_path / "back")


def test_going_on_is_another_epoch_with_the_same_state(copy: Path, folder: Path, tmp_path: Path) -> None:
    def then(archive: Path, manifest) -> None:
        go_on(archive, tmp_path / "new", manifest, VirtualClock(), Dice(9))

    restore(copy, tmp_path / "back", then=then)
    people = People(tmp_path / "new")
    assert [account.name for account in people.accounts()] == ["Anna"]
    people.close()
    with JournalReader(folder) as old, JournalReader(tmp_path / "new") as new:
        assert new.identity.epoch != old.identity.epoch
        assert (new.identity.site, new.identity.gateway) == (old.identity.site, old.identity.gateway)
        begins = [given.input for given in new.inputs(1, 9)]
        assert [given.kind for given in begins if isinstance(given, Setting)] == ["config", "clock"]
        told = [event.event for event in new.events(1, 99)]
        [carried] = [event for event in told if isinstance(event, Noted) and event.kind == "carried"]
        assert (carried.facts["epoch"], carried.facts["input"]) == (old.identity.epoch, old.last().input)
        assert not verify(new, None).findings
        refold = Refold()
        assert len(list(refold.journal(new))) == len(told)
        assert refold.equal
        past, again = Fold(Pipeline(SITE)), Fold(Pipeline(SITE))
        for _, given in old.inputs(1, 9_999):
            past.take(given)
        for _, given in new.inputs(1, 1):
            again.take(given)
        assert to_plain(again.state.groups) == to_plain(past.state.groups)
        assert to_plain(again.state.lots) == to_plain(past.state.lots)
    with open_journal(tmp_path / "new", VirtualClock()) as journal:
        done(journal.commit(Block(tuple(PLANT.readings(3, 5)), ())))
        assert journal.last().input == 7


def test_what_is_carried_goes_over_the_wire_and_into_a_replica(copy: Path, tmp_path: Path) -> None:
    def then(archive: Path, manifest) -> None:
        go_on(archive, tmp_path / "new", manifest, VirtualClock(), Dice(9))

    restore(copy, tmp_path / "back", then=then)
    with JournalReader(tmp_path / "new") as new:
        inputs, events = tuple(new.inputs(1, 9)), tuple(new.events(1, 99))
        eras = Eras()
        eras.see(inputs)
        sent = [
            parse(each.topic, each.payload) for each in messages(new.identity, Block(inputs, events), eras)
        ]
        with Replica.open(tmp_path / "replica", new.identity) as replica:
            for records in sent:
                replica.store(list(records.inputs), list(records.events))
        with JournalReader(tmp_path / "replica") as stored:
            assert [to_plain(each.input) for each in stored.inputs(1, 9)] == [
                to_plain(each.input) for each in inputs
            ]
            config = next(iter(stored.inputs(1, 1))).input
            assert isinstance(config, Setting)
            assert CARRIED in config.body
            again, here = Refold(), Refold()
            assert len(list(again.journal(stored))) == len(list(here.journal(new))) == len(events)
            assert again.equal


def test_there_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal here"):
        backup(tmp_path, tmp_path / "copy", 1)
    assert not list(tmp_path.iterdir())
