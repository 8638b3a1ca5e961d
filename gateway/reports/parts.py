"""Sections that both papers have. Pure: facts as `gateway.reports.facts` gives them, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.journal.made import HELD_FROM
from gateway.reports.blocks import Block, Pairs, Paper, Remark, Section, Sign, Table
from gateway.reports.numbers import kilograms, percent, second, short
from gateway.reports.words import known, said

Facts = Mapping[str, Any]
_PASSES = 8
"""From here on passes are one bin."""


def paper(kind: str, facts: Facts, lang: str, sections: list[Section]) -> Paper:
    """The sections with what stands around them."""
    title = said(lang, kind)
    proof = facts["proof"]
    foot = said(lang, "foot", title=title, lot=facts["lot"], event=proof["event"], origin=proof["origin"])
    page = said(lang, "page", page="{page}", pages="{pages}")
    kept = [section for section in sections if section.blocks]
    return Paper(title, facts["site"], facts["lot"], lang, foot, page, kept)


def warnings(facts: Facts, lang: str) -> list[Block]:
    """What nobody may miss."""
    found: list[Block] = []
    if not facts["finished"]:
        found.append(Remark(said(lang, "unfinished"), loud=True))
    if facts["held"]:
        found.append(Remark(said(lang, "held_now"), loud=True))
    if (facts["disposition"] or {}).get("disposition") == "reject":
        found.append(Remark(said(lang, "rejected"), loud=True))
    return found


def identity(facts: Facts, lang: str) -> list[Block]:
    """What it is, whose, how much, and when it was made where."""
    mass, about = facts["mass"], (facts["mass"] or {}).get("facts", {})
    rows = [(said(lang, "lot"), facts["lot"])]
    rows += [
        (said(lang, word), str(about[name]))
        for word, name in (
            ("product", "part"), ("order", "order"), ("customer", "customer"), ("supplier_lot", "supplier_lot"),
            ("expiry", "expiry"),
        )
        if about.get(name)
    ]  # fmt: skip
    rows.append((said(lang, "site"), f"{facts['site']} ({facts['gateway']})"))
    if mass:
        weighed = {"low": mass["kg"], "high": mass["kg"], "sigma": mass["sigma_kg"]}
        rows += [
            (said(lang, "kind"), known(lang, mass["kind"], "kind")),
            (said(lang, "mass"), f"{kilograms(weighed)} kg"),
        ]
        if mass["version"] > 1:
            rows.append((said(lang, "version"), str(mass["version"])))
    cells = list(dict.fromkeys(each["cell"] for each in facts["stays"])) or [mass["cell"] if mass else ""]
    rows.append((said(lang, "made_at"), ", ".join(filter(None, cells)) or said(lang, "unknown")))
    begun = facts["stays"][0]["from"] if facts["stays"] else facts["begun"]
    ends = [each["to"] for each in facts["stays"]] or [mass["closed"] if mass else None]
    rows += [
        (said(lang, "from"), second(begun)),
        (said(lang, "to"), second(ends[-1]) or said(lang, "still")),
        (said(lang, "plan"), "; ".join(_plans(facts, lang)) or said(lang, "none")),
        (said(lang, "disposition"), _disposition(facts, lang)),
    ]
    return [Pairs(rows)]


def _plans(facts: Facts, lang: str) -> list[str]:
    approved = {
        f"{row['plan']} {row['revision']}": row["approved_by"]
        for row in facts["revisions"]
        if row["approved_by"]
    }
    return [
        f"{plan} ({said(lang, 'approved', who=approved[plan])})" if plan in approved else plan
        for plan in facts["plans"]
    ]


def _disposition(facts: Facts, lang: str) -> str:
    found = facts["disposition"]
    if found is None:
        return said(lang, "none")
    word = known(lang, found["disposition"], "verdict" if found["disposition"] == "reject" else "")
    return f"{word}, {said(lang, 'operator', who=found['operator'])}, {second(found['time'])}"


def material(facts: Facts, lang: str) -> list[Block]:
    """Sources by mass, with their bounds."""
    if facts["mass"] is None:
        return [Remark(said(lang, "nomass"))]
    if not facts["sources"]:
        return [Remark(said(lang, "outside"))]
    rows = [
        (
            each["lot"], known(lang, each["kind"], "kind"), kilograms(each["held_kg"]), percent(each["share"]),
            second(each["closed"]),
        )
        for each in facts["sources"]
    ]  # fmt: skip
    header = [said(lang, word) for word in ("source", "kind", "kg", "share", "closed")]
    rest = f"{100.0 * facts['rest']:.4f} %"
    least = f"{100.0 * HELD_FROM:.4g} %"
    return [
        Table(header, rows, (30, 12, 22, 22, 18), frozenset({2, 3})),
        Remark(said(lang, "bounds", least=least, rest=rest)),
    ]


def reuse(facts: Facts, lang: str) -> list[Block]:
    """Regrind share and recycled content, two numbers; passes; the ratio as it was held."""
    mass = facts["mass"]
    blocks: list[Block] = []
    if mass is not None:
        rows = [
            (said(lang, "regrind"), percent(mass["regrind"])),
            (said(lang, "recycled"), percent(mass["recycled"])),
        ]
        rows += [
            (said(lang, "passes", n=f"{at}+" if at == _PASSES else at), percent(share))
            for at, share in enumerate(mass["passes"])
            if share["high"] >= HELD_FROM
        ]
        blocks.append(Table(("", said(lang, "share")), rows, (70, 30), frozenset({1})))
    if facts["ratios"]:
        header = [said(lang, word) for word in ("component", "setpoint", "actual", "mae", "cycles")]
        ratios = [
            (
                str(each["component"]), short(each.get("setpoint_pct")), short(each.get("actual_pct")),
                short(each.get("mae_pct"), 3), str(each.get("cycles", "")),
            )
            for each in facts["ratios"]
        ]  # fmt: skip
        blocks += [
            Remark(said(lang, "ratios")),
            Table(header, ratios, (40, 15, 15, 15, 15), frozenset({1, 2, 3, 4})),
        ]
    return blocks


def checks(facts: Facts, lang: str) -> list[Block]:
    """What people measured and found."""
    rows = [
        (
            second(each["time"]), str(each["subject"]),
            ", ".join(short(value) for value in each.get("values") or ()) or short(each.get("value")),
            said(lang, "missed") if each["kind"] == "check_missed" else _judged(each, lang),
            str(each.get("operator", "")),
        )
        for each in facts["checks"]
    ]  # fmt: skip
    rows += [
        (
            second(each["time"]), str(each.get("result", "")), short(each.get("value")), _judged(each, lang),
            str(each.get("operator", "")),
        )
        for each in facts["results"]
    ]  # fmt: skip
    rows.sort()
    header = [said(lang, "time"), said(lang, "check"), said(lang, "values"), said(lang, "verdict")]
    header.append(said(lang, "operator", who="").strip())
    table = Table(header, rows, (22, 28, 24, 16, 10), frozenset({2, 4}))
    blocks: list[Block] = [table] if rows else [Remark(said(lang, "nochecks"))]
    if facts["counts"]:
        counted = [
            (
                second(each["time"]), str(each.get("step", "")), short(each.get("good"), 9),
                short(each.get("reject"), 9), str(each.get("reason", "")), str(each.get("operator", "")),
            )
            for each in facts["counts"]
        ]  # fmt: skip
        names = [said(lang, word) for word in ("time", "step", "good", "reject", "reason")]
        names.append(said(lang, "operator", who="").strip())
        blocks.append(Table(names, counted, (22, 18, 12, 12, 26, 10), frozenset({2, 3, 5})))
    return blocks


def _judged(each: Mapping[str, Any], lang: str) -> str:
    late = f", {said(lang, 'late')}" if each.get("late") else ""
    return known(lang, str(each.get("verdict", "")), "verdict") + late


def proof(facts: Facts, lang: str) -> list[Block]:
    """The root, the signature, and how to check them."""
    found = facts["proof"]
    if found["size"] is None:
        return [Remark(said(lang, "unproven")), Pairs([(said(lang, "digest"), facts["sha256"])])]
    blocks: list[Block] = [
        Remark(said(lang, "check_it", **{n: found[n] for n in ("event", "origin", "size")}))
    ]
    rows = [(said(lang, "root"), found["root"]), (said(lang, "digest"), facts["sha256"])]
    if found["key"]:
        rows.append((said(lang, "key"), found["key"]))
    blocks.append(Table(("", ""), rows, (24, 76)))
    if found["checkpoint"] is None:
        return [*blocks, Remark(said(lang, "unsigned"))]
    blocks += [Remark(said(lang, "checkpoint")), Remark(found["checkpoint"].rstrip("\n"), fixed=True)]
    if found["provisional"]:
        blocks.append(Remark(said(lang, "provisional")))
    return blocks


def signing(lang: str) -> list[Block]:
    """Places for pens."""
    return [Sign((said(lang, "sign_quality"), said(lang, "sign_customer")))]
