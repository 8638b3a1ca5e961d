"""What people read about checks and planned stops, in English and Chinese."""

from __future__ import annotations

import pytest

from gateway.sentences import LANGUAGES, CheckFailed, CheckMissed, Stop, sentence

T = 1_800_000_000_000_000_000  # 2027-01-15 08:00:00 UTC
MISSED = CheckMissed(T + 9, "moisture", "check", T, "R-7", "moisture of the resin", cell="hall/line1/silo")
FAILED = CheckFailed(T, "moisture", 0.05, None, 0.02, "R-7", "%", outside="reject")
STOP = Stop("cleaning", T, T + 3_600_000_000_000, ("hall/line1/press1",))
KINDS = ("check", "calibration", "maintenance", "qualification", "audit")


def test_a_check_that_nobody_made():
    assert sentence(MISSED, "Measure it now.") == (
        "Check moisture (moisture of the resin) for lot R-7 at hall/line1/silo was due at 2027-01-15 08:00:00 UTC: "
        "nobody did it. Do: Measure it now."
    )
    assert sentence(MISSED, "现在测量。", "zh") == (
        "检查 moisture（moisture of the resin），批次 R-7，地点 hall/line1/silo：应在 2027-01-15 08:00:00 UTC 完成，"
        "至今无人执行。处理措施：现在测量。"
    )


def test_a_result_outside():
    assert sentence(FAILED) == (
        "moisture of lot R-7: 0.05 %, entered at 2027-01-15 08:00:00 UTC, is outside to 0.02 %. The lot is rejected."
    )
    assert sentence(FAILED, lang="zh") == (
        "moisture，批次 R-7：2027-01-15 08:00:00 UTC 录入的值 0.05 % 超出规格（上限 0.02 %）。该批已拒收。"
    )


def test_a_stop_announces_itself():
    assert sentence(STOP) == (
        "Planned stop cleaning begins at 2027-01-15 08:00:00 UTC, until 2027-01-15 09:00:00 UTC, at hall/line1/press1: "
        "nobody is told of alarms meanwhile, and no check is due."
    )
    assert "全厂" in sentence(Stop("x", T, T, over=True), lang="zh")


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_of_duty_is_said_in_every_language_on_one_line(what: str):
    texts = [sentence(CheckMissed(T, "n", what, T, subject="17"), "x", lang) for lang in LANGUAGES]
    assert len(set(texts)) == len(LANGUAGES)
    assert all("\n" not in text and "17" in text for text in texts)
