"""One connection's work: live blocks, the backlog beside them, and small talk about how far we are.

Rule 1: live before backlog: each has a window of its own, and the backlog waits whenever a live message does.
Rule 2: a link that acknowledges nothing for `SILENT_NS` while something is on its way is as good as gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.model import EVENT_STREAM, INPUT_STREAM, Block
from gateway.ports import Clock, History, Watermark
from gateway.publish.books import Books, Parcel
from gateway.publish.ledgertail import LedgerTail
from gateway.publish.link import NO_SUBSCRIBERS, REASONS, REFUSED_FROM, Link, LinkDown
from gateway.publish.pace import Pace
from gateway.tasks import together
from gateway.wire import (
    Gone,
    Message,
    NotOurs,
    gone,
    head,
    messages,
    parse_request,
    parse_stored,
    site_topic,
    status,
    stretch_messages,
)

CHUNK = 128  # events of backlog read and encoded in one go: some ms
STRETCH = 4_096  # inputs of it: what shares a pack in the journal that keeps them
AHEAD = 800  # messages of backlog that no ingest worker has said to hold; mosquitto's queue takes 1,000
STUCK_NS = 3_000_000_000  # ... unless he has said nothing new for so long
VALUES = ("reading", "tick")
LIVE_EXPIRY_S = 3_600  # of those: whoever is away for longer is sent what he missed from the journal
BACKLOG_BYTES = 65_536  # on their way at once: what a slow link would make a live message wait for
SILENT_NS = 5_000_000_000
REFUSED_NS = 30_000_000_000  # a refused record is offered again after this
_PAUSE_NS = 1_000_000_000  # of the backlog after a refusal
_SAVE_NS = 5_000_000_000
_RETAINED_NS = 500_000_000  # a retained `stored` comes right after SUBACK; then the backlog begins
_BEAT_NS = 1_000_000_000  # what moves says so; this is for what only time brings, such as the end of a pause
_SPARE = 2  # of the window: head, status and the clearing of an alarm

log = logging.getLogger(__name__)

Refusal = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of what the broker says."""

    refused: Refusal
    deaf: Refusal = lambda _topic, _code: None  # it does not let us listen to a topic
    heard: Callable[[str, bool], None] = lambda _kind, _heard: (
        None
    )  # it took one, and gave it to somebody or nobody
    acts: Callable[[bytes], None] | None = None  # what people at a replica sent
    config: Callable[[bytes], None] | None = None  # bundles


class Session:
    """From connected to LinkDown. `queue` holds live blocks with their parcels; `arrived` is set when one comes."""

    def __init__(  # each a port or a seam
        self,
        link: Link,
        books: Books,
        history: History,
        clock: Clock,
        *,
        queue: deque[tuple[Block, Parcel]],
        arrived: asyncio.Event,
        window: int,
        told: Told,
    ) -> None:
        self._link, self._books, self._history, self._clock = link, books, history, clock
        self._queue, self._arrived, self._told, self._pace = queue, arrived, told, Pace()
        total = max(min(window, link.window), 3)
        self._backlog_window = max((total - _SPARE) // 2, 1)
        self._live_window = max(total - _SPARE - self._backlog_window, 1)
        self._live = self._backlog = self._backlog_bytes = 0
        self._moved = asyncio.Event()
        self._answered_ns = clock.boottime_ns()
        self._pause_ns = 0
        self._unheard = False
        self._said = Watermark(-1, -1)
        self._tail: LedgerTail | None = None
        self._laid: set[str] = set()  # layouts that are on the broker
        self._ahead: deque[int] = deque()  # last seqs of messages of backlog, beyond what is stored
        self._stored_at = (0, clock.boottime_ns())  # how far it was when it moved last

    async def run(self, tail: LedgerTail | None = None) -> None:
        """Publish until LinkDown."""
        self._tail = tail
        identity = self._books.identity
        online = status(identity, online=True, time_ns=self._clock.now().time_ns)
        await self._tell(site_topic(identity.site, "status"), online)
        works = (self._send_live(), self._listen(), self._catch_up(), self._keep(), self._watch())
        await together(*works, *([] if tail is None else [tail.run()]), but=(LinkDown,))

    async def _send_live(self) -> None:
        while True:
            self._arrived.clear()
            while self._queue:
                block, parcel = self._queue.popleft()
                try:
                    for message in messages(self._books.identity, block, self._books.eras, self._books.plain):
                        if message.topic in self._laid:
                            continue
                        while self._live >= self._live_window:
                            await self._movement()
                        self._live += 1
                        expiry_s = LIVE_EXPIRY_S if message.topic.split("/", 4)[3] in VALUES else 0
                        self._send(message, parcel, self._live_settled, expiry_s)
                        await self._clock.sleep_until(0)  # others' turn: a block may take many ms
                finally:
                    parcel.end()
            self._moved.set()  # the backlog waits while anything is in the queue
            await self._arrived.wait()

    async def _catch_up(self) -> None:
        await self._clock.sleep_until(self._clock.boottime_ns() + _RETAINED_NS)
        while True:
            work = self._owed()
            if work is None:
                await self._movement()
                continue
            stream, first, last = work
            parcel = self._books.parcel(stream, first, last)
            try:
                made = await self._read(stream, first, last)
                began_ns = self._clock.boottime_ns()
                for message in made:
                    if message.topic in self._laid:
                        continue
                    spent_ns = self._clock.boottime_ns() - began_ns  # on its encoding
                    while self._must_wait(len(message.payload)):
                        await self._movement()
                    began_ns = self._clock.boottime_ns()
                    self._backlog += 1
                    self._backlog_bytes += len(message.payload)
                    self._send(message, parcel, self._backlog_settled)
                    if stream == INPUT_STREAM and message.seqs:
                        self._ahead.append(message.seqs[-1])
                    now_ns = self._clock.boottime_ns()
                    rest_ns = self._pace.rest(spent_ns + now_ns - began_ns)
                    await self._clock.sleep_until(now_ns + rest_ns)  # others' turn at least
                    began_ns = self._clock.boottime_ns()
            finally:
                parcel.end()

    def _owed(self) -> tuple[str, int, int] | None:
        now = self._clock.boottime_ns()
        if self._queue or now < self._pause_ns:
            return None
        for stream in (EVENT_STREAM, INPUT_STREAM):  # few and urgent, then many
            few = stream == EVENT_STREAM
            run = self._books.ledgers[stream].owed(CHUNK if few else STRETCH, now)
            if run is not None:
                first, last = run
                return stream, first, last if few else min(last, first | (STRETCH - 1))
        return None

    async def _read(self, stream: str, first: int, last: int) -> Iterator[Message]:
        books, seqs = self._books, list[int]()
        if stream == INPUT_STREAM:
            stretch = await self._history.stretch(first, last)
            books.see(stretch.others)
            seqs = stretch.seqs()
            made = stretch_messages(books.identity, stretch, books.eras, self._books.plain)
        else:
            events = await self._history.events(first, last)
            seqs = [each.seq for each in events]
            made = messages(books.identity, Block((), tuple(events)), books.eras)
        missing = books.vanished(stream, first, last, seqs)
        if missing is not None:
            self._answer(missing)
        return made

    def _must_wait(self, size: int) -> bool:
        full = self._backlog >= self._backlog_window
        wide = self._backlog > 0 and self._backlog_bytes + size > BACKLOG_BYTES
        return full or wide or bool(self._queue) or self._live >= self._live_window or self._far_ahead()

    def _far_ahead(self) -> bool:
        """Whether the ingest worker, who is heard, has so much to do that a broker would throw away what it queues."""
        stored, since_ns = self._stored_at
        while self._ahead and self._ahead[0] <= stored:
            self._ahead.popleft()
        return len(self._ahead) >= AHEAD and self._clock.boottime_ns() - since_ns < STUCK_NS

    async def _movement(self) -> None:
        """Wait until something was settled or offered, at most until the next beat (`_keep`)."""
        self._moved.clear()
        await self._moved.wait()

    def _send(
        self, message: Message, parcel: Parcel, settled: Callable[[int], None], expiry_s: int = 0
    ) -> None:
        newest = self._books.retains(message)
        if not message.seqs:
            self._laid.add(message.topic)
            newest = True
        parcel.begin()
        try:
            answer = self._link.publish(
                message.topic, message.payload, retain=message.retain and newest, expiry_s=expiry_s
            )
        except LinkDown:
            parcel.end()
            raise

        def done(answer: asyncio.Future[int]) -> None:
            settled(len(message.payload))
            if self._judge(message, answer):
                if not (message.clears and newest):
                    parcel.acknowledge(message.stream, message.seqs)
                else:
                    self._clear(message, parcel)
            parcel.end()
            self._moved.set()

        answer.add_done_callback(done)

    def _clear(self, message: Message, parcel: Parcel) -> None:
        """The alarm's last version is out: an empty retained payload takes it off the broker."""
        try:
            answer = self._link.publish(message.topic, b"", retain=True)
        except LinkDown:
            return
        parcel.begin()

        def done(answer: asyncio.Future[int]) -> None:
            if self._judge(message, answer):
                self._books.ledgers[message.stream].acknowledge(message.seqs)
                self._books.cleared(message.alarm)
            parcel.end()
            self._moved.set()

        answer.add_done_callback(done)

    def _judge(self, message: Message, answer: asyncio.Future[int]) -> bool:
        """Whether the broker took it."""
        if answer.cancelled() or answer.exception() is not None:
            return False
        self._answered_ns = now = self._clock.boottime_ns()
        code = answer.result()
        if code >= REFUSED_FROM:
            self._pause_ns = now + _PAUSE_NS
            self._books.ledgers[message.stream].refuse(message.seqs, now + REFUSED_NS)
            self._told.refused(message.topic, code)
            return False
        if message.seqs:  # what is retained, whoever comes finds
            self._told.heard(message.topic.split("/", 4)[3], code != NO_SUBSCRIBERS)
        if code == NO_SUBSCRIBERS:
            self._books.unheard(message.stream, message.seqs)
            if not self._unheard:
                self._unheard = True
                log.info("the broker took %s and nobody is subscribed", message.topic)
        return True

    def _live_settled(self, size: int) -> None:
        del size
        self._live -= 1

    def _backlog_settled(self, size: int) -> None:
        self._backlog -= 1
        self._backlog_bytes -= size

    async def _listen(self) -> None:
        site = self._books.identity.site
        hears: dict[str, Callable[[bytes], None]] = {
            site_topic(site, "stored"): self._stored,
            site_topic(site, "request"): self._requested,
        }
        if self._told.config is not None:
            hears[site_topic(site, "config")] = self._told.config
        entered = site_topic(site, "entry") + "/"
        for topic in (*hears, *([] if self._told.acts is None else [entered + "+"])):
            if (code := await self._link.subscribe(topic)) >= REFUSED_FROM:
                self._told.deaf(topic, code)
        async for topic, payload in self._link.heard():
            try:
                if topic in hears:
                    hears[topic](payload)
                elif self._told.acts is not None and topic.startswith(entered):
                    self._told.acts(payload)
            except NotOurs as error:
                log.warning("%s: %s", topic, error)
            self._moved.set()

    def _stored(self, payload: bytes) -> None:
        said = parse_stored(payload)
        self._books.stored(said)
        if said.identity == self._books.identity and said.replica.input != self._stored_at[0]:
            self._stored_at = said.replica.input, self._clock.boottime_ns()
        if self._tail is not None:
            self._tail.stored(said)

    def _requested(self, payload: bytes) -> None:
        for each in self._books.asked(*parse_request(payload)):
            self._answer(each)

    def _answer(self, said: Gone) -> None:
        """What was asked for and is not there; whoever does not hear it asks again."""
        payload = gone(said, self._clock.now().time_ns)
        self._link.publish(site_topic(self._books.identity.site, "gone"), payload, retain=False)

    async def _keep(self) -> None:
        """Say the head, write the cursors, mind the silence."""
        due = self._clock.boottime_ns()
        saved = due
        while True:
            due += _BEAT_NS
            await self._clock.sleep_until(due)
            self._moved.set()  # what only time brings: a pause that is over, a stretch that is owed again
            now = self._clock.boottime_ns()
            waiting = self._live + self._backlog
            if not waiting:
                self._answered_ns = now
            elif now - self._answered_ns > SILENT_NS:
                raise LinkDown(f"no acknowledgement for {(now - self._answered_ns) / 1e9:.1f} s")
            if (now - saved) >= _SAVE_NS:
                saved = now
                await self._books.save()
            await self._say_head()

    async def _say_head(self) -> None:
        last = self._books.last()
        if last != self._said:
            self._said = last
            identity = self._books.identity
            payload = head(identity, last, self._clock.now().time_ns)
            self._link.publish(site_topic(identity.site, "head"), payload, retain=True)

    async def _tell(self, topic: str, payload: bytes) -> None:
        answer = self._link.publish(topic, payload, retain=True)
        answer.add_done_callback(
            lambda each: self._told.refused(topic, _code(each)) if _code(each) in REASONS else None
        )

    async def _watch(self) -> None:
        await self._link.lost()
        raise LinkDown("the connection broke")


def _code(answer: asyncio.Future[int]) -> int:
    return 0 if answer.cancelled() or answer.exception() is not None else answer.result()
