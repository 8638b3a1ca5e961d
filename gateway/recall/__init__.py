"""Recall packages: an answer, the records it follows from, and the proof that they were committed.

Rule: what builds a package and what verifies it compute the answer by the same function over the same records.
"""
