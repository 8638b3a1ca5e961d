"""Figures: what was measured, beside what it is compared with. `python -m benchmarks` prints them all."""
