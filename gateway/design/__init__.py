"""Charts designed from the false alarms that they may give: run lengths, limits, budgets. Pure."""
