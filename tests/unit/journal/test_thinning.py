"""The quota: the oldest readings become overviews; only what is stored elsewhere, and never what a restart folds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.chunkfile import labels
from gateway.journal.quota import Quota, taken
from gateway.journal.retention import STORED
from gateway.journal.seal import STUCK_TOLD_NS, Sealer
from gateway.journal.sealing import seal
from gateway.journal.verify import verify
from gateway.model import Noted, NumberedInput, Reading
from gateway.ports import Watermark
from gateway.site import Room
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_site, open_journal, same

LEVEL = "hall/line1/press1/level"
COUNT = 60  # readings in each of three hours
PLANT = Plant(7)
HOURS = [PLANT.readings(2 + hour * COUNT, COUNT, T0 + hour * HOUR_NS, step_s=10) for hour in range(3)]
ALL = 1 + 3 * COUNT


def filled(folder: Path, *, snapshot: int = ALL) -> Journal:
    """Three hours of one group, sealed; a snapshot after an input."""
    journal = open_journal(folder, VirtualClock(T0 + 4 * HOUR_NS))
    given = [
        NumberedInput(1, config(make_site(PLANT.group), "h1")),
        *(each for hour in HOURS for each in hour),
    ]
    asyncio.run(commit(journal, given[:snapshot], snapshot=b"state"))
    if given[snapshot:]:
        asyncio.run(commit(journal, given[snapshot:]))
    for sealed in list(seal(folder, 1 << 40)):
        assert asyncio.run(journal.put_sealed(sealed))
    return journal


def thin(journal: Journal, wanted: int = 1, held: int | None = None) -> tuple[int, int] | None:
    found = asyncio.run(journal.thin(wanted, T0, held=held))
    return (found.first, found.last) if found else None


def test_the_oldest_goes_first_and_its_overview_stays(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    with JournalReader(tmp_path) as reader:
        before = reader.readings(LEVEL, T0, T0 + 3 * HOUR_NS, 3)
        raw = reader.readings(LEVEL, T0, T0 + 3 * HOUR_NS)
    assert thin(journal) == (2, 1 + COUNT)
    with JournalReader(tmp_path) as reader:
        after = reader.readings(LEVEL, T0, T0 + 3 * HOUR_NS, 3)
        assert len(reader.readings(LEVEL, T0, T0 + 3 * HOUR_NS)) == len(raw) - COUNT
        [gap] = reader.gaps()
    for name in ("count", "bad", "min", "max", "mean"):
        assert getattr(after, name).tolist() == pytest.approx(getattr(before, name).tolist()), name
    assert {name: gap[name] for name in ("month", "first_seq", "last_seq", "readings", "reason")} == {
        "month": "2027-01", "first_seq": 2, "last_seq": 1 + COUNT, "readings": COUNT, "reason": "quota",
    }  # fmt: skip
    assert thin(journal) == (2 + COUNT, 1 + 2 * COUNT)
    with JournalReader(tmp_path) as reader:
        [gap] = reader.gaps()  # one record, which grew
        assert (gap["first_seq"], gap["last_seq"], gap["readings"]) == (2, 1 + 2 * COUNT, 2 * COUNT)
        assert same(list(reader.inputs(2, ALL)), HOURS[2])
    journal.close()


def test_what_went_is_told_with_its_span_and_the_record_grows_both_ways(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    times = [[each.input.at.time_ns for each in hour if isinstance(each.input, Reading)] for hour in HOURS]
    for hours in (1, 2, 3):
        went = asyncio.run(journal.thin(1, T0 + hours))
        assert went is not None
        mine = times[hours - 1]
        assert (went.first, went.last) == (2 + (hours - 1) * COUNT, 1 + hours * COUNT)
        assert (went.from_ns, went.to_ns, went.readings) == (mine[0], mine[-1], COUNT)
        with JournalReader(tmp_path) as reader:
            [gap] = reader.gaps()
        assert list(gap.values()) == [
            "2027-01", 2, 1 + hours * COUNT, times[0][0], mine[-1], hours * COUNT, "quota", T0 + hours,
        ]  # fmt: skip
    assert asyncio.run(journal.thin(1, T0)) is None
    journal.close()


def test_what_is_left_is_what_was_committed(tmp_path: Path) -> None:
    with filled(tmp_path) as journal:
        thin(journal)
    with JournalReader(tmp_path) as reader:
        verdict = verify(reader, None)
    assert (verdict.findings, verdict.removed) == ([], COUNT)
    with open_journal(tmp_path, VirtualClock(T0 + 4 * HOUR_NS)) as journal:
        assert journal.last() == Watermark(ALL, 0)


def test_bytes_come_back_and_an_empty_file_goes(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    assert len(labels(tmp_path)) == 1
    thin(journal, 1 << 30)
    assert labels(tmp_path) == []
    assert asyncio.run(journal.inputs(2, ALL)) == []
    journal.close()


@pytest.mark.parametrize(("held", "went"), [(COUNT, None), (1 + COUNT, (2, 1 + COUNT)), (None, (2, ALL))])
def test_only_what_is_stored_elsewhere_goes(tmp_path: Path, held: int | None, went: object) -> None:
    with filled(tmp_path) as journal:
        assert thin(journal, 1 << 30, held) == went


def test_what_a_restart_would_fold_again_stays(tmp_path: Path) -> None:
    with filled(tmp_path, snapshot=1 + COUNT) as journal:
        assert thin(journal, 1 << 30) == (2, 1 + COUNT)
        assert same(list(journal.recover().inputs), [*HOURS[1], *HOURS[2]])


def test_a_reader_who_looked_before_sees_that_it_is_gone(tmp_path: Path) -> None:
    with filled(tmp_path) as journal, JournalReader(tmp_path) as reader:
        assert len(reader.readings(LEVEL, T0, T0 + HOUR_NS)) == COUNT
        thin(journal)
        assert len(reader.readings(LEVEL, T0, T0 + HOUR_NS)) == 0
        assert len(reader.readings(LEVEL, T0 + HOUR_NS, T0 + 3 * HOUR_NS)) == 2 * COUNT


def sealer(
    journal: Journal, clock: VirtualClock, told: list[Noted], room: Room, *, forwarded: bool
) -> Sealer:
    quota = Quota(journal.folder, room, lambda _: (10**12, 10**11), told.append)
    return Sealer(journal, clock, quota=quota, forwarded=forwarded)


def test_the_sealer_thins_to_the_quota_and_says_so(tmp_path: Path) -> None:
    journal, clock, told = filled(tmp_path), VirtualClock(T0 + 5 * HOUR_NS), list[Noted]()
    room = Room(quota=float(taken(tmp_path) - 2))
    asyncio.run(journal.set_cursor(STORED, Watermark(1 + COUNT, 0)))
    found = asyncio.run(sealer(journal, clock, told, room, forwarded=True).thin())
    assert found is not None
    assert (found.first, found.last, found.readings) == (2, 1 + COUNT, COUNT)
    [event] = told
    assert (event.kind, event.facts["reason"], event.facts["readings"]) == ("thinned", "quota", COUNT)
    journal.close()


@pytest.mark.parametrize("allowed", [False, True])
def test_nothing_stored_elsewhere_is_told_once_a_day_unless_it_may_go(
    tmp_path: Path, *, allowed: bool
) -> None:
    journal, clock, told = filled(tmp_path), VirtualClock(T0 + 5 * HOUR_NS), list[Noted]()
    mine = sealer(journal, clock, told, Room(quota=10.0, thin_unstored=allowed), forwarded=True)
    for hours in (0, 1, STUCK_TOLD_NS // HOUR_NS):
        asyncio.run(clock.advance(hours * 3600))
        asyncio.run(mine.thin())
    assert [event.kind for event in told][:2] == (
        ["thinned", "quota_stuck"] if allowed else ["quota_stuck"] * 2
    )
    assert len(told) <= 3
    journal.close()


def test_that_nothing_may_go_is_told_again_after_a_day_and_not_before(tmp_path: Path) -> None:
    journal, clock, told = filled(tmp_path), VirtualClock(T0 + 5 * HOUR_NS), list[Noted]()
    mine = sealer(journal, clock, told, Room(quota=10.0), forwarded=True)
    for seconds, times in ((0, 1), (0, 1), (STUCK_TOLD_NS / 1e9 - 1, 1), (1, 2), (1, 2)):
        asyncio.run(clock.advance(seconds))
        asyncio.run(mine.thin())
        assert len(told) == times
    assert told[0].facts == {"over": taken(tmp_path) - 10}
    journal.close()


def test_within_the_quota_nothing_goes(tmp_path: Path) -> None:
    journal, told = filled(tmp_path), list[Noted]()
    assert asyncio.run(sealer(journal, VirtualClock(T0), told, Room(), forwarded=False).thin()) is None
    assert told == []
    journal.close()


GB = 10**9


@pytest.mark.parametrize(
    ("quota", "free", "used", "over"),
    [
        (0.6, 40 * GB, 50 * GB, 0),
        (0.6, 30 * GB, 65 * GB, 5 * GB),
        (20.0 * GB, 70 * GB, 21 * GB, 1 * GB),
        (0.6, 2 * GB, 50 * GB, 3 * GB),  # others fill the disk: a twentieth is to be free
        (0.6, 0, 32 * GB, 2 * GB),  # and half of the quota is ours whatever they do
    ],
)
def test_how_much_is_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: float, free: int, used: int, over: int
) -> None:
    monkeypatch.setattr("gateway.journal.quota.taken", lambda _: used)
    assert Quota(tmp_path, Room(quota), lambda _: (100 * GB, free)).beyond() == over
