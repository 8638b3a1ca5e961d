"""What-if: a scenario's file, the process that plays it, and the table of what came of it."""

from gateway.whatif.scenario import Disruption, Scenario, read_scenario

__all__ = ["Disruption", "Scenario", "read_scenario"]
