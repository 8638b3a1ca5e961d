"""Balance, reward, scorecard, machines and board: out of journals and replicas. Reads, never writes.

What is counted is in files of their own that know no journal; what is read of a journal is in `metered`, `counting`,
`states` and `happened`.
"""
