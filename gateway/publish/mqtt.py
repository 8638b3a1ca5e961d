"""The MQTT publisher: live blocks as they are committed, the rest from the journal, through any outage.

Rule 1: `offer` never waits; what does not fit into the queue is read from the journal later.  Rule 2: nothing is
lost: a record is sent again until the broker acknowledged it.  Rule 3: while nothing answers, it is dialled at least
twice a second, so that the first live message is out within a second of its return.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.model import Block, Noted, Plain, Severity
from gateway.ports import Clock, Entropy, History, Ledger
from gateway.publish.backoff import Backoff
from gateway.publish.books import Books, Parcel
from gateway.publish.hearing import Hearing
from gateway.publish.ledgertail import Leaves, LedgerTail
from gateway.publish.link import REASONS, Dialer, Link, LinkDown, LinkRefused, LinkUnanswered
from gateway.publish.session import Session, Told
from gateway.site import Broker, Site
from gateway.wire import site_topic, status

QUEUE = 8  # live blocks that wait for the link; older ones go by the journal
QUEUE_INPUTS = 4_000  # in them; one block may be larger
TOLD_AGAIN_NS = 600_000_000_000  # the same refusal is told once in ten minutes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wires:
    """What a daemon connects with its publisher."""

    acts: Callable[[bytes], None] | None = None  # takes what people at a replica sent, and judges it
    linked: Callable[[list[str]], None] = lambda _: (
        None
    )  # kinds of topic that nobody has heard for long; none: that is over
    unheard: bool = False  # the same was told before this run
    config: Callable[[bytes], None] | None = None  # takes bundles


LOOSE = Wires()


class MqttPublisher:
    """One broker. `note` takes what somebody should know; without it that goes to the log only."""

    def __init__(  # each a port
        self,
        history: History,
        site: Site,
        clock: Clock,
        entropy: Entropy,
        *,
        dialer: Dialer | None = None,
        note: Callable[[Noted], None] | None = None,
        ledger: Ledger | None = None,
        wires: Wires = LOOSE,
    ) -> None:
        broker = site.broker or Broker("127.0.0.1")
        self._history, self._clock, self._entropy, self._note = history, clock, entropy, note
        self._window = broker.inflight
        self._where = broker.where
        self._hearing = Hearing(standing=wires.unheard)
        self._books = Books(history, site)
        self._ledger, self._wires = ledger, wires
        self._leaves = Leaves(history)
        self._queue: deque[tuple[Block, Parcel]] = deque()
        self._arrived = asyncio.Event()
        self._told: dict[tuple[str, str, int], int] = {}
        self._backoff = Backoff()
        self._dialer = dialer or _mqtt_dialer(broker, site)
        self.online = False

    def know(self, site: Site, config_hash: str) -> None:
        """A config of this hash comes with one of the next blocks: reading it out of its input takes long."""
        self._books.eras.know(config_hash, site.groups())

    def offer(self, block: Block) -> None:
        """A block was committed."""
        if not (block.inputs or block.events):
            return
        queued = sum(len(waiting.inputs) for waiting, _ in self._queue)
        while self._queue and (len(self._queue) >= QUEUE or queued + len(block.inputs) > QUEUE_INPUTS):
            oldest, parcel = self._queue.popleft()
            queued -= len(oldest.inputs)
            parcel.give_up()
        self._queue.append((block, self._books.commit(block)))
        self._arrived.set()

    async def run(self) -> None:
        """Publish until cancelled; connects and reconnects by itself."""
        await self._books.load()
        await self._leaves.load()
        identity = self._books.identity
        will = (site_topic(identity.site, "status"), status(identity, online=False))
        down_ns: int | None = None
        while True:
            try:
                link = await self._dialer.dial(will)
            except LinkDown as error:
                if down_ns is None:
                    down_ns = self._clock.boottime_ns()
                    told = log.error if isinstance(error, LinkRefused) else log.warning
                    told("broker %s: %s; dialling on", self._where, error)
                reached = isinstance(error, LinkUnanswered)
                await self._wait(self._backoff.failed(reached=reached, chance=self._entropy.uniform()))
                continue
            if down_ns is not None:
                log.info(
                    "broker %s is back after %.1f s", self._where, (self._clock.boottime_ns() - down_ns) / 1e9
                )
            down_ns = None
            began_ns = self._clock.boottime_ns()
            reason = await self._talk(link)
            log.warning("broker %s: %s; dialling", self._where, reason)
            down_ns = self._clock.boottime_ns()
            await self._wait(self._backoff.ended(down_ns - began_ns, chance=self._entropy.uniform()))

    async def drained(self) -> None:
        """Return when every block offered so far is acknowledged, or at once where no link could carry it."""
        wanted = self._books.last()
        self._leaves.hurry()
        while self.online:
            at = self._books.prefix()
            if at.input >= wanted.input and at.event >= wanted.event and self._ledger_told():
                with contextlib.suppress(OSError):
                    await self._books.save()
                return
            await self._clock.sleep_until(self._clock.boottime_ns() + 10_000_000)

    def _ledger_told(self) -> bool:
        """Whether the newest checkpoint is out, with the leaves under it."""
        return self._ledger is None or min(self._leaves.taken, self._leaves.said) >= self._ledger.size

    def behind(self) -> int:
        """Committed records that no broker has acknowledged."""
        return sum(ledger.behind() for ledger in self._books.ledgers.values())

    async def _talk(self, link: Link) -> str:
        """Work on one link; why it ended."""
        session = Session(
            link,
            self._books,
            self._history,
            self._clock,
            queue=self._queue,
            arrived=self._arrived,
            window=self._window,
            told=Told(self._refuse, self._deaf, self._heard, self._wires.acts, self._wires.config),
        )
        tail = None if self._ledger is None else LedgerTail(link, self._ledger, self._leaves, self._clock)
        self.online = True
        identity = self._books.identity
        try:
            await session.run(tail)
        except LinkDown as error:
            await link.close()
            return str(error)
        except asyncio.CancelledError:
            offline = status(identity, online=False, time_ns=self._clock.now().time_ns)
            await link.close(farewell=(site_topic(identity.site, "status"), offline))
            raise
        except BaseException:
            await link.close()
            raise
        finally:
            self.online = False
            self._shrink()
        return "the session ended"

    def _shrink(self) -> None:
        """What was on its way goes by the journal; of the live queue the newest stays, to be first when we are back."""
        while len(self._queue) > 1:
            self._queue.popleft()[1].give_up()

    async def _wait(self, ns: int) -> None:
        await self._clock.sleep_until(self._clock.boottime_ns() + ns)

    def _heard(self, kind: str, heard: bool) -> None:  # noqa: FBT001 # a callback
        """The broker took a message, and gave it to somebody or to nobody."""
        news = self._hearing.answered(kind, heard=heard, now_ns=self._clock.boottime_ns())
        if news is not None:
            kinds = self._hearing.kinds()
            log.warning(
                "broker %s: %s", self._where, f"nobody hears {', '.join(kinds)}" if news else "heard again"
            )
            self._wires.linked(kinds if news else [])

    def _refuse(self, topic: str, code: int) -> None:
        """The broker refuses a topic: told, and the records are kept."""
        if (
            facts := self._refusal(topic, code, "its records are kept")
        ) is not None and self._note is not None:
            kind, now_ns = topic.split("/")[3], self._clock.now().time_ns
            self._note(Noted(now_ns, "publish_refused", kind, Severity.WARNING, facts))

    def _deaf(self, topic: str, code: int) -> None:
        """The broker does not let us listen to a topic."""
        if (
            facts := self._refusal(topic, code, "nothing is heard of it")
        ) is not None and self._note is not None:
            kind, now_ns = topic.split("/")[3], self._clock.now().time_ns
            self._note(Noted(now_ns, "subscribe_refused", kind, Severity.WARNING, facts))

    def _refusal(self, topic: str, code: int, so: str) -> dict[str, Plain] | None:
        """The facts, where it was not told of late."""
        kind, now = topic.split("/")[3], self._clock.boottime_ns()
        told = self._told.get((so, kind, code))
        if told is not None and now - told < TOLD_AGAIN_NS:
            return None
        self._told[so, kind, code] = now
        reason = REASONS.get(code, "refused")
        log.error("broker %s refuses %s: %s (0x%02x); %s", self._where, topic, reason, code, so)
        return {"broker": self._where, "topic": topic, "code": code, "reason": reason}


def _mqtt_dialer(broker: Broker, site: Site) -> Dialer:
    from gateway.publish.mqtt_link import MqttDialer  # noqa: PLC0415 # tests with a fake broker need no library

    return MqttDialer(broker, f"lotwatch-{site.site}-{site.gateway}")
