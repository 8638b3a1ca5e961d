"""Kilograms: what was weighed, counted and scanned becomes lots with what they are made of. Pure.

Rule 1: kilograms come from a lot that has a name and go to a place that has one; what nobody accounts for is told and
gets a source lot of its own.  Rule 2: nothing moves on bad data.  Rule 3: what cannot be known (which of two polls,
where a layer ends, a cycle that was missed) is in the standard uncertainty of the edge.
"""

from gateway.mass.room import Mass, Moved
from gateway.mass.values import MassState

__all__ = ["Mass", "MassState", "Moved"]
