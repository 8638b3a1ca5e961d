"""What an operator reads about lots, in English and Chinese."""

from __future__ import annotations

import re

import pytest

from gateway.folding import checking
from gateway.holds import closing, people
from gateway.holds.verdict import Breach
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
from gateway.sentences.reasons import chinese, in_both
from gateway.site import LotRule, ResultLimit

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


@pytest.mark.parametrize("what", ["regrind", "passes", "apart", "expired"])
@pytest.mark.parametrize("about", ["", "pp with pa"])
def test_every_reason_of_the_fold_has_its_chinese(what: str, about: str) -> None:
    breach = Breach(what, 0.2552, 0.2571, 0.255, sure=True, about=about)
    said = chinese(closing._reason(LotRule("boxes"), (breach,)))  # noqa: SLF001 # the words that the journal gets
    assert said.startswith("规则 boxes：")
    assert said.endswith(" 25.52 至 25.71 %，允许 25.5 %")
    assert not re.search("[a-z]{4}", said.replace("boxes", "").replace("with", ""))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(28.0, 31.0, "（28 至 31）"), (None, 31.0, "（不高于 31）"), (28.0, None, "（不低于 28）")],
)
def test_a_result_outside_has_its_chinese(low: float | None, high: float | None, said: str) -> None:
    reason = people._reason(ResultLimit("melt_flow", low=low, high=high), 31.5)  # noqa: SLF001
    assert chinese(reason) == f"melt_flow 31.5 超出规格{said}"
    assert chinese(f"R-7: {reason}") == f"R-7：melt_flow 31.5 超出规格{said}"


def test_what_is_not_checked_has_its_chinese_and_what_a_person_wrote_stays() -> None:
    assert chinese(checking._AWAITED) == "尚未检验"  # noqa: SLF001
    for said in ("Looks odd: see me", "rule of thumb", ""):
        assert chinese(said) == said
        assert in_both({"reason": said}) == {"reason": said}
    assert in_both({"reason": checking._AWAITED})["reason_zh"] == "尚未检验"  # noqa: SLF001
