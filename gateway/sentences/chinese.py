"""The sentences in Simplified Chinese. Pure."""

from __future__ import annotations

import math

from gateway.model import Signal
from gateway.sentences.facts import DiskLow, Exceeded, Silent, Unheard, Unusual
from gateway.sentences.words import clock, difference, foremost, moment, named, number, quantity

ODD = {
    "spike": ("与之前的读数不符", "看它是否持续；若否，检查插头、电缆和屏蔽。"),
    "rate": ("变化之快前所未有", "询问刚才开关或打开了什么；检查传感器的插头。"),
    "step": ("跳到了另一个水平", "询问不久前改动或调整了什么。"),
    "drift": ("正在偏离长期以来的水平", "检查磨损、污垢、泄漏，或传感器漂移。"),
    "spread": ("波动比以往大得多或小得多", "检查传感器、电缆和控制器。"),
    "stuck": ("不变的时间之长前所未有", "传感器可能卡死：检查传感器及其电缆。"),
    "gap": ("来得太晚：有一段时间读不到", "检查电缆、接头和设备的电源。"),
    "reach": ("超出了以往的范围", "用另一台仪表核对；检查机器。"),
    "hour": ("与往常此时的值不同", "询问今天有何不同：班次、产品、停歇。"),
    "cycle": ("与周期中此刻通常的值不同", "检查周期是否停滞或被改动。"),
    "peers": ("与该设备的其他数值不再一致", "检查是哪一个出了问题：传感器还是机器。"),
}
"""gateway.anomaly 的各项检查看到了什么，以及先看哪里。"""

_POINTS = "个百分点"
_BEYOND = {"up": "升高", "down": "降低", "": "变化"}


def signal(said: Signal, reaction: str) -> str:
    """When it changed and by how much, where the chart can say so; else what violated."""
    what = f"{said.tag}（{_chart(said)}）"
    change = said.change
    if change is None:
        text = (
            f"{what}：{moment(said.time_ns)} UTC 的值 {number(said.value)} {_side(said)}，"
            f"偏离中心线 {number(said.center)} 达 {number(abs(said.size_sigma))} 个 sigma。"
        )
    else:
        size = f"{number(abs(change.size_sigma))} 个 sigma"
        if change.size is not None:
            size = f"{difference(abs(change.size), said.uom, _POINTS)}（{size}）"
        text = (
            f"{what}约自 {moment(change.time_ns)} UTC 起{_BEYOND[change.direction]}了 {size}"
            f"（90% 置信区间：{clock(change.from_ns, change.time_ns)} 至 {clock(change.to_ns, change.time_ns)}），"
            f"至报警时已有 {change.samples} 个样本。"
        )
    if most := foremost(said):
        text += f"主要来自 {most}。"
    if said.arl0 and math.isfinite(said.arl0):
        text += f"在正常情况下，此控制图平均每 {number(said.arl0)} 个样本才误报一次。"
    return text + _lots(said.lots_since or said.lots, since=change is not None) + _do(reaction)


def exceeded(said: Exceeded, reaction: str) -> str:
    side = "高于" if said.above else "低于"
    value, limit = quantity(said.value, said.uom), quantity(said.limit, said.uom)
    text = f"{said.tag}：{moment(said.time_ns)} UTC 的值 {value} {side}报警限 {said.level}（{limit}）。"
    return text + _lots(said.lots, since=False) + _do(reaction)


def silent(said: Silent, reaction: str) -> str:
    text = (
        f"{said.group}：截至 {moment(said.time_ns)} UTC 已有 {number(said.seconds)} 秒没有数据，"
        "该处情况不可见，相关控制图已暂停。"
    )
    return text + _do(reaction or "检查设备的电源、电缆和地址。")


def unheard(said: Unheard, reaction: str) -> str:
    text = (
        f"消息服务器 {said.broker} 收下了本网关发布的数据，但截至 {moment(said.time_ns)} UTC 无人订阅"
        f"（{named(said.kinds, '、', ' 等另外 {} 个')}）。记录仍保存在日志中；在有人接收之前，别处没有副本。"
    )
    return text + _do(reaction or "检查数据接收程序（ingest）是否在运行，连接的是哪个消息服务器。")


def disk_low(said: DiskLow, reaction: str) -> str:
    text = (
        f"网关 {said.gateway} 的磁盘：{moment(said.time_ns)} UTC 剩余 {number(100 * said.free / said.whole)} %"
        f"（{number(said.free / 1e6)} MB），低于 {said.level} %。"
        "磁盘写满后，先精简旧读数，再拒收新读数；报警和批次始终保留。"
    )
    return text + _do(reaction or "清理网关磁盘，或减小日志的配额（disk: quota）。")


def unusual(said: Unusual, reaction: str) -> str:
    seen, look = ODD.get(said.check, ("与以往不同", "检查传感器和机器。"))
    text = (
        f"{said.tag}：{moment(said.time_ns)} UTC 的值 {quantity(said.value, said.uom)} {seen}"
        f"（检查项 {said.check}，分值 {said.score:.2f}）。没有界限说明这是否有害，只是此处极少见。"
        f"在正常情况下，{said.device} 平均每 {_days(said.per_day)}才误报一次。"
    )
    return text + _lots(said.lots, since=False) + _do(reaction or look)


def _days(per_day: float) -> str:
    return f"{number(1 / per_day)} 天" if per_day < 1 else f"{number(24 / per_day)} 小时"


def _chart(said: Signal) -> str:
    key = f"，{said.key}" if said.key else ""
    return f"控制图 {said.chart}，规则 {' '.join(said.rules)}{key}"


def _side(said: Signal) -> str:
    if said.value > said.ucl:
        return f"超出控制上限 {number(said.ucl)}"
    if said.value < said.lcl:
        return f"低于控制下限 {number(said.lcl)}"
    return "使异常的连续排列成立"


def _lots(lots: tuple[str, ...], *, since: bool) -> str:
    if not lots:
        return ""
    return f"{'此后涉及' if since else '涉及'}的批次：{named(lots, '、', ' 等另外 {} 个')}。"


def _do(reaction: str) -> str:
    return f"处理措施：{reaction}" if reaction else ""
