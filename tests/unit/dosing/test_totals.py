"""A doser that gives totals alone: what they grew by is the dose, exact though cycles were not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model import Setting
from gateway.site import Site
from tests.unit.dosing.conftest import Line


class Totals(Line):
    """Totals that grow by each batch of 10 kg; a's in grams."""

    def __init__(self, site: Site) -> None:
        super().__init__(replace(site, dosers=(replace(site.dosers[0], weights="totals"),)))
        self.shown |= {"natural": 500.0, "a": 40_000.0, "b": 70.0, "mill": 210.0}
        self.start()
        self.scan("BOX1")

    def made(self, count: int = 1, mill: float = 2.5) -> None:
        self.shown["cycles"] += count
        for name, kg in (("natural", 10.0 - 0.675 - 0.75 - mill), ("a", 675.0), ("b", 0.75), ("mill", mill)):
            self.shown[name] += count * kg

    def lot(self) -> dict[str, object]:
        self.scan("BOX2")
        self.read("fast")
        return next(dict(each.facts) for each in self.noted("ratio_lot") if each.facts["component"] == "mill")

    def both(self) -> None:
        self.read("fast")
        self.read("slow")


def test_a_dose_is_what_the_totals_grew_by(site: Site) -> None:
    line = Totals(site)
    for _ in range(4):
        line.made()
        line.both()
    facts = line.lot()
    assert (facts["cycles"], facts["cycles_marked"]) == (4, {})
    assert (facts["kg"], facts["kg_total"], facts["actual_pct"]) == pytest.approx((10.0, 40.0, 25.0))


def test_several_cycles_in_one_are_one_ratio_and_no_guess(site: Site) -> None:
    line = Totals(site)
    line.made(3, mill=2.6)
    line.both()
    facts = line.lot()
    assert (facts["cycles"], facts["cycles_marked"], facts["kg"]) == (1, {"missed": 2}, pytest.approx(7.8))
    assert line.fold.state.dosing.dosers["mix"].window.dosed["mill"] == pytest.approx(7.8)


def test_a_restart_loses_nothing(site: Site) -> None:
    line = Totals(site)
    line.made()
    line.both()
    line.take(Setting("start", line.at(), {}))
    line.made(5)
    line.both()
    assert line.fold.state.dosing.dosers["mix"].window.dosed["mill"] == pytest.approx(15.0)


def test_totals_that_were_cleared_say_nothing(site: Site) -> None:
    line = Totals(site)
    line.made()
    line.both()
    line.shown |= {"natural": 6.075, "a": 675.0, "b": 0.75, "mill": 2.5, "cycles": line.shown["cycles"] + 1}
    line.both()
    line.made()
    line.both()
    facts = line.lot()
    assert (facts["cycles"], facts["cycles_marked"], facts["kg"]) == (2, {"missed": 1}, pytest.approx(5.0))
