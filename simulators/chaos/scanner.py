"""A scanner: shows the next code when the one before was acknowledged, and the same one again until then."""

from __future__ import annotations

import asyncio
import random

from simulators.chaos.devices import Reply
from simulators.chaos.loop import pause
from simulators.chaos.port import Port
from simulators.chaos.truth import Truth

ACK = 0x06
AGAIN_S = 1.0  # a code that was not acknowledged is sent again
REST_S = 3.0  # between an ACK and the next code at least: longer than a second ACK is on its way


def code_of(number: int) -> str:
    """The nth code, from 1."""
    return f"BOX-{number:07d}"


class Scanner:
    """On a port of its own, which it is given once it is there."""

    def __init__(self, truth: Truth, chance: random.Random, every_s: float) -> None:
        self._truth, self._chance, self._every_s = truth, chance, every_s
        self._acked = asyncio.Event()
        self.port: Port | None = None

    def connected(self) -> None:
        """It goes on showing."""

    def ask(self, data: bytes) -> list[Reply]:
        """An ACK, perhaps."""
        if ACK in data:
            self._acked.set()
        return []

    async def run(self, until_ns: int) -> None:
        """Show codes until then; the last one until it is taken."""
        loop, truth = self._truth.loop, self._truth
        while loop.now_ns < until_ns:
            await pause(REST_S + self._chance.expovariate(1 / self._every_s))
            if loop.now_ns >= until_ns:
                return
            truth.shown += 1
            self._acked.clear()
            while not self._acked.is_set():
                if self.port is not None:
                    self.port.say(b"\x02" + code_of(truth.shown).encode() + b"\x03")
                try:
                    async with asyncio.timeout(AGAIN_S):
                        await self._acked.wait()
                except TimeoutError:
                    continue
            truth.taken[truth.shown] = loop.now_ns
