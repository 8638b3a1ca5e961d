"""The account finds what is lost, twice and changed, and blames the gateway for nothing it could not have."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from gateway.clock import VirtualClock
from gateway.journal import Replica
from gateway.model import Identity, Input, NumberedInput, Quality, Reading, Scan, Setting
from gateway.plain import to_plain
from gateway.site import Bus, ScanPoint, Site
from simulators.ledger import Seen, account, compare, take
from simulators.served import ServedLog, Shown, read_served
from tests.unit.simulators.sites import press

BEGIN = 1_800_000_000_000_000_000
DEVICE = press()
GROUP = DEVICE.groups[0]
SITE = Site(
    "s", "g", (Bus("presses", "modbus.tcp", "x"),), (DEVICE,),
    (ScanPoint("box_press1", "a/l/press1", "open", device="scanner"),), cells=("a/l/press1",),
)  # fmt: skip


class Story:
    """Served answers and a replica, told a line at a time."""

    def __init__(self, folder):
        self.folder, self.clock = folder, VirtualClock(BEGIN, 10**9)
        self.log = ServedLog(folder / "served.db", self.clock)
        self.inputs: list[Input] = [Setting("config", self.at(), {"site": to_plain(SITE), "hash": "h"})]

    def at(self):
        return self.clock.now()

    async def tick(self, seconds=0.1):
        await self.clock.advance(seconds)

    async def serves(self, number, late_ns=0):
        await self.tick()
        words = (0, 5, 0x40C0, 0, 1, 2, number >> 16, number & 0xFFFF, 0, 0)
        self.log.answered("press1", number, "holding", 100, words, late_ns)

    async def reads(self, number, shots=5):
        await self.tick()
        layout = GROUP.layout()
        raw = np.zeros(layout.words, np.uint16)
        raw[:8] = (0, shots, 0x40C0, 0, 1, 2, number >> 16, number & 0xFFFF)
        quality = np.zeros(len(GROUP.points), np.uint8)
        self.inputs.append(Reading(GROUP.id, self.at(), 0, layout.values(raw), quality, raw))

    async def misses(self, why=Quality.NO_ANSWER):
        await self.tick()
        count = len(GROUP.points)
        raw = np.zeros(GROUP.layout().words, np.uint16)
        self.inputs.append(
            Reading(GROUP.id, self.at(), 0, np.full(count, np.nan), np.full(count, why, np.uint8), raw)
        )

    def restarts(self):
        self.inputs += [Setting(kind, self.at(), {}) for kind in ("clock", "start")]

    async def shows(self, code, *, taken=True, tries=1):
        await self.tick()
        self.log.shown(Shown("scanner", code, self.at().time_ns, tries, taken))

    def scans(self, code, symbology=""):
        self.inputs.append(Scan("box_press1", self.at(), code, symbology))

    def numbered(self):
        return [NumberedInput(seq, given) for seq, given in enumerate(self.inputs, 1)]

    def account(self):
        self.log.close()
        started_ns, answers, codes = read_served(self.folder / "served.db")
        seen = Seen()
        take(seen, self.numbered(), started_ns)
        return account(answers, codes, seen)

    def account_of_a_replica(self):
        with Replica.open(self.folder / "replica", Identity("s", "g", "e")) as replica:
            replica.store(self.numbered(), [])
        return compare(self.folder, self.folder / "replica")


@pytest.fixture
def story(tmp_path):
    return Story(tmp_path)


async def test_all_there(story):
    for number in (1, 2, 3):
        await story.serves(number)
        await story.reads(number)
    story.log.close()
    summary = await asyncio.to_thread(story.account_of_a_replica)
    assert (summary.served, summary.read, summary.lost, summary.duplicated) == (3, 3, 0, 0)
    assert summary.whole
    assert summary.plain()["devices"]["press1"]["read"] == 3


async def test_one_is_lost_and_one_is_there_twice(story):
    for number in (1, 2, 3, 4):
        await story.serves(number)
    for number in (1, 3, 3, 4):
        await story.reads(number)
    summary = story.account()
    assert (summary.lost, summary.duplicated, summary.unread) == (1, 1, 0)
    assert summary.examples == [
        "press1: answer 3 is there 2 times",
        "press1: 1 of the answers 2 to 2 are not there",
    ]
    assert not summary.whole


async def test_other_words_than_were_sent_are_wrong(story):
    await story.serves(1)
    await story.reads(1, shots=6)
    summary = story.account()
    assert (summary.wrong, summary.lost) == (1, 0)
    assert summary.examples == ["press1: answer 1: shots is not as sent"]


async def test_a_poll_that_gave_nothing_excuses_one_answer_and_not_two(story):
    for number in range(1, 7):
        await story.serves(number)
    await story.reads(1)
    await story.misses()
    await story.reads(3)
    await story.misses(Quality.CORRUPT)
    await story.reads(6)
    summary = story.account()
    assert (summary.unread, summary.lost) == (2, 1)


async def test_what_the_script_held_back_and_what_a_restart_cut_off_is_not_lost(story):
    for number in range(1, 8):
        await story.serves(number, late_ns=10**9 if number == 2 else 0)
    await story.reads(1)
    await story.reads(3)
    story.restarts()
    await story.reads(6)
    await story.reads(7)
    summary = story.account()
    assert (summary.unread, summary.lost) == (3, 0)


async def test_one_answer_may_be_on_its_way_at_the_end_two_may_not(story):
    for number in range(1, 4):
        await story.serves(number)
    await story.reads(1)
    summary = story.account()
    assert (summary.unread, summary.lost) == (1, 1)


async def test_a_device_that_is_not_there_at_all_is_lost(story):
    for number in range(1, 4):
        await story.serves(number)
    story.scans("X")
    assert story.account().lost == 2


async def test_readings_of_an_earlier_run_do_not_count(story):
    earlier = story.at()._replace(time_ns=BEGIN - 10**9)
    await story.reads(1)
    story.inputs[-1] = replace(story.inputs[-1], at=earlier)
    await story.serves(1)
    await story.reads(1)
    assert story.account().duplicated == 0


async def test_codes_are_there_once_unless_nobody_took_them(story):
    await story.shows("]C0A")
    story.scans("A", "]C0")
    await story.shows("B")
    await story.shows("C")
    story.scans("C")
    story.scans("C")
    await story.shows("D", taken=False)
    await story.tick(5)
    await story.shows("E")  # just now: may be on its way
    await story.serves(1)
    await story.reads(1)
    summary = story.account()
    assert (summary.codes_shown, summary.codes_lost, summary.codes_duplicated) == (3, 1, 1)
    assert not summary.whole


async def test_what_passes_a_gate_while_the_gateway_is_away_is_nobodys_fault(story):
    story.restarts()
    await story.tick(5)
    await story.shows("A", tries=0)
    story.scans("A")
    await story.tick(5)
    story.scans("X")
    await story.shows("B", tries=0)  # the gateway is killed
    await story.shows("C")  # but this one had its answer
    await story.tick(5)
    await story.shows("D", tries=0)
    await story.tick(5)
    story.restarts()
    await story.tick(1)
    await story.shows("E", tries=0)
    await story.tick(5)
    story.scans("X")
    summary = story.account()
    assert summary.examples == ["scanner: code 'C' is not there", "scanner: code 'E' is not there"]
    assert (summary.codes_lost, summary.codes_duplicated) == (2, 0)


async def test_what_passes_a_gate_before_the_lines_are_open_is_nobodys_fault(story):
    story.restarts()
    await story.tick(8)  # a slow machine
    await story.shows("A", tries=0)
    await story.tick(3)
    await story.misses()
    await story.tick(1)
    await story.shows("B", tries=0)
    await story.tick(5)
    story.scans("X")
    assert story.account().examples == ["scanner: code 'B' is not there"]


def test_without_a_log_there_is_no_account(tmp_path):
    with pytest.raises(FileNotFoundError):
        compare(tmp_path, tmp_path)


async def test_a_log_of_days_keeps_the_newest_and_the_account_is_of_those(story, monkeypatch):
    monkeypatch.setattr("simulators.served.KEPT_ANSWERS", 10)
    for number in range(1, 41):
        await story.serves(number)
        if number != 5:
            await story.reads(number)
        story.log.flush()
    summary = story.account()
    assert 10 <= summary.served <= 12
    assert (summary.read, summary.lost, summary.duplicated) == (summary.served, 0, 0)
