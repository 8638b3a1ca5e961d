"""Words of tables and sentences of this room, in English and Simplified Chinese. Pure.

>>> said("zh", "residual"), said("en", "residual")
('差额', 'residual')
"""

from __future__ import annotations

LANGUAGES = ("en", "zh")

_ZH = {
    # columns
    "store": "料仓", "material": "物料", "line": "产线", "week": "周", "opening": "期初", "received": "入库",
    "ground": "回料粉碎", "moved_in": "转入", "dosed": "投料", "scrapped": "报废", "moved_out": "转出",
    "closing": "期末", "residual": "差额", "sigma": "不确定度", "z": "显著性 z", "book z": "账面 z", "sums": "累积和",
    "item": "项目", "declared": "申报", "metered": "计量", "difference": "差异", "likely cause": "可能原因",
    "place": "名次", "who": "对象", "mae_pct": "平均绝对误差 %", "cycles": "有效循环", "pay": "奖金", "why": "说明",
    "number": "指标", "value": "数值", "goal": "目标", "trend": "趋势", "owner": "负责人", "verdict": "判定",
    "step": "工序", "lot": "批次", "order": "订单", "part": "零件", "since": "进入时间", "due": "交期", "state": "状态",
    "machine": "设备", "availability": "可用率", "performance": "性能率", "quality": "良品率", "oee": "OEE",
    "utilisation": "利用率", "good": "良品", "reject": "不良", "scrap": "废料率", "energy": "能耗 kWh/件",
    "kg": "千克", "kg per hour": "千克/小时", "empty in": "预计耗尽", "characteristic": "特性", "limit": "界限",
    "reaches it in": "预计到达", "interval": "区间", "slope per hour": "每小时变化", "gone": "经过", "site": "工厂",
    "rty": "滚动直通率", "fty": "一次合格率", "ppm": "不良 ppm", "otd": "准时交付率", "ratio_mae": "配比平均误差",
    "in_control": "受控时间", "ack_minutes": "报警确认时间", "late_checks": "迟检漏检率", "residual_z": "物料差额 z",
    "energy_per_part": "单件能耗", "scrap_share": "废料率",
    "incoming": "来料", "drying": "干燥", "moulding": "注塑", "inspection": "检验", "packing": "包装",
    "blending": "配料",
    # verdicts
    "missing": "缺少", "too much": "多出", "met": "达标", "missed": "未达标", "unknown": "无数据",
    "held": "冻结", "late": "逾期", "open": "在制", "shipped": "已发货", "over": "超出在制上限",
    "better": "变好", "worse": "变差",
    "same": "持平",
    # causes
    "digit_swap": "数字颠倒", "decimal_slip": "小数点错位", "unit": "单位弄错", "forgotten_row": "漏记一行",
    "doubled_row": "重复一行", "wrong_week": "记错周", "real": "真实差异",
    "not metered": "没有计量值", "not declared": "没有申报", "no such store": "没有这个料仓",
    # ranking
    "too few cycles": "循环太少", "no reading": "没有数据", "tie": "并列", "beyond the band": "超出档位要求",
    "unfinished": "含进行中的班次（按已关闭的批次计算）：暂定名次，班次结束后才发放",
}  # fmt: skip
_EN = {
    "digit_swap": "digits swapped",
    "decimal_slip": "decimal point slipped",
    "unit": "another unit",
    "forgotten_row": "row forgotten",
    "doubled_row": "row doubled",
    "wrong_week": "wrong week",
    "real": "a real difference",
    "unknown": "no data yet",
    "moved_in": "moved in",
    "moved_out": "moved out",
    "mae_pct": "error %",
    "oee": "OEE",
    "over": "over its limit",
    "rty": "rolled throughput yield",
    "fty": "first-time yield",
    "otd": "on-time delivery",
    "ratio_mae": "ratio error",
    "in_control": "time in control",
    "ack_minutes": "time to acknowledge",
    "late_checks": "late checks",
    "residual_z": "balance residual",
    "energy_per_part": "energy a good part",
    "scrap_share": "scrap",
    "unfinished": "with the shift under way, by its closed lots: preliminary, nothing is paid before it is over",
    "scrap": "scrap %",
    "energy": "kWh a good part",
}


def said(language: str, word: str) -> str:
    """A word in a language; one that is not in the list is itself."""
    return (_ZH if language == "zh" else _EN).get(word, word)
