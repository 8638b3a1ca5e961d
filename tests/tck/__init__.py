"""Sparkplug's own list of what must hold (tck ids), our checks over a captured session, and who holds the rest."""
