"""What people are shown of a journal, as plain data: the same on the command line and on the pages."""
