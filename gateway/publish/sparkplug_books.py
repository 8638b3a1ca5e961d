"""What outlasts a Sparkplug connection: how far the journal was said, and the birth-death number.

Rule 1: a bdSeq is on the disk before the CONNECT that carries it, so that no two connections share one.  Rule 2: what
went out in the last seconds of a connection that broke is said again, as historical: at QoS 0 nobody knows who heard
it.  Rule 3: none of it moves a watermark.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Protocol

from gateway.journal.errors import JournalError
from gateway.model import EVENT_STREAM, INPUT_STREAM, Block, NumberedEvent, NumberedInput
from gateway.ports import History, Watermark
from gateway.publish.ledger import Ledger
from gateway.site import Site
from gateway.wire import Eras

CURSOR = "sparkplug"
CONFIG_CURSOR = "sparkplug-config"  # seq of the setting that was in force at the cursor
BDSEQ_CURSOR = "sparkplug-bdseq"  # connections made so far
YOUNG_NS = 15_000_000_000  # said so lately may be lost with a broken connection: keepalive and a half


class KeepingHistory(History, Protocol):
    """A journal that can put a cursor on the disk at once."""

    async def keep_cursor(self, name: str, at: Watermark) -> None: ...


class NodeBooks:
    """One for a publisher."""

    def __init__(self, history: KeepingHistory, site: Site, *, past: bool) -> None:
        self._history, self._past = history, past
        self.ledgers = {INPUT_STREAM: Ledger(), EVENT_STREAM: Ledger()}
        self.eras = Eras()
        self._begin = history.last()
        self.eras.begin(self._begin.input + 1, site.groups())
        self._young: deque[tuple[int, str, int, int]] = deque()
        self._written = Watermark()

    async def load(self) -> None:
        """Where the last run left off; the first run ever begins with what comes now."""
        at = await self._history.cursor(CURSOR)
        if at == Watermark() or not self._past:
            at = self._begin
        for stream, seq, last in (
            (INPUT_STREAM, at.input, self._begin.input),
            (EVENT_STREAM, at.event, self._begin.event),
        ):
            self.ledgers[stream].last = max(self.ledgers[stream].last, last)
            self.ledgers[stream].resume(min(seq, last))
        self._written = at
        config = (await self._history.cursor(CONFIG_CURSOR)).input
        if config:
            self.eras.see(await self._history.inputs(config, config))

    async def save(self) -> None:
        """Write the cursor when it moved."""
        at = Watermark(self.ledgers[INPUT_STREAM].prefix(), self.ledgers[EVENT_STREAM].prefix())
        if at == self._written:
            return
        config = self.eras.setting_of(at.input)
        if config:
            await self._history.set_cursor(CONFIG_CURSOR, Watermark(input=config))
        await self._history.set_cursor(CURSOR, at)
        self._written = at

    async def next_bdseq(self) -> int:
        """The number of the next connection."""
        made = (await self._history.cursor(BDSEQ_CURSOR)).input
        with contextlib.suppress(JournalError, OSError):  # a full disk keeps nobody from publishing
            await self._history.keep_cursor(BDSEQ_CURSOR, Watermark(input=made + 1))
        return made % 256

    def see(self, block: Block, *, said: bool, now_ns: int) -> None:
        """A block went through the node, be it said or only remembered."""
        self.eras.see(block.inputs)
        for stream, records in ((INPUT_STREAM, block.inputs), (EVENT_STREAM, block.events)):
            if records:
                first, last = records[0].seq, records[-1].seq
                self.ledgers[stream].last = max(self.ledgers[stream].last, last)
                if said or not self._past:
                    self.said(stream, first, last, now_ns)

    def said(self, stream: str, first: int, last: int, now_ns: int) -> None:
        """Records went out."""
        self.ledgers[stream].acknowledge(range(first, last + 1))
        self._young.append((now_ns, stream, first, last))
        self._age(now_ns)

    def _age(self, now_ns: int) -> None:
        while self._young and now_ns - self._young[0][0] > YOUNG_NS:
            self._young.popleft()

    def broke(self, now_ns: int) -> None:
        """The connection broke: what is young is owed again."""
        self._age(now_ns)
        if self._past:
            for _, stream, first, last in self._young:
                self.ledgers[stream].lose([(first, last)])
        self._young.clear()

    def owed(self, limit: int, now_ns: int) -> tuple[str, int, int] | None:
        """The oldest run that was not said."""
        for stream in (EVENT_STREAM, INPUT_STREAM):
            run = self.ledgers[stream].owed(limit, now_ns)
            if run is not None:
                return stream, *run
        return None

    async def inputs(self, first: int, last: int) -> list[NumberedInput]:
        """Read back, configs among them noted."""
        found = await self._history.inputs(first, last)
        self.eras.see(found)
        return found

    async def events(self, first: int, last: int) -> list[NumberedEvent]:
        """Read back."""
        return await self._history.events(first, last)
