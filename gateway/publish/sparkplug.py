"""The gateway as a Sparkplug edge node: blocks as they are committed, the past marked as historical.

Rule 1: `offer` never waits.  Rule 2: one broker at a time; with a primary host births wait until that broker says that
it is online, and the node moves on to the next broker when the host is offline there.  Rule 3: data go at QoS 0, nobody
acknowledges them: this publisher moves no watermark, whatever it sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence

from gateway import __version__
from gateway.model import Block
from gateway.ports import Clock, Entropy
from gateway.publish.link import LinkDown
from gateway.publish.sparkplug_books import KeepingHistory, NodeBooks
from gateway.publish.sparkplug_link import NodeDialer, SparkplugDialer
from gateway.publish.sparkplug_session import HostGone, NodeSession
from gateway.site import Site, Sparkplug
from gateway.sparkplug.facts import Standing
from gateway.sparkplug.namespace import Namespace
from gateway.sparkplug.node import EdgeNode
from gateway.sparkplug.state import HostWatch
from gateway.tasks import together

QUEUE = 64  # blocks that wait for their turn; older ones go by the journal
BACKOFF_NS = 1_000_000_000, 30_000_000_000  # doubled from, to; chance makes it between a half and all of it

log = logging.getLogger(__name__)


class SparkplugPublisher:
    """One edge node."""

    def __init__(  # each a port
        self,
        history: KeepingHistory,
        site: Site,
        settings: Sparkplug,
        clock: Clock,
        entropy: Entropy,
        *,
        dialers: Sequence[NodeDialer] | None = None,
        standing: Standing | None = None,
    ) -> None:
        self._clock, self._entropy, self._settings = clock, entropy, settings
        self.node = EdgeNode(site, settings, standing, __version__)
        self._books = NodeBooks(history, site, past=settings.history)
        self._dialers = list(dialers) if dialers is not None else _dialers(site, settings)
        self._watches = [HostWatch() for _ in self._dialers]
        self._queue: deque[Block] = deque()
        self._arrived = asyncio.Event()
        self._namespace = (
            Namespace(site, settings.enterprise, settings.values_every_ns // 1_000_000)
            if settings.values_every_ns
            else None
        )
        self._session: NodeSession | None = None
        self._told = ""

    @property
    def online(self) -> bool:
        """Whether the births are out."""
        return self._session is not None and self.node.born

    def offer(self, block: Block) -> None:
        """A block was committed."""
        if len(self._queue) >= QUEUE:
            self._forget(self._queue.popleft())
        self._queue.append(block)
        self._arrived.set()

    def _forget(self, block: Block) -> None:
        """It goes by the journal."""
        self._books.see(block, said=False, now_ns=self._clock.boottime_ns())

    async def run(self) -> None:
        """Publish until cancelled; connects and reconnects by itself."""
        await self._books.load()
        await together(self._take(), self._dial())

    async def drained(self) -> None:
        """Return when every block offered so far went out, or at once where none can."""
        while self.online and self._queue:
            await self._clock.sleep_until(self._clock.boottime_ns() + 10_000_000)
        with contextlib.suppress(OSError):
            await self._books.save()

    async def _take(self) -> None:
        """Blocks through the node, be there a session or not: births have to say what is so."""
        while True:
            self._arrived.clear()
            while self._queue:
                block = self._queue.popleft()
                session, now_ns = self._session, self._clock.boottime_ns()
                if session is None:
                    self._remember(block)
                    self._books.see(block, said=False, now_ns=now_ns)
                    await self._clock.sleep_until(0)
                else:
                    self._books.see(block, said=await session.live(block), now_ns=now_ns)
            await self._arrived.wait()

    def _remember(self, block: Block) -> None:
        for message in NodeSession.messages(self.node, block, self._namespace, 0):
            del message

    async def _dial(self) -> None:
        at, pause_ns = 0, BACKOFF_NS[0]
        while True:
            dialer, watch = self._dialers[at], self._watches[at]
            connected = False
            try:
                await dialer.reach()
                will = self.node.connect(await self._books.next_bdseq(), self._now_ms())
                link = await dialer.dial(will)
                connected = True
                self._say("connected", info=True)
                watch.begin()
                self._session = NodeSession(
                    link,
                    self.node,
                    self._books,
                    self._clock,
                    watch=watch,
                    settings=self._settings,
                    namespace=self._namespace,
                    alone=len(self._dialers) == 1,
                )
                await self._session.run()
            except HostGone as error:
                self._say(str(error), info=True)
                self._books.broke(self._clock.boottime_ns())  # it was gone before it was heard to be
            except LinkDown as error:
                self._say(str(error))
                self._books.broke(self._clock.boottime_ns())
            finally:
                self._session = None
                self.node.leave()
            pause_ns = BACKOFF_NS[0] if connected else min(pause_ns * 2, BACKOFF_NS[1])
            at = (at + 1) % len(self._dialers)
            share = 0.5 + 0.5 * self._entropy.uniform()
            await self._clock.sleep_until(self._clock.boottime_ns() + round(pause_ns * share))

    def _say(self, what: str, *, info: bool = False) -> None:
        """Once, not at each attempt."""
        if what != self._told:
            self._told = what
            log.log(logging.INFO if info else logging.WARNING, "sparkplug node %s: %s", self.node.node, what)

    def _now_ms(self) -> int:
        return self._clock.now().time_ns // 1_000_000


def _dialers(site: Site, settings: Sparkplug) -> list[NodeDialer]:
    identifier = f"lotwatch-{site.site}-{site.gateway}-sparkplug"
    return [SparkplugDialer(broker, identifier) for broker in settings.brokers]
