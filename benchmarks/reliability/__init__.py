"""Proof of reliability: rows of faults and bad input, each by seed and with its budget."""
