"""A new journal that goes on from a restored one: a new epoch, whose first inputs are the config and the clock.

The old journal may have had records after the copy was made, and whoever got them knows them by (gateway, epoch,
stream, seq). So none of its numbers is used again. What the fold remembered comes along in that config, `carried`:
lots, charts, alarms and vessels go on, and the new journal can be folded from its first input as any other. People keep
their accounts.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.app_start import begin
from gateway.fold import CARRIED, Fold, carried
from gateway.journal import Journal
from gateway.journal.errors import JournalMissing
from gateway.keeping.manifest import Manifest
from gateway.model import Block, NumberedEvent, NumberedInput, Plain, Setting
from gateway.people.store import NAME as PEOPLE
from gateway.pipeline import Pipeline
from gateway.plain import digest, to_plain
from gateway.ports import Clock, Entropy


def go_on(archive: Path, target: Path, told: Manifest, clock: Clock, entropy: Entropy) -> str:
    """Make the journal in `target`; its epoch. The archive is folded to its end, which takes seconds.

    `archive`: a journal that may be opened to write. Raises JournalError, also where there is nothing to go on from.
    """
    with Journal.open(archive, site=told.site, gateway=told.gateway, clock=clock, entropy=entropy) as old:
        found = old.recover()
        if found.config_hash is None or found.last_instant is None:
            raise JournalMissing(f"{archive}: nothing was ever read here: begin a new journal")
        site, from_ns = old.site(found.config_hash), found.last_instant.time_ns
        fold = begin(old, site, clock).fold
    plain = to_plain(site)
    body: dict[str, Plain] = {
        "state": carried(fold.state),
        "epoch": told.epoch,
        "input": told.input,
        "event": told.event,
        "leaves": told.leaves,
        "root": told.root,
        "from_ns": from_ns,
    }
    with Journal.open(target, site=told.site, gateway=told.gateway, clock=clock, entropy=entropy) as journal:
        row = clock.row()
        now = clock.now()
        settings = (
            Setting("config", now, {"site": plain, "hash": digest(plain), CARRIED: body}),
            Setting("clock", now, to_plain(row)),
        )
        fresh, inputs, events = Fold(Pipeline(site)), list[NumberedInput](), list[NumberedEvent]()
        for seq, setting in enumerate(settings, 1):
            step = fresh.take(setting)
            inputs.append(NumberedInput(seq, step.record or setting))
            events += [NumberedEvent(len(events) + n, seq, event) for n, event in enumerate(step.events, 1)]
        journal.take_in([Block(tuple(inputs), tuple(events), None)])
        if (archive / PEOPLE).is_file():
            shutil.copyfile(archive / PEOPLE, target / PEOPLE)
            (target / PEOPLE).chmod(0o600)
        return journal.identity.epoch
