"""Orders and counts that people enter: taken at the door, told as events, in no state."""

from __future__ import annotations

import pytest

from gateway.door import BadRequest, entry_of, request
from gateway.folding.office import entered
from gateway.model import Instant, LotMade, Noted, Plain
from gateway.pipeline import Pipeline
from tests.unit.score.weeks import Line

NOW = Instant(1_800_000_000_000_000_000, 5, 1)
ORDER: dict[str, Plain] = {
    "order": "4711",
    "part": "cap",
    "quantity": 5000,
    "due_ns": 1_800_500_000_000_000_000,
    "customer": "ACME",
}
COUNT: dict[str, Plain] = {
    "lot": "L1",
    "step": "inspection",
    "good": 480,
    "reject": 20,
    "reason": "flash",
    "by": "scale",
}


def test_orders_become_an_event_each() -> None:
    other: dict[str, Plain] = {**ORDER, "order": "2"}
    orders: list[Plain] = [ORDER, other]
    entry = entry_of(request("orders", "17", {"document": "a.csv", "orders": orders}), NOW)
    told = entered(entry) or ()
    assert [(each.kind, each.subject, each.facts["quantity"]) for each in told] == [
        ("order", "4711", 5000), ("order", "2", 5000),
    ]  # fmt: skip
    assert told[0].facts["operator"] == "17"


def test_a_count_is_an_event_of_its_lot() -> None:
    (told,) = entered(entry_of(request("counted", "17", COUNT), NOW)) or ()
    assert (told.kind, told.subject, told.facts["good"], told.facts["reason"]) == (
        "counted",
        "L1",
        480,
        "flash",
    )


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("counted", {**COUNT, "good": -1}, "good is not a whole number from 0"),
        ("counted", {**COUNT, "good": 1.5}, "good is not a whole number"),
        ("counted", {**COUNT, "colour": "red"}, "counted has no colour"),
        ("orders", {"document": "a", "orders": []}, "orders is not a list of orders"),
        (
            "orders",
            {"document": "a", "orders": [{"order": "1"}]},
            "an order has order, part, quantity and due_ns",
        ),
        ("orders", {"document": "a", "orders": [{**ORDER, "quantity": -5}]}, "quantity is not a number of 0"),
        ("scrap", {"vessel": "bin", "kg": 5.0}, "scrap needs reason"),
    ],
)
def test_what_does_not_fit_says_why(kind: str, body: dict[str, Plain], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        entry_of(request(kind, "17", body), NOW)


def test_scrap_leaves_the_vessel_as_a_loss_and_is_told() -> None:
    pipeline = Pipeline(Line(1).site)
    state = pipeline.step(pipeline.start(), Line(1).inputs[0]).state
    held = state.mass.vessels["bin"].kg
    entry = entry_of(request("scrap", "17", {"vessel": "bin", "kg": 12.5, "reason": "black specks"}), NOW)
    step = pipeline.step(state, entry)
    assert step.state.mass.vessels["bin"].kg == held - 12.5
    lots = [each for each in step.events if isinstance(each, LotMade)]
    assert [(each.kind, each.kg) for each in lots] == [("loss", 12.5)]
    (told,) = (each for each in step.events if isinstance(each, Noted) and each.kind == "scrapped")
    assert (told.subject, told.facts["kg"], told.facts["reason"]) == ("bin", 12.5, "black specks")
    for vessel, kg, said in (("bn", 1.0, "there is no such vessel"), ("bin", 0.0, "kg is not above 0")):
        refused = pipeline.step(
            state, entry_of(request("scrap", "17", {"vessel": vessel, "kg": kg, "reason": "x"}), NOW)
        )
        assert said in str([each.facts["reason"] for each in refused.events if isinstance(each, Noted)])
