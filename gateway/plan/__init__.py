"""Control plans: what `plans/*.yaml` may say, and which charts there are."""
