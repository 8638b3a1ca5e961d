"""Where a lot went, asked in bulk: the same as lot by lot, on plants drawn at random, and so are the first of them."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.journal import JournalReader, Replica
from gateway.journal.briefs import Edge, brief_of
from gateway.journal.errors import JournalCorrupt
from gateway.journal.exposure import Exposures
from gateway.journal.madelots import NEWEST
from gateway.journal.spread import Spread
from gateway.model import Identity, Ingredient
from gateway.views.trace import Asked, told
from tests.unit.journal.genealogy import Shop, shop
from tests.unit.journal.one_by_one import by_composition, by_edges

KINDS = ("batch", "regrind", "box", "pallet", "shipment")
TINY = 1e-60  # below every share there is: nothing is cut off


@st.composite
def shops(draw) -> Shop:
    """Two resins, and lots of up to four lots before them; some are told again with other inputs."""
    made = Shop()
    made.lot("R1", "material", kg=1e3)
    made.lot("R2", "material", kg=1e3)
    for number in range(draw(st.integers(1, 14))):
        names = list(made.made)
        inputs = draw(st.lists(st.tuples(st.sampled_from(names), st.integers(1, 50)), min_size=1, max_size=4))
        made.lot(f"L{number}", draw(st.sampled_from(KINDS)), [(name, float(kg)) for name, kg in inputs])
    if draw(st.booleans()):
        told_again = draw(st.sampled_from([name for name in made.made if name.startswith("L")]))
        made.again(told_again, [(draw(st.sampled_from(["R1", "R2"])), 5.0)])
    return made


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(shops(), st.sampled_from([TINY, 0.02, 0.3]))
def test_the_same_as_lot_by_lot(tmp_path_factory, made, least) -> None:
    folder = tmp_path_factory.mktemp("plant") / "j"
    with Replica.open(folder, Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    with JournalReader(folder) as reader:
        held = {each.made.lot: each.share for each in Exposures([reader.made]).holders("R1", least)}
        assert held == by_composition(reader, "R1", least)
        lot = "L0"
        spread = {each.made.lot: each.share for each in Spread(Exposures([reader.made]), lot, TINY).holders()}
        wanted = by_edges(reader, lot)
        assert spread.keys() == wanted.keys()
        for name, share in wanted.items():
            assert spread[name] == pytest.approx(share, rel=1e-9, abs=1e-30)
        for brief in (each.made for each in Exposures([reader.made]).holders("R1", least)):
            full = reader.made.made(brief.lot)
            assert full is not None
            for name in ("time_ns", "kind", "cell", "kg", "sigma_kg", "version", "aggregated"):
                assert getattr(brief, name) == getattr(full, name)
            assert tuple(map(_plain, brief.inputs)) == tuple(map(_plain, full.inputs))


def _plain(edge: Edge | Ingredient) -> tuple[object, ...]:
    return edge.lot, edge.kg, edge.sigma_kg, edge.mixing


@pytest.fixture
def plant(tmp_path):
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], shop().events)
    with JournalReader(tmp_path / "j") as reader:
        yield reader


def asked(first: int | None, kinds: tuple[str, ...] | None = None) -> Asked:
    return Asked((True,), 1e-3, kinds, False, (NEWEST,), first)


@pytest.mark.parametrize("lot", ["R1", "B1"])
@pytest.mark.parametrize("kinds", [None, ("box", "shipment")])
def test_the_first_are_those_that_were_closed_first(plant, lot, kinds) -> None:
    every = told([plant], lot, asked(None, kinds))["forward"]
    lots = [row["lot"] for row in every["holders"]]
    for first in range(1, len(lots) + 2):
        some = told([plant], lot, asked(first, kinds))["forward"]
        assert [row["lot"] for row in some["holders"]] == lots[:first]
        assert some["whole"] == (first >= len(lots))
        assert some.get("totals") == (every["totals"] if some["whole"] else None)


def test_links_as_scanned_are_left_out_where_nobody_wants_them(plant) -> None:
    by_mass = Asked((False,), 1e-3, None, False, (NEWEST,), scans=False)
    assert "links" not in told([plant], "B1", by_mass)["backward"]
    assert told([plant], "never made", by_mass)["backward"]["links"] == []


@pytest.mark.long
def test_many_lots_are_opened_in_few_statements(tmp_path) -> None:
    made = Shop()
    made.lot("R", "material", kg=1e4)
    for number in range(700):
        made.lot(f"B{number:03d}", "batch", [("R", 10.0)])
        made.lot(f"X{number:03d}", "box", [(f"B{number:03d}", 10.0)])
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    statements: list[str] = []
    with JournalReader(tmp_path / "j") as reader:
        reader._db.set_trace_callback(statements.append)  # noqa: SLF001 # nothing else counts them
        held = list(Exposures([reader.made]).holders("R", 1e-3))
        assert len(held) == 1_400
        assert len(statements) < 20
        statements.clear()
        [first, *_] = islice(Exposures([reader.made]).holders("R", 1e-3, ("box",)), 1)
        assert first.made.lot == "X000"


def test_a_lot_whose_numbers_json_cannot_say_keeps_its_composition(tmp_path) -> None:
    made = shop()
    made.lot("ODD", "box", [("B1", 20.0)], kg=float("inf"))
    with Replica.open(tmp_path / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], made.events)
    with JournalReader(tmp_path / "j") as reader:
        assert reader.made.briefs(["ODD", "B1", "nobody"]).keys() == {"ODD", "B1"}
        held = {each.made.lot: each.share for each in Exposures([reader.made]).holders("R1", 1e-3, ("box",))}
        assert held["ODD"].low == pytest.approx(1.0)


def test_what_is_no_lot_is_refused() -> None:
    with pytest.raises(TypeError, match="event 7 is no lot"):
        brief_of((7, 1, 5, "gap", '{"severity":0,"subject":"x","facts":{}}', None))
    with pytest.raises(JournalCorrupt, match="event 7"):
        brief_of((7, 1, 5, "LotMade", '{"lot":"x"}', None))
    with pytest.raises(KeyError, match="kind"):
        brief_of((7, 1, 5, "LotMade", '{"lot":"x"}', b"digest"))
