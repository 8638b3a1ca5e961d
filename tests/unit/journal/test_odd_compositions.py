"""Compositions that do not hang together, hold much that is not kept apart, or are no compositions at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.briefs import brief_of
from gateway.journal.composed import bound_of, composition_of, composition_row, portion_of, shares_of
from gateway.journal.database import NAME
from gateway.journal.errors import JournalCorrupt
from gateway.journal.exposure import ALL, NONE, Exposures, Share
from gateway.journal.made import HELD_FROM, HELD_KINDS, NOT_APART, holding, holdings
from gateway.journal.madelots import NEWEST
from gateway.journal.rebuild import rebuild_folder
from gateway.journal.spread import Spread
from gateway.model import Composition, Identity, Ingredient, LotMade, Noted, NumberedEvent, Severity
from tests.unit.journal.genealogy import Shop, shop
from tests.unit.journal.plant import T0

ONE_PASS = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
TWO = Composition(("a", "b"), ((0.5, 0.25), (0.25, 0.375)), (0.125, 0.0), (0.25, 0.375), (ONE_PASS, ONE_PASS))


def body_of(held: Composition) -> bytes:
    row = composition_row(held)
    assert row is not None
    return row.body


def store(folder, events) -> None:
    with Replica.open(folder, Identity("a", "gw1", "e1")) as replica:
        for start in range(0, len(events), 7):
            replica.store([], events[start : start + 7])


# --- bytes ----------------------------------------------------------------------------------------------------------


def test_of_two_rows_the_bounds_are_the_least_and_the_most_with_the_rest() -> None:
    found = shares_of(body_of(TWO))
    assert (found.sources, found.rest) == (["a", "b"], 0.375)
    assert (found.least.tolist(), found.most.tolist()) == ([0.25, 0.25], [0.75, 0.75])
    assert bound_of(body_of(TWO), "a") == (0.25, 0.75)
    assert bound_of(body_of(TWO), "nobody") is None
    assert portion_of(body_of(TWO), "a") == (0.25, 0.5, 0.125, 0.375)
    assert portion_of(body_of(TWO), "nobody") == (0.0, 0.0, 0.0, 0.375)


def test_what_is_no_composition_is_refused() -> None:
    for read in (shares_of, composition_of, lambda body: portion_of(body, "a")):
        with pytest.raises(ValueError, match="a composition is cut off"):
            read(b"\x01")
    for wrong in (body_of(TWO)[:-8], body_of(TWO) + bytes(8)):
        with pytest.raises(ValueError, match="has too few numbers, or too many"):
            composition_of(wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"sigma": (0.5,)},
        {"rest": (0.5,)},
        {"passes": (ONE_PASS,)},
        {"passes": (ONE_PASS, ONE_PASS[:-1])},
        {"shares": ((0.5, 0.25), (0.5,))},
        {"sources": ("a", "\ud800")},
        {"recycled": (0.0,) * 256},
    ],
)
def test_what_does_not_hang_together_has_no_bytes(change) -> None:
    assert composition_row(TWO) is not None
    assert composition_row(replace(TWO, **change)) is None


def test_nothing_at_all_has_bytes() -> None:
    nothing = Composition((), (), (), (), (), recycled=())
    assert composition_of(body_of(nothing)) == nothing
    assert composition_of(body_of(TWO)) == TWO


# --- among the holders ----------------------------------------------------------------------------------------------


def test_a_lot_is_kept_by_its_sources_from_a_thousandth_on() -> None:
    held = replace(
        TWO, shares=((HELD_FROM, HELD_FROM / 2),), rest=(HELD_FROM / 4,), passes=(ONE_PASS,), sigma=(0.0, 0.0)
    )
    names, least, most = holdings(shares_of(body_of(held)))
    assert (names, least.tolist(), most.tolist()) == (["a"], [HELD_FROM], [HELD_FROM * 1.25])
    for rest in (HELD_FROM, 0.25):
        names, least, most = holdings(shares_of(body_of(replace(held, rest=(rest,)))))
        assert (names, least[-1], most[-1]) == (["a", "b", NOT_APART], 0.0, rest)
    assert holding(body_of(held), NOT_APART) == (0.0, HELD_FROM / 4)
    assert holding(body_of(held), "b") == (HELD_FROM / 2, HELD_FROM * 0.75)
    assert holding(body_of(held), "nobody") is None


def batches(count: int, odd: dict[int, Composition]) -> list[NumberedEvent]:
    """Batches of half a and half b, a few otherwise."""
    plain = Composition(("a", "b"), ((0.5, 0.5),), (0.0, 0.0), (0.0,), (ONE_PASS,))
    made = [
        LotMade(T0 + n, f"B{n:02d}", "batch", "c", 10.0, 0.0, (Ingredient("a", 5.0),), odd.get(n, plain))
        for n in range(count)
    ]
    return [NumberedEvent(n + 1, 0, each) for n, each in enumerate(made)]


SHORT = Composition(
    ("a", "b"), ((0.25,),), (0.0, 0.0), (), (ONE_PASS,)
)  # nobody says what b and the rest are
UNSAYABLE = Composition(("a", "\ud800"), ((0.5, 0.5),), (0.0, 0.0), (0.0,), (ONE_PASS,))
ENDLESS = Composition(
    ("a",), ((0.5,),) * 256, (0.0,), (0.5,) * 256, (ONE_PASS,) * 256
)  # two rows are the most
MUCH = Composition(("a",), ((0.5,),), (0.0,), (0.5,), (ONE_PASS,))  # a half is not kept apart


@pytest.mark.parametrize("count", [6, HELD_KINDS["batch"] + 12])
def test_lots_that_do_not_hang_together_are_found_all_the_same(count, tmp_path) -> None:
    """While they wait and when they are gathered; what they do not say counts as nothing of b, and all of the rest."""
    store(tmp_path, batches(count, {1: SHORT, 2: UNSAYABLE, 3: ENDLESS, 4: MUCH}))
    usual = {f"B{n:02d}" for n in range(count)} - {"B01", "B02", "B03", "B04"}
    for _ in range(2):
        with JournalReader(tmp_path) as reader:
            held = {each.lot: (each.low, each.high) for each in reader.made.holders("a", 1e-3, "batch")}
            assert held == dict.fromkeys({*usual, "B02"}, (0.5, 0.5)) | {
                "B01": (0.25, 1.25),
                "B04": (0.5, 1.0),
            }
            held = {each.lot: (each.low, each.high) for each in reader.made.holders("b", 1e-3, "batch")}
            assert held == dict.fromkeys(usual, (0.5, 0.5)) | {"B01": (0.0, 1.0)}
            held = {each.lot: (each.low, each.high) for each in reader.made.not_apart(1e-3, "batch")}
            assert held.pop("B04") == (0.0, 0.5)
            assert held.pop("B01") == (0.0, 1.0)
            assert set(held.values()) <= {(0.0, 0.0)}
            least = {each.lot for each in reader.made.holders("a", 0.5, "batch")}
            assert least == usual | {"B01", "B02", "B04"}
        assert rebuild_folder(tmp_path) == count


def test_tables_made_again_in_small_pieces_are_the_same(tmp_path, monkeypatch) -> None:
    store(tmp_path, batches(40, {3: SHORT, 35: MUCH}))

    def tables() -> list[object]:
        with sqlite3.connect(tmp_path / NAME) as db:
            rows = [
                db.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall()
                for name in ("made", "made_of")
            ]
        with JournalReader(tmp_path) as reader:
            return [*rows, *(reader.made.holders(each, 1e-3, "batch") for each in ("a", "b", NOT_APART))]

    whole = tables()
    for name, value in (("PAGE", 7), ("RUN", 9), ("AT_ONCE", 4), ("BLOCK", 11)):
        monkeypatch.setattr(f"gateway.journal.rebuild.{name}", value)
        assert rebuild_folder(tmp_path) == 40
        assert tables() == whole, name


# --- asked of -------------------------------------------------------------------------------------------------------


@pytest.fixture
def plant(tmp_path):
    made = shop()
    low = Composition(("R1",), ((0.75,),), (0.1,), (0.125,), (ONE_PASS,))
    made.tell(LotMade(T0, "MIX", "batch", "c", 8.0, 0.0, (Ingredient("R1", 8.0),), low))
    store(tmp_path / "j", made.events)
    with JournalReader(tmp_path / "j") as reader:
        yield reader


def test_a_lot_is_all_of_itself_and_nothing_of_what_nobody_made(plant) -> None:
    asked = Exposures([plant.made])
    assert asked.share("R1", "R1") == asked.share("nobody", "nobody") == ALL == (1.0, 1.0, 0.0)
    assert asked.share("nobody", "R1") == NONE == (0.0, 0.0, 0.0)
    assert asked.share("B1", "R2") == NONE
    assert (asked.rest("nobody"), asked.rest("B1"), asked.rest("MIX")) == (0.0, 0.0, 0.125)
    assert asked.sources("nobody") == {"nobody": ALL}


def test_what_is_not_kept_apart_is_in_the_upper_bound_and_in_no_other(plant) -> None:
    one, two = Exposures([plant.made]), Exposures([plant.made, plant.made])
    for asked in (one, two):
        assert asked.share("MIX", "R1") == Share(0.75, 0.875, 0.1)
        assert asked.share("MIX", "R2") == Share(0.0, 0.125, 0.0)
        assert asked.sources("MIX")["R1"] == Share(0.75, 0.75, 0.1)


def test_a_share_is_never_more_than_all(tmp_path) -> None:
    much = Composition(("R1",), ((0.75,),), (0.0,), (0.5,), (ONE_PASS,))
    store(tmp_path, [NumberedEvent(1, 0, LotMade(T0, "M", "batch", "c", 8.0, 0.0, (), much))])
    with JournalReader(tmp_path) as reader:
        for journals in ([reader.made], [reader.made, reader.made]):
            assert Exposures(journals).share("M", "R1") == Share(0.75, 1.0, 0.0)


def test_what_has_no_mass_hands_nothing_on(tmp_path) -> None:
    made = Shop()
    made.lot("R", "material", kg=9.0)
    made.lot("M", "batch", [("R", 5.0)])
    empty = replace(
        made.made["M"], lot="E", inputs=(Ingredient("M", 0.0), Ingredient("R", 0.0)), time_ns=T0 + 9
    )
    made.tell(empty)
    made.tell(replace(empty, lot="F", inputs=(Ingredient("M", 0.0),), kind="box"))
    store(tmp_path, made.events)
    with JournalReader(tmp_path) as reader:
        assert list(Spread(Exposures([reader.made]), "M", 1e-3).holders()) == []


def test_a_brief_whose_event_is_no_lot_is_damage(plant) -> None:
    brief = plant.made.briefs(["B1"])["B1"]
    whole = plant.made.portion(brief._replace(digest=None), "R1")
    assert whole == plant.made.portion(brief, "R1") == (1.0, 1.0, whole.sigma, 0.0)
    assert plant.made.portion(brief._replace(digest=None), "R2") == (0.0, 0.0, 0.0, 0.0)
    with pytest.raises(JournalCorrupt, match="the composition of B1 is damaged"):
        plant.made.portion(brief._replace(digest=b"none such"), "R1")


def test_an_event_that_is_no_lot_has_no_portions(tmp_path) -> None:
    made = shop()
    note = Noted(T0, "gap", "x", Severity.INFO, {})
    store(tmp_path, [*made.events, NumberedEvent(len(made.events) + 1, 0, note)])
    with JournalReader(tmp_path) as reader:
        brief = reader.made.briefs(["B1"])["B1"]._replace(digest=None, seq=len(made.events) + 1)
        with pytest.raises(JournalCorrupt, match=f"event {len(made.events) + 1} is no lot"):
            reader.made.portion(brief, "R1")
        assert reader.made.count() == reader.made.count(NEWEST) == len(made.events)
        assert reader.made.count(3) == 3


def test_in_short_a_lot_says_what_it_says_at_length(plant) -> None:
    body = '{"lot":"L","kind":"box","cell":"c","kg":2.5,"sigma_kg":0.5,"inputs":[{"lot":"B","kg":2.5}]}'
    brief = brief_of((7, 1, T0, "LotMade", body, b"digest"))
    assert brief[:8] == (T0, "L", "box", "c", 2.5, 0.5, 1, False)
    assert brief.inputs == (("B", 2.5, 0.0, ""),)
    assert (brief.digest, brief.seq) == (b"digest", 7)
    found = plant.made.briefs(["P1", "B1"])
    assert [found[name].aggregated for name in ("P1", "B1")] == [True, False]
