"""What a daemon has of the machine that it runs on: one value that says how lines, time, threads and brokers are had.

The default is this machine. `simulators.chaos` gives another one, of which every part fails when its script says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gateway.box.timesync import kernel_synchronised
from gateway.clock import Machine, SystemClock
from gateway.fold import Fold
from gateway.folding.foldstate import State
from gateway.journal.ballast import disk_room
from gateway.journal.journal import Hands, a_thread
from gateway.lines import open_line
from gateway.model import ClockRow
from gateway.pipeline import Pipeline
from gateway.ports import Clock, Line
from gateway.site import Broker, Bus, Site

if TYPE_CHECKING:
    from gateway.publish.link import Dialer


class Folding(Protocol):
    """Makes the fold. A machine whose time is a number says by it what an input costs."""

    def __call__(self, pipeline: Pipeline, state: State | None = None) -> Fold: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """The machine, as a daemon needs it."""

    machine: Machine | None = None  # whose time it is; None: this one's
    synchronised: Callable[[], bool | None] = kernel_synchronised
    line: Callable[[Bus, Clock], Line] = open_line
    hands: Hands = a_thread  # what the journal's jobs run on
    dialer: Callable[[Broker, Site], Dialer] | None = None  # None: MQTT over TCP
    room: Callable[[Path], tuple[int, int]] = disk_room  # bytes of the disk under a folder, and free ones
    sealing: Callable[[bytes], Iterable[bytes]] | None = None  # None: in a process of its own
    fold: Folding = Fold

    def clock(self, last: ClockRow | None = None, *, accepted: bool = False) -> Clock:
        """The machine's clock. `last` and `accepted` as of `SystemClock`."""
        return SystemClock(last, accepted=accepted, synchronised=self.synchronised, machine=self.machine)


HERE = Outside()
