"""The batch record: all that is known of a lot. Pure."""

from __future__ import annotations

from gateway.reports import parts
from gateway.reports.blocks import Block, Paper, Remark, Section, Table
from gateway.reports.numbers import second, short, specification
from gateway.reports.parts import Facts
from gateway.reports.words import known, said

_SIGNALS_MOST = 200


def record(facts: Facts, lang: str) -> Paper:
    """The paper of facts as `gateway.reports.facts_of` gives them."""
    sections = [
        Section("", [*parts.warnings(facts, lang), *parts.identity(facts, lang)]),
        Section(said(lang, "material"), parts.material(facts, lang)),
        Section(said(lang, "reuse"), parts.reuse(facts, lang)),
        Section(said(lang, "characteristics"), _characteristics(facts, lang)),
        Section(said(lang, "happened"), _happened(facts, lang)),
        Section(said(lang, "checks"), parts.checks(facts, lang)),
        Section(said(lang, "holds"), _holds(facts, lang)),
        Section(said(lang, "versions"), _versions(facts, lang)),
        Section(said(lang, "proof"), parts.proof(facts, lang)),
    ]
    return parts.paper("record", facts, lang, sections)


def _characteristics(facts: Facts, lang: str) -> list[Block]:
    if not facts["characteristics"]:
        return [Remark(said(lang, "nosamples"))]
    words = ("characteristic", "n", "mean", "s", "least_most", "spec", "control", "cpk", "signals_n")
    rows = []
    for row in facts["characteristics"]:
        own = dict(row) if not row["several"] else {**row, "lsl": None, "usl": None, "target": None}
        control = (
            "-"
            if row["several"] or row["center"] is None
            else f"{short(row['center'])}, {short(row['sigma'], 3)}"
        )
        rows.append(
            (
                f"{row['id']} ({row['tag'].rpartition('/')[2]}{', ' + row['uom'] if row['uom'] else ''})",
                str(row["n"]),
                short(row["mean"]),
                short(row["s"], 3),
                f"{short(row['min'])} – {short(row['max'])}" if row["n"] else "-",
                specification(own),
                control,
                cpk(row),
                str(row["signals"]),
            )
        )
    widths = (24, 6, 9, 8, 16, 15, 14, 15, 9)
    table = Table([said(lang, word) for word in words], rows, widths, frozenset(range(1, len(words))))
    return [table, Remark(said(lang, "about_cpk"))]


def cpk(row: Facts) -> str:
    """Cpk with its interval."""
    found = (row["capability"] or {}).get("cpk", {"value": None})
    if found["value"] is None:
        return "-"
    return f"{found['value']:.2f} ({found['low']:.2f} – {found['high']:.2f})"


def _happened(facts: Facts, lang: str) -> list[Block]:
    if not facts["signals"] and not facts["alarms"]:
        return [Remark(said(lang, "quiet"))]
    blocks: list[Block] = []
    if facts["signals"]:
        header = [said(lang, word) for word in ("time", "characteristic", "rules", "values", "size")]
        rows = [
            (
                second(each["time"]), each["characteristic"], ", ".join(each["rules"]),
                f"{short(each['value'])} {each['uom']}".rstrip(), f"{short(each['size_sigma'], 3)} σ",
            )
            for each in facts["signals"][:_SIGNALS_MOST]
        ]  # fmt: skip
        if len(facts["signals"]) > _SIGNALS_MOST:
            rows.append(("…", "", "", "", f"+ {len(facts['signals']) - _SIGNALS_MOST}"))
        blocks.append(Table(header, rows, (22, 34, 16, 16, 12), frozenset({3, 4})))
    if facts["alarms"]:
        header = [said(lang, word) for word in ("time", "what", "state", "cause", "action", "by")]
        alarms = [
            (
                second(each["time"]), _sentence(each, lang),
                known(lang, each["state"], "state") if each["state"] == "closed" else known(lang, each["state"]),
                str(each.get("cause") or said(lang, "unanswered")), str(each.get("action", "")),
                str(each.get("acknowledged_by", "")),
            )
            for each in facts["alarms"]
        ]  # fmt: skip
        blocks.append(Table(header, alarms, (17, 33, 11, 18, 17, 6)))
    return blocks


def _sentence(alarm: Facts, lang: str) -> str:
    told = alarm.get("sentence_zh" if lang == "zh" else "sentence") or alarm["reaction"]
    return f"{alarm['subject']}: {told}" if told else f"{alarm['subject']} ({alarm['kind']})"


def _holds(facts: Facts, lang: str) -> list[Block]:
    if not facts["holds"]:
        return [Remark(said(lang, "nohold"))]
    header = [said(lang, word) for word in ("time", "state", "reason", "by")]
    rows = [
        (
            second(each["time"]), known(lang, each["kind"]), str(each.get("reason", "")),
            said(lang, "operator", who=each["operator"]) if each.get("operator") else str(each.get("by", "")),
        )
        for each in facts["holds"]
    ]  # fmt: skip
    return [Table(header, rows, (22, 16, 44, 18))]


def _versions(facts: Facts, lang: str) -> list[Block]:
    if len(facts["versions"]) < 2:
        return []
    header = [said(lang, word) for word in ("version", "kg", "reason")]
    rows = [(str(each["version"]), f"{each['kg']:.3f}", each["reason"]) for each in facts["versions"]]
    return [Table(header, rows, (15, 20, 65), frozenset({1}))]
