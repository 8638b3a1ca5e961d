"""The physics of a moulding site: machines that only know plant time, mass and chance.

Rule 1: a machine acts at its own instants (whole nanoseconds), so `Plant.step(dt)` gives the same plant however dt is
cut.  Rule 2: every kilogram is in one place and knows its source lots; `Plant.balance()` says so.  Rule 3: noise is
drawn once per act, independent and Gaussian, from the machine's own seeded generator.
"""
