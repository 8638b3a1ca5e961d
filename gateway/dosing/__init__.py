"""Dosing: ratios of blenders per dose, lot and shift, against what was wanted and what else has seen it. Pure.

Rule 1: a cycle that cannot tell is marked and counted, never averaged in.  Rule 2: a gap is never filled in silently:
what cannot be known is a mark, or a sigma.  Rule 3: what is off is tested against its own uncertainty, with limits
designed for a budget of false alarms.
"""

from gateway.dosing.room import Dosed, Dosing, DosingState, Finding
from gateway.dosing.values import MARKS, Cycle, Weighed

__all__ = ["MARKS", "Cycle", "Dosed", "Dosing", "DosingState", "Finding", "Weighed"]
