"""What speaks to devices: pure codecs, and a thin skin of I/O over each."""
