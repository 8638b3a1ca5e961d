"""Answers to what the fold orders: what was made of a held lot, and what a corrected fact changes. Reads a journal.

Rule 1: it works beside the fold, in a process of its own or where no daemon runs; what it finds comes back as entries,
so that a replay needs nothing but the journal.  Rule 2: an order stands in the fold's state until its last page is
committed: after a crash the work is done again, and a page that was taken already changes nothing.  Rule 3: only lots
that change are told anew, each naming the version that it amends.
"""

from gateway.restating.answers import answers

__all__ = ["answers"]
