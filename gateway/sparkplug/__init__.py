"""Sparkplug B 3.0 as values and bytes: payloads, topics, the life of an edge node. Pure."""
