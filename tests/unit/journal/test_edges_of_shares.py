"""Shares at their edges: what is not kept apart, rows that differ, and a share that falls when more is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.exposure import Exposures, Share
from gateway.journal.spread import Spread
from gateway.model import Composition, Identity, Ingredient, NumberedEvent
from tests.unit.journal.genealogy import HOUR, Shop
from tests.unit.journal.plant import T0

ONE_PASS = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def store(folder: Path, events: list[NumberedEvent]) -> None:
    with Replica.open(folder, Identity("a", "gw1", "e1")) as replica:
        replica.store([], events)


def followed(folder: Path, lot: str, least: float) -> dict[str, Share]:
    with JournalReader(folder) as reader:
        return {each.made.lot: each.share for each in Spread(Exposures([reader.made]), lot, least).holders()}


@pytest.mark.parametrize("kinds", [None, ("batch",)])
@pytest.mark.parametrize(
    ("apart", "rest", "high"), [(0.5, 0.375, 0.875), (0.5, 0.0, 0.5), (0.75, 0.375, 1.0), (1.0, 0.0, 1.0)]
)
def test_no_lot_holds_more_than_all_of_it_however_much_is_not_kept_apart(
    tmp_path, kinds, apart, rest, high
) -> None:
    made = Shop()
    told = made.lot("B", "batch", [("R", 5.0), ("other", 5.0)])
    held = Composition(("R",), ((apart,),), (0.125,), (rest,), (ONE_PASS,))
    store(tmp_path, [NumberedEvent(1, 0, replace(told, composition=held))])
    with JournalReader(tmp_path) as reader:
        [found] = Exposures([reader.made]).holders("R", 0.25, kinds)
    assert (found.made.lot, found.share) == ("B", (apart, high, 0.125))


def test_what_is_an_interval_in_a_lot_is_one_in_what_is_made_of_it(tmp_path) -> None:
    """4 of 10 kg mixed, all of it first in, first out; half as much in what is half of that, boxes as their batch."""
    made = Shop()
    told = made.lot("M", "batch", [("R", 10.0)])
    edges = (
        Ingredient("M", 10.0, 0.0, "fifo"), Ingredient("M", 4.0, 0.0, "mixed"), Ingredient("R", 6.0, 0.0, "mixed"),
    )  # fmt: skip
    later = [
        replace(told, lot="any", inputs=edges),
        replace(told, lot="half", inputs=(Ingredient("any", 5.0, 0.0), Ingredient("R", 5.0, 0.0))),
        replace(told, lot="twice", inputs=(Ingredient("any", 5.0, 0.0), Ingredient("M", 5.0, 0.0))),
        replace(told, lot="box", kind="box", inputs=(Ingredient("half", 2.0, 0.0),)),
    ]
    events = [
        NumberedEvent(n, 0, replace(each, time_ns=T0 + n * HOUR)) for n, each in enumerate([told, *later], 1)
    ]
    store(tmp_path, events)
    found = {lot: (share.low, share.high) for lot, share in followed(tmp_path, "M", 1e-3).items()}
    assert found == {
        "any": pytest.approx((0.4, 1.0)), "half": pytest.approx((0.2, 0.5)),
        "twice": pytest.approx((0.7, 1.0)), "box": pytest.approx((0.2, 0.5)),
    }  # fmt: skip


def test_a_lot_is_not_shown_when_what_it_was_held_for_turns_out_to_be_little(tmp_path) -> None:
    """`L` names two lots that were closed after it. What they may hold is counted as half a percent until it is known.

    By hand: 0.4999 + 0.5001 x 0.005 = 0.5024 at first; then 0.4999 + 0.5 x 2e-6 + 0.0001 x 0.006, and some 5e-7 more.
    """
    made = Shop()
    made.lot("M", "batch", [("R", 1.0)])
    made.lot("little", "batch", [("M", 0.001), ("R", 999.999)])
    made.lot("L", "batch", [("M", 0.4999), ("N", 0.5), ("P", 0.0001)])
    made.lot("Q", "batch", [("M", 1.0)])
    made.lot("N", "batch", [("Q", 0.001), ("little", 999.999)])
    made.lot("P", "batch", [("Q", 0.006), ("R", 0.994)])
    store(tmp_path, made.events)
    assert list(followed(tmp_path, "M", 0.5)) == ["Q"]
    assert followed(tmp_path, "M", 0.4999)["L"].low == pytest.approx(0.4999 + 0.5 * 2e-6 + 0.0001 * 0.006)
