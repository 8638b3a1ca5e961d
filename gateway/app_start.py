"""How a run begins: the journal's fold brought up to date, the clock, and the settings that say what changed.

Rule 1: a snapshot is only a cache. One that this program cannot read or fold on costs time, never the start: an older
one and more inputs give the same state, and all inputs from the first do.  Rule 2: the fold works by the config of this
run, or the run does not begin.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from gateway import __version__
from gateway.fold import Fold, unpack_state
from gateway.journal import Journal
from gateway.journal.recovery import Recovery
from gateway.model import ClockRow, Plain, Setting
from gateway.outside import HERE, Folding, Outside
from gateway.pipeline import Pipeline
from gateway.plain import digest, to_plain
from gateway.ports import Clock, Watermark
from gateway.site import Site

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a run begins."""

    fold: Fold
    last: Watermark
    clock: Clock
    row: ClockRow  # in force
    settings: tuple[Setting, ...]  # to be folded first
    owed_ns: int  # what folding the past took


def begin(
    journal: Journal,
    site: Site,
    clock: Clock | None = None,
    *,
    accept_clock: bool = False,
    outside: Outside = HERE,
) -> Beginning:
    """Fold what was committed. Raises JournalError, and ValueError where the site makes no pipeline. Takes seconds."""
    pipeline = Pipeline(site)
    fold, found = _start(journal, pipeline, outside.fold)
    last = found.last_clock or (
        ClockRow(found.last_clock_id, "", 0, 0, synchronised=False) if found.last_clock_id else None
    )
    clock = clock or outside.clock(last, accepted=accept_clock)
    began = clock.boottime_ns()
    for _, given in found.inputs:
        fold.take(given)
    owed_ns = clock.boottime_ns() - began
    row = clock.row()  # before now: an instant names a row that the journal has
    settings = _settings(found, fold, site, row, clock)
    return Beginning(fold, found.last, clock, row, settings, owed_ns)


def _start(journal: Journal, pipeline: Pipeline, fold: Folding) -> tuple[Fold, Recovery]:
    """The newest snapshot that is of use, as a fold; and what is to be folded onto it."""
    without = 0
    while True:
        found = journal.recover(without)
        if found.snapshot is None:
            return fold(pipeline), found
        try:
            made = found.snapshot_config_hash
            made_by = Pipeline(journal.site(made)) if made else pipeline
            return fold(made_by, unpack_state(found.snapshot)), found
        except Exception as error:  # noqa: BLE001 # rule 1, whatever is wrong with it
            words = "the snapshot after input %d is of no use, folding more inputs instead: %s"
            log.warning(words, found.snapshot_seq, error)
            without += 1


def _settings(found: Recovery, fold: Fold, site: Site, row: ClockRow, clock: Clock) -> tuple[Setting, ...]:
    now = clock.now()
    settings = []
    plain = to_plain(site)
    hash_ = digest(plain)
    # A config that could not be folded when it was read back is not in force, though it is the newest.
    if found.config_hash != hash_ or to_plain(fold.pipeline.site) != plain:
        settings.append(Setting("config", now, {"site": plain, "hash": hash_}))
    if row != found.last_clock:
        settings.append(Setting("clock", now, to_plain(row)))
    body: dict[str, Plain] = {"stopped_ns": None, "version": __version__}
    if found.last_instant is not None:
        body["stopped_ns"] = found.last_instant.time_ns
        if found.last_clock is not None and found.last_clock.boot_id == row.boot_id:
            body["stopped_seconds"] = (now.boottime_ns - found.last_instant.boottime_ns) / 1e9
    settings.append(Setting("start", now, body))
    return tuple(settings)
