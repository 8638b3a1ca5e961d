"""Who holds how much, against an exact solve by hand: masses in a small plant whose sums anybody can check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.anytrace import reachable
from gateway.journal.errors import JournalCorrupt
from gateway.journal.exposure import Exposures
from gateway.journal.madelots import NEWEST
from gateway.journal.spread import Spread
from gateway.model import Identity, Ingredient, NumberedEvent
from tests.unit.journal.genealogy import Shop, shop


@pytest.fixture
def plant(tmp_path):
    folder = tmp_path / "j"
    with Replica.open(folder, Identity("a", "gw1", "e1")) as replica:
        replica.store([], shop().events)
    with JournalReader(folder) as reader:
        yield reader


SHARES = {  # of R1, in eighths by hand: B2 is 3/4, B3 a quarter by way of its regrind
    "B1": 1.0, "B2": 0.75, "B3": 0.25, "X1": 1.0, "X2": 0.75, "X3": 0.25, "G1": 1.0,
    "P1": 0.875, "S1": 0.875, "S2": 0.25,
}  # fmt: skip


@pytest.mark.parametrize("kinds", [None, ("shipment",), ("batch", "shipment"), ("box", "pallet")])
def test_holders_of_a_source(plant, kinds) -> None:
    """The index of holders and going from lot to lot say the same."""
    held = {each.made.lot: each for each in Exposures([plant.made]).holders("R1", 1e-3, kinds)}
    wanted = {lot for lot in SHARES if kinds is None or plant.made.made(lot).kind in kinds}
    assert set(held) == wanted
    for lot, each in held.items():
        assert each.share.low == pytest.approx(SHARES[lot], abs=1e-12)
        assert each.share.high == pytest.approx(SHARES[lot], abs=1e-12)


def test_holders_of_a_source_that_nobody_told_of(tmp_path) -> None:
    """A sack that was only scanned into a batch: no event says that it is whole."""
    made = Shop()
    made.lot("B9", "batch", [("R9", 5.0)])
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    with JournalReader(tmp_path / "j") as reader:
        for kinds in (("batch",), None):
            [held] = Exposures([reader.made]).holders("R9", 0.01, kinds)
            assert (held.made.lot, held.share) == ("B9", (1.0, 1.0, 0.0))


def test_a_least_share_leaves_out_what_is_below_it(plant) -> None:
    held = Exposures([plant.made]).holders("R1", 0.5, ("box", "shipment"))
    assert sorted(each.made.lot for each in held) == ["S1", "X1", "X2"]


def test_what_a_shipment_is_made_of(plant) -> None:
    found = Exposures([plant.made]).sources("S1")
    assert {lot: share.low for lot, share in found.items()} == pytest.approx({"R1": 0.875, "R2": 0.125})
    assert Exposures([plant.made]).rest("S1") == 0.0
    assert Exposures([plant.made]).sources("nowhere") == {"nowhere": (1.0, 1.0, 0.0)}


def test_a_lot_that_was_made_is_followed_from_lot_to_lot(plant) -> None:
    held = {each.made.lot: each.share for each in Spread(Exposures([plant.made]), "B1", 1e-3).holders()}
    assert {lot: share.low for lot, share in held.items()} == pytest.approx(
        {"G1": 1.0, "X1": 1.0, "B3": 0.25, "X3": 0.25, "P1": 0.5, "S1": 0.5, "S2": 0.25}
    )
    assert all(share.low == share.high for share in held.values())
    part = held["B3"]  # 10 of 40 kg: sigma by hand, (0.01/40)^2 (0.75^2 + 0.25^2)
    assert part.sigma == pytest.approx(0.01 / 40 * (0.75**2 + 0.25**2) ** 0.5)


def test_what_is_cut_off_is_in_the_bound(tmp_path) -> None:
    """Asked for half of it, nobody looks behind what is below 0.5 %, so the true share lies under the upper bound."""
    made = Shop()
    made.lot("R", "material", kg=1e6)
    made.lot("M", "batch", [("R", 1.0)])
    made.lot("little", "batch", [("M", 0.001), ("R", 999.0)])
    made.lot("next", "batch", [("little", 500.0), ("R", 1.0)])
    made.lot("last", "batch", [("M", 0.5), ("next", 0.5)])
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    with JournalReader(tmp_path / "j") as reader:
        [held] = Spread(Exposures([reader.made]), "M", 0.5).holders()
    assert (held.made.lot, held.share.low, held.share.high) == ("last", 0.5, pytest.approx(0.5025))
    true = 0.5 + 0.5 * (500.0 / 501.0) * 1e-6
    assert held.share.low <= true <= held.share.high


def test_mixing_that_nobody_knows_is_an_interval(tmp_path) -> None:
    made = Shop()
    made.lot("R1", "material", kg=100.0)
    made.lot("B0", "batch", [("R1", 10.0)])
    made.lot("R2", "material", kg=100.0)
    made.lot("B1", "batch", [("R1", 10.0), ("R2", 30.0)])
    told = made.events[-1].event
    edges = (
        Ingredient("B0", 10.0, 0.0, "fifo"), Ingredient("B0", 4.0, 0.0, "mixed"), Ingredient("R2", 6.0, 0.0, "mixed"),
    )  # fmt: skip
    event = NumberedEvent(5, 0, replace(told, lot="B2", inputs=edges, time_ns=told.time_ns + 1))  # type: ignore[arg-type]
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], [*made.events, event])
    with JournalReader(tmp_path / "j") as reader:
        [held] = Spread(Exposures([reader.made]), "B0", 1e-3).holders()
    assert (held.made.lot, held.share.low, held.share.high) == ("B2", pytest.approx(0.4), 1.0)


def test_a_late_scan_may_name_a_lot_that_was_closed_later(tmp_path) -> None:
    """Box X is closed before the batch that it is of, and the shipment before both."""
    made = Shop()
    made.lot("R1", "material", kg=100.0)
    made.lot("R2", "material", kg=100.0)
    made.lot("M", "batch", [("R1", 50.0)])
    made.lot("B", "batch", [("R2", 25.0), ("M", 25.0)])
    made.lot("X", "box", [("M", 10.0), ("B", 10.0)])
    made.lot("S", "shipment", [("X", 20.0)])
    late = [each._replace(event=replace(each.event, time_ns=-each.event.time_ns)) for each in made.events]
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], late)
    with JournalReader(tmp_path / "j") as reader:
        held = {
            each.made.lot: each.share.low for each in Spread(Exposures([reader.made]), "M", 1e-3).holders()
        }
        assert held == pytest.approx({"B": 0.5, "X": 0.75, "S": 0.75})
        assert reachable([reader], "M", forward=True, upto=[NEWEST]).lots == ["B", "S", "X"]


def test_lots_that_go_round_in_a_circle_are_refused_in_words(tmp_path) -> None:
    made = Shop()
    made.lot("A", "batch", [("B", 10.0)])
    made.lot("B", "batch", [("A", 10.0)])
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    with JournalReader(tmp_path / "j") as reader:
        with pytest.raises(JournalCorrupt, match="in a circle"):
            reachable([reader], "A", forward=True, upto=[NEWEST])
        assert [each.made.lot for each in Spread(Exposures([reader.made]), "A", 1e-3).holders()] == ["B"]


def test_the_legal_set_and_its_kinds(plant) -> None:
    on = reachable([plant], "R1", forward=True, upto=[NEWEST])
    assert on.lots == sorted(SHARES)
    assert on.kinds == {"batch": 3, "box": 3, "regrind": 1, "pallet": 1, "shipment": 2}
    back = reachable([plant], "S2", forward=False, upto=[NEWEST])
    assert back.lots == ["B1", "B3", "G1", "R1", "R2", "X3"]
    assert reachable([plant], "nowhere", forward=True, upto=[NEWEST]).lots == []


@pytest.fixture
def sites(tmp_path):
    """Site a makes box X2 of R1 and R2, site b moulds with it: as material there, and as another lot's input."""
    for name, events in (("a", shop().events), ("b", _customer().events)):
        with Replica.open(tmp_path / name / "gw1-e1", Identity(name, "gw1", "e1")) as replica:
            replica.store([], events)
    with JournalReader(tmp_path / "a" / "gw1-e1") as one, JournalReader(tmp_path / "b" / "gw1-e1") as two:
        yield [one, two]


def _customer() -> Shop:
    made = Shop()
    made.lot("X2", "material", kg=20.0)
    made.lot("R1", "material", kg=50.0)
    made.lot("C1", "batch", [("X2", 10.0), ("R1", 10.0)])
    made.lot("D1", "shipment", [("C1", 20.0)])
    return made


def test_a_box_that_went_to_another_site_goes_on_there_under_its_name(sites) -> None:
    exposures = Exposures([reader.made for reader in sites])
    held = {each.made.lot: each.share.low for each in exposures.holders("R1", 1e-3, ("shipment",))}
    assert held == pytest.approx({"S1": 0.875, "S2": 0.25, "D1": 0.5 * 0.75 + 0.5})
    assert {lot: share.low for lot, share in exposures.sources("D1").items()} == pytest.approx(
        {"R1": 0.875, "R2": 0.125}
    )
    assert exposures.made("X2") == shop().made["X2"]
    from_batch = {each.made.lot: each.share.low for each in Spread(exposures, "B2", 1e-3).holders()}
    assert from_batch["D1"] == pytest.approx(0.5)
    on = reachable(sites, "R2", forward=True, upto=[NEWEST] * 2)
    assert on.lots == ["B2", "B3", "C1", "D1", "P1", "S1", "S2", "X2", "X3"]
