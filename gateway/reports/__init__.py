"""What a lot was made of, under which conditions and with which results, on paper: batch record and certificate.

Rule 1: the same journal gives the same bytes: nothing of a report says when or where it was printed.  Rule 2: it says
what it was made from, a root of the ledger, so that somebody who holds a replica can make it again and compare.
Rule 3: nothing is rounded into a verdict: a share has its bounds, an index its interval, and what is not known is told.
"""

from gateway.reports.blocks import Paper
from gateway.reports.certificate import certificate
from gateway.reports.facts import NothingKnown, facts_of
from gateway.reports.record import record
from gateway.reports.words import LANGUAGES

KINDS = {"record": record, "certificate": certificate}
"""By the word that people choose it with."""

__all__ = ["KINDS", "LANGUAGES", "NothingKnown", "Paper", "certificate", "facts_of", "record"]
