"""Power loss: the journal's own writes are recorded, cut at every place and torn, and recovered by the real journal."""
