"""Proof that a record is what was committed: Merkle tree, canonical bytes, signed heads. Pure.

Rule 1: canonical bytes are made of values, never of how somebody stored or sent them.  Rule 2: whoever verifies trusts
no number that he can compute himself.  Sources: RFC 9162 (and RFC 6962) section 2.1, C2SP signed-note and
tlog-checkpoint.
"""
