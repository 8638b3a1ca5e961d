"""What else has seen the material: told when it disagrees, by which side, with whom; and not before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gateway.model import AlarmChanged, Setting
from gateway.site import Site
from tests.unit.dosing.conftest import Line

WINDOW = 10  # batches, one a minute
USED = 2.5  # kg of regrind a batch


class Bin(Line):
    """The blender and its bin, whose level errs by 0.2 kg."""

    def __init__(self, site: Site, seed: int = 1) -> None:
        super().__init__(replace(site, dosers=(replace(site.dosers[0], gap_ns=10**12),)))
        self.draw = np.random.default_rng(seed)
        self.bin_kg = 100.0
        self.start()

    def windows(self, count: int, *, past: float = 0.0, shown: float = 0.0) -> None:
        """So many windows; each batch `past` kg go past the doser, and `shown` kg are said and not dosed."""
        for _ in range(count * WINDOW):
            self.now += 58.0
            used = USED + past
            self.shown["ground"] = round(self.shown["ground"] + USED, 1) % 6553.6
            self.bin_kg += USED - used
            self.shown["level"] = self.bin_kg + 0.2 * self.draw.standard_normal()
            self.shown["mill_total"] -= shown
            self.bin_kg += shown
            self.batch(mill=25.0)

    def phantoms(self) -> list[AlarmChanged]:
        return [
            event
            for event in self.events
            if isinstance(event, AlarmChanged) and event.kind == "phantom_regrind"
        ]


@pytest.mark.long
def test_what_agrees_is_compared_and_no_alarm(site: Site) -> None:
    line = Bin(site)
    line.windows(40)
    compared = line.noted("ratio_compared")
    assert len(compared) > 2 * 35
    assert not line.phantoms()
    z = [float(str(each.facts["off_kg"])) / float(str(each.facts["sigma_kg"])) for each in compared]
    assert max(map(abs, z)) < 4.0
    last = compared[-1].facts
    assert last["dosed_kg"] == pytest.approx(WINDOW * USED)
    assert last["estimate_kg"] == pytest.approx(WINDOW * USED, abs=2.0)


@pytest.mark.long
def test_regrind_that_goes_past_the_doser_is_metered_but_not_declared(site: Site) -> None:
    line = Bin(site)
    line.scan("BOX1")
    line.windows(20)
    line.scan("BOX2")
    line.windows(3, past=1.5)
    first = line.phantoms()[0]
    assert (first.state, first.subject) == ("active", "mix")
    assert first.facts is not None
    assert (first.facts["what"], first.facts["estimate"]) == ("metered but not declared", "bin")
    assert (first.facts["agree"], first.facts["suspect"]) == (["counter"], "bin")
    assert first.lots[-1] == "BOX2"
    assert str(first.facts["sentence"]).startswith(
        "mill at mix is metered but not declared: from 2026-11-19 "
    )
    assert "已计量到但未申报" in str(first.facts["sentence_zh"])
    line.windows(4)
    assert line.phantoms()[-1].state == "returned"


@pytest.mark.long
def test_a_doser_that_all_others_contradict_is_the_suspect(site: Site) -> None:
    line = Bin(site)
    line.windows(20)
    line.windows(3, shown=1.5)
    said = [each.facts for each in line.phantoms() if each.facts is not None]
    assert {facts["what"] for facts in said} == {"declared but not metered"}
    assert {facts["suspect"] for facts in said} == {"mix"}
    assert "look at the doser first" in str(said[0]["sentence"])


@pytest.mark.long
def test_a_total_that_was_cleared_says_nothing_of_its_window(site: Site) -> None:
    line = Bin(site)
    line.windows(12)
    line.shown["mill_total"] = 0.0
    line.windows(12)
    assert not line.phantoms()
    told = [
        each.facts["from_ns"] for each in line.noted("ratio_compared") if each.facts["estimate"] == "counter"
    ]
    assert len(told) == len(line.noted("ratio_compared")) - len(told) - 1


def test_what_was_dosed_unseen_is_guessed_and_uncertain(site: Site) -> None:
    """The daemon was down for four batches: their regrind is in the bin's level, and nobody is blamed."""
    line = Bin(site)
    line.windows(12)
    line.now += 240.0
    line.take(Setting("start", line.at(), {}))
    line.shown["cycles"] += 4
    line.shown["mill_total"] += 4 * USED
    line.bin_kg -= 4 * USED
    line.windows(6)
    assert not line.phantoms()
    sigmas = [float(str(each.facts["sigma_kg"])) for each in line.noted("ratio_compared")]
    assert max(sigmas) > 4 * 0.25 * USED


def test_an_estimate_that_left_the_config_ends_its_alarm(site: Site) -> None:
    from gateway.plain import to_plain  # noqa: PLC0415

    line = Bin(site)
    line.windows(20)
    line.windows(3, past=1.5)
    assert line.phantoms()[-1].state == "active"
    gone = replace(site, dosers=(replace(site.dosers[0], estimates=()),))
    line.take(Setting("config", line.at(), {"site": to_plain(gone)}))
    assert line.phantoms()[-1].state == "returned"
