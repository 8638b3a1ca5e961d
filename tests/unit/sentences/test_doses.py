"""Phantom regrind and faults of balances, said whole in both languages."""

from __future__ import annotations

from dataclasses import replace

from gateway.sentences import BalanceFault, PhantomRegrind, sentence

NOON_NS = 1_795_089_600_000_000_000  # 2026-11-19 12:00 UTC
HOUR_NS = 3_600_000_000_000
SAID = PhantomRegrind(
    NOON_NS, "blender", "regrind", False, NOON_NS - 8 * HOUR_NS, NOON_NS, 240.0, "bin", 262.4, 21.9, 3.1, 1.0,
    ("bin",), ("totals",), ("BOX-1", "BOX-2"),
)  # fmt: skip


def test_metered_but_not_declared() -> None:
    assert sentence(SAID) == (
        "regrind at blender is metered but not declared: from 2026-11-19 04:00:00 to 12:00:00 UTC the doser says "
        "240 kg, bin 262.4 kg. 21.9 kg cannot be explained by weighing (sigma 3.1 kg). totals agrees with the doser: "
        "look at bin first. By chance this is said once a year. Lots made meanwhile: BOX-1, BOX-2. Do: Weigh a dose by "
        "hand; look for material that goes past the doser; hold the lots."
    )
    assert sentence(SAID, lang="zh") == (
        "blender 的 regrind 已计量到但未申报：2026-11-19 04:00:00 至 12:00:00 UTC，配料机报 240 kg，bin 为 262.4 kg，"
        "相差 21.9 kg，无法用称量误差解释（sigma 为 3.1 kg）。totals 与配料机一致：先检查 bin。"
        "在正常情况下，此报警每年误报 1 次。其间生产的批次：BOX-1、BOX-2。"
        "处理措施：手工称一次配料；查找绕过配料机的材料；扣留这些批次。"
    )


def test_declared_but_not_metered_by_all_others() -> None:
    said = replace(SAID, declared=True, differ=("bin", "totals"), agree=(), per_year=12.0, lots=())
    text = sentence(said, "Stop the blender.")
    assert "is declared but not metered" in text
    assert (
        "bin and totals say the same: look at the doser first. By chance this is said 12 times a year."
        in text
    )
    assert text.endswith("Do: Stop the blender.")
    assert "bin、totals 说法相同：先检查配料机。" in sentence(said, lang="zh")


def test_faults_of_balances() -> None:
    drift = BalanceFault("scale", ("blend",), 0.0051, 0.0004, "2026-W15", 12, 0.98, True)
    assert sentence(drift) == (
        "All balances together, 12 weeks: the scale of blend drifts by 0.51 % a week (sigma 0.04 %) since 2026-W15; "
        "98 % of what may explain them."
    )
    way = BalanceFault("diversion", ("bin", ""), 25.2, 1.9, "2026-W16", 12, 0.6, False)
    assert sentence(way) == (
        "All balances together, 12 weeks: from bin to outside, 25.2 kg a week (sigma 1.9 kg) go past every meter since "
        "2026-W16; 60 % of what may explain them. That is not sure yet."
    )
    assert sentence(way, lang="zh").endswith("尚不确定。")
