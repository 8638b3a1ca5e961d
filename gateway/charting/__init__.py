"""Samples and charts of one poll group's characteristics, and the alarms they raise. Pure."""

from gateway.charting.charting import Charting
from gateway.charting.state import ChartingState, Shared, Watch

__all__ = ["Charting", "ChartingState", "Shared", "Watch"]
