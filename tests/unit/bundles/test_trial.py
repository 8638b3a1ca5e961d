"""A bundle on probation: it stays when everything is read again, and goes by itself when not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from gateway.bundles import Bundle, Shelf, at_start, note_of
from gateway.bundles.shelf import NAME
from gateway.bundles.trial import Trial
from gateway.model import Block, Noted, NumberedInput, Reading
from gateway.plain import digest, to_plain
from gateway.proof.note import SigningKey
from gateway.site import Remote, Site, User
from tests.unit.reloading.plant import SITE, Plant, device, with_device

KEY = SigningKey("operator-17", bytes(range(32)))
HERE = replace(SITE, remote=Remote((("office", KEY.public.line()),), 20_000_000_000))
GOOD = with_device(HERE, device("d3", "b3", "p", "new"))
LOCAL = digest(to_plain(HERE))


class Rig:
    """A plant with its probation."""

    def __init__(self, plant: Plant, folder: Path) -> None:
        self.plant, self.shelf, self.up = plant, Shelf(folder), True
        self.trial = Trial(self.shelf, plant.reloader, plant, plant.clock, LOCAL, lambda: self.up)
        self.task = asyncio.ensure_future(self.trial.run())
        take = plant.take

        def taking(given) -> None:
            take(given)
            if isinstance(given, Reading):
                self.trial.committed(Block((NumberedInput(1, given),), ()))

        plant.take = taking  # type: ignore[method-assign]
        plant.buses._sink = taking  # noqa: SLF001

    async def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            await asyncio.to_thread(lambda: None)
            await self.plant.clock.advance(0.25)

    async def send(self, site: Site, sequence: int, lasts_s: float = 60) -> None:
        now_ns = self.plant.clock.now().time_ns
        note = note_of(Bundle(site, sequence, now_ns, now_ns + round(lasts_s * 1e9)), KEY)
        self.trial.hear(note.encode())
        for _ in range(200):
            await self.run(0.25)
            if self.told():
                return

    def told(self) -> list[Noted]:
        kinds = {"config_kept", "config_returned", "config_refused"}
        return [each for each in self.plant.events if isinstance(each, Noted) and each.kind in kinds]


@pytest.fixture
async def rig(make, tmp_path):
    made = Rig(make(site=HERE), tmp_path)
    await made.run(1)
    yield made
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)


async def test_a_good_bundle_stays_and_is_what_the_next_start_begins_with(rig, tmp_path) -> None:
    await rig.send(GOOD, 1)
    assert [event.kind for event in rig.told()] == ["config_kept"]
    assert rig.plant.reloader.site == GOOD
    assert (await asyncio.to_thread(at_start, HERE, tmp_path, 0)) == (
        GOOD,
        "config by bundle 1 of operator-17",
    )
    other = replace(HERE, cells=("x/y/z",))  # somebody has changed the file at the box since
    assert (await asyncio.to_thread(at_start, other, tmp_path, 0))[0] == other
    assert (await asyncio.to_thread(at_start, other, tmp_path, 0)) == (other, "")


async def test_a_full_disk_delays_a_verdict_and_changes_nothing_of_it(rig, tmp_path, caplog) -> None:
    keep, full = rig.shelf.keep, [OSError(28, "No space left on device")] * 3

    def kept() -> None:
        if full:
            raise full.pop()
        keep()

    rig.shelf.keep = kept
    await rig.send(GOOD, 1)
    assert [event.kind for event in rig.told()] == ["config_kept"]
    assert full == []
    assert caplog.text.count("cannot be written yet") == 1
    assert (await asyncio.to_thread(at_start, HERE, tmp_path, 0))[0] == GOOD


async def test_a_full_disk_keeps_nobody_from_the_own_config(rig, tmp_path) -> None:
    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    await rig.send(GOOD, 1)
    rig.shelf.forget = full
    other = replace(HERE, cells=("x/y/z",))
    await rig.trial.own(other)
    assert (await asyncio.to_thread(at_start, other, tmp_path, 0))[0] == other


@pytest.mark.long
async def test_a_bundle_that_silences_a_device_goes_by_itself(rig, tmp_path) -> None:
    silent = with_device(HERE, replace(device("d3", "b3", "p"), groups=()))
    await rig.send(silent, 1)
    (told,) = rig.told()
    assert (told.kind, told.facts["why"]) == ("config_returned", "not read again: d3")
    assert rig.plant.reloader.site == HERE
    assert (await asyncio.to_thread(at_start, HERE, tmp_path, 0)) == (HERE, "")


@pytest.mark.long
async def test_a_bundle_after_which_the_broker_is_not_heard_goes(rig) -> None:
    apply = rig.plant.reloader.apply

    async def applied(*given):
        rig.up = False
        return await apply(*given)

    rig.plant.reloader.apply = applied
    await rig.send(GOOD, 1)
    assert rig.told()[-1].facts["why"] == "the broker was not heard again"


async def test_a_run_that_ended_in_the_middle_is_judged_at_the_next_start(rig, tmp_path) -> None:
    await asyncio.to_thread(rig.shelf.begin, "note", 7, LOCAL)  # and killed there
    assert (await asyncio.to_thread(at_start, HERE, tmp_path, 5)) == (HERE, "")
    tidings = orjson.loads(await asyncio.to_thread((tmp_path / "tidings.json").read_bytes))
    assert tidings["kind"] == "config_returned"
    assert tidings["facts"]["sequence"] == 7
    assert (await asyncio.to_thread(Shelf(tmp_path).load)).held.newest == 7  # and it is not taken again


@pytest.mark.parametrize(
    ("site", "sequence", "lasts_s", "words"),
    [
        (replace(GOOD, users=(User("9", "key", ("hold",)),)), 1, 60, "only a restart can change users"),
        (
            replace(GOOD, remote=Remote((("thief", KEY.public.line()),))),
            1,
            60,
            "only a restart can change remote",
        ),
        (replace(GOOD, web_port=80), 1, 60, "only a restart can change web.port"),
        (replace(GOOD, gateway="gw2"), 1, 60, "it is for plant/gw2"),
        (GOOD, 1, 0, "its time is over"),
        (with_device(HERE, device("d3", "b3", "p", unit=300)), 1, 60, "unit 300 is no unit"),
    ],
)
async def test_what_is_refused_changes_nothing(rig, site, sequence, lasts_s, words) -> None:
    await rig.send(site, sequence, lasts_s)
    (told,) = rig.told()
    assert told.kind == "config_refused"
    assert words in told.facts["reason"]
    assert rig.plant.reloader.site == HERE
    assert rig.plant.closed == []
    while rig.shelf.held.trial:  # until the thread that writes has written
        await rig.run(0.25)


async def test_an_older_number_and_the_same_one_again_are_not_taken(rig) -> None:
    await rig.send(GOOD, 5)
    rig.plant.events.clear()
    await rig.send(HERE, 4)
    assert "not above 5" in rig.told()[0].facts["reason"]
    rig.plant.events.clear()
    rig.trial.hear(
        note_of(Bundle(GOOD, 5, 0, 2**62), KEY).encode()
    )  # as a retained one, at the next connection
    await rig.run(2)
    assert rig.told() == []


async def test_who_reads_the_file_at_the_box_again_ends_what_a_bundle_began(rig, tmp_path) -> None:
    await rig.send(GOOD, 1)
    await rig.trial.own(HERE)
    assert (await asyncio.to_thread(at_start, HERE, tmp_path, 0)) == (HERE, "")


def test_a_damaged_shelf_is_told_and_not_guessed(tmp_path) -> None:
    (tmp_path / NAME).write_text("{")
    with pytest.raises(OSError, match="damaged"):
        at_start(HERE, tmp_path, 0)
