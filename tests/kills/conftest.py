"""These files are the harness that tests and benchmarks call: none is a test, nor to be imported twice for doctests."""

collect_ignore_glob = ["*.py"]
