"""lotwatch: reads the line, watches it, ties every reading to its lots."""
