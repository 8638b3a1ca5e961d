"""What docs and contracts say in figures: a hundredth of a disk, four hundred days, sixteen bytes, a second."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import JournalReader, Replica
from gateway.journal.ballast import Ballast
from gateway.journal.composed import composition_row
from gateway.journal.database import NAME
from gateway.journal.lots import Window, windows_of
from gateway.journal.madebody import made_of, text_of
from gateway.journal.seal import Sealer
from gateway.journal.sealing import seal
from gateway.journal.signer import Signer, open_key
from gateway.journal.stands import stands
from gateway.model import (
    ClockRow,
    Composition,
    Identity,
    Ingredient,
    Instant,
    LotChanged,
    LotMade,
    NumberedInput,
    Setting,
    Tick,
)
from gateway.plain import to_plain
from gateway.proof.canonical import part_bytes
from gateway.proof.head import origin_of
from gateway.site.room import Room
from tests.unit.journal.genealogy import Shop
from tests.unit.journal.plant import T0, Dice, Plant, commit, config, make_site, open_journal

DAY_NS = 86_400 * 10**9
FEBRUARY_NS = 1_801_440_000 * 10**9
NINE = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def disk(whole: int, free: int) -> Callable[[Path], tuple[int, int]]:
    return lambda _: (whole, free)


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1)))


# --- disks ----------------------------------------------------------------------------------------------------------


def test_the_ballast_is_a_hundredth_of_the_disk_from_64_kib_on(
    tmp_path: Path,
) -> None:
    for whole, free, held in (
        (6_553_600, 131_072, True),
        (6_553_599, 131_072, False),
        (6_553_600, 131_071, False),
    ):
        ballast = Ballast(tmp_path, 1 << 30, disk(whole, free))
        ballast.look()
        assert ballast.held is held, (whole, free)
        ballast.release()
    ballast = Ballast(tmp_path, 70_000, lambda _: (1 << 40, 1 << 40))
    ballast.look()
    assert ballast.path.stat().st_size == 70_000


@pytest.mark.parametrize(("free", "stays"), [(1_048_576, True), (1_048_575, False)])
def test_a_run_begins_with_a_mebibyte(tmp_path: Path, free: int, *, stays: bool) -> None:
    (tmp_path / "ballast").write_bytes(bytes(65_536))
    ballast = Ballast(tmp_path, 65_536, lambda _: (1 << 40, free))
    ballast.begin()
    assert (ballast.held, ballast.path.exists(), ballast.given) == (stays, stays, not stays)


def test_a_file_too_small_to_carry_a_commit_is_no_ballast(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(bytes(65_535))
    ballast = Ballast(tmp_path, 65_536, lambda _: (1 << 40, 65_536))
    ballast.begin()
    assert not ballast.held
    assert not ballast.release()


def test_a_ballast_that_was_let_go_of_is_missed_where_a_journal_is(tmp_path: Path) -> None:
    room = Room()

    def stood(whole: int = 1 << 40) -> tuple[int, int, bool]:
        found = stands(tmp_path, room, lambda _: (whole, 77))
        assert found.quota == room.quota_bytes(whole)
        return found.whole, found.free, found.spent

    assert stood() == (1 << 40, 77, False), "nobody has begun here"
    (tmp_path / NAME).write_bytes(bytes(5_000))
    assert stood() == (1 << 40, 77, True)
    assert stood(6_553_599) == (6_553_599, 77, False), "a disk too small to have one"
    assert stood(6_553_600)[2]
    (tmp_path / "ballast").write_bytes(b"")
    assert stood() == (1 << 40, 77, False)
    assert stands(tmp_path, room).taken >= 5_000


# --- times ----------------------------------------------------------------------------------------------------------


def test_a_site_keeps_readings_for_400_days_by_default(folder) -> None:
    clock = VirtualClock(FEBRUARY_NS + 400 * DAY_NS - 3_601 * 10**9, boottime_ns=0)
    with open_journal(folder, clock) as journal:
        asyncio.run(_january(journal, clock))
        for each in list(seal(folder, 1 << 40)):
            asyncio.run(journal.put_sealed(each))

        async def story() -> list[str | None]:
            await clock.advance(3_600)
            early = await Sealer(journal, clock).expire()
            await clock.advance(1)
            return [early, await Sealer(journal, clock).expire()]

        assert asyncio.run(story()) == [None, "2027-01"]


async def _january(journal, clock: VirtualClock) -> None:
    row = ClockRow(1, "boot", 0, clock.now().time_ns, synchronised=True)
    setting = Setting("clock", Instant(T0, 0, 1), to_plain(row))
    site = NumberedInput(2, config(make_site(), "h1"))
    await commit(journal, [NumberedInput(1, setting), site, *Plant().readings(3, 5)])


def test_of_a_month_that_is_not_stored_elsewhere_the_next_one_does_not_wait(folder) -> None:
    """A clock that was set back: January was read after February, and its end is not stored yet."""
    with open_journal(folder) as journal:
        row = ClockRow(1, "boot", 0, T0, synchronised=True)
        setting = NumberedInput(1, Setting("clock", Instant(T0, 0, 1), to_plain(row)))
        late = Plant().readings(2, 4, FEBRUARY_NS + DAY_NS)
        asyncio.run(commit(journal, [setting, *late, *Plant().readings(6, 4, T0)]))
        for each in list(seal(folder, 1 << 40)):
            asyncio.run(journal.put_sealed(each))
        now = FEBRUARY_NS + 500 * DAY_NS
        assert asyncio.run(journal.expire(now, now, "retention", held=4)) is None
        assert asyncio.run(journal.expire(now, now, "retention", held=5)) == "2027-02"
        assert asyncio.run(journal.expire(now, now + DAY_NS, "retention", held=9)) == "2027-01"


def test_the_signer_looks_once_a_second(folder) -> None:
    clock = VirtualClock(T0)
    with open_journal(folder, clock) as journal:
        signer = Signer(journal, clock, open_key(folder, origin_of(journal.identity), Dice(1)))

        async def story() -> list[int]:
            await commit(journal, [tick(1)])
            task = asyncio.create_task(signer.run())
            await clock.advance(0)
            await commit(journal, [tick(2)])
            sizes = [signer.size]
            for seconds in (0.5, 0.5):
                await clock.advance(seconds)
                sizes.append(signer.size)
            task.cancel()
            return sizes

        assert asyncio.run(story()) == [2, 2, 3]


# --- lots -----------------------------------------------------------------------------------------------------------


def test_a_composition_has_the_same_name_for_ever() -> None:
    """Journals name it by 16 bytes of BLAKE2b (RFC 7693) of its bytes, as `gateway.journal.composed` says them."""
    held = Composition(("a", "b"), ((0.5, 0.25),), (0.125, 0.0), (0.25,), (NINE,), 0.5, (0.75,), 0.0625)
    row = composition_row(held)
    assert row is not None
    numbers = (0.5, 0.25, 0.125, 0.0, 0.25, *NINE, 0.75, 0.5, 0.0625)
    body = bytes.fromhex("01 01 0900 09000000") + b'["a","b"]' + struct.pack("<17d", *numbers)
    assert row == (hashlib.blake2b(body, digest_size=16).digest(), body)


@pytest.mark.parametrize(("kind", "enough"), [("batch", 32), ("shipment", 16)])
def test_so_many_of_a_kind_wait_before_they_are_gathered(kind: str, enough: int, tmp_path: Path) -> None:
    made = Shop()
    made.lot("R", "material", kg=1e6)
    for number in range(enough - 1):
        made.lot(f"L{number:02d}", kind, [("R", 1.0)])
    lots = [f"L{number:02d}" for number in range(enough + 40)]

    def held(folder: Path) -> tuple[int, int, list[str]]:
        with sqlite3.connect(folder / NAME) as db:
            waiting, blocks = (
                db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("held_lately", "holders")
            )
        with JournalReader(folder) as reader:
            return waiting, blocks, [each.lot for each in reader.made.holders("R", 1e-3, kind)]

    with Replica.open(tmp_path, Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
        assert held(tmp_path) == (enough - 1, 0, lots[: enough - 1])
        begun = len(made.events)
        for number in range(enough - 1, enough + 40):
            made.lot(f"L{number:02d}", kind, [("R", 1.0)])
        for event in made.events[begun:]:
            replica.store([], [event])
        waiting, blocks, found = held(tmp_path)
        assert (blocks > 0, waiting < enough + 40, found) == (True, True, lots)


def test_numbers_that_json_cannot_say_and_what_is_not_said() -> None:
    held = Composition(("a",), ((1.0,),), (0.0,), (0.0,), (NINE,))
    lot = LotMade(
        T0, "L", "box", "c", 2.0, 0.5, (Ingredient("a", 1.0, 0.25, "fifo"), Ingredient("b", 1.0)), held
    )
    text, body = text_of(lot, part_bytes(held)), composition_row(held)
    assert text is not None
    assert body is not None
    assert text.body == (
        b'{"cell":"c","inputs":[{"kg":1.0,"lot":"a","mixing":"fifo","sigma_kg":0.25},{"kg":1.0,"lot":"b"}],'
        b'"is":"LotMade","kg":2.0,"kind":"box","lot":"L","sigma_kg":0.5,"time_ns":1800000000000000000}'
    )
    plain = {
        "lot": "L",
        "kind": "box",
        "cell": "c",
        "kg": 2.0,
        "sigma_kg": 0.5,
        "inputs": to_plain(lot.inputs),
    }
    for each in plain["inputs"]:
        each.pop("is", None)
    assert made_of(T0, plain, body.body) == lot
    for broken in (float("nan"), float("inf")):
        for changed in ({"kg": broken}, {"sigma_kg": broken}, {"inputs": (Ingredient("a", broken),)}):
            fields = {name: getattr(lot, name) for name in LotMade.__dataclass_fields__} | changed
            assert text_of(LotMade(**fields), b"{}") is None


def moved(change: str, at: int, cell: str = "press", role: str = "product") -> LotChanged:
    return LotChanged(at, "L", change, cell, role, "L")


def test_where_a_lot_was_between_its_scans() -> None:
    changes = [
        moved("opened", 1), moved("opened", 2), moved("linked", 3), moved("moved", 4, "pack"), moved("closed", 5),
        moved("closed", 6), moved("opened", 7), moved("closed", 8, role="material"), moved("opened", 1, "mill"),
    ]  # fmt: skip
    assert windows_of(changes) == (
        Window("mill", "product", 1, None),
        Window("press", "product", 1, 5),
        Window("pack", "product", 4, None),
        Window("press", "product", 7, None),
    )
    assert windows_of([]) == ()
