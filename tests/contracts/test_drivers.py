"""What every driver promises. They are found by walking the folder: a new one is held to this at once."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import numpy as np
import pytest

from drivers import driver_kinds, load_driver
from drivers.options import Option, read
from gateway.lines import Delay, Stray
from gateway.model import BAD_FROM, Noted, Quality, Reading, Scan
from tests.contracts.bench import MS, TIMEOUT_MS, Listener, Stand, kinds

DOCS = Path(__file__).parents[2] / "docs"
polling = pytest.mark.parametrize("name", kinds("polling"))
talking = pytest.mark.parametrize("name", kinds("talking"))
every = pytest.mark.parametrize("name", sorted(driver_kinds()))


def well_shaped(stand: Stand, reading: Reading) -> None:
    """Shapes match the group; bad values are nan with zero words; good ones are what their words say."""
    group = next(group for group in stand.device.groups if group.id == reading.group)
    layout = group.layout()
    assert reading.values.shape == reading.quality.shape == (len(group.points),)
    assert reading.values.dtype == np.float64
    assert reading.quality.dtype == np.uint8
    assert reading.raw.dtype == np.uint16
    assert reading.raw.shape == (layout.words,)
    bad = reading.quality >= BAD_FROM
    assert np.isnan(reading.values[bad]).all()
    assert not reading.raw[bad[layout.owner]].any()
    np.testing.assert_array_equal(layout.values(reading.raw)[~bad], reading.values[~bad])
    assert reading.spread_ns >= 0
    assert {int(quality) for quality in reading.quality} <= {int(quality) for quality in Quality}


# --- drivers that are asked -----------------------------------------------------------------------------------------


@polling
async def test_a_good_answer_reads_good(name):
    stand = Stand(name)
    reading = await stand.poll()
    assert reading.group == stand.group.id
    assert reading.quality[0] < BAD_FROM
    assert reading.values[0] == float(stand.example.result)
    well_shaped(stand, reading)


@polling
async def test_a_silent_device_reads_bad_not_old(name):
    stand = Stand(name)
    await stand.poll()
    stand.good = False
    reading = await stand.poll()
    assert set(reading.quality.tolist()) <= {Quality.NO_ANSWER, Quality.NOT_ASKED}
    assert Quality.NO_ANSWER in reading.quality
    well_shaped(stand, reading)


@polling
async def test_silence_takes_no_longer_than_the_timeout(name):
    stand = Stand(name, good=False)
    begin = stand.clock.boottime_ns()
    await stand.poll()
    assert stand.clock.boottime_ns() - begin <= 1.5 * TIMEOUT_MS * MS + 20 * MS


@polling
async def test_a_device_that_comes_back_reads_good_again(name):
    stand = Stand(name, good=False)
    for _ in range(3):
        await stand.poll()
    stand.good = True
    reading = await stand.poll_until_good()
    assert reading.values[0] == float(stand.example.result)


@polling
async def test_a_broken_line_reads_line_down_and_recovers(name):
    stand = Stand(name)
    await stand.poll()
    stand.line.cut()
    for _ in range(2):
        reading = await stand.poll()
        assert set(reading.quality.tolist()) == {Quality.LINE_DOWN}
        well_shaped(stand, reading)
    stand.line.mend()
    reading = await stand.poll_until_good()
    assert reading.values[0] == float(stand.example.result)


@polling
@pytest.mark.parametrize("seed", range(12))
async def test_garbage_gives_a_typed_result(name, seed):
    stand = Stand(name)
    chance = random.Random(seed)
    stand.garbage = lambda _: chance.randbytes(chance.choice((1, 3, 8, 40, 300)))
    for _ in range(3):
        reading = await stand.poll()
        assert (reading.quality >= BAD_FROM).all()
        well_shaped(stand, reading)
    stand.garbage = None
    assert (await stand.poll_until_good()).values[0] == float(stand.example.result)


@polling
async def test_an_answer_cut_short_is_never_a_value(name):
    stand = Stand(name)
    for cut in range(2, 8):  # one byte less of CR LF is still a line
        stand.garbage = None
        await stand.poll_until_good()
        stand.garbage = lambda sent, cut=cut: (answered(stand, sent) or b"")[:-cut]
        assert (await stand.poll()).quality[0] >= BAD_FROM, f"cut by {cut}"


def answered(stand: Stand, sent: bytes) -> bytes | None:
    """What the device would answer."""
    if stand.example.respond is not None:
        return stand.example.respond(sent)  # type: ignore[return-value] # responders of the bench give bytes
    return stand.example.answers.get(sent)


@polling
async def test_cancelling_leaves_the_line_usable(name):
    stand = Stand(name)
    good = await stand.poll()
    stand.garbage = lambda _: b""
    task = asyncio.ensure_future(stand.polling.poll(stand.device, stand.group))
    await stand.clock.advance(0.05)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    stand.garbage = None
    assert (await stand.poll_until_good()).values[0] == good.values[0]


@polling
async def test_bytes_from_before_the_question_are_no_answer(name):
    stand = Stand(name)
    await stand.poll()
    stand.line.feed(Stray(b"\x00\xff\x00 stray \r\n"))
    reading = await stand.poll()
    assert reading.values[0] == float(stand.example.result)


@polling
async def test_time_is_stamped_within_the_call(name):
    stand = Stand(name)
    stand.line.feed(Delay(0.04))
    before = stand.clock.now()
    reading = await stand.poll()
    after = stand.clock.now()
    assert before.boottime_ns <= reading.at.boottime_ns - reading.spread_ns
    assert reading.at.boottime_ns <= after.boottime_ns
    assert reading.at.time_ns - before.time_ns == reading.at.boottime_ns - before.boottime_ns
    assert reading.at.boottime_ns - before.boottime_ns >= 40 * MS


@polling
async def test_a_probe_tells_who_is_there(name):
    stand = Stand(name)
    assert await stand.run(stand.polling.probe(stand.device)) is True
    stand.good = False
    assert await stand.run(stand.polling.probe(stand.device)) is False
    stand.line.cut()
    assert await stand.run(stand.polling.probe(stand.device)) is False


@polling
def test_a_poll_has_a_cost(name):
    stand = Stand(name)
    assert 100_000 < stand.polling.cost_ns(stand.device, stand.group) < 1_000 * MS


@polling
async def test_a_closed_driver_lets_go_of_its_line(name):
    stand = Stand(name)
    await stand.poll()
    await stand.polling.close()
    assert stand.line.closed


# --- drivers of devices that talk by themselves ---------------------------------------------------------------------


def meaning(stand: Stand, heard: list[object]) -> list[str]:
    """The values and codes among what was heard, in the words of the example."""
    said = []
    for told in heard:
        if isinstance(told, Reading) and told.quality[0] < BAD_FROM:
            said.append(f"{told.values[0]:.12g}")
        elif isinstance(told, Scan) and told.phase == "seen":
            said.append(told.code)
    return said


def typed(stand: Stand, heard: list[object]) -> None:
    for told in heard:
        assert isinstance(told, (Reading, Scan, Noted))
        if isinstance(told, Reading):
            well_shaped(stand, told)
        if isinstance(told, Scan):
            assert told.point == "gate"


@pytest.fixture
async def listen():
    """Starts listeners; they are stopped afterwards."""
    made: list[Listener] = []

    def start(stand: Stand) -> Listener:
        made.append(Listener(stand))
        return made[-1]

    yield start
    for each in made:
        await each.stop()


def result_of(stand: Stand) -> str:
    return f"{float(stand.example.result):.12g}" if stand.reads_values else stand.example.result


@talking
async def test_what_the_device_says_is_heard(name, listen):
    stand = Stand(name)
    ear = listen(stand)
    await ear.advance(0.1)
    stand.line.feed(stand.example.said)
    before = stand.clock.now()
    heard = await ear.advance(0.1)
    assert result_of(stand) in meaning(stand, heard)
    typed(stand, heard)
    for told in heard:
        if isinstance(told, (Reading, Scan)):
            assert before.boottime_ns <= told.at.boottime_ns <= stand.clock.boottime_ns()


@talking
async def test_bytes_that_come_one_by_one_say_the_same(name, listen):
    stand = Stand(name)
    ear = listen(stand)
    await ear.advance(0.1)
    for byte in stand.example.said:
        stand.line.feed(bytes([byte]), Delay(0.001))
    heard = await ear.advance(1)
    assert result_of(stand) in meaning(stand, heard)


@talking
async def test_a_silent_device_says_nothing_good(name, listen):
    stand = Stand(name)
    ear = listen(stand)
    stand.line.feed(stand.example.said)
    await ear.advance(1)
    heard = await ear.advance(60)
    typed(stand, heard)
    assert not meaning(stand, heard)
    if stand.device.groups:
        assert any(isinstance(told, Reading) and told.quality[0] == Quality.NO_ANSWER for told in heard)


@talking
async def test_a_broken_line_is_told_once_and_is_heard_again(name, listen):
    stand = Stand(name)
    ear = listen(stand)
    await ear.advance(0.1)
    stand.line.cut()
    heard = await ear.advance(30)
    typed(stand, heard)
    assert [told.kind for told in heard if isinstance(told, Noted)] == ["bus_down"]
    if stand.device.groups:
        assert [int(told.quality[0]) for told in heard if isinstance(told, Reading)] == [Quality.LINE_DOWN]
    stand.line.mend()
    heard = await ear.advance(5)
    assert [told.kind for told in heard if isinstance(told, Noted)] == ["bus_up"]
    stand.line.feed(stand.example.said)
    assert result_of(stand) in meaning(stand, await ear.advance(1))


@talking
@pytest.mark.parametrize("seed", range(12))
async def test_noise_gives_typed_results_and_ends(name, seed, listen):
    stand = Stand(name)
    ear = listen(stand)
    chance = random.Random(seed)
    for _ in range(20):
        stand.line.feed(chance.randbytes(chance.choice((1, 3, 8, 40, 300))), Delay(0.05))
    heard = await ear.advance(3)
    typed(stand, heard)
    assert not [told for told in heard if isinstance(told, Reading) and told.quality[0] < BAD_FROM]
    assert len([told for told in heard if isinstance(told, Noted)]) <= 4, "noise floods"
    stand.line.feed(stand.example.said, Delay(0.2), stand.example.said)
    assert result_of(stand) in meaning(stand, await ear.advance(3))


@talking
async def test_cancelling_a_listener_leaves_the_line_usable(name, listen):
    stand = Stand(name)
    first = listen(stand)
    await first.advance(0.5)
    await first.stop()
    second = listen(stand)
    await second.advance(0.1)
    stand.line.feed(stand.example.said)
    assert result_of(stand) in meaning(stand, await second.advance(0.5))


@talking
async def test_nothing_is_acknowledged_before_its_commit(name, listen):
    stand = Stand(name)
    ear = listen(stand)
    await ear.advance(0.1)
    stand.line.feed(stand.example.said)
    heard = await ear.advance(0.1)
    scans = [told for told in heard if isinstance(told, Scan)]
    unasked = len(stand.line.sent)
    questions = set(stand.line.sent)
    for scan in scans:
        await stand.run(stand.talking.acknowledge(scan))
    answers = stand.line.sent[unasked:]
    assert not questions & set(answers)
    stand.line.cut()
    for scan in scans:
        await stand.run(stand.talking.acknowledge(scan))  # a broken line is no reason to fail


@talking
async def test_after_a_restart_a_device_that_waits_for_an_answer_gets_it_and_its_scan_is_not_told_twice(
    name, listen
):
    before = Stand(name)
    ear = listen(before)
    await ear.advance(0.1)
    before.line.feed(before.example.said)
    scans = [told for told in await ear.advance(0.1) if isinstance(told, Scan)]
    unasked = len(before.line.sent)
    for scan in scans:
        await before.run(before.talking.acknowledge(scan))
    answers = before.line.sent[unasked:]
    for pause_s, told_again in ((1, not answers), (60, True)):
        stand = Stand(name)
        for scan in scans:
            stand.talking.remember(scan, 0)
        ear = listen(stand)
        await ear.advance(pause_s)
        stand.line.feed(stand.example.said)
        assert (result_of(stand) in meaning(stand, await ear.advance(1))) == told_again
        assert [sent for sent in stand.line.sent if sent in answers] == ([] if told_again else answers)


# --- all of them ----------------------------------------------------------------------------------------------------


@every
def test_options_are_documented_and_their_defaults_hold(name):
    options: dict[str, Option] = getattr(load_driver(name), "OPTIONS", {})
    read({}, options)
    page = (DOCS / "reference" / "drivers.md").read_text("utf-8")
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    mine = [text for text in section if text.startswith(f"`{name}`")]
    assert not options or mine, f"docs/reference/drivers.md has no section `{name}`"
    for option, what in options.items():
        assert what.doc, f"{option} says nothing about itself"
        assert f"`{option}`" in mine[0], f"docs/reference/drivers.md does not name {option} of {name}"


@every
def test_the_docs_name_the_driver(name):
    assert any(name in page.read_text("utf-8") for page in DOCS.rglob("*.md")), (
        f"no page of docs/ names {name}"
    )


@every
def test_an_unknown_option_is_refused_with_a_hint(name):
    options = dict(getattr(load_driver(name), "OPTIONS", {}))
    if not options:
        return
    word = next(iter(options))
    with pytest.raises(ValueError, match=rf"options\.{word}x: .*did you mean {word}\?"):
        read({f"{word}x": 1}, options)
