"""The far end of a line: what is said goes through everything that is wrong with the line just then.

Bit errors are such as the line's own check finds for certain (CRC-16 of Modbus over Serial Line V1.02, 6.2.2: up to
three bits of a frame). A TCP connection and a scale's text have no check: there a frame is torn and never altered.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

from simulators.chaos.devices import Reply
from simulators.chaos.loop import VirtualLoop
from simulators.chaos.truth import Truth

SOON_S = 0.030  # an answer that came so soon after its question has to be taken
Ear = Callable[[bytes], None]


class Speaker(Protocol):
    """A device, as its line sees it."""

    def connected(self) -> None:
        """A new connection."""

    def ask(self, data: bytes) -> list[Reply]:
        """Bytes came; what is said to them."""


class Port:
    """One line. The knobs are turned by the fault script; their sum is what is wrong."""

    def __init__(self, truth: Truth, device: Speaker, chance: random.Random, *, checked: bool) -> None:
        self._loop: VirtualLoop = truth.loop
        self._truth, self._device, self._chance, self._checked = truth, device, chance, checked
        self._ear: Ear | None = None
        self._broken: Callable[[str], None] = lambda _: None
        self._free_ns = 0
        self.down = 0  # nobody can open it
        self.mute = 0  # answers are lost
        self.late = 0  # answers come after the gateway has stopped waiting
        self.noisy = 0  # bits are flipped, or something is before the answer
        self.torn = 0  # half of it is lost
        self.again = 0  # an answer comes twice
        self.chunked = 0  # an answer comes in pieces

    @property
    def wrong(self) -> bool:
        """Whether the gateway has an excuse."""
        return any((self.down, self.mute, self.late, self.noisy, self.torn, self.again))

    def attach(self, ear: Ear, broken: Callable[[str], None]) -> None:
        """Somebody opens it. Raises ConnectionRefusedError."""
        if self.down:
            raise ConnectionRefusedError("the line is cut")
        self._ear, self._broken = ear, broken
        self._device.connected()

    def detach(self, ear: Ear) -> None:
        """Whoever opened it lets go."""
        if self._ear == ear:
            self._ear = None

    def cut(self) -> None:
        """It breaks now."""
        ear, self._ear = self._ear, None
        if ear is not None:
            self._broken("the line is cut")

    def asked(self, data: bytes) -> None:
        """The gateway says something."""
        now_ns = self._loop.now_ns
        for reply in self._device.ask(data):
            self._reply(reply, now_ns)

    def say(self, data: bytes) -> None:
        """The device says something by itself."""
        self._reply(Reply(data), self._loop.now_ns)

    def _reply(self, reply: Reply, asked_ns: int) -> None:
        chance = self._chance
        if self.mute and chance.random() < 0.7:
            return
        takes_s = chance.uniform(0.002, 0.012)
        if self.late and chance.random() < 0.5:
            takes_s = chance.uniform(0.05, 1.6)
        at_ns = max(self._free_ns, asked_ns) + round(takes_s * 1e9)
        self._free_ns = at_ns  # a device answers in the order in which it was asked
        parts = self._spoilt(reply.data)
        whole = parts == [reply.data]
        for part in parts:
            self._at(at_ns, lambda part=part: self._heard(part))  # type: ignore[misc]
            at_ns += 3_000_000
        if reply.number:
            clean = whole and not self.wrong and at_ns - asked_ns < SOON_S * 1e9
            self._at(self._free_ns, lambda: self._arrived(reply, clean=clean))

    def _at(self, at_ns: int, call: Callable[[], None]) -> None:
        self._loop.call_at(at_ns / 1e9, call)

    def _heard(self, data: bytes) -> None:
        if self._ear is not None and data:
            self._ear(data)

    def _arrived(self, reply: Reply, *, clean: bool) -> None:
        answers, now_ns = self._truth.answers[reply.device], self._loop.now_ns
        if clean and self._ear is not None and not self.wrong:
            answers.delivered(reply.number, now_ns)
        else:
            answers.came(reply.number, now_ns)

    def _spoilt(self, data: bytes) -> list[bytes]:
        chance = self._chance
        if self.torn and chance.random() < 0.4:
            return [data[: chance.randrange(len(data))]]
        if self.noisy and self._checked and chance.random() < 0.5:
            bits = chance.sample(range(8 * len(data)), chance.randint(1, 3))
            whole = int.from_bytes(data) ^ sum(1 << bit for bit in bits)
            return [whole.to_bytes(len(data))]
        if self.noisy and self._checked and chance.random() < 0.3:
            return [chance.randbytes(chance.randint(1, 40)), data]
        if self.again and chance.random() < 0.3:
            return [data, data]
        if self.chunked and len(data) > 1:
            cut = chance.randrange(1, len(data))
            return [data[:cut], data[cut:]]
        return [data]


class Socket:
    """A TCP connection to a port, as asyncio's protocols see it."""

    def __init__(self, loop: VirtualLoop, protocol: asyncio.BufferedProtocol, port: Port) -> None:
        self._loop, self._protocol, self._port = loop, protocol, port
        self._over = False
        self._ear = self._heard
        port.attach(self._ear, self._lost)
        protocol.connection_made(self)  # type: ignore[arg-type] # as much of a Transport as is used

    def get_extra_info(self, name: str) -> Socket:
        """Ourselves: options of a socket can be set."""
        del name
        return self

    def setsockopt(self, *_: int) -> None:
        """A simulated peer that dies says so."""

    def write(self, data: bytes) -> None:
        """To the device."""
        if not self._over:
            self._port.asked(bytes(data))

    def abort(self) -> None:
        """Over."""
        if not self._over:
            self._over = True
            self._port.detach(self._ear)

    close = abort

    def is_closing(self) -> bool:
        return self._over

    def _heard(self, data: bytes) -> None:
        if self._over:
            return
        buffer = memoryview(self._protocol.get_buffer(len(data))).cast("B")
        buffer[: len(data)] = data
        self._protocol.buffer_updated(len(data))

    def _lost(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._loop.call_soon(self._protocol.connection_lost, ConnectionResetError(why))
