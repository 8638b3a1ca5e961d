"""Giving up records that will not come, by a command: in the replica at once, or through the worker that writes it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.ingest.handed import lost_of
from gateway.ingest.outbox import Outbox
from gateway.journal.errors import JournalBusy
from gateway.journal.replica import Replica
from gateway.model import Identity

WAIT_S = 2.0, 20.0  # for a worker that may be there, and for one that is
_LOOK_S = 0.1


class Unheard(Exception):
    """A worker has the replica and said nothing; what was asked is taken back."""


def data_of(replica: Path) -> Path:
    """The data folder that a replica is in."""
    return replica.resolve().parent.parent


def give_up(
    replica: Path, identity: Identity, body: Mapping[str, Any], wait_s: tuple[float, float] = WAIT_S
) -> None:
    """Raises ValueError where it cannot be, Unheard, OSError, JournalError.

    A worker is asked first, though it has not opened the replica yet: it would find it taken when it wants to.
    """
    lost = lost_of(body, SystemClock().now().time_ns)
    if _through_worker(replica, identity, body, wait_s[0]):
        return
    try:
        with Replica.open(replica, identity) as own:
            own.lose(lost)
    except JournalBusy:
        if not _through_worker(replica, identity, body, wait_s[1]):
            advice = "another process has it and does not answer: look at the ingest worker"
            raise Unheard(f"{replica}: {advice}") from None


def _through_worker(replica: Path, identity: Identity, body: Mapping[str, Any], wait_s: float) -> bool:
    """Whether a worker has done it. Raises ValueError where it would not."""
    outbox, name = Outbox(data_of(replica)), os.urandom(16).hex()
    who = {"site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}
    outbox.put(name, {"v": 1, "kind": "lose", **who, **body})
    pause, clock = threading.Event(), SystemClock()
    end_ns = clock.boottime_ns() + round(wait_s * 1e9)
    while (said := outbox.answered(name)) is None:
        if clock.boottime_ns() > end_ns:
            outbox.remove(name)
            return False
        pause.wait(_LOOK_S)
    if said:
        raise ValueError(said)
    return True
