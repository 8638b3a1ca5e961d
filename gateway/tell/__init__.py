"""Escalation done: whoever a step of a ladder names is told by e-mail or webhook, after the commit.

Rule 1: what to tell, to whom and when is decided in the fold (`gateway.alarms.ladders`); here it is only done.  Rule 2:
nothing here can slow the fold: blocks are offered, sending is in threads of its own.  Rule 3: every telling ends in an
event, `told` or `tell_failed`; what has one is never told again. A crash between the two tells twice, with the same id,
by which the receiver knows it.  Rule 4: addresses are read when they are used, and are in no event.
"""

from gateway.tell.errands import Errand
from gateway.tell.teller import Teller

__all__ = ["Errand", "Teller"]
