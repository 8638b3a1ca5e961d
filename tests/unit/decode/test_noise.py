"""Codes that nobody made: a share of what `benchmarks.codes` runs 1e5 of; understood or refused, never raised."""

from __future__ import annotations

from benchmarks._codes_corpus import noise, scans
from benchmarks.codes import judged
from gateway.codes.identify import Understood, understand


def test_noise_is_understood_or_refused_with_a_reason():
    told = {judged(code, symbology) for code, symbology in noise(2000, seed=7)}
    assert [what for what in told if not what.startswith(("understood", "refused"))] == []
    assert {
        "understood: epc",
        "understood: gs1",
        "refused: epc",
        "refused: link",
        "refused: check_digit",
    } <= told


def test_a_plants_scans_are_understood():
    for carrier, codes in scans(20, seed=7).items():
        kind = "epc" if carrier.startswith("SGTIN") else ""
        assert all(isinstance(understand(code, kind), Understood) for code in codes), carrier
