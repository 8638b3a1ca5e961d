"""What a meter's numbers say of kilograms: totalizers, blenders, loss-in-weight feeders. Pure, below `gateway.mass`.

Rule 1: a difference is exact, or it is an interval that the truth is in; never a guess without bounds.  Rule 2: memory
is bounded: a reading and the one before, or a window.
"""

from gateway.metering.values import MARKS, Cycle, Weighed

__all__ = ["MARKS", "Cycle", "Weighed"]
