"""Listening to a line that may break: shared by the drivers of devices that talk by themselves."""

from __future__ import annotations

from gateway.model import Noted, Plain, Severity
from gateway.ports import Clock, Line, LineDown, LineSilent
from gateway.site import Bus

FIRST_PAUSE_NS = 100_000_000
LONGEST_PAUSE_NS = 1_000_000_000
_PROOF_NS = 1_000_000_000  # a line that breaks no more for so long is up, though nobody speaks
FAR_NS = 3_600_000_000_000


class Ear:
    """Bytes from a line; a broken line is opened again with growing pauses, and told once as it breaks and returns."""

    def __init__(self, bus: Bus, line: Line, clock: Clock) -> None:
        self._bus, self._line, self._clock = bus, line, clock
        self._down_since_ns: int | None = None
        self._opened = False
        self._pause_ns = FIRST_PAUSE_NS
        self._notes: list[Noted] = []

    @property
    def down(self) -> bool:
        """The line is broken, as far as the last attempt knows."""
        return self._down_since_ns is not None

    def notes(self) -> list[Noted]:
        """What happened to the line since the last call: bus_down, bus_up."""
        notes, self._notes = self._notes, []
        return notes

    async def hear(self, deadline_ns: int | None = None) -> bytes:
        """What came; nothing at the deadline, and nothing after a pause while the line is broken."""
        now_ns = self._clock.boottime_ns()
        if deadline_ns is None:
            deadline_ns = now_ns + FAR_NS
        if self.down:
            deadline_ns = min(deadline_ns, now_ns + _PROOF_NS)
        try:
            if not self._opened:  # a line need not open by itself for who only listens
                await self._line.send(b"")
                self._opened = True
            data = await self._line.receive(deadline_ns)
        except LineSilent:
            self._back()
            return b""
        except LineDown as error:
            await self._broke(str(error), deadline_ns)
            return b""
        self._back()
        return data

    async def say(self, data: bytes) -> bool:
        """Whether it could be sent."""
        try:
            await self._line.send(data)
        except LineDown as error:
            self._note_down(str(error))
            return False
        return True

    def _back(self) -> None:
        if self._down_since_ns is None:
            return
        now = self._clock.now()
        facts: dict[str, Plain] = {"down_s": (now.boottime_ns - self._down_since_ns) // 1_000_000_000}
        self._notes.append(Noted(now.time_ns, "bus_up", self._bus.name, Severity.INFO, facts))
        self._down_since_ns, self._pause_ns = None, FIRST_PAUSE_NS

    async def _broke(self, why: str, deadline_ns: int) -> None:
        if self._note_down(why):
            return  # so that it can be told at once
        until_ns = self._clock.boottime_ns() + self._pause_ns
        self._pause_ns = min(2 * self._pause_ns, LONGEST_PAUSE_NS)
        await self._clock.sleep_until(min(until_ns, deadline_ns))

    def _note_down(self, why: str) -> bool:
        """Whether that is news."""
        self._opened = False
        if self._down_since_ns is not None:
            return False
        now = self._clock.now()
        self._down_since_ns = now.boottime_ns
        facts: dict[str, Plain] = {"address": self._bus.address, "why": why}
        self._notes.append(Noted(now.time_ns, "bus_down", self._bus.name, Severity.WARNING, facts))
        return True
