"""The certificate of analysis: what the customer asked for, and what was found. Pure."""

from __future__ import annotations

from gateway.reports import parts
from gateway.reports.blocks import Block, Paper, Remark, Section, Table
from gateway.reports.numbers import short, specification
from gateway.reports.parts import Facts
from gateway.reports.record import cpk
from gateway.reports.words import said


def certificate(facts: Facts, lang: str) -> Paper:
    """The paper of facts as `gateway.reports.facts_of` gives them. One that is no release says so at its top."""
    sections = [
        Section(
            "", [*_no_release(facts, lang), *parts.identity(facts, lang), Remark(said(lang, "declares"))]
        ),
        Section(said(lang, "specified"), _specified(facts, lang)),
        Section(said(lang, "checks"), parts.checks(facts, lang)),
        Section(said(lang, "reuse"), parts.reuse({**facts, "ratios": []}, lang)),
        Section(said(lang, "proof"), parts.proof(facts, lang)),
        Section("", parts.signing(lang)),
    ]
    return parts.paper("certificate", facts, lang, sections)


def _no_release(facts: Facts, lang: str) -> list[Block]:
    found = parts.warnings(facts, lang)
    if facts["disposition"] is None and not facts["held"]:
        found.append(Remark(said(lang, "unreleased"), loud=True))
    return found


def _specified(facts: Facts, lang: str) -> list[Block]:
    rows = []
    for row in facts["characteristics"]:
        if row["several"] or (row["lsl"] is None and row["usl"] is None):
            continue
        rows.append(
            (
                row["id"],
                row["uom"],
                specification(row),
                str(row["n"]),
                short(row["mean"]),
                short(row["s"], 3),
                f"{short(row['min'])} – {short(row['max'])}" if row["n"] else "-",
                cpk(row),
                _verdict(row, lang),
            )
        )
    if not rows:
        return [Remark(said(lang, "nosamples"))]
    words = ("characteristic", "", "spec", "n", "mean", "s", "least_most", "cpk", "verdict")
    header = [said(lang, word) if word else "" for word in words]
    table = Table(header, rows, (20, 6, 16, 6, 10, 8, 17, 17, 13), frozenset({2, 3, 4, 5, 6, 7}))
    return [table, Remark(said(lang, "about_cpk"))]


def _verdict(row: Facts, lang: str) -> str:
    if not row["n"]:
        return said(lang, "untold")
    return said(lang, "fails", n=row["outside"]) if row["outside"] else said(lang, "meets")
