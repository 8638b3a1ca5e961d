"""The teller: after the commit, again where it may help, never twice, and on where the run before was cut short."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway.clock import VirtualClock
from gateway.model import AlarmChanged, Block, Identity, Noted, NumberedEvent, NumberedInput, Severity
from gateway.ports import Watermark
from gateway.rows import Stretch
from gateway.site import Alerts, Person, Site
from gateway.tell.errands import Errand
from gateway.tell.sending import Never, NotNow
from gateway.tell.teller import CURSOR, TRIES, Teller

LEAD = Person("lead", mail_from="file:a", webhook="http://127.0.0.1:1/")
QUALITY = Person("quality", webhook="http://127.0.0.1:1/")
NOBODY = Person("nobody")
SITE = Site("plant", "gw1", (), (), alerts=Alerts(people=(LEAD, QUALITY, NOBODY)))


class Journal:
    """A history that a test writes; what the teller notes is committed at once."""

    def __init__(self) -> None:
        self.kept: list[NumberedEvent] = []
        self.cursors: dict[str, Watermark] = {}
        self.teller: Teller | None = None

    @property
    def identity(self) -> Identity:
        return Identity("plant", "gw1", "e")

    def last(self) -> Watermark:
        return Watermark(0, len(self.kept))

    async def inputs(self, first: int, last: int) -> list[NumberedInput]:
        raise AssertionError((first, last))

    async def events(self, first: int, last: int) -> list[NumberedEvent]:
        return self.kept[first - 1 : last]

    async def stretch(self, first: int, last: int) -> Stretch:
        raise AssertionError((first, last))

    async def cursor(self, name: str) -> Watermark:
        return self.cursors.get(name, Watermark())

    async def set_cursor(self, name: str, at: Watermark) -> None:
        self.cursors[name] = at

    def commit(self, *events: Noted | AlarmChanged) -> None:
        made = [NumberedEvent(len(self.kept) + 1 + i, 1, event) for i, event in enumerate(events)]
        self.kept += made
        if self.teller is not None:
            self.teller.offer(Block((), tuple(made)))

    def said(self, kind: str) -> list[tuple[object, ...]]:
        found = [
            each.event for each in self.kept if isinstance(each.event, Noted) and each.event.kind == kind
        ]
        return [(each.subject, each.facts["step"], each.facts["who"], each.facts["by"]) for each in found]


class Post:
    """Does as `answer` says; what was done is in `done`."""

    def __init__(self, answer: Callable[[Errand], None] = lambda _: None) -> None:
        self.answer, self.tried, self.done = answer, list[Errand](), list[str]()

    def __call__(self, errand: Errand) -> None:
        self.tried.append(errand)
        self.answer(errand)
        self.done.append(f"{errand.id} {errand.by}")


def order(alarm: str = "a1", step: int = 1, *to: str, time_ns: int | None = None) -> Noted:
    at_ns = VirtualClock().now().time_ns if time_ns is None else time_ns
    return Noted(at_ns, "escalated", alarm, Severity.ALARM, {"step": step, "to": list(to or ("quality",))})


def answered(alarm: str = "a1", state: str = "acknowledged") -> AlarmChanged:
    return AlarmChanged(0, alarm, 2, state, "signal", Severity.ALARM, "", "c", "")


class Watched(VirtualClock):
    """Says for how long it was asked to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    async def sleep_until(self, boottime_ns: int) -> None:
        self.asked.append((boottime_ns - self.boottime_ns()) / 1e9)
        await super().sleep_until(boottime_ns)


@asynccontextmanager
async def running(journal: Journal, post: Post, clock: Watched | None = None) -> AsyncIterator[Watched]:
    clock = clock or Watched()
    teller = Teller(journal, SITE, clock, journal.commit, post)
    journal.teller = teller
    task = asyncio.create_task(teller.run())
    await clock.advance(0)
    yield clock
    journal.teller = None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(clock: VirtualClock, done: Callable[[], bool]) -> None:
    """Threads are real: wait for what they do, not for a time."""
    for _ in range(20_000):
        if done():
            await clock.advance(0)
            return
        await asyncio.wait({asyncio.ensure_future(asyncio.to_thread(lambda: None))})
        await clock.advance(0)
    raise AssertionError("it never came")


async def test_everybody_of_a_step_is_told_each_way_and_it_is_recorded():
    journal, post = Journal(), Post()
    async with running(journal, post) as clock:
        journal.commit(order("a1", 1, "lead", "quality", "nobody", "gone"))
        await until(clock, lambda: len(journal.said("told")) == 3)
    assert sorted(post.done) == ["a1.1.lead.1 mail", "a1.1.lead.1 webhook", "a1.1.quality.1 webhook"]
    assert set(journal.said("told")) == {
        ("a1", 1, "lead", "mail"), ("a1", 1, "lead", "webhook"), ("a1", 1, "quality", "webhook"),
    }  # fmt: skip
    assert journal.cursors[CURSOR].event >= 1


async def test_nothing_is_told_before_its_commit_and_nothing_twice():
    journal, post = Journal(), Post()
    async with running(journal, post) as clock:
        assert post.tried == []
        journal.commit(order())
        await until(clock, lambda: bool(journal.said("told")))
        assert journal.teller is not None
        journal.teller.offer(Block((), tuple(journal.kept)))  # a block that comes again
        journal.commit(order("a1", 2))
        await until(clock, lambda: len(journal.said("told")) == 2)
    assert post.done == ["a1.1.quality.1 webhook", "a1.2.quality.3 webhook"]


async def test_what_may_work_later_is_tried_again_ever_more_rarely():
    journal, failing = Journal(), [3]

    def answer(errand: Errand) -> None:
        if failing[0]:
            failing[0] -= 1
            raise NotNow("busy")

    post = Post(answer)
    async with running(journal, post) as clock:
        journal.commit(order())
        for count, pause in ((1, 5.0), (2, 10.0), (3, 20.0)):
            await until(clock, lambda count=count: len(clock.asked) == count)  # type: ignore[misc]
            assert (clock.asked[-1], len(post.tried)) == (pause, count)
            await clock.advance(pause)
        await until(clock, lambda: bool(journal.said("told")))
    [told] = [
        each.event for each in journal.kept if isinstance(each.event, Noted) and each.event.kind == "told"
    ]
    assert told.facts["tries"] == 4


async def test_after_the_last_try_it_is_told_that_nobody_was():
    journal = Journal()

    def answer(_: Errand) -> None:
        raise NotNow("no answer in time")

    post = Post(answer)
    async with running(journal, post) as clock:
        journal.commit(order())
        for count in range(1, TRIES):
            await until(clock, lambda count=count: len(clock.asked) == count)  # type: ignore[misc]
            await clock.advance(clock.asked[-1])
        await until(clock, lambda: bool(journal.said("tell_failed")))
    [failed] = [
        each.event
        for each in journal.kept
        if isinstance(each.event, Noted) and each.event.kind == "tell_failed"
    ]
    assert (failed.facts["reason"], failed.facts["tries"], failed.severity) == ("no answer in time", TRIES, 1)
    assert journal.said("told") == []
    assert (sum(clock.asked), max(clock.asked)) == (615.0, 300.0)


async def test_what_will_never_work_is_not_tried_again():
    journal = Journal()

    def answer(_: Errand) -> None:
        raise Never("the webhook answers 404")

    post = Post(answer)
    async with running(journal, post) as clock:
        journal.commit(order())
        await until(clock, lambda: bool(journal.said("tell_failed")))
    assert len(post.tried) == 1


async def test_whatever_breaks_is_recorded_and_the_others_are_told():
    journal = Journal()

    def answer(errand: Errand) -> None:
        if errand.by == "mail":
            raise ZeroDivisionError

    async with running(journal, Post(answer)) as clock:
        journal.commit(order("a1", 1, "lead"))
        await until(clock, lambda: bool(journal.said("tell_failed")) and bool(journal.said("told")))
    assert journal.said("tell_failed") == [("a1", 1, "lead", "mail")]


async def test_a_receiver_that_hangs_keeps_nobody_waiting():
    journal, hang = Journal(), threading.Event()

    def answer(errand: Errand) -> None:
        if errand.by == "mail":
            hang.wait(60)

    async with running(journal, Post(answer)) as clock:
        journal.commit(order("a1", 1, "lead"))
        await until(clock, lambda: journal.said("told") == [("a1", 1, "lead", "webhook")])
    hang.set()


async def test_an_answer_ends_the_trying():
    journal = Journal()

    def answer(_: Errand) -> None:
        raise NotNow("busy")

    post = Post(answer)
    async with running(journal, post) as clock:
        journal.commit(order())
        await until(clock, lambda: len(clock.asked) == 1)
        journal.commit(answered())
        await clock.advance(4000)
        await clock.advance(0)
    assert len(post.tried) == 1
    assert journal.said("tell_failed") == []
    assert journal.cursors[CURSOR].event == 2


async def test_the_next_run_tells_what_this_one_could_not():
    journal, post = Journal(), Post()
    journal.commit(order("a1"), order("a2"), order("a3"), answered("a2"))
    journal.commit(Noted(0, "told", "a1", Severity.INFO, {"step": 1, "who": "quality", "by": "webhook"}))
    async with running(journal, post) as clock:
        await until(clock, lambda: len(journal.said("told")) == 2)
    assert post.done == ["a3.1.quality.3 webhook"]
    again = Post()
    async with running(journal, again) as clock:
        await clock.advance(10)
    assert again.tried == []


async def test_an_order_of_the_day_before_is_of_no_use():
    journal, post = Journal(), Post()
    journal.cursors[CURSOR] = Watermark(1, 0)
    clock = Watched()
    journal.commit(order(time_ns=clock.now().time_ns - 90_000 * 10**9))
    async with running(journal, post, clock):
        await until(clock, lambda: bool(journal.said("tell_failed")))
    assert post.tried == []


async def test_what_happened_before_anybody_had_an_address_is_not_told_now():
    journal, post = Journal(), Post()
    clock = Watched()
    journal.commit(order("a1", time_ns=clock.now().time_ns - 90_000 * 10**9), order("a2"))
    async with running(journal, post, clock):
        await until(clock, lambda: bool(journal.said("told")))
    assert journal.said("tell_failed") == []
    assert [each.alarm for each in post.tried] == ["a2"]


async def test_a_run_that_is_cut_short_tells_again_with_the_same_id():
    """The send went out, its record did not reach the disk: the receiver knows it by its id."""
    journal, post = Journal(), Post()
    journal.commit(order())
    async with running(journal, post) as clock:
        await until(clock, lambda: bool(journal.said("told")))
    lost = Journal()
    lost.kept = [
        each for each in journal.kept if isinstance(each.event, Noted) and each.event.kind == "escalated"
    ]
    again = Post()
    async with running(lost, again) as clock:
        await until(clock, lambda: bool(lost.said("told")))
    assert [each.id for each in again.tried] == [each.id for each in post.tried]


async def test_a_person_without_an_address_is_told_by_the_event_alone():
    journal, post = Journal(), Post()
    async with running(journal, post) as clock:
        journal.commit(order("a1", 1, "nobody"))
        await clock.advance(10)
    assert post.tried == []
    assert journal.cursors[CURSOR].event == 1


def test_the_way_is_part_of_what_is_told_once():
    person = replace(LEAD, webhook="", webhook_from="file:b")
    assert (
        Errand(1, 0, "a", 1, person, "mail", 2, {}).key != Errand(1, 0, "a", 1, person, "webhook", 2, {}).key
    )
