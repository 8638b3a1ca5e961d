"""Lots: which lot was at which cell, when, and what it came from. Pure."""

from gateway.lots.paths import Paths
from gateway.lots.scanning import take
from gateway.lots.stays import Lots, Stay, lots_at, lots_between, product_at
from gateway.lots.steps import stepped

__all__ = ["Lots", "Paths", "Stay", "lots_at", "lots_between", "product_at", "stepped", "take"]
