"""An entry where no daemon runs: the journal is opened, folded, written and let go of, by the daemon's own code.

It is a run of its own, of one entry: it begins with "start", so that nobody takes the time since the last run for one
in which somebody watched.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.app_start import Beginning, begin
from gateway.clock import SystemClock
from gateway.door.words import Given, entry_of
from gateway.journal import Journal, JournalReader
from gateway.journal.errors import JournalBusy, JournalCorrupt, JournalForeign, JournalFull
from gateway.journal.signer import sign_now
from gateway.model import Block, Entry, Event
from gateway.plain import to_plain
from gateway.ports import Clock, Entropy
from gateway.recorder import Recorder
from gateway.restating import answers
from gateway.restating.worker import answering
from gateway.site import Site


def enter(
    folder: Path, line: bytes, entropy: Entropy, *, clock: Clock | None = None, accept_clock: bool = False
) -> Given:
    """Write the entry that a request asks for. Raises JournalError, and BadRequest. Takes seconds."""
    with JournalReader(folder) as reader:
        identity, site = reader.identity, reader.site()
        if reader.replica:
            raise JournalForeign(f"{folder}: a replica: enter it at the gateway, whose journal it copies")
    if site is None:
        raise JournalCorrupt(f"{folder}: no config is in it: run the daemon once")
    opening = clock or SystemClock()
    entry_of(line, opening.now())  # what cannot be is refused before anything is touched
    with Journal.open(
        folder, site=identity.site, gateway=identity.gateway, clock=opening, entropy=entropy
    ) as journal:
        start = begin(journal, site, clock, accept_clock=accept_clock)
        blocks: list[Block] = []
        recorder = Recorder(
            start.fold, journal, start.clock, last=start.last, profile=site.commit, committed=blocks.append,
            busy=(JournalFull, JournalBusy), owed_ns=start.owed_ns,
        )  # fmt: skip
        for setting in start.settings:
            recorder.take(setting)
        entry = entry_of(line, start.clock.now())
        recorder.take(entry)
        recorder.stop()
        asyncio.run(recorder.run())
        answered = answered_all(folder, site, start, recorder)
        sign_now(journal, start.clock, entropy)
    return _given(blocks, entry, answered)


def answered_all(folder: Path, site: Site, start: Beginning, recorder: Recorder) -> list[Entry]:
    """What the fold ordered is looked up and entered too, also what a run before left."""
    answered: list[Entry] = []
    for order in start.fold.state.holds.orders:
        with JournalReader(folder) as reader:
            bodies = list(answers(reader, site, order))
        for body in bodies:
            answered.append(answering(order, body, start.clock))
            recorder.take(answered[-1])
        asyncio.run(recorder.run())
    return answered


def _given(blocks: list[Block], entry: Entry, answered: list[Entry]) -> Given:
    """The entry's number, its events, and those of what followed of it."""
    seq, events = 0, list[Event]()
    for block in blocks:
        for number, given in block.inputs:
            if given is entry:
                seq = number
            if given is entry or any(given is each for each in answered):
                events += [event for _, cause, event in block.events if cause == number]
    if not seq:
        raise AssertionError("a recorder that returns has committed what it took")
    return Given(seq, tuple(to_plain(event) for event in events))
