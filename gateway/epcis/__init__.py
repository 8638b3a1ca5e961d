"""Lot events as EPCIS 2.0 (GS1, ISO/IEC 19987) in JSON-LD with the CBV 2.0 vocabulary, and back. Pure.

Rule 1: an event's id is the hash of its content (CBV 2.0, 8.9): the same lot event is the same EPCIS event for ever,
whoever exports it and when.  Rule 2: what EPCIS cannot say is said in our own namespace, never bent into a field that
means something else.
"""
