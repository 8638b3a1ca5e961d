"""The sentences about dosing in Simplified Chinese. Pure."""

from __future__ import annotations

from gateway.sentences.dosefacts import BalanceFault, PhantomRegrind
from gateway.sentences.words import clock, moment, named, number


def about_doses(said: PhantomRegrind, reaction: str) -> str:
    """What disagrees by how much, where to look, which lots, and what to do."""
    what = "已申报但未计量到" if said.declared else "已计量到但未申报"
    text = (
        f"{said.doser} 的 {said.component} {what}：{moment(said.from_ns)} 至 {clock(said.to_ns, said.from_ns)} UTC，"
        f"配料机报 {number(said.dosed_kg)} kg，{said.estimate} 为 {number(said.estimate_kg)} kg，"
        f"相差 {number(said.off_kg)} kg，无法用称量误差解释（sigma 为 {number(said.sigma_kg)} kg）。"
    )
    if said.agree:
        text += f"{_list(said.agree)} 与配料机一致：先检查 {said.estimate}。"
    elif len(said.differ) > 1:
        text += f"{_list(said.differ)} 说法相同：先检查配料机。"
    text += f"在正常情况下，此报警每年误报 {number(said.per_year)} 次。"
    if said.lots:
        text += f"其间生产的批次：{named(said.lots, '、', ' 等另外 {} 个')}。"
    return f"{text}处理措施：{reaction or '手工称一次配料；查找绕过配料机的材料；扣留这些批次。'}"


def _list(names: tuple[str, ...]) -> str:
    return "、".join(names)


def about_faults(said: BalanceFault) -> str:
    """What explains the balances, how sure that is, and what else does."""
    text = f"综合 {said.weeks} 周的全部平衡："
    if said.kind == "scale":
        text += (
            f"自 {said.since} 起，{said.about[0]} 的秤每周漂移 {number(100 * said.size)} %"
            f"（sigma 为 {number(100 * said.sigma)} %）"
        )
    else:
        text += (
            f"自 {said.since} 起，每周有 {number(said.size)} kg（sigma 为 {number(said.sigma)} kg）"
            f"未经任何计量{_way(said.about)}"
        )
    text += f"；占各种可能解释的 {number(100 * said.share)} %。"
    if said.also:
        others = "；".join(f"{each[1]} 的秤" if each[0] == "scale" else _way(each[1:]) for each in said.also)
        text += f"同样可能的是：{others}。只有更多的周才能分辨。"
    elif not said.sure:
        text += "尚不确定。"
    return text


def _way(about: tuple[str, ...]) -> str:
    source, target = (name or "外部" for name in about)
    return f"从 {source} 到 {target}"
