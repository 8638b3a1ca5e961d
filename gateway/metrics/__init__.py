"""`/metrics`: how the daemon is, as OpenMetrics, with labels that the config bounds. See docs/reference/metrics.md."""

from __future__ import annotations

from gateway.metrics.daemon import Parts, page
from gateway.metrics.families import CONTENT_TYPE
from gateway.metrics.lag import LoopLag

__all__ = ["CONTENT_TYPE", "LoopLag", "Parts", "page"]
