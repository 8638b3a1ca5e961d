"""Charts on a finished series: phase I, limits, capability. Pure."""
