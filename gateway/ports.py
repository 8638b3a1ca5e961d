"""The seams: everything outside the process comes in through one of these protocols, and tests pass their own.

Real ones: `gateway.clock`, `gateway.lines`, and what `gateway.app` builds. Fakes stand beside them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from gateway.model import (
    Block,
    ClockRow,
    Identity,
    Instant,
    Noted,
    NumberedEvent,
    NumberedInput,
    Reading,
    Scan,
)
from gateway.rows import Stretch

if TYPE_CHECKING:  # commands that only look into a journal load no site
    from gateway.site import Device, Group

T = TypeVar("T")


# --- time, chance ---------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Time, and waiting for it."""

    def boottime_ns(self) -> int:
        """Nanoseconds since boot, sleep included; never steps."""

    def now(self) -> Instant:
        """This instant, with the wall time of the clock row in force."""

    def row(self) -> ClockRow:
        """The clock row in force; another one after wall time was stepped or became synchronised."""

    async def sleep_until(self, boottime_ns: int) -> None:
        """Return at that instant, or at once if it is past."""

    async def within(self, awaitable: Awaitable[T], deadline_ns: int) -> T:
        """What the awaitable gives, or TimeoutError at the deadline (boottime)."""


class Entropy(Protocol):
    """Chance: epoch ids and jitter."""

    def token(self, nbytes: int) -> bytes: ...

    def uniform(self) -> float:
        """A number in [0, 1)."""


# --- lines ----------------------------------------------------------------------------------------------------------


class LineDown(Exception):  # named after what happened
    """No connection, no port, or it broke. Open the line again."""


class LineSilent(Exception):
    """Nothing came before the deadline. Ask again."""


class Line(Protocol):
    """Bytes out, bytes in: one socket or serial port. Opens itself on first use and again after it broke."""

    async def send(self, data: bytes) -> None:
        """Write it all; nothing, to open the line only. Raises LineDown."""

    async def receive(self, deadline_ns: int) -> bytes:
        """At least one byte, as soon as there is one. Raises LineSilent at the deadline, LineDown."""

    def discard(self) -> int:
        """Throw away what came and was not received; how many bytes."""

    async def close(self) -> None:
        """Let go of the socket or port; the next send opens it again."""


# --- drivers --------------------------------------------------------------------------------------------------------


class PollingDriver(Protocol):
    """Speaks for one bus whose devices answer when asked. One call at a time: `gateway.poll` sees to that."""

    trouble: str  # what LineDown said when the line broke last; "" before that

    async def poll(self, device: Device, group: Group) -> Reading:
        """Read a group now. Never raises for what a device or line does: such values are bad with the reason.

        An answer that may be another question's is never taken. Takes at most the device's timeout per request.
        """

    async def probe(self, device: Device) -> bool:
        """Whether the device answers at all: one cheap request."""

    def cost_ns(self, device: Device, group: Group) -> int:
        """Expected time on the bus of one poll of the group, by measured or computed cost."""

    async def close(self) -> None: ...


class TalkingDriver(Protocol):
    """Speaks for one bus whose device talks by itself: scanner, reader, continuous scale."""

    def remember(self, scan: Scan, ran_ns: int) -> None:
        """Before `listen`: what was committed last of a scan point, and for how long the gateway ran after it.

        Its ACK may have been lost with the run before: a device that waits for one sends the same again.
        """

    def listen(self) -> AsyncIterator[Reading | Scan | Noted]:
        """What the device says, as it says it, for ever; broken lines are opened again with back-off."""

    async def acknowledge(self, scan: Scan) -> None:
        """The scan is committed: tell the device, where its protocol has an answer for that."""

    async def close(self) -> None: ...


# --- journal and publishers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watermark:
    """What is known to be durably held elsewhere: per stream the contiguous prefix 1..n."""

    input: int = 0
    event: int = 0


class History(Protocol):
    """What a publisher reads of the journal: committed records by number, never by time."""

    @property
    def identity(self) -> Identity: ...

    def last(self) -> Watermark:
        """The newest committed seq of each stream."""

    async def inputs(self, first: int, last: int) -> list[NumberedInput]:
        """Inputs with seq in [first, last]; fewer where retention has removed some."""

    async def stretch(self, first: int, last: int) -> Stretch:
        """The same, some thousands at most, as they are stored."""

    async def events(self, first: int, last: int) -> list[NumberedEvent]: ...

    async def cursor(self, name: str) -> Watermark: ...

    async def set_cursor(self, name: str, at: Watermark) -> None:
        """Remember how far a publisher is. Written rarely: sending again is harmless."""


class Ledger(Protocol):
    """What a publisher tells of the journal's ledger: its newest checkpoint, and leaves that are under it."""

    public: str  # key, as a line
    size: int  # of the tree whose head is in `note`; 0: none was signed yet
    note: str  # the checkpoint

    async def leaves(self, first: int, end: int) -> Sequence[LeafRow]:
        """Committed leaves first..end-1."""


class LeafRow(Protocol):
    """A leaf of the ledger as a row: see `gateway.proof.leaf`."""

    def row(self) -> tuple[int, int, int, int, int, int, bytes]:
        """Number; last input, how many; last event, how many; which roots (1, 2, 4), and those."""


class Publisher(Protocol):
    """Takes committed blocks to the outside. Cannot slow the fold: `offer` never waits."""

    def offer(self, block: Block) -> None:
        """A block was committed."""

    async def run(self) -> None:
        """Publish until cancelled; connects and reconnects by itself."""

    async def drained(self) -> None:
        """Return when every block offered so far is acknowledged, or at once where no link could carry it."""
