"""All checks of an edge node, by tck id; `tests/vectors/sparkplug/tck.tsv` has our words for them."""

from __future__ import annotations

from tests.tck import edge_form, edge_life
from tests.tck.register import CHECKS

__all__ = ["CHECKS", "edge_form", "edge_life"]
