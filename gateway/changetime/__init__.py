"""When a change began, how large it is, and how sure that is. Pure."""
