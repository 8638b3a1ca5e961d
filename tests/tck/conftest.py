"""These files are the checker that other tests call: none is a test, nor to be imported twice for its doctests."""

collect_ignore_glob = ["*.py"]
