"""What an operator reads about lots, in English and Chinese."""

from __future__ import annotations

import pytest

from gateway.sentences import (
    LANGUAGES,
    HeldShipped,
    MadeOfHeld,
    MaterialUsed,
    RuleBroken,
    ScanLate,
    SharesOff,
    ShippedSuspect,
    sentence,
)

T = 1_800_000_000_000_000_000  # 2027-01-15 08:00:00 UTC
RICH = RuleBroken(T, "B7", "boxes", "regrind", 0.271, 0.284, 0.25, sure=True, held=True)
MAYBE = RuleBroken(T, "B7", "boxes", "passes", 0.0, 0.02, 0.01, sure=False, held=False, about="4")
EVERY = [
    RICH,
    MAYBE,
    RuleBroken(T, "B7", "r", "apart", 0.1, 0.1, 0.001, sure=True, held=True, about="pp with pa"),
    RuleBroken(T, "B7", "r", "expired", 0.1, 0.1, 0.001, sure=True, held=True, about="R1"),
    MadeOfHeld(T, "R1", "melt flow", ("B1", "B2"), shipped=False),
    MadeOfHeld(T, "R1", "melt flow", ("B3",), shipped=True),
    ShippedSuspect(T, "B7", "boxes"),
    MaterialUsed(T, "R1", "a/b/c", expired=True),
    MaterialUsed(T, "R1", "a/b/c", expired=False, reason="melt flow"),
    HeldShipped(T, "B7", "a/b/gate", "melt flow"),
    ScanLate(T, "bags", "R1", 1200.0),
    SharesOff(T, "B7", 0.0021),
]


def test_a_rule_that_is_broken():
    assert sentence(RICH, "Yellow place.") == (
        "B7 breaks rule boxes: regrind is 27.1 to 28.4 %, allowed 25 %. It is held. Do: Yellow place."
    )
    assert sentence(RICH, lang="zh") == (
        "B7 违反规则 boxes：回料占比为 27.1 至 28.4 %，允许 25 %。已扣留。处理措施：隔离存放。"
    )


def test_a_rule_that_may_be_broken():
    assert sentence(MAYBE) == (
        "B7 may break rule boxes: what was through a screw more than 4 times is 0 to 2 %, allowed 1 %. "
        "Do: Look at it before it is used."
    )


@pytest.mark.parametrize("said", EVERY)
def test_every_kind_names_its_lot_in_every_language_on_one_line(said):
    for lang in LANGUAGES:
        text = sentence(said, lang=lang)
        assert "\n" not in text
        assert any(lot in text for lot in ("B7", "R1", "B1"))
        assert ("Do: " if lang == "en" else "处理措施：") in text
