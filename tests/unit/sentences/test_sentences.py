"""What an operator reads: each kind of alarm in English and Chinese."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from gateway.anomaly import check_kinds
from gateway.model import Change, Signal
from gateway.sentences import LANGUAGES, Exceeded, Silent, Unusual, chinese, english, sentence, sentences

T = 1_800_000_000_000_000_000  # 2027-01-15 08:00:00 UTC
MIN = 60_000_000_000
CHANGE = Change(T - 20 * MIN, T - 30 * MIN, T - 15 * MIN, 41, 1.12, 0.554, "up")
PLAIN = Signal(
    T, "melt", "hall/line1/press1/melt_temp", "ewma", "PP-20", ("EWMA",), 231.2, 230.0, 229.0, 231.0, 3.6
)
DRIFT = Signal(
    T, "melt", "hall/line1/press1/melt_temp", "ewma", "", ("EWMA",), 231.2, 230.0, 229.0, 231.0, 3.6, ("R-7",), "Cel",
    CHANGE, ("R-6", "R-7"), 10_000.0, "phase I", "5b1c",
)  # fmt: skip
HOT = Exceeded(T, "hall/line1/press1/melt_temp", "HH", 260.04, 250.0, "Cel", ("R-7",))

STUCK = Unusual(T, "hall/line1/dryer/dew_point", "stuck", -40.2, 0.6, "dryer1", 0.1, "Cel", ("R-7",))


def test_a_drift_says_since_when_how_much_in_which_lots_and_what_to_do():
    assert sentence(DRIFT, "Check the nozzle heater.") == (
        "hall/line1/press1/melt_temp (chart ewma, EWMA) went up by 0.554 °C (1.12 sigma) at about "
        "2027-01-15 07:40:00 UTC (90 % sure: from 07:30:00 to 07:45:00), 41 samples before this alarm. "
        "By chance this chart says so once in 10000 samples. Lots since then: R-6, R-7. Do: Check the nozzle heater."
    )


def test_a_drift_says_the_same_in_chinese():
    assert sentence(DRIFT, "检查喷嘴加热器。", "zh") == (
        "hall/line1/press1/melt_temp（控制图 ewma，规则 EWMA）约自 2027-01-15 07:40:00 UTC 起升高了 0.554 °C"
        "（1.12 个 sigma）（90% 置信区间：07:30:00 至 07:45:00），至报警时已有 41 个样本。"
        "在正常情况下，此控制图平均每 10000 个样本才误报一次。此后涉及的批次：R-6、R-7。处理措施：检查喷嘴加热器。"
    )


def test_a_signal_without_a_change_time_says_what_violated():
    assert sentence(PLAIN) == (
        "hall/line1/press1/melt_temp (chart ewma, EWMA, PP-20): 231.2 at 2027-01-15 08:00:00 UTC is above the control "
        "limit 231, 3.6 sigma from the centre 230."
    )


def test_a_limit_and_a_silence():
    assert sentence(HOT, "Stop the press.") == (
        "hall/line1/press1/melt_temp: 260.04 °C at 2027-01-15 08:00:00 UTC is above the alarm limit HH of 250 °C. "
        "Lots there: R-7. Do: Stop the press."
    )
    said = Silent(T, "press1/fast", 6.1)
    assert sentence(said).startswith("press1/fast: no value for 6.1 s, at 2027-01-15 08:00:00 UTC.")
    assert sentence(said, lang="zh").startswith(
        "press1/fast：截至 2027-01-15 08:00:00 UTC 已有 6.1 秒没有数据"
    )


def test_many_lots_are_counted_and_another_day_is_named():
    change = Change(T, T - 9 * 60 * MIN, T + MIN, 1, -2.0, None, "down")
    lots = tuple(f"L{number}" for number in range(8))
    text = sentence(Signal(T, "c", "a/b/c/d", "cusum", "", ("CUSUM",), 1, 0, 0, 1, 2, (), "", change, lots))
    assert "L0, L1, L2, L3, L4 and 3 more" in text
    assert "from 2027-01-14 23:00:00 to 08:01:00" in text
    assert "went down by 2 sigma" in text
    assert "1 sample before" in text


@pytest.mark.parametrize("said", [PLAIN, DRIFT, HOT, Silent(T, "press1/fast", 6.1), STUCK])
def test_every_kind_is_said_in_every_language_on_one_line(said):
    assert set(sentences(said)) == {"sentence", "sentence_zh"}
    for lang in LANGUAGES:
        text = sentence(said, "look\nat  the mould", lang)
        assert "\n" not in text
        assert text.endswith("look at the mould")
        assert not set("{}") & set(text)


def test_nothing_that_a_chart_may_give_breaks_a_sentence():
    odd = [math.nan, math.inf, -math.inf, 0.0, 1e300, -1e-300]
    for value, limit, direction in itertools.product(odd, odd, ["up", "down", ""]):
        change = Change(-(2**63), -(2**63), 2**63 - 1, 0, value, limit, direction)
        said = Signal(
            2**63 - 1, "c", "t", "x", "", (), value, limit, limit, value, value, (), "", change, (), limit
        )
        assert all(len(sentence(said, "", lang)) < 1000 for lang in LANGUAGES)


def test_a_signal_of_several_tags_says_which_one_it_comes_from():
    said = replace(DRIFT, contributions={"a/b/c/x": 0.5, "a/b/c/y": -8.0, "a/b/c/z": 4.5})
    for lang in LANGUAGES:
        assert "a/b/c/y" in sentence(said, lang=lang)
        assert "a/b/c/z" not in sentence(said, lang=lang)


def test_what_is_unusual_says_which_check_spoke_how_rare_it_is_and_where_to_look():
    assert sentence(STUCK) == (
        "hall/line1/dryer/dew_point: -40.2 °C at 2027-01-15 08:00:00 UTC has not moved for longer than it ever did "
        "(check stuck, score 0.60). No limit says whether that is bad: it is only very rare here. By chance dryer1 "
        "says so once in 10 days. Lots there: R-7. Do: The sensor may be stuck: look at it and at its cable."
    )
    assert sentence(STUCK, lang="zh") == (
        "hall/line1/dryer/dew_point：2027-01-15 08:00:00 UTC 的值 -40.2 °C 不变的时间之长前所未有"
        "（检查项 stuck，分值 0.60）。没有界限说明这是否有害，只是此处极少见。"
        "在正常情况下，dryer1 平均每 10 天才误报一次。涉及的批次：R-7。处理措施：传感器可能卡死：检查传感器及其电缆。"
    )
    assert "once in 12 hours" in sentence(replace(STUCK, per_day=2.0))


@pytest.mark.parametrize("check", [*check_kinds(), "peers"])
def test_every_check_has_words_in_every_language(check):
    assert check in english.ODD
    assert check in chinese.ODD
    assert sentence(replace(STUCK, check=check)) != sentence(replace(STUCK, check="none"))


def test_each_language_has_its_own_reaction_and_the_other_one_where_there_is_none():
    both = sentences(HOT, "Stop the press.", "停机。")
    assert both["sentence"].endswith("Do: Stop the press.")
    assert both["sentence_zh"].endswith("处理措施：停机。")
    assert both["reaction_zh"] == "停机。"
    one = sentences(HOT, "Stop the press.")
    assert one["sentence_zh"].endswith("处理措施：Stop the press.")
    assert "reaction_zh" not in one


def test_a_change_of_a_percentage_is_told_in_points():
    drift = replace(DRIFT, uom="%")
    assert " went up by 0.554 percentage points (1.12 sigma) " in sentence(drift)
    assert "升高了 0.554 个百分点（1.12 个 sigma）" in sentence(drift, lang="zh")
