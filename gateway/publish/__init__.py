"""Committed blocks to the outside. Nothing flows back: a publisher can only fall behind in the journal."""
