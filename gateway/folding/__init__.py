"""The parts of one step of the fold: what it remembers, groups, checks, holds, and alarms of its own. Pure."""
