"""Rules for lots: kept, broken, or nobody can say; each judged on the interval."""

from __future__ import annotations

import pytest

from gateway.genealogy import mix, source, to_composition
from gateway.holds.verdict import Materials, judged
from gateway.model import Entry, Ingredient, LotMade, Plain, Tick
from gateway.site import LotRule
from tests.unit.fold.line import at

from .plant import PA, PP, Plant, alarm, note, words

BOXES = LotRule("boxes", reaction="Put it aside.")
MATERIALS = Materials([PP, PA])


def regrind(plant: Plant, name: str = "REG-1", passes: int = 1) -> str:
    plant.lot(name, {"PP-1": 10.0}, "regrind", ground=True)
    for more in range(1, passes):
        plant.lot(
            f"{name}.{more}", {name if more == 1 else f"{name}.{more - 1}": 10.0}, "regrind", ground=True
        )
    return name if passes == 1 else f"{name}.{passes - 1}"


def lot(*parts, kind: str = "box", **options) -> LotMade:
    composition = to_composition(mix(parts))
    return LotMade(at(0).time_ns, "B", kind, "hall/line1/press1", 10.0, 0.0, (), composition, **options)


def ground(lot: str, kg: float, sigma: float = 0.0, mixing: str = ""):
    return mix([(source(lot), 1.0, 0.0, "")], ground=True), kg, sigma, mixing


def fresh(lot: str, kg: float, sigma: float = 0.0, mixing: str = ""):
    return source(lot), kg, sigma, mixing


def test_a_box_with_too_much_regrind_is_held_and_alarmed_when_it_is_closed():
    plant = Plant(BOXES)
    mill = regrind(plant)
    told = plant.lot("B1", {"PP-1": 70.0, mill: 30.0})
    assert words(told) == ["lot_held B1", "alarm lot_rule active"]
    assert alarm(told, "lot_rule").lots == ("B1",)
    assert plant.holds.held["B1"].why[0].by == "rule"
    facts = alarm(told, "lot_rule").facts or {}
    assert facts["sentence"] == (
        "B1 breaks rule boxes: regrind is 30 to 30 %, allowed 25 %. It is held. Do: Put it aside."
    )
    assert note(told, "lot_held").facts["breaches"] == [
        {
            "what": "regrind",
            "low": pytest.approx(0.3),
            "high": pytest.approx(0.3),
            "limit": 0.25,
            "sure": True,
        }
    ]


def test_exactly_the_limit_keeps_the_rule():
    plant = Plant(BOXES)
    assert plant.lot("B1", {"PP-1": 75.0, regrind(plant): 25.0}) == []
    assert plant.holds.held == {}


def test_one_alarm_stands_for_all_boxes_and_returns_with_the_next_good_one():
    plant = Plant(BOXES)
    mill = regrind(plant)
    first = plant.lot("B1", {"PP-1": 70.0, mill: 30.0})
    second = plant.lot("B2", {"PP-1": 60.0, mill: 40.0}, seconds=20)
    assert alarm(second, "lot_rule").alarm == alarm(first, "lot_rule").alarm
    assert alarm(second, "lot_rule").lots == ("B1", "B2")
    third = plant.lot("B3", {"PP-1": 90.0, mill: 10.0}, seconds=30)
    assert words(third) == ["alarm lot_rule returned"]
    assert set(plant.holds.held) == {"B1", "B2"}, "the boxes stay held"


def test_a_rule_is_for_its_kinds_cells_parts_and_materials():
    rich = lot(fresh("PP-1", 1.0), ground("PP-1", 1.0))
    assert judged(LotRule("r"), rich, MATERIALS, ()) != ()
    assert judged(LotRule("r", kinds=("pallet",)), rich, MATERIALS, ()) is None
    assert judged(LotRule("r", cells=("hall/line1/press2",)), rich, MATERIALS, ()) is None
    assert judged(LotRule("r", parts=("P-1",)), rich, MATERIALS, ()) is None
    assert judged(LotRule("r", materials=("pa",)), rich, MATERIALS, ()) is None
    part = lot(fresh("PP-1", 1.0), ground("PP-1", 1.0), facts={"part": "P-1"})
    assert judged(LotRule("r", parts=("P-1",)), part, MATERIALS, ())
    assert judged(LotRule("r", materials=("pp",), max_regrind=0.0), rich, MATERIALS, ())


def test_what_the_weighing_cannot_tell_is_possible_and_not_sure():
    made = lot(fresh("PP-1", 73.0, 1.0), ground("PP-1", 27.0, 1.0))
    [breach] = judged(LotRule("r"), made, MATERIALS, ()) or ()
    # JCGM 100, 5.1.2: x = b / (a + b), u(x)^2 = (0.01 * 0.27)^2 + (0.01 * 0.73)^2
    sigma = 0.01 * (0.27**2 + 0.73**2) ** 0.5
    assert [breach.low, breach.high] == pytest.approx([0.27 - 2 * sigma, 0.27 + 2 * sigma])
    assert breach.sure is (0.27 - 2 * sigma > 0.25)
    sure = lot(fresh("PP-1", 70.0, 1.0), ground("PP-1", 30.0, 1.0))
    assert [each.sure for each in judged(LotRule("r"), sure, MATERIALS, ()) or ()] == [True]


def two_ways() -> LotMade:
    """First in, first out it has no regrind; mixed it has 40 %."""
    return lot(
        fresh("PP-1", 100.0, mixing="fifo"),
        fresh("PP-1", 60.0, mixing="mixed"),
        ground("PP-1", 40.0, mixing="mixed"),
    )


def test_a_vessel_of_unknown_mixing_makes_a_breach_possible():
    [breach] = judged(LotRule("r"), two_ways(), MATERIALS, ()) or ()
    assert [breach.low, breach.high] == pytest.approx([0.0, 0.4])
    assert not breach.sure


@pytest.mark.parametrize(("possible", "held"), [("tell", False), ("hold", True)])
def test_what_may_break_a_rule_is_told_or_held_as_the_rule_says(possible, held):
    plant = Plant(LotRule("boxes", possible=possible))
    told = plant.told(Tick(at(0)), two_ways())
    assert ("B" in plant.holds.held) is held
    assert alarm(told, "lot_rule_possible").severity == 1
    assert ("may break" in str((alarm(told, "lot_rule_possible").facts or {})["sentence"])) is True


def test_too_many_passes():
    plant = Plant(LotRule("boxes", max_regrind=1.0, max_passes=2, passes_share=0.05))
    twice, thrice = regrind(plant, "R2", 2), regrind(plant, "R3", 3)
    assert plant.lot("B1", {"PP-1": 50.0, twice: 50.0}) == []
    assert plant.lot("B2", {"PP-1": 96.0, thrice: 4.0}) == []
    told = plant.lot("B3", {"PP-1": 90.0, thrice: 10.0})
    assert "what was through a screw more than 2 times is 10 to 10 %, allowed 5 %" in str(
        (alarm(told, "lot_rule").facts or {})["sentence"]
    )


def test_materials_that_do_not_go_together():
    plant = Plant(LotRule("boxes", apart=(("pp", "pa"),)))
    assert plant.lot("B1", {"PP-1": 99.95, "PA-1": 0.05}) == [], "a trace is allowed"
    told = plant.lot("B2", {"PP-1": 99.0, "PA-1": 1.0})
    assert words(told) == ["lot_held B2", "alarm lot_rule active"]
    assert (alarm(told, "lot_rule").facts or {})["about"] == "pp with pa"


def test_a_pattern_names_lots_and_nothing_like_them():
    names = Materials([PP])
    assert names.of("pp", ["PP-1", "XPP-1", "PP-", "pp-1"]) == ("PP-1", "PP-")
    assert names.of("nothing", ["PP-1"]) == ()


def test_a_site_without_rules_holds_nothing():
    plant = Plant()
    assert plant.lot("B1", {"PP-1": 10.0, regrind(plant): 90.0}) == []


def test_an_amended_lot_that_breaks_a_rule_now_is_held_and_one_that_is_shipped_is_suspect():
    cases: list[tuple[list[Plain], list[str]]] = [
        ([], ["lot_held B1", "alarm lot_rule active"]),
        (["B1"], ["lot_suspect B1", "alarm shipped_suspect active"]),
    ]
    for shipped, told_words in cases:
        plant = Plant(BOXES)
        mill = regrind(plant)
        assert plant.lot("B1", {"PP-1": 90.0, mill: 10.0}) == []
        answer = Entry("restate", at(50), "17", {"order": "x", "shipped": shipped})
        told = plant.lot("B1", {"PP-1": 60.0, mill: 40.0}, seconds=50, given=answer, reason="late_scan")
        assert words(told) == told_words
        assert ("B1" in plant.holds.held) is (not shipped)


def test_an_amended_lot_that_still_breaks_the_rule_is_not_told_again():
    plant = Plant(BOXES)
    mill = regrind(plant)
    plant.lot("B1", {"PP-1": 60.0, mill: 40.0})
    gone: list[list[Plain]] = [[], ["B1"]]
    for shipped in gone:
        answer = Entry("restate", at(50), "17", {"order": "x", "shipped": shipped})
        assert plant.lot("B1", {"PP-1": 50.0, mill: 50.0}, seconds=50, given=answer) == []


def test_an_amended_lot_that_keeps_the_rule_now_stays_held_until_somebody_releases_it():
    plant = Plant(BOXES)
    mill = regrind(plant)
    first = plant.lot("B1", {"PP-1": 60.0, mill: 40.0})
    told = plant.lot("B1", {"PP-1": 90.0, mill: 10.0}, seconds=50, reason="wrong_scan")
    assert words(told) == ["lot_cleared B1", "alarm lot_rule active"]
    amended = alarm(told, "lot_rule")
    assert (amended.facts or {})["amends"] == alarm(first, "lot_rule").version
    assert (amended.facts or {})["cleared"] == ["B1"]
    assert "B1" in plant.holds.held


def test_an_ingredient_has_its_kilograms():
    assert Ingredient("a", 1.0) == Ingredient("a", 1.0, 0.0, "")
