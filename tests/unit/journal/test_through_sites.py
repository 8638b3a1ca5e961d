"""Shares of shares: what a site holds of a source by way of a lot that another site made."""

from __future__ import annotations

import asyncio
import math

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.exposure import Exposures, Share
from gateway.journal.merging import merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import seal
from gateway.model import Composition, Identity, Ingredient, LotMade, NumberedEvent, NumberedInput
from tests.unit.journal.plant import T0, Plant, commit, config, make_site

NINE = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
DAY = 86_400 * 10**9


def lot(seq: int, name: str, shares: dict[str, tuple[float, float]], rest: float = 0.0) -> NumberedEvent:
    """A batch of these sources: share and its standard uncertainty."""
    held = Composition(
        tuple(shares), (tuple(share for share, _ in shares.values()),), tuple(sigma for _, sigma in shares.values()),
        (rest,), (NINE,),
    )  # fmt: skip
    edges = tuple(Ingredient(source, share) for source, (share, _) in shares.items())
    return NumberedEvent(seq, 0, LotMade(T0 + seq, name, "batch", "c", 1.0, 0.0, edges, held))


@pytest.fixture
def sites(tmp_path):
    """Site a makes X1 and X2; site b makes Y of both, of R of its own, and Z of Y."""
    a = [
        lot(1, "X1", {"R": (0.5, 0.125), "Q": (0.25, 0.0)}, 0.25),
        lot(2, "X2", {"R": (0.75, 0.25), "Q": (0.25, 0.0)}),
    ]
    b = [
        lot(1, "Y", {"X1": (0.5, 0.0625), "X2": (0.25, 0.125), "R": (0.125, 0.5)}, 0.125),
        lot(2, "Z", {"Y": (1.0, 0.0)}),
    ]
    for name, events in (("a", a), ("b", b)):
        with Replica.open(tmp_path / name, Identity(name, "gw1", "e1")) as replica:
            replica.store([], events)
    with JournalReader(tmp_path / "a") as one, JournalReader(tmp_path / "b") as two:
        yield [one.made, two.made]


def through(outer: tuple[float, float], inner: tuple[float, float]) -> tuple[float, float]:
    """To first order: JCGM 100:2008, 5.1.2, of a product."""
    (share, sigma), (part, its) = outer, inner
    return share * part, math.hypot(sigma * part, its * share)


def test_shares_multiply_and_ways_add_up(sites) -> None:
    asked = Exposures(sites)
    ways = [through((0.5, 0.0625), (0.5, 0.125)), through((0.25, 0.125), (0.75, 0.25)), (0.125, 0.5)]
    total, sigma = math.fsum(share for share, _ in ways), math.hypot(*(sigma for _, sigma in ways))
    assert asked.sources("Y")["R"] == pytest.approx(Share(total, total, sigma))
    assert asked.sources("Y")["Q"].low == pytest.approx(0.5 * 0.25 + 0.25 * 0.25)
    assert asked.sources("Y").keys() == {"R", "Q"}
    found = asked.share("Y", "R")
    above = 0.125 + 0.5 * 0.25  # the rest of Y, and of X1 in it
    assert (found.low, found.high) == pytest.approx((total, total + above))
    wider = through((0.5, 0.0625), (0.75, 0.125))[1]  # what X1 does not keep apart may be R, too
    assert found.sigma == pytest.approx(math.hypot(wider, ways[1][1], ways[2][1]))
    assert asked.rest("Y") == pytest.approx(above)


def test_who_asks_for_a_lot_of_another_site_gets_that(sites) -> None:
    asked = Exposures(sites)
    assert asked.share("Y", "X1") == Share(0.5, 0.625, 0.0625)
    assert asked.share("X1", "R") == Share(0.5, 0.75, 0.125)
    assert asked.share("X1", "Y").low == 0.0
    assert asked.children("X1") == ["Y"]
    assert asked.children("R") == ["X1", "X2", "Y"]
    made = asked.made("X1")
    assert made is not None
    assert made.inputs
    assert asked.made("R") is None


def test_a_site_alone_knows_what_it_took_in_and_no_more(sites) -> None:
    alone = Exposures(sites[1:])
    assert alone.sources("Y").keys() == {"X1", "X2", "R"}
    assert (alone.rest("Y"), alone.share("Y", "R")) == (0.125, Share(0.125, 0.25, 0.5))


def test_what_was_told_later_is_not_known_before(sites) -> None:
    early = Exposures(sites, [1, 0])
    assert early.made("X1") is not None
    assert (early.made("X2"), early.made("Y"), early.children("X1")) == (None, None, [])
    assert list(early.bounds()) == [1, 0]


# --- a chunk of a day -----------------------------------------------------------------------------------------------


def test_the_last_window_of_a_day_is_in_the_chunk_of_that_day(journal) -> None:
    """A chunk of a day is found by its first window, 143 windows before its last one."""
    begin = T0 - T0 % DAY
    plant = Plant(1)
    given = [NumberedInput(1, config(make_site(plant.group), "h1"))]
    for n, window in enumerate((0, 71, 143)):
        given += plant.readings(2 + 3 * n, 3, begin + window * WINDOW_NS)
    asyncio.run(commit(journal, given))
    late = begin // WINDOW_NS + 1_000
    for each in list(seal(journal.folder, late)):
        assert asyncio.run(journal.put_sealed(each))
    for larger in list(merge(journal.folder, late)):
        assert asyncio.run(journal.put_merged(larger))
    with JournalReader(journal.folder) as reader:
        for n, window in enumerate((0, 71, 143)):
            t0 = begin + window * WINDOW_NS
            found = reader.readings("hall/line1/press1/level", t0, t0 + WINDOW_NS)
            assert len(found) == 3
            assert [len(rows) for rows, _ in reader.rows("press1/fast", t0, t0 + WINDOW_NS)] == [3]
            assert [each.seq for each in reader.inputs(2 + 3 * n, 4 + 3 * n)] == list(
                range(2 + 3 * n, 5 + 3 * n)
            )
            assert reader.readings("hall/line1/press1/level", t0 - 1, t0, 1).count.sum() == 0
        whole = reader.readings("hall/line1/press1/level", begin, begin + DAY, 144)
        assert (whole.count + whole.bad).nonzero()[0].tolist() == [0, 71, 143]
        assert reader.span() == (given[1].input.at.time_ns, given[-1].input.at.time_ns)
