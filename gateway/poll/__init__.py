"""Polling: one task per bus, absolute deadlines, and a budget for units that do not answer."""

from gateway.poll.bus import BusPoller
from gateway.poll.load import predict_load
from gateway.poll.stats import PollStats

__all__ = ["BusPoller", "PollStats", "predict_load"]
