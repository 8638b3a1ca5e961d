"""Control charts run live: banks of slots, one per (characteristic, key). Pure."""
