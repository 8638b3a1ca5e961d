"""The box itself as it stands: its disk and the wear of it, its clock, its buses and how far behind it is."""
