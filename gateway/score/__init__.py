"""Balance, reward, scorecard, machines and board: out of journals and replicas. Reads, never writes.

Readings are read in `metered`, `flows`, `stock`, `machines` and `outlook`; `balance`, `rewarded` and `scorecard` put a
week or a month together. Everything else reckons with what it is given and knows no journal.
"""
