"""lotwatch: reads the line, watches it, ties every reading to its lots, and forwards everything.

`docs/architecture.md` follows one value through the rooms of this package.
"""

__version__ = "0.1.0"
