"""The whole daemon under faults, in virtual time and in one process; the same seed gives the same run.

What is real and what is simulated: docs/decisions/0102.
"""
