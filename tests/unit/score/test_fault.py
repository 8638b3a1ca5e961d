"""What explains the balances of all stores: a scale by its drift, material by its way; in words."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest

from gateway.dosing.book import Watch
from gateway.score.balance import Balance, tracked
from gateway.score.fault import Fault, fault_of, in_words, plain
from gateway.score.flows import Flowed
from gateway.score.stock import Stock
from gateway.score.stores import Stream
from gateway.site.score import Store

CALIBRATION = 0.0005
WEEKS = 12
FLOWS = (  # meter, part, from, to, kg a week
    ("truck", 0, "", "silo", 7500.0), ("blend", 0, "silo", "hopper", 7500.0), ("blend", 1, "bin", "hopper", 2500.0),
    ("press", 0, "hopper", "", 10_000.0), ("press", 1, "", "scrap", 2500.0), ("belt", 0, "scrap", "bin", 2500.0),
)  # fmt: skip
STOCK_SIGMA = {"silo": 15.0, "bin": 5.0, "hopper": 20.0, "scrap": 5.0}


def histories(
    seed: int = 1, drift: str = "", past: tuple[str, str] | None = None
) -> dict[str, list[Balance]]:
    """From week 6 on a meter gains 0.5 % a week, or 25 kg a week go that way unseen."""
    dice = random.Random(seed)
    stock = dict.fromkeys(STOCK_SIGMA, 1000.0)
    shown: dict[str, list[Balance]] = {name: [] for name in stock}
    counts = {name: [kg + dice.gauss(0, STOCK_SIGMA[name])] for name, kg in stock.items()}
    flows: list[dict[str, list[Flowed]]] = []
    for week in range(WEEKS):
        gain = 0.005 * (week - 6 + 0.5) if week >= 6 else 0.0
        seen: dict[str, list[Flowed]] = {name: [] for name in stock}
        for meter, part, source, target, kg in FLOWS:
            metered = kg * (1.0 + (gain if meter == drift else 0.0)) + dice.gauss(0, 0.2)
            bias = metered * CALIBRATION
            for name, kind, sign in ((source, "dosed", -1.0), (target, "moved_in", 1.0)):
                if name:
                    stock[name] += sign * kg
                    seen[name].append(Flowed(Stream(name, kind, meter, part), metered, 0.2, bias))
        for name, sign in zip(past or (), (-1.0, 1.0), strict=False):
            if name and week >= 6:
                stock[name] += sign * 25.0
        flows.append(seen)
        for name, kg in stock.items():
            counts[name].append(kg + dice.gauss(0, STOCK_SIGMA[name]))
    for name, each in counts.items():
        for week, (first, last) in enumerate(pairwise(each)):
            before, after = (Stock(kg, STOCK_SIGMA[name], "level") for kg in (first, last))
            row = Balance(
                "plant", Store(name, name, "l", (name,)), f"2026-W{week + 10}", week, week + 1, True,
                tuple(flows[week][name]), before, after,
            )  # fmt: skip
            shown[name].append(row)
    watch = Watch.designed(52.0 * len(shown))
    return {name: tracked(rows, watch) for name, rows in shown.items()}


def found(**wrong: object) -> Fault:
    made = fault_of(histories(**wrong), CALIBRATION)  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.parametrize("meter", ["blend", "press"])
def test_a_scale_that_drifts_is_named(meter: str) -> None:
    fault = found(drift=meter)
    assert (fault.verdict.kind, fault.verdict.about, fault.verdict.sure) == ("scale", (meter,), True)
    assert fault.verdict.size == pytest.approx(0.005, abs=4 * fault.verdict.sigma)
    assert fault.since in {"2026-W15", "2026-W16", "2026-W17"}
    words = in_words(fault, "en")
    assert words.startswith(f"All balances together, 12 weeks: the scale of {meter} drifts by 0.")
    assert f"{meter} 的秤每周漂移" in in_words(fault, "zh")


@pytest.mark.parametrize("way", [("bin", "hopper"), ("bin", ""), ("hopper", "bin")])
def test_a_diversion_is_named_by_its_way(way: tuple[str, str]) -> None:
    fault = found(past=way)
    assert (fault.verdict.kind, fault.verdict.about, fault.verdict.sure) == ("diversion", way, True)
    assert fault.verdict.size == pytest.approx(25.0, abs=4 * fault.verdict.sigma)
    source, target = (name or "outside" for name in way)
    assert f"from {source} to {target}, 2" in in_words(fault, "en")
    assert json.loads(json.dumps(plain(fault)))["about"] == list(way)


def test_what_is_well_needs_no_explanation() -> None:
    assert fault_of(histories(), CALIBRATION) is None
    assert fault_of({}, CALIBRATION) is None
    assert plain(None) is None


def test_stores_that_nobody_counted_are_left_out() -> None:
    rows = histories(past=("bin", ""))
    rows["scrap"][-1] = Balance("plant", rows["scrap"][0].store, "w", 0, 1, True, (), None, None)
    fault = fault_of(rows, CALIBRATION)
    assert fault is not None
    assert fault.stores == ("silo", "bin", "hopper")


def test_what_one_week_cannot_tell_is_said() -> None:
    """The silo is off, and one week old: the truck's scale, the supplier's bill, or a thief."""
    rows = {name: each[6:7] for name, each in histories(past=("silo", "")).items()}
    silo = rows["silo"][0]
    assert silo.closing is not None
    rows["silo"] = [Balance(silo.site, silo.store, silo.week, 0, 1, True, silo.flows, silo.opening,
                            Stock(silo.closing.kg - 150.0, 15.0, "level"))]  # fmt: skip
    fault = fault_of(rows, CALIBRATION)
    assert fault is not None
    assert not fault.verdict.sure
    assert "Only further weeks can tell" in in_words(fault, "en")
    assert "只有更多的周才能分辨" in in_words(fault, "zh")
